"""Flutter, fibrillation and tachycardia by waves: one episode is one story, and silence is not mistaken for it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from ecg.samples import VentricularWaves
from edge.rhythm.rules.ventricular import VentricularRule
from edge.rhythm.rules.ventricular_flutter import VentricularFlutterRule
from edge.rhythm.settings import RhythmSettings

if TYPE_CHECKING:
    from ecg.alarms.kinds import AlarmEvent
    from tests.edge.rhythm.conftest import Steady, Told, Watch


def reasons(told: Told, kind: str) -> list[str]:
    return [str(alarm.evidence["reason"]) for alarm in told.closed(kind)]


def test_fast_waves_are_flutter_after_four_seconds(watch: Watch, steady: Steady) -> None:
    told = watch(steady(70, start_s=0, end_s=20), waves=[(20, 40, 300)], until_s=60)
    assert told.kinds[0] == "ventricular_flutter"
    (alarm,) = told.opened("ventricular_flutter")
    assert alarm.priority == "high"
    assert 24 <= alarm.index / 360 <= 27
    assert alarm.onset_index / 360 == pytest.approx(20, abs=1)
    assert alarm.evidence["rate_bpm"] == 300
    assert alarm.evidence["certainty"] > 0.9
    assert "VFL" in [rhythm for _, rhythm in told.rhythms]


def test_flutter_is_not_told_as_asystole_though_no_beat_is_found(watch: Watch, steady: Steady) -> None:
    told = watch(steady(70, start_s=0, end_s=20), waves=[(20, 60, 300)], until_s=58)
    assert told.kinds == ["ventricular_flutter"]


def test_flutter_that_ends_in_silence_becomes_asystole(watch: Watch, steady: Steady) -> None:
    told = watch(steady(70, start_s=0, end_s=20), waves=[(20, 40, 300)], until_s=60)
    assert told.kinds == ["ventricular_flutter", "asystole"]
    assert reasons(told, "ventricular_flutter") == ["superseded"]
    assert told.opened("asystole")[0].onset_index / 360 >= 39  # silence counts from the end of the waves on


def test_silence_is_asystole_in_time_when_there_are_no_waves(watch: Watch, steady: Steady) -> None:
    told = watch(steady(70, start_s=0, end_s=20), until_s=40)
    assert told.kinds == ["asystole"]
    assert told.opened("asystole")[0].index / 360 < 25


def test_doubt_delays_asystole_by_no_more_than_four_seconds(watch: Watch, steady: Steady) -> None:
    doubtful = {"ventricular_flutter_certainty": 0.999}
    told = watch(steady(70, start_s=0, end_s=20), waves=[(20, 60, 300)], until_s=60, **doubtful)
    assert told.kinds == ["asystole"]
    assert told.opened("asystole")[0].index / 360 < 29


def test_waves_that_no_alarm_tells_of_do_not_keep_asystole_back(watch: Watch, steady: Steady) -> None:
    told = watch(steady(70, start_s=0, end_s=20), waves=[(20, 50, 300)], until_s=50, ventricular_flutter_s=60.0)
    assert told.kinds == ["asystole"]


def test_r_peaks_that_are_found_in_flutter_are_none(watch: Watch, steady: Steady) -> None:
    beats = [*steady(70, start_s=0, end_s=20), *steady(290, start_s=20, end_s=60, label="V")]
    told = watch(beats, waves=[(20, 60, 290)], until_s=60)
    last = told.vitals[-1]
    assert last.heart_rate_bpm is None
    assert last.rhythm == "VFL"
    assert told.alarms("extreme_tachycardia") == []


def test_tachycardia_that_becomes_flutter_is_one_story(watch: Watch, steady: Steady) -> None:
    beats = [*steady(70, start_s=0, end_s=20), *steady(160, start_s=20, end_s=35, label="V")]
    told = watch(beats, waves=[(35, 55, 280)], until_s=56)
    assert told.kinds == ["ventricular_run", "ventricular_tachycardia", "ventricular_flutter"]
    assert reasons(told, "ventricular_tachycardia") == ["superseded"]
    assert told.closed("ventricular_tachycardia")[0].index == told.opened("ventricular_flutter")[0].index


def test_slower_waves_are_a_tachycardia_whatever_the_labels_say(watch: Watch, steady: Steady) -> None:
    beats = [*steady(70, start_s=0, end_s=20), *steady(150, start_s=20, end_s=45), *steady(70, start_s=45, end_s=70)]
    told = watch(beats, waves=[(20, 45, 150)], until_s=70)
    assert told.kinds == ["ventricular_tachycardia"]
    assert told.opened("ventricular_tachycardia")[0].evidence["rate_bpm"] == 150
    assert reasons(told, "ventricular_tachycardia") == ["over"]


def test_slower_waves_without_r_peaks_are_neither_asystole_nor_pause(watch: Watch, steady: Steady) -> None:
    beats = [*steady(70, start_s=0, end_s=20), *steady(70, start_s=45, end_s=70)]
    told = watch(beats, waves=[(20, 45, 150)], until_s=70)
    assert told.kinds == ["ventricular_tachycardia"]


def test_waves_and_labels_of_one_tachycardia_are_one_alarm(watch: Watch, steady: Steady) -> None:
    beats = [*steady(70, start_s=0, end_s=20), *steady(160, start_s=20, end_s=40, label="V")]
    beats += steady(70, start_s=40.5, end_s=70)
    told = watch(beats, waves=[(25, 39, 160)], until_s=70)
    assert told.kinds == ["ventricular_run", "ventricular_tachycardia"]


def test_beats_of_the_own_shape_are_no_waves(watch: Watch, steady: Steady) -> None:
    beats = steady(70, start_s=0, end_s=60)
    beats[30:31] = [(beats[30][0] - 0.3, "V")]  # one of another shape among them changes nothing
    told = watch(beats, waves=[(20, 50, 240)], strange="V", until_s=60)
    assert told.kinds == []


def test_alike_beats_that_come_at_odd_moments_are_waves(watch: Watch, steady: Steady) -> None:
    """Of smooth fibrillation a detector takes now each third wave, now each fifth."""
    found = [
        20 + moment for start in range(0, 30, 4) for moment in (start + 0.6, start + 1.6, start + 2.2, start + 3.4)
    ]
    told = watch(
        [*steady(70, start_s=0, end_s=20), *((moment, "V") for moment in found)], waves=[(20, 50, 300)], until_s=50
    )
    assert "ventricular_flutter" in told.kinds
    assert told.opened("ventricular_flutter")[0].index / 360 <= 29


@pytest.mark.parametrize(("rate_bpm", "strange"), [(70, "V"), (170, "")])
def test_beats_of_other_shapes_are_waves(watch: Watch, steady: Steady, rate_bpm: float, strange: str) -> None:
    beats = [*steady(70, start_s=0, end_s=20), *steady(rate_bpm, start_s=20, end_s=50, label="V")]
    told = watch(beats, waves=[(20, 50, 240)], strange=strange, until_s=50)
    assert "ventricular_flutter" in told.kinds
    assert told.opened("ventricular_flutter")[0].index / 360 <= 29


def test_a_short_lull_does_not_split_an_episode(watch: Watch, steady: Steady) -> None:
    told = watch(steady(70, start_s=0, end_s=20), waves=[(20, 35, 300), (38, 60, 300)], until_s=60)
    assert told.kinds == ["ventricular_flutter"]


def test_a_moment_of_waves_is_no_flutter(watch: Watch, steady: Steady) -> None:
    told = watch(steady(70, start_s=0, end_s=60), waves=[(20, 22.5, 300)], until_s=60)
    assert told.kinds == []


def test_in_bad_signal_flutter_is_withheld_and_stays_open_unseen(watch: Watch, steady: Steady) -> None:
    told = watch(steady(70, start_s=0, end_s=20), waves=[(20, 60, 300)], bad=[(18, 60)], until_s=60)
    assert told.opened("ventricular_flutter") == []
    told = watch(steady(70, start_s=0, end_s=20), waves=[(20, 60, 300)], bad=[(40, 60)], until_s=60)
    assert reasons(told, "ventricular_flutter") == ["end_of_stream"]
    assert told.updated("ventricular_flutter")[-1].evidence["unseen"] == "poor_signal"


def test_a_dropped_electrode_is_not_flutter(watch: Watch, steady: Steady) -> None:
    told = watch(steady(70, start_s=0, end_s=20), waves=[(20, 60, 300)], off=[(20, 60)], until_s=60)
    assert told.kinds == ["electrode_off"]


def test_the_hold_time_is_that_of_the_settings(watch: Watch, steady: Steady) -> None:
    beats = [*steady(70, start_s=0, end_s=20), *steady(170, start_s=20, end_s=50)]
    told = watch(beats, waves=[(20, 50, 300)], until_s=50, ventricular_flutter_s=12.0)
    assert 32 <= told.opened("ventricular_flutter")[0].index / 360 <= 34


def test_after_flutter_the_heart_rate_is_told_again(watch: Watch, steady: Steady) -> None:
    beats = [*steady(70, start_s=0, end_s=20), *steady(72, start_s=40, end_s=70)]
    told = watch(beats, waves=[(20, 40, 300)], until_s=70)
    assert told.kinds == ["ventricular_flutter"]
    assert told.vitals[-1].heart_rate_bpm == pytest.approx(72, abs=1)
    assert told.vitals[-1].rhythm == "N"


def test_waves_that_fade_for_some_seconds_are_not_over(watch: Watch, steady: Steady) -> None:
    beats = [*steady(70, start_s=0, end_s=20), *steady(120, start_s=20, end_s=70)]
    told = watch(beats, waves=[(20, 40, 300), (43, 55, 300), (58, 70, 300)], until_s=70)
    assert told.kinds == ["ventricular_flutter"]
    seen = [vitals for vitals in told.vitals if 26 * 360 < vitals.index < 70 * 360]
    assert all(vitals.heart_rate_bpm is None and vitals.rhythm == "VFL" for vitals in seen)


def test_waves_that_come_back_within_a_minute_need_be_no_more_than_likely(watch: Watch, steady: Steady) -> None:
    beats = steady(70, start_s=0, end_s=20)
    certainty = {"ventricular_flutter_certainty": 0.97}
    told = watch(beats, waves=[(20, 40, 300), (50, 70, 300)], until_s=75, **certainty)
    again = [alarm.index / 360 for alarm in told.opened("ventricular_flutter")][-1]
    assert again <= 58


def test_usual_qrs_complexes_that_go_on_are_no_flutter(watch: Watch, steady: Steady) -> None:
    told = watch(steady(75, start_s=0, end_s=60), waves=[(20, 50, 300)], beating=[(0, 60)], until_s=60)
    assert told.kinds == []
    assert all(vitals.heart_rate_bpm == pytest.approx(75, abs=1) for vitals in told.vitals if vitals.index > 10 * 360)


def test_flutter_that_begins_amid_tremor_is_told(watch: Watch, steady: Steady) -> None:
    beats = steady(75, start_s=0, end_s=30)
    told = watch(beats, waves=[(20, 60, 300)], beating=[(0, 30)], until_s=60)
    assert "ventricular_flutter" in told.kinds
    assert told.opened("ventricular_flutter")[0].index / 360 <= 30 + 12


def test_beats_found_for_a_moment_do_not_end_flutter_that_is_told(watch: Watch, steady: Steady) -> None:
    told = watch(steady(70, start_s=0, end_s=20), waves=[(20, 60, 300)], beating=[(39, 44)], until_s=60)
    assert told.kinds == ["ventricular_flutter"]
    assert reasons(told, "ventricular_flutter") == ["end_of_stream"]


def test_beats_found_for_long_end_it(watch: Watch, steady: Steady) -> None:
    beats = [*steady(70, start_s=0, end_s=20), *steady(75, start_s=30, end_s=70)]
    told = watch(beats, waves=[(20, 70, 300)], beating=[(30, 70)], until_s=70)
    assert reasons(told, "ventricular_flutter") == ["over"]
    assert told.vitals[-1].heart_rate_bpm == pytest.approx(75, abs=1)


def judged(rule: VentricularFlutterRule, *, from_s: float, to_s: float, log_odds: float, low: bool) -> list[AlarmEvent]:
    """What the rule tells of judgements each half second."""
    told = []
    for index in range(round(from_s * 360), round(to_s * 360), 180):
        height_mv = None if low else 1.0
        waves = VentricularWaves(index, index - 936, log_odds, 300.0, height_mv)
        told += rule.judge(index, waves, usable=True, doubtful=False) + rule.alarm.run(index)
    return told


def test_fibrillation_that_becomes_too_fine_to_be_judged_is_not_over() -> None:
    settings = RhythmSettings()
    rule = VentricularFlutterRule(settings, VentricularRule(settings))
    assert [each.state for each in judged(rule, from_s=10, to_s=20, log_odds=6, low=False)] == ["opened"]
    (unseen,) = judged(rule, from_s=20, to_s=60, log_odds=-math.inf, low=True)
    assert (unseen.state, unseen.evidence["unseen"]) == ("updated", "poor_signal")
    (closed,) = judged(rule, from_s=60, to_s=80, log_odds=-5, low=False)
    assert closed.evidence["reason"] == "over"
