"""Minute summaries, and what they add up to."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg.summary.tally import Tally

if TYPE_CHECKING:
    from tests.edge.rhythm.conftest import Steady, Watch

RATE = 360
MINUTE = 60 * RATE


def test_each_minute_is_summed_up_and_the_last_one_is_shorter(watch: Watch, steady: Steady) -> None:
    told = watch(steady(60, start_s=0.5, end_s=150), until_s=150)
    assert [s.index for s in told.summaries] == [0, MINUTE, 2 * MINUTE]
    assert [s.duration_s for s in told.tallies] == [60, 60, 30]
    assert [s.beats for s in told.tallies] == [{"N": 60}, {"N": 60}, {"N": 30}]
    assert {s.lost_s for s in told.tallies} == {0}
    assert [s.good_signal_s for s in told.tallies] == [60, 60, 30]


def test_no_beat_is_lost_or_counted_twice_however_late_its_label(watch: Watch, steady: Steady) -> None:
    beats = steady(73, start_s=0.5, end_s=299)
    told = watch(beats, until_s=300)
    assert sum(s.beats["N"] for s in told.tallies) == len(beats)


def test_heart_rate_is_smoothed_over_8_intervals(watch: Watch, steady: Steady) -> None:
    beats = steady(60, start_s=0.5, end_s=30) + steady(90, start_s=30.5, end_s=60)
    (summary,) = watch(beats, until_s=60).tallies
    assert summary.heart_rate_min_bpm == pytest.approx(60, abs=0.5)
    assert summary.heart_rate_max_bpm == pytest.approx(90, abs=0.5)
    assert 70 < summary.heart_rate_mean_bpm < 78
    ectopic = sorted([*steady(60, start_s=0.5, end_s=60), (30.0, "V")])
    (summary,) = watch(ectopic, until_s=60).tallies
    assert summary.heart_rate_max_bpm < 72


def test_variability_is_that_of_normal_to_normal_intervals(watch: Watch) -> None:
    moments_s = [0.5]
    for k in range(50):
        moments_s.append(moments_s[-1] + (0.9 if k % 2 else 1.0))
    (summary,) = watch([(m, "N") for m in moments_s], until_s=55).tallies
    assert summary.sdnn_ms == pytest.approx(50 * (50 / 49) ** 0.5, abs=0.2)
    assert summary.rmssd_ms == pytest.approx(100, abs=0.2)
    assert summary.longest_rr_ms == pytest.approx(1000)


def test_ectopic_beats_do_not_enter_the_variability(watch: Watch, steady: Steady) -> None:
    beats = sorted([(m, label) for m, label in steady(60, start_s=0.5, end_s=60) if m != 30.5] + [(30.1, "V")])
    (summary,) = watch(beats, until_s=60).tallies
    assert summary.beats == {"N": 59, "V": 1}
    assert summary.sdnn_ms == pytest.approx(0, abs=0.1)
    assert summary.rmssd_ms == pytest.approx(0, abs=0.1)
    assert summary.longest_rr_ms == pytest.approx(1400, abs=1)


@pytest.mark.parametrize("labels", ["LR", "N"])
def test_bundle_branch_beats_are_normal_for_the_variability(watch: Watch, steady: Steady, labels: str) -> None:
    beats = [(m, labels[k % len(labels)]) for k, (m, _) in enumerate(steady(60, start_s=0.5, end_s=60))]
    (summary,) = watch(beats, until_s=60).tallies
    assert summary.rmssd_ms == pytest.approx(0, abs=0.1)


def test_what_is_not_known_is_none(watch: Watch) -> None:
    (summary,) = watch([], until_s=50).tallies
    assert summary.beats == {}
    assert summary.heart_rate_min_bpm is summary.heart_rate_mean_bpm is summary.heart_rate_max_bpm is None
    assert summary.sdnn_ms is summary.rmssd_ms is summary.longest_rr_ms is None
    (summary,) = watch([(1, "N"), (2, "N")], until_s=50, asystole_s=100).tallies
    assert summary.heart_rate_mean_bpm == pytest.approx(60)
    assert summary.sdnn_ms is summary.rmssd_ms is None


def test_bad_and_lost_signal_is_measured(watch: Watch, steady: Steady) -> None:
    told = watch(steady(60, start_s=0.5, end_s=130), until_s=130, bad=[(20, 30)], gaps=[(50.4, 70.4)])
    first, second, _ = told.tallies
    assert first.lost_s == pytest.approx(9.6, abs=0.1)
    assert second.lost_s == pytest.approx(10.4, abs=0.1)
    assert first.good_signal_s == pytest.approx(40.4, abs=0.3)
    assert second.good_signal_s == pytest.approx(49.6, abs=0.3)


def test_no_interval_of_a_summary_crosses_a_gap_or_bad_signal(watch: Watch, steady: Steady) -> None:
    beats = steady(60, start_s=0.5, end_s=20) + steady(60, start_s=25.9, end_s=60)
    assert watch(beats, until_s=60, gaps=[(20, 25.5)]).tallies[0].longest_rr_ms == pytest.approx(1000)
    assert watch(beats, until_s=60, bad=[(20, 25.5)]).tallies[0].longest_rr_ms == pytest.approx(1000)


def test_a_share_of_normal_intervals_differs_by_more_than_50_ms(watch: Watch) -> None:
    moments_s = [0.5]
    for k in range(40):  # steps of 0, 0.1 and 0.05 s; the last is not more than 50 ms
        moments_s.append(moments_s[-1] + (1.0, 1.0, 0.9, 0.95)[k % 4])
    (tally,) = watch([(m, "N") for m in moments_s], until_s=45).tallies
    assert tally.pnn50 == pytest.approx(10 / 39, abs=0.001)


def test_burdens_are_shares_of_the_beats_that_have_a_class(watch: Watch, steady: Steady) -> None:
    labels = ["V", "S", "N", "N", "F", "unclassified"]
    beats = [(m, labels[k % 6]) for k, (m, _) in enumerate(steady(60, start_s=0.5, end_s=60))]
    (tally,) = watch(beats, until_s=60).tallies
    assert tally.ventricular_burden == pytest.approx(1 / 5)
    assert tally.ectopic_burden == pytest.approx(2 / 5)
    (nothing,) = watch([], until_s=50, asystole_s=100).tallies
    assert nothing.ectopic_burden is nothing.ventricular_burden is nothing.pnn50 is None


def test_extremes_tell_their_moment(watch: Watch, steady: Steady) -> None:
    beats = steady(60, start_s=0.5, end_s=20) + steady(90, start_s=20.5, end_s=40) + steady(60, start_s=42, end_s=60)
    (tally,) = watch(beats, until_s=60).tallies
    assert tally.longest.moment / RATE == pytest.approx(42)
    assert 25 < tally.fastest.moment / RATE < 41
    assert tally.slowest.moment / RATE == pytest.approx(49)  # the pause is one of its 8 intervals


def fibrillating(*, start_s: float, end_s: float, until_s: float) -> list[tuple[float, str]]:
    source = random.Random(3)
    moments_s = [0.5]
    while moments_s[-1] < until_s:
        irregular = start_s < moments_s[-1] < end_s
        moments_s.append(moments_s[-1] + (source.uniform(0.4, 1.1) if irregular else 0.8))
    return [(m, "N") for m in moments_s]


def test_fibrillation_counts_from_its_onset_to_its_end_although_both_are_told_late(watch: Watch) -> None:
    told = watch(fibrillating(start_s=100, end_s=700, until_s=1000), until_s=1000)
    minutes = [(s.tally.atrial_fibrillation_s, s.atrial_fibrillation_before / RATE) for s in told.summaries]
    total_s = sum(own + before for own, before in minutes)
    assert total_s == pytest.approx(600, abs=15)
    assert minutes[0] == (0, 0)
    assert minutes[5] == (60, 0)
    assert minutes[13] == (0, 0)
    assert any(before > 0 for _, before in minutes)


def test_a_day_added_up_from_minutes_has_the_figures_of_one_pass_over_its_beats(watch: Watch) -> None:
    source = random.Random(11)
    beats, moment_s = [], 0.5
    while moment_s < 7190:
        beats.append((moment_s, source.choices("NVSLF", (80, 8, 5, 5, 2))[0]))
        moment_s += source.choice((source.gauss(0.8, 0.05), source.uniform(0.35, 1.4)))
    gaps = [(1000.3, 1003.1), (4000, 4100)]
    beats = [(m, label) for m, label in beats if not any(a <= m <= b for a, b in gaps)]
    told = watch(beats, until_s=7200, gaps=gaps)
    day = Tally()
    for summary in told.summaries:
        day.add(summary.tally)

    index = np.array([round(m * RATE) for m, _ in beats])
    labels = np.array([label for _, label in beats])
    rr = np.diff(index)
    whole = ~np.any([(index[:-1] < a * RATE) & (index[1:] > a * RATE) for a, _ in gaps], axis=0)
    normal = np.isin(labels, list("NLR"))
    is_nn = whole & normal[:-1] & normal[1:]
    nn_ms = rr[is_nn] * 1000 / RATE
    pairs = is_nn[:-1] & is_nn[1:]
    steps_ms = (rr[1:] - rr[:-1])[pairs] * 1000 / RATE
    assert day.duration_s == 7200
    assert day.lost_s == pytest.approx(102.8, abs=0.01)
    assert day.beats == {label: int((labels == label).sum()) for label in "NVSLF"}
    assert day.heart_rate_mean_bpm == pytest.approx(60_000 / (rr[whole].mean() * 1000 / RATE), abs=0.051)
    assert day.sdnn_ms == pytest.approx(nn_ms.std(ddof=1), rel=1e-12)
    assert day.rmssd_ms == pytest.approx(np.sqrt((steps_ms**2).mean()), rel=1e-12)
    assert day.pnn50 == pytest.approx((np.abs(steps_ms) > 50.0001).mean(), rel=1e-12)
    assert day.longest_rr_ms == pytest.approx(rr[whole].max() * 1000 / RATE, abs=0.051)
    assert day.ventricular_burden == (labels == "V").mean()
    runs = np.convolve(rr, np.ones(8, dtype=int), mode="valid")[
        np.convolve(whole, np.ones(8, dtype=int), mode="valid") == 8
    ]
    assert (day.slowest.value, day.fastest.value) == (runs.max(), runs.min())


@given(st.lists(st.lists(st.tuples(st.integers(100, 900), st.booleans()), max_size=20), max_size=6), st.randoms())
def test_the_order_of_adding_up_makes_no_difference(stretches: list[list[tuple[int, bool]]], source: Any) -> None:
    tallies = []
    for number, stretch in enumerate(stretches):
        tally, before = Tally(duration=21_600, beats={"N": len(stretch)}), None
        for rr, is_normal in stretch:
            tally.interval(rr, number)
            if is_normal:
                tally.normal_interval(rr, before)
            before = rr if is_normal else None
        tallies.append(tally)
    forward, shuffled = Tally(), Tally()
    for tally in tallies:
        forward.add(tally)
    source.shuffle(tallies)
    for tally in tallies:
        shuffled.add(tally)
    assert (forward.sdnn_ms, forward.rmssd_ms, forward.pnn50) == (shuffled.sdnn_ms, shuffled.rmssd_ms, shuffled.pnn50)
    assert forward.longest_rr_ms == shuffled.longest_rr_ms
    assert forward.beats == shuffled.beats
