"""Any thresholds that the settings allow: the rules may tell nonsense then, and never fail."""

from __future__ import annotations

import dataclasses
import random
from typing import TYPE_CHECKING

from ecg.alarms.kinds import AlarmState
from ecg.errors import InputError
from edge.config import Settings, parse, render
from edge.config.fields import LARGEST, sections_and_fields
from edge.rhythm.settings import RhythmSettings

if TYPE_CHECKING:
    from edge.config.fields import Field
    from tests.edge.rhythm.conftest import Watch


def any_value(field: Field, source: random.Random) -> float:
    """Give a number of any size that the field's own limits allow."""
    low = 1e-6 if field.setting.at_least is None else float(field.setting.at_least)
    most = LARGEST if field.setting.at_most is None else float(field.setting.at_most)
    value = min(source.choice((low, most, low + 10 ** source.uniform(-6, 9))), most)
    return max(round(value), round(low)) if field.kind is int else value


def any_settings(source: random.Random) -> RhythmSettings | None:
    """Give settings of which some are far from their default; None where they contradict each other."""
    _, fields = sections_and_fields(RhythmSettings)
    chosen = source.sample(sorted(fields), source.randrange(1, 8))
    settings = Settings(rhythm=RhythmSettings(**{name: any_value(fields[name], source) for name in chosen}))
    try:
        return parse(render(settings, comments=False), name="random").rhythm
    except InputError:
        return None


def test_the_rules_live_with_any_thresholds(watch: Watch) -> None:
    source = random.Random(17)
    beats, moment_s = [], 0.5
    while moment_s < 200:
        beats.append((moment_s, source.choice(["N", "N", "V", "S", "unclassified"])))
        moment_s += source.choice([0.25, 0.4, 0.8, 0.8, 1.5, 3.0, 6.0])
    tried = 0
    for _ in range(60):
        settings = any_settings(source)
        if settings is None:
            continue
        tried += 1
        told = watch(
            beats, until_s=200, bad=[(60, 75)], off=[(90, 95)], gaps=[(120, 123)], **dataclasses.asdict(settings)
        )
        opened, closed = len(told.opened()), len(told.alarms(state=AlarmState.CLOSED))
        assert opened == closed
    assert tried > 20
