"""Asystole and pause."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.edge.rhythm.conftest import Steady, Watch

RATE = 360


def test_asystole_opens_while_the_silence_lasts(watch: Watch, steady: Steady) -> None:
    told = watch(steady(60, start_s=1, end_s=20.5), until_s=30, finish=False)
    (alarm,) = told.opened("asystole")
    assert alarm.priority == "high"
    assert alarm.onset_index == 20 * RATE
    assert 24.0 < alarm.index / RATE <= 24.7
    assert alarm.evidence["silence_s"] >= alarm.evidence["threshold_s"] == 4.0
    assert not told.closed("asystole")


def test_asystole_that_goes_on_is_told_again_each_10_s(watch: Watch, steady: Steady) -> None:
    told = watch(steady(60, start_s=1, end_s=20.5), until_s=48, finish=False)
    assert len(told.opened("asystole")) == 1
    first, second = told.updated("asystole")
    assert second.index - first.index == 10 * RATE
    assert second.evidence["silence_s"] == pytest.approx(first.evidence["silence_s"] + 10)


def test_asystole_closes_when_beats_have_been_back_for_the_closing_time(watch: Watch, steady: Steady) -> None:
    told = watch(steady(60, start_s=1, end_s=20.5) + steady(60, start_s=30, end_s=50), until_s=50)
    (closed,) = told.closed("asystole")
    assert closed.evidence["reason"] == "over"
    assert closed.evidence["duration_s"] == pytest.approx(10, abs=0.6)
    assert 35 <= closed.index / RATE <= 36
    assert closed.onset_index == told.opened("asystole")[0].onset_index


def test_one_escape_beat_does_not_make_two_asystoles(watch: Watch, steady: Steady) -> None:
    told = watch([*steady(60, start_s=1, end_s=20.5), (27.0, "N")], until_s=36, finish=False)
    assert len(told.opened("asystole")) == 1
    assert not told.closed("asystole")


def test_asystole_counts_from_the_start_of_good_signal(watch: Watch) -> None:
    told = watch([], until_s=20, bad=[(0, 10)])
    (alarm,) = told.opened("asystole")
    assert alarm.onset_index / RATE == pytest.approx(10, abs=0.2)
    assert 14 <= alarm.index / RATE <= 15


@pytest.mark.parametrize("how", ["bad", "off"])
def test_silence_in_bad_signal_or_with_an_electrode_off_is_no_asystole(watch: Watch, steady: Steady, how: str) -> None:
    told = watch(steady(60, start_s=1, end_s=20.5), until_s=60, **{how: [(20, 61)]})
    assert not told.alarms("asystole")


def test_silence_across_lost_samples_is_no_asystole(watch: Watch, steady: Steady) -> None:
    beats = steady(60, start_s=1, end_s=20.5) + steady(60, start_s=30, end_s=40)
    told = watch(beats, until_s=40, gaps=[(20.2, 29.8)])
    assert told.kinds == ["no_samples"]


def test_a_front_end_that_cannot_tell_its_electrodes_still_gets_asystole(watch: Watch, steady: Steady) -> None:
    told = watch(steady(60, start_s=1, end_s=20.5), until_s=30, electrodes_known=False)
    assert told.kinds == ["asystole"]


def test_a_long_interval_is_a_pause_and_closes_again(watch: Watch, steady: Steady) -> None:
    told = watch(steady(60, start_s=1, end_s=20.5) + steady(60, start_s=23, end_s=40), until_s=40, episode_close_s=5.0)
    assert told.kinds == ["pause"]
    (opened,), (closed,) = told.opened("pause"), told.closed("pause")
    assert opened.evidence == {"rr_ms": 3000.0, "pauses": 1, "threshold_s": 2.5}
    assert opened.onset_index == 20 * RATE
    assert closed.index - opened.index >= 5 * RATE


def test_pauses_close_together_are_one_alarm_that_tells_the_longest(watch: Watch, steady: Steady) -> None:
    beats = (
        steady(60, start_s=1, end_s=20.5) + steady(90, start_s=22.6, end_s=24.7) + steady(60, start_s=27.4, end_s=40)
    )
    told = watch(beats, until_s=40)
    assert told.kinds == ["pause"]
    (updated,) = told.updated("pause")
    assert updated.evidence["rr_ms"] == pytest.approx(2800, abs=3)
    assert updated.evidence["pauses"] == 2


def test_pauses_that_come_again_and_again_are_one_alarm(watch: Watch, steady: Steady) -> None:
    beats = [beat for start_s in range(1, 81, 20) for beat in steady(60, start_s=start_s, end_s=start_s + 17.5)]
    told = watch(beats, until_s=80, finish=False)
    assert told.kinds == ["pause"]
    assert [again.evidence["pauses"] for again in told.updated("pause")] == [2]


def test_silence_in_a_moving_baseline_counts_from_when_it_stands_still(watch: Watch, steady: Steady) -> None:
    told = watch(steady(60, start_s=1, end_s=20.5), until_s=30, moving=[(20.2, 23)], finish=False)
    (alarm,) = told.opened("asystole")
    assert 27 < alarm.index / RATE < 27.8
    assert alarm.onset_index == 20 * RATE
    beats = steady(60, start_s=1, end_s=20.5) + steady(60, start_s=25, end_s=40)
    assert watch(beats, until_s=40, moving=[(20.2, 23)]).kinds == []


def test_silence_of_10_s_is_told_however_the_baseline_moves(watch: Watch, steady: Steady) -> None:
    (alarm,) = watch(steady(60, start_s=1, end_s=20.5), until_s=40, moving=[(20.2, 41)], finish=False).opened()
    assert alarm.kind == "asystole"
    assert 30 < alarm.index / RATE < 30.8


def test_an_interval_as_long_as_an_asystole_is_never_a_pause(watch: Watch, steady: Steady) -> None:
    """4.2 s: the beat is found before the asystole could be told, which is told all the same."""
    told = watch(steady(60, start_s=1, end_s=20.5) + steady(60, start_s=24.2, end_s=40), until_s=40)
    assert told.kinds == ["asystole"]


def test_an_asystole_closes_the_pause_before_it(watch: Watch, steady: Steady) -> None:
    told = watch([*steady(60, start_s=1, end_s=20.5), (23.0, "N")], until_s=32, finish=False)
    assert told.kinds == ["pause", "asystole"]
    assert told.closed("pause")[0].index <= told.opened("asystole")[0].index + 360


def test_the_thresholds_are_the_settings(watch: Watch, steady: Steady) -> None:
    beats = steady(60, start_s=1, end_s=20.5) + steady(60, start_s=23, end_s=40)
    assert watch(beats, until_s=40, pause_s=3.5).kinds == []
    assert watch(beats, until_s=40, asystole_s=2.0).kinds == ["asystole"]


def test_an_open_asystole_stays_open_unseen_when_the_electrode_comes_off(watch: Watch, steady: Steady) -> None:
    """It was closed as `electrode_off`: who looked at the list saw no asystole where nobody knew of its end."""
    told = watch(steady(60, start_s=1, end_s=20.5), until_s=60, off=[(28, 61)], finish=False)
    assert told.kinds == ["asystole", "electrode_off"]
    assert not told.closed("asystole")
    (unseen,) = told.updated("asystole")
    assert unseen.evidence["unseen"] == "electrode_off"
    assert unseen.unseen_since is not None
    assert unseen.unseen_since / RATE == pytest.approx(28, abs=0.1)
    assert unseen.index / RATE == pytest.approx(33, abs=0.3)


def test_beats_seen_for_the_closing_time_end_an_asystole_that_was_unseen(watch: Watch, steady: Steady) -> None:
    beats = steady(60, start_s=1, end_s=20.5) + steady(60, start_s=50, end_s=100)
    told = watch(beats, until_s=100, off=[(28, 61)], finish=False)
    (closed,) = told.closed("asystole")
    assert closed.evidence["reason"] == "over"
    assert 65.9 < closed.index / RATE < 67
    assert closed.evidence["duration_s"] == pytest.approx(8, abs=0.1)  # as long as it was seen


def test_an_asystole_that_is_seen_again_is_told_without_its_being_unseen(watch: Watch, steady: Steady) -> None:
    told = watch(steady(60, start_s=1, end_s=20.5), until_s=80, bad=[(28, 61)], finish=False)
    unseen, again = told.updated("asystole")[:2]
    assert unseen.evidence["unseen"] == "poor_signal"
    assert again.unseen_since is None
    assert "unseen" not in again.evidence
    assert 65 < again.index / RATE < 67


@pytest.mark.parametrize("how", ["gaps", "off", "bad"])
@pytest.mark.parametrize("seed", range(8))
def test_silence_goes_on_across_short_interruptions(watch: Watch, steady: Steady, how: str, seed: int) -> None:
    """Samples lost or contact breaking each few seconds: of 8 s less than 2 s are hidden, and no beat is seen."""
    draw = random.Random(seed)
    moment_s, torn = 20.2, []
    while moment_s < 60:
        length_s = draw.uniform(0.02, 0.4) if how != "bad" else 1.0
        torn.append((moment_s, moment_s + length_s))
        moment_s += length_s + (draw.uniform(2.0, 3.5) if how != "bad" else 4.2)
    told = watch(steady(60, start_s=1, end_s=20.5), until_s=60, finish=False, **{how: torn})
    (alarm,) = told.opened("asystole")
    assert alarm.onset_index / RATE == pytest.approx(20, abs=1)
    assert alarm.index / RATE < 34
    assert not told.closed("asystole")


@pytest.mark.parametrize("period_s", [3.4, 4.4, 5.3, 7.0])
def test_artefacts_that_are_taken_for_beats_do_not_end_an_asystole(
    watch: Watch, steady: Steady, period_s: float
) -> None:
    """A bad block, a step of the electrodes or a compression of the chest makes one or two."""
    twos = [(32 + k * period_s + d, "N") for k in range(12) for d in (0, 0.35)]
    told = watch(steady(60, start_s=1, end_s=20.5) + twos, until_s=30 + 12 * period_s, finish=False)
    assert told.kinds == ["asystole"]
    assert not told.closed("asystole")
    assert len(told.updated("asystole")) <= 1 + 12 * period_s / 10


def test_a_slow_rhythm_ends_an_asystole_and_is_a_slow_heart(watch: Watch, steady: Steady) -> None:
    told = watch(steady(60, start_s=1, end_s=20.5) + steady(30, start_s=30, end_s=60), until_s=60, finish=False)
    assert told.kinds == ["asystole", "extreme_bradycardia"]
    assert told.closed("asystole")[0].evidence["reason"] == "over"


def test_what_is_hidden_for_half_of_the_time_shows_no_silence(watch: Watch, steady: Steady) -> None:
    torn = [(20 + 2 * k, 21.1 + 2 * k) for k in range(20)]
    assert not watch(steady(60, start_s=1, end_s=20.5), until_s=60, gaps=torn).opened("asystole")
