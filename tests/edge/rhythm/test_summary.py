"""Minute summaries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.edge.rhythm.conftest import Steady, Watch

RATE = 360
MINUTE = 60 * RATE


def test_each_minute_is_summed_up_and_the_last_one_is_shorter(watch: Watch, steady: Steady) -> None:
    told = watch(steady(60, start_s=0.5, end_s=150), until_s=150)
    assert [s.index for s in told.summaries] == [0, MINUTE, 2 * MINUTE]
    assert [s.duration_s for s in told.summaries] == [60, 60, 30]
    assert [s.beats for s in told.summaries] == [{"N": 60}, {"N": 60}, {"N": 30}]
    assert {s.lost_s for s in told.summaries} == {0}
    assert [s.good_signal_s for s in told.summaries] == [60, 60, 30]


def test_no_beat_is_lost_or_counted_twice_however_late_its_label(watch: Watch, steady: Steady) -> None:
    beats = steady(73, start_s=0.5, end_s=299)
    told = watch(beats, until_s=300)
    assert sum(s.beats["N"] for s in told.summaries) == len(beats)


def test_heart_rate_is_smoothed_over_8_intervals(watch: Watch, steady: Steady) -> None:
    beats = steady(60, start_s=0.5, end_s=30) + steady(90, start_s=30.5, end_s=60)
    (summary,) = watch(beats, until_s=60).summaries
    assert summary.heart_rate_min_bpm == pytest.approx(60, abs=0.5)
    assert summary.heart_rate_max_bpm == pytest.approx(90, abs=0.5)
    assert 70 < summary.heart_rate_mean_bpm < 78
    ectopic = sorted([*steady(60, start_s=0.5, end_s=60), (30.0, "V")])
    (summary,) = watch(ectopic, until_s=60).summaries
    assert summary.heart_rate_max_bpm < 72


def test_variability_is_that_of_normal_to_normal_intervals(watch: Watch) -> None:
    moments_s = [0.5]
    for k in range(50):
        moments_s.append(moments_s[-1] + (0.9 if k % 2 else 1.0))
    (summary,) = watch([(m, "N") for m in moments_s], until_s=55).summaries
    assert summary.sdnn_ms == pytest.approx(50 * (50 / 49) ** 0.5, abs=0.2)
    assert summary.rmssd_ms == pytest.approx(100, abs=0.2)
    assert summary.longest_rr_ms == pytest.approx(1000)


def test_ectopic_beats_do_not_enter_the_variability(watch: Watch, steady: Steady) -> None:
    beats = sorted([(m, label) for m, label in steady(60, start_s=0.5, end_s=60) if m != 30.5] + [(30.1, "V")])
    (summary,) = watch(beats, until_s=60).summaries
    assert summary.beats == {"N": 59, "V": 1}
    assert summary.sdnn_ms == pytest.approx(0, abs=0.1)
    assert summary.rmssd_ms == pytest.approx(0, abs=0.1)
    assert summary.longest_rr_ms == pytest.approx(1400, abs=1)


@pytest.mark.parametrize("labels", ["LR", "N"])
def test_bundle_branch_beats_are_normal_for_the_variability(watch: Watch, steady: Steady, labels: str) -> None:
    beats = [(m, labels[k % len(labels)]) for k, (m, _) in enumerate(steady(60, start_s=0.5, end_s=60))]
    (summary,) = watch(beats, until_s=60).summaries
    assert summary.rmssd_ms == pytest.approx(0, abs=0.1)


def test_what_is_not_known_is_none(watch: Watch) -> None:
    (summary,) = watch([], until_s=50).summaries
    assert summary.beats == {}
    assert summary.heart_rate_min_bpm is summary.heart_rate_mean_bpm is summary.heart_rate_max_bpm is None
    assert summary.sdnn_ms is summary.rmssd_ms is summary.longest_rr_ms is None
    (summary,) = watch([(1, "N"), (2, "N")], until_s=50, asystole_s=100).summaries
    assert summary.heart_rate_mean_bpm == pytest.approx(60)
    assert summary.sdnn_ms is summary.rmssd_ms is None


def test_bad_and_lost_signal_is_measured(watch: Watch, steady: Steady) -> None:
    told = watch(steady(60, start_s=0.5, end_s=130), until_s=130, bad=[(20, 30)], gaps=[(50.4, 70.4)])
    first, second, _ = told.summaries
    assert first.lost_s == pytest.approx(9.6, abs=0.1)
    assert second.lost_s == pytest.approx(10.4, abs=0.1)
    assert first.good_signal_s == pytest.approx(40.4, abs=0.3)
    assert second.good_signal_s == pytest.approx(49.6, abs=0.3)


def test_no_interval_of_a_summary_crosses_a_gap_or_bad_signal(watch: Watch, steady: Steady) -> None:
    beats = steady(60, start_s=0.5, end_s=20) + steady(60, start_s=25.9, end_s=60)
    assert watch(beats, until_s=60, gaps=[(20, 25.5)]).summaries[0].longest_rr_ms == pytest.approx(1000)
    assert watch(beats, until_s=60, bad=[(20, 25.5)]).summaries[0].longest_rr_ms == pytest.approx(1000)
