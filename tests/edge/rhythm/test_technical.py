"""Electrode off, poor signal, no samples, samples lost."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from ecg.alarms.kinds import AlarmEvent
from ecg.samples import Quality
from edge.rhythm.monitor import RhythmMonitor
from edge.rhythm.settings import RhythmSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecg.events import Event
    from tests.edge.rhythm.conftest import Steady, Watch

RATE = 360


def test_an_electrode_off_is_told_after_its_hold_time_and_closed_after_another(watch: Watch, steady: Steady) -> None:
    told = watch(steady(60, start_s=1, end_s=60), until_s=60, off=[(20, 30)])
    assert told.kinds == ["electrode_off"]
    (opened,), (closed,) = told.opened(), told.closed("electrode_off")
    assert opened.priority == "low"
    assert opened.onset_index == 20 * RATE
    assert opened.index == 21 * RATE
    assert opened.evidence["withheld"] == "arrhythmia alarms"
    assert closed.index / RATE == pytest.approx(35, abs=0.2)
    assert closed.evidence["duration_s"] == pytest.approx(10, abs=0.2)


def test_an_electrode_off_for_a_moment_is_not_told(watch: Watch, steady: Steady) -> None:
    assert watch(steady(60, start_s=1, end_s=40), until_s=40, off=[(20, 20.8)]).kinds == []


def test_vitals_tell_the_electrodes(watch: Watch, steady: Steady) -> None:
    beats = steady(60, start_s=1, end_s=40)
    told = watch(beats, until_s=40, off=[(20, 30)])
    assert [v.electrodes for v in told.vitals] == ["on", "on", "on", "on", "off", "off", "on", "on"]
    assert {v.electrodes for v in watch(beats, until_s=40, electrodes_known=False).vitals} == {None}


def test_poor_signal_is_told_with_its_faults_after_10_s(watch: Watch, steady: Steady) -> None:
    told = watch(steady(60, start_s=1, end_s=60), until_s=60, bad=[(20, 40)])
    assert told.kinds == ["poor_signal"]
    (opened,) = told.opened()
    assert opened.index / RATE == pytest.approx(30, abs=0.2)
    assert opened.evidence["faults"] == "muscle"
    assert opened.evidence["quality"] == 0.2
    assert opened.evidence["withheld"] == "arrhythmia alarms"


def test_poor_signal_for_some_seconds_is_not_told(watch: Watch, steady: Steady) -> None:
    assert watch(steady(60, start_s=1, end_s=60), until_s=60, bad=[(20, 28)]).kinds == []


def test_signal_that_is_poor_most_of_the_time_is_told(watch: Watch, steady: Steady) -> None:
    told = watch(steady(60, start_s=1, end_s=60), until_s=60, bad=[(20 + 4 * k, 23 + 4 * k) for k in range(8)])
    assert told.kinds == ["poor_signal"]


def test_an_electrode_off_is_not_also_poor_signal(watch: Watch, steady: Steady) -> None:
    told = watch(steady(60, start_s=1, end_s=60), until_s=60, off=[(20, 50)])
    assert told.kinds == ["electrode_off"]


def test_lost_samples_are_told_with_their_length(watch: Watch, steady: Steady) -> None:
    told = watch(steady(60, start_s=1, end_s=40), until_s=40, gaps=[(20.2, 20.7)])
    assert told.kinds == ["samples_lost"]
    (opened,), (closed,) = told.opened(), told.closed("samples_lost")
    assert opened.onset_index == 20.2 * RATE
    assert opened.evidence == {"lost_s": 0.5, "gaps": 1, "threshold_s": 0.1}
    assert closed.index / RATE == pytest.approx(25.7, abs=0.2)


def test_a_few_lost_samples_are_not_told_until_they_add_up(watch: Watch, steady: Steady) -> None:
    beats = steady(60, start_s=1, end_s=40)
    assert watch(beats, until_s=40, gaps=[(20.2, 20.25)]).kinds == []
    assert watch(beats, until_s=40, gaps=[(20.2 + k, 20.25 + k) for k in range(3)]).kinds == ["samples_lost"]


def test_a_loss_that_goes_on_is_told_again_when_it_has_doubled(watch: Watch, steady: Steady) -> None:
    told = watch(steady(60, start_s=1, end_s=40), until_s=40, gaps=[(20.2 + k, 20.4 + k) for k in range(8)])
    assert told.kinds == ["samples_lost"]
    assert [u.evidence["gaps"] for u in told.updated("samples_lost")] == [2, 4, 8]


def test_an_outage_is_no_samples_and_not_samples_lost(watch: Watch, steady: Steady) -> None:
    told = watch(steady(60, start_s=1, end_s=40), until_s=40, gaps=[(20.2, 23.2)])
    assert told.kinds == ["no_samples"]
    (opened,), (closed,) = told.opened(), told.closed("no_samples")
    assert opened.priority == "medium"
    assert opened.onset_index == 20.2 * RATE
    assert opened.evidence == {"lost_s": 3.0, "threshold_s": 2.0}
    assert closed.index / RATE == pytest.approx(28.2, abs=0.2)


def test_what_an_outage_lost_does_not_add_to_scattered_losses(watch: Watch, steady: Steady) -> None:
    beats = steady(60, start_s=1, end_s=60)
    assert watch(beats, until_s=60, gaps=[(20.2, 23.2), (40.2, 40.25)]).kinds == ["no_samples"]
    assert watch(beats, until_s=60, gaps=[(20.2, 22.1)]).kinds == ["samples_lost"]


def outage(causes: Iterator[str], *, until_s: float) -> list[tuple[str, object]]:
    """A front end that delivers nothing and gives another of `causes` each half second: states and causes told."""
    monitor = RhythmMonitor(RhythmSettings())
    told: list[Event] = []
    for index in range(RATE // 2, round(until_s * RATE), RATE // 2):
        monitor.front_end(next(causes), delivers=False)
        told += monitor.tick(index, Quality(index, None), None)
    alarms = [event for event in told if isinstance(event, AlarmEvent) and event.kind == "no_samples"]
    return [(alarm.state.value, alarm.evidence.get("cause")) for alarm in alarms]


@pytest.mark.parametrize(
    "sentence",
    [
        "the replies are not those of an MCP3008 (0x{byte:02x}{other:02X}a7 was the last)",
        "the ID register reads 0x{byte:02X}, which no chip has",
        "the reply was {byte}, {other}",
        "the answer is {raw!r}",
    ],
)
def test_a_fault_that_quotes_what_it_read_is_told_once(sentence: str) -> None:
    source = random.Random(7)
    bytes_read = iter(lambda: (source.randrange(256), source.randrange(256)), None)
    causes = (
        sentence.format(byte=byte, other=other, raw=bytes([128 + byte // 2, other % 16])) for byte, other in bytes_read
    )
    told = outage(causes, until_s=600)
    assert [state for state, _ in told] == ["opened"]


def test_another_fault_is_told_as_well_and_one_that_never_reads_the_same_is_no_flood() -> None:
    changing = iter(["no chip answers"] * 20 + ["the supply is low"] * 20)
    assert [cause for _, cause in outage(changing, until_s=20)] == ["no chip answers", "the supply is low"]
    source = random.Random(7)
    words = iter(lambda: "".join(source.choices("abcdefgh", k=9)), None)
    assert len(outage(words, until_s=45)) <= 4
    assert len(outage(words, until_s=3600)) <= 12
