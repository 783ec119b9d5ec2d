"""Ventricular runs and ventricular tachycardia."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from ecg.alarms.kinds import AlarmEvent
from ecg.samples import Beat, Quality
from edge.rhythm.monitor import RhythmMonitor
from edge.rhythm.rr_context import RrContext
from edge.rhythm.settings import RhythmSettings

if TYPE_CHECKING:
    from ecg.events import Event
    from tests.edge.rhythm.conftest import Steady, Watch

RATE = 360


def with_run(steady: Steady, labels: str, *, rate_bpm: float = 150, then_bpm: float = 60) -> list[tuple[float, str]]:
    """Sinus rhythm with a run from 20 s on; a dot is an unclassified beat."""
    rr_s = 60 / rate_bpm
    run = [(20 + k * rr_s, {".": "unclassified"}.get(label, label)) for k, label in enumerate(labels)]
    return steady(60, start_s=1, end_s=20) + run + steady(then_bpm, start_s=20 + len(labels) * rr_s + 0.5, end_s=50)


def test_a_couplet_is_no_alarm(watch: Watch, steady: Steady) -> None:
    assert watch(with_run(steady, "VV"), until_s=50).kinds == []


@pytest.mark.parametrize("labels", ["VVV", "VVVV"])
def test_three_or_four_ventricular_beats_are_one_run(watch: Watch, steady: Steady, labels: str) -> None:
    told = watch(with_run(steady, labels), until_s=50, episode_close_s=5.0)
    assert told.kinds == ["ventricular_run"]
    (alarm,) = told.opened()
    assert alarm.priority == "medium"
    assert alarm.onset_index == 20 * RATE
    assert alarm.evidence["beats"] == 3  # told as soon as there are so many
    assert alarm.evidence["heart_rate_bpm"] == pytest.approx(150, abs=0.5)
    assert alarm.evidence["rr_ms"][1:] == pytest.approx([400, 400], abs=3)
    assert alarm.evidence["probabilities"] == [1.0] * 3
    assert [again.evidence["beats"] for again in told.updated("ventricular_run")] == [4] * (len(labels) > 3)
    assert told.closed("ventricular_run")[0].evidence["reason"] == "over"


def test_a_run_becomes_a_tachycardia_with_its_fifth_fast_beat(watch: Watch, steady: Steady) -> None:
    told = watch(with_run(steady, "VVVVVVV"), until_s=50)
    assert told.kinds == ["ventricular_run", "ventricular_tachycardia"]
    assert told.closed("ventricular_run")[0].evidence["reason"] == "superseded"
    (alarm,) = told.opened("ventricular_tachycardia")
    assert alarm.priority == "high"
    assert alarm.onset_index == 20 * RATE
    assert alarm.evidence["beats"] == 5
    assert alarm.index / RATE < 20 + 5 * 0.4 + 1.5


def test_five_slow_ventricular_beats_are_a_run(watch: Watch, steady: Steady) -> None:
    assert watch(with_run(steady, "VVVVVVV", rate_bpm=80), until_s=50).kinds == ["ventricular_run"]


def test_a_slow_run_that_gets_fast_becomes_a_tachycardia(watch: Watch, steady: Steady) -> None:
    slow = [(20 + k * 0.7, "V") for k in range(6)]
    fast = [(24.2 + k * 0.4, "V") for k in range(10)]
    told = watch(steady(60, start_s=1, end_s=20) + slow + fast + steady(60, start_s=29, end_s=50), until_s=50)
    assert told.kinds == ["ventricular_run", "ventricular_tachycardia"]
    assert told.closed("ventricular_run")[0].evidence["reason"] == "superseded"
    assert told.opened("ventricular_tachycardia")[0].onset_index == 20 * RATE


def test_a_sustained_tachycardia_is_told_again_each_10_s(watch: Watch, steady: Steady) -> None:
    told = watch(steady(60, start_s=1, end_s=20) + steady(150, start_s=20, end_s=45, label="V"), until_s=47)
    assert told.kinds == ["ventricular_run", "ventricular_tachycardia"]
    assert len(told.updated("ventricular_tachycardia")) == 2
    assert told.updated("ventricular_tachycardia")[-1].evidence["beats"] > 50


def test_runs_within_the_closing_time_are_one_episode(watch: Watch, steady: Steady) -> None:
    first = [(20 + k * 0.4, "V") for k in range(6)]
    second = [(25 + k * 0.4, "V") for k in range(3)]
    beats = [*first, (23.0, "N"), (24.0, "N"), *second]
    told = watch(steady(60, start_s=1, end_s=20) + beats + steady(60, start_s=27, end_s=50), until_s=50)
    assert told.kinds == ["ventricular_run", "ventricular_tachycardia"]


def test_runs_that_come_again_and_again_are_one_alarm(watch: Watch, steady: Steady) -> None:
    beats: list[tuple[float, str]] = []
    for number in range(4):
        beats += steady(60, start_s=1 + 20 * number, end_s=20 + 20 * number)
        beats += [(20 + 20 * number + k * 0.4, "V") for k in range(3)]
    told = watch([*beats, (81.9, "N")], until_s=86, finish=False)
    assert told.kinds == ["ventricular_run"]
    assert [again.evidence["runs"] for again in told.updated("ventricular_run")] == [2, 4]


def test_a_label_that_is_not_final_tells_a_run_and_a_final_one_ends_it() -> None:
    for final in "VN":
        monitor = RhythmMonitor(RhythmSettings(episode_close_s=5.0))

        def take(beat: Beat, monitor: RhythmMonitor = monitor) -> list[Event]:
            return monitor.beat(beat, RrContext(monitor.rr(beat)))

        events: list[Event] = []
        for index in range(18, 14 * RATE, 18):
            events += monitor.tick(index, Quality(index // RATE * RATE, 0.9), electrode_off=False)
            if index % RATE == 0:
                events += monitor.r_peak(index)
            if index in {1800, 1944}:
                events += take(Beat(index, "V", 400.0, 0.9, 0.9, 1.0))
            elif index == 2088:
                assert monitor.awaits_label
                assert monitor.provisional_beat(Beat(index, "N", 400.0, 0.9, 0.9, 1.0)) == []
                events += monitor.provisional_beat(Beat(index, "V", 400.0, 0.9, 0.9, 1.0))
            elif index == 2520:
                events += take(Beat(2088, final, 400.0, 0.9, 0.9, 1.0))
            elif index == 2700:
                events += take(Beat(2664, "N", 1600.0, 0.9, 0.9, 1.0))
        told = [(each.index, each.state.value) for each in events if isinstance(each, AlarmEvent)]
        assert told == [(2088, "opened"), ((2520 if final == "N" else 2700) + 5 * RATE, "closed")]


@pytest.mark.parametrize("label", ["Q", "F", "/", "N", "S", "A"])
def test_only_v_is_ventricular(watch: Watch, steady: Steady, label: str) -> None:
    assert watch(with_run(steady, label * 7, rate_bpm=110), until_s=50).kinds == []
    assert watch(with_run(steady, f"VV{label}VV"), until_s=50).kinds == []


def test_one_unclassified_beat_is_bridged_and_owned_up_to(watch: Watch, steady: Steady) -> None:
    told = watch(with_run(steady, "VVV.VVV"), until_s=50)
    assert told.kinds == ["ventricular_run", "ventricular_tachycardia"]
    (alarm,) = told.opened("ventricular_tachycardia")
    assert alarm.evidence["unclassified_beats"] == 1
    assert alarm.evidence["beats"] == 5
    assert alarm.evidence["heart_rate_bpm"] == pytest.approx(150, abs=0.5)


def test_two_unclassified_beats_end_a_run(watch: Watch, steady: Steady) -> None:
    assert watch(with_run(steady, "VV..VV"), until_s=50).kinds == []


def test_a_run_goes_on_behind_a_short_gap(watch: Watch, steady: Steady) -> None:
    beats = with_run(steady, "VVVVVV", rate_bpm=120)
    (alarm,) = watch(beats, until_s=50, gaps=[(21.1, 21.4)]).opened("ventricular_tachycardia")
    assert alarm.evidence["heart_rate_bpm"] == pytest.approx(120, abs=1)
    slow = with_run(steady, "VVVVVV", rate_bpm=90)
    assert watch(slow, until_s=50, gaps=[(21.4, 21.8)]).opened("ventricular_tachycardia") == []


def test_no_run_goes_on_behind_a_long_gap_or_another_beat(watch: Watch, steady: Steady) -> None:
    run = [(20 + k * 0.5, "V") for k in range(4)] + [(25 + k * 0.5, "V") for k in range(4)]
    beats = steady(60, start_s=1, end_s=20) + run + steady(60, start_s=28, end_s=50)
    assert watch(beats, until_s=50, gaps=[(21.6, 24.9)]).opened("ventricular_tachycardia") == []
    beats = with_run(steady, "VVVNVVV", rate_bpm=120)
    assert watch(beats, until_s=50, gaps=[(21.6, 21.9)]).opened("ventricular_tachycardia") == []


@pytest.mark.parametrize("how", ["gaps", "off", "bad"])
@pytest.mark.parametrize("seed", range(8))
def test_a_tachycardia_is_not_over_while_contact_breaks(watch: Watch, steady: Steady, how: str, seed: int) -> None:
    draw = random.Random(seed)
    moment_s, torn = 26.0, []
    while moment_s < 90:
        torn.append((moment_s, moment_s + draw.uniform(0.1, 3.0)))
        moment_s = torn[-1][1] + draw.uniform(1.0, 6.0)
    beats = steady(60, start_s=1, end_s=20) + steady(170, start_s=20, end_s=100, label="V")
    told = watch(beats, until_s=100, finish=False, **{how: torn})
    assert len(told.opened("ventricular_tachycardia")) == 1
    assert not told.closed("ventricular_tachycardia")
    told = watch(beats + steady(60, start_s=101, end_s=120), until_s=120, finish=False, **{how: torn})
    (closed,) = told.closed("ventricular_tachycardia")
    assert closed.evidence["reason"] == "over"
    assert 100 < closed.index / RATE < 110


def test_a_tachycardia_that_ended_while_it_was_unseen_closes_afterwards(watch: Watch, steady: Steady) -> None:
    beats = steady(60, start_s=1, end_s=20) + steady(170, start_s=20, end_s=40, label="V")
    told = watch(beats + steady(60, start_s=60, end_s=120), until_s=120, off=[(30, 70)], finish=False)
    assert [each.evidence.get("unseen") for each in told.updated("ventricular_tachycardia")].count("electrode_off") == 1
    (closed,) = told.closed("ventricular_tachycardia")
    assert (closed.evidence["reason"], round(closed.evidence["duration_s"])) == ("over", 10)
    assert 75 < closed.index / RATE < 79


def test_no_ventricular_alarm_opens_in_bad_signal(watch: Watch, steady: Steady) -> None:
    told = watch(with_run(steady, "VVVVVVV"), until_s=50, bad=[(19, 30)])
    assert told.kinds == ["poor_signal"]


def test_asystole_ends_a_ventricular_tachycardia(watch: Watch, steady: Steady) -> None:
    told = watch(steady(60, start_s=1, end_s=20) + steady(180, start_s=20, end_s=26, label="V"), until_s=40)
    assert told.kinds == ["ventricular_run", "ventricular_tachycardia", "asystole"]
    (closed,) = told.closed("ventricular_tachycardia")
    assert closed.evidence["reason"] in {"over", "superseded"}
    assert closed.index <= told.opened("asystole")[0].index + 5 * RATE


def test_rate_alarms_yield_to_a_ventricular_tachycardia(watch: Watch, steady: Steady) -> None:
    told = watch(steady(60, start_s=1, end_s=20) + steady(180, start_s=20, end_s=60, label="V"), until_s=60)
    assert told.kinds == ["ventricular_run", "ventricular_tachycardia"]


def test_fast_beats_unlike_the_own_ones_do_not_end_a_tachycardia(watch: Watch, steady: Steady) -> None:
    beats = with_run(steady, "VVVVVV" + "S" * 36)
    unlike, alike = (watch(beats, until_s=36, strange=labels, finish=False) for labels in ("S", ""))
    assert unlike.closed("ventricular_tachycardia") == []
    assert alike.closed("ventricular_tachycardia")[0].evidence["reason"] == "over"


def test_a_tachycardia_goes_on_where_runs_of_three_come_between_captured_beats(watch: Watch, steady: Steady) -> None:
    told = watch(with_run(steady, "VVVVVV" + "NVVV" * 12), until_s=38, finish=False)
    assert told.closed("ventricular_tachycardia") == []


def test_a_fast_run_of_which_beats_are_missed_is_a_tachycardia(watch: Watch, steady: Steady) -> None:
    run = [(20 + at_s, "V") for at_s in (0, 0.33, 1.3, 2.6, 2.93, 4.2, 5.2, 6.2)]
    told = watch(steady(60, start_s=1, end_s=20) + run, until_s=28)
    assert "ventricular_tachycardia" in told.kinds
