"""Heart rate, bradycardia and tachycardia."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.edge.rhythm.conftest import Steady, Watch

RATE = 360


@pytest.mark.parametrize("rate_bpm", [30, 45, 72, 180, 240])
def test_vitals_tell_the_heart_rate_each_5_s(watch: Watch, steady: Steady, rate_bpm: int) -> None:
    told = watch(steady(rate_bpm, start_s=0.5, end_s=40), until_s=40)
    assert [v.index for v in told.vitals] == [1800 * k for k in range(1, 9)]
    for vitals in told.vitals[2:]:
        assert vitals.heart_rate_bpm == pytest.approx(rate_bpm, rel=0.01)


def test_one_premature_beat_hardly_moves_the_heart_rate(watch: Watch, steady: Steady) -> None:
    beats = [*steady(60, start_s=1, end_s=20), (19.5, "V"), *steady(60, start_s=21, end_s=40)]
    told = watch(sorted(beats), until_s=40)
    assert all(54 < v.heart_rate_bpm < 70 for v in told.vitals[1:])


@pytest.mark.parametrize("how", ["bad", "off", "gaps"])
def test_heart_rate_is_unknown_where_the_signal_says_nothing(watch: Watch, steady: Steady, how: str) -> None:
    beats = steady(60, start_s=1, end_s=20.5) + steady(60, start_s=42, end_s=60)
    told = watch(beats, until_s=60, **{how: [(20.2, 40.2)]})
    rates = {v.index // RATE: v.heart_rate_bpm for v in told.vitals}
    assert rates[20] == pytest.approx(60)
    assert rates[25] is rates[30] is rates[35] is rates[40] is None
    assert rates[50] == pytest.approx(60)


def test_heart_rate_is_unknown_in_asystole_not_zero(watch: Watch, steady: Steady) -> None:
    told = watch(steady(60, start_s=1, end_s=20.5), until_s=40)
    assert [v.heart_rate_bpm for v in told.vitals if v.index > 24.6 * RATE] == [None] * 4


def test_no_interval_is_formed_across_a_gap(watch: Watch, steady: Steady) -> None:
    beats = steady(60, start_s=1, end_s=20.5) + steady(60, start_s=23.9, end_s=40)
    told = watch(beats, until_s=40, gaps=[(20.4, 23.7)])
    assert "pause" not in told.kinds
    assert all(v.heart_rate_bpm in (None, pytest.approx(60)) for v in told.vitals)


def test_extreme_bradycardia_opens_with_the_fifth_slow_beat(watch: Watch, steady: Steady) -> None:
    told = watch(steady(60, start_s=1, end_s=20.5) + steady(35, start_s=20 + 60 / 35, end_s=60), until_s=60)
    assert told.kinds[0] == "extreme_bradycardia"
    alarm = told.opened("extreme_bradycardia")[0]
    assert alarm.priority == "high"
    assert alarm.onset_index == 20 * RATE
    assert alarm.evidence == {"heart_rate_bpm": pytest.approx(35, abs=0.1), "beats": 5, "threshold_bpm": 40.0}
    assert alarm.index / RATE < 20 + 5 * 60 / 35


def test_one_long_interval_is_not_a_bradycardia(watch: Watch, steady: Steady) -> None:
    told = watch(steady(90, start_s=1, end_s=20) + steady(90, start_s=23.5, end_s=60), until_s=60)
    assert told.kinds == ["pause"]


def test_extreme_tachycardia_needs_17_fast_beats(watch: Watch, steady: Steady) -> None:
    def burst(beats: int) -> list[tuple[float, str]]:
        end = 20 + beats * 0.4
        return steady(60, start_s=1, end_s=20) + steady(150, start_s=20, end_s=end) + steady(60, start_s=end, end_s=50)

    assert watch(burst(15), until_s=50).kinds == []
    told = watch(burst(18), until_s=50)
    assert told.kinds == ["extreme_tachycardia"]
    assert told.opened("extreme_tachycardia")[0].evidence["heart_rate_bpm"] == pytest.approx(150)


def test_an_extreme_rate_that_gets_worse_is_told_again_one_that_wavers_is_not(watch: Watch, steady: Steady) -> None:
    steps = [beat for k in range(6) for beat in steady(150 + 2 * (k % 2), start_s=20 + 10 * k, end_s=30 + 10 * k)]
    told = watch(steady(60, start_s=1, end_s=20) + steps, until_s=80)
    assert len(told.opened("extreme_tachycardia")) == 1
    assert not told.updated("extreme_tachycardia")
    told = watch(steady(150, start_s=1, end_s=30) + steady(185, start_s=30, end_s=60), until_s=60)
    assert told.updated("extreme_tachycardia")


@pytest.mark.parametrize(("rate_bpm", "kind"), [(120, "tachycardia"), (45, "bradycardia")])
def test_a_sustained_rate_is_told_after_the_hold_time(watch: Watch, steady: Steady, rate_bpm: int, kind: str) -> None:
    beats = steady(80, start_s=1, end_s=30) + steady(rate_bpm, start_s=30, end_s=70)
    told = watch(beats, until_s=70)
    assert told.kinds == [kind]
    (alarm,) = told.opened(kind)
    assert alarm.priority == "medium"
    assert alarm.index - alarm.onset_index == pytest.approx(15 * RATE, abs=36)
    assert 45 < alarm.index / RATE < 60


def test_a_short_tachycardia_is_not_told(watch: Watch, steady: Steady) -> None:
    beats = steady(80, start_s=1, end_s=30) + steady(125, start_s=30, end_s=42) + steady(80, start_s=42, end_s=70)
    assert watch(beats, until_s=70).kinds == []


def test_a_rate_alarm_closes_only_beyond_its_hysteresis(watch: Watch, steady: Steady) -> None:
    beats = steady(120, start_s=1, end_s=40) + steady(107, start_s=40, end_s=80)
    told = watch(beats, until_s=80, finish=False)
    assert told.kinds == ["tachycardia"]
    assert not told.closed("tachycardia")
    beats = steady(120, start_s=1, end_s=40) + steady(103, start_s=40, end_s=80)
    (closed,) = watch(beats, until_s=80, finish=False, episode_close_s=5.0).closed("tachycardia")
    assert closed.evidence["reason"] == "over"


def test_the_extreme_alarm_supersedes_the_sustained_one(watch: Watch, steady: Steady) -> None:
    beats = steady(120, start_s=1, end_s=40) + steady(160, start_s=40, end_s=70)
    told = watch(beats, until_s=70, finish=False)
    assert told.kinds == ["tachycardia", "extreme_tachycardia"]
    (closed,) = told.closed("tachycardia")
    assert closed.evidence["reason"] == "superseded"
    assert closed.evidence["by"] == "extreme_tachycardia"


def test_fast_beats_of_all_shapes_in_a_moving_baseline_are_artefacts(watch: Watch, steady: Steady) -> None:
    beats = steady(60, start_s=1, end_s=20) + steady(160, start_s=20, end_s=60, label="N")
    shaky = [(moment_s, "S" if moment_s >= 20 else "N") for moment_s, _ in beats]
    assert watch(shaky, until_s=60, moving=[(20, 61)], strange="S").kinds == []
    assert watch(shaky, until_s=60, strange="S").kinds == ["extreme_tachycardia"]
    assert watch(shaky, until_s=60, moving=[(20, 61)]).kinds == ["extreme_tachycardia"]


def test_no_rate_alarm_opens_in_bad_signal(watch: Watch, steady: Steady) -> None:
    told = watch(steady(160, start_s=1, end_s=60), until_s=60, bad=[(0, 61)])
    assert told.kinds == ["poor_signal"]
