"""The intervals of a patient: kept once, and read by the interval network once where model and rule ask the same."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edge.inference.intervals import IntervalNetwork
from edge.inference.rr_features import RR_SCALES
from edge.inference.rr_history import RrHistory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.inference.intervals import Opinion


class Counted(IntervalNetwork):
    """The network of this version, which counts how often it runs."""

    runs = 0

    def __init__(self) -> None:
        self._shipped = IntervalNetwork.shipped()

    def read(self, known_s: Sequence[float], before_s: float | None, after_s: float | None) -> Opinion:
        self.runs += 1
        return self._shipped.read(known_s, before_s, after_s)


def random_rr(count: int) -> list[int]:
    return np.random.default_rng(5).integers(200, 400, count).tolist()


def test_a_beat_costs_one_run_where_all_signal_is_whole() -> None:
    network = Counted()
    history = RrHistory(network)
    intervals = random_rr(100)
    for rr, following in itertools.pairwise(intervals):
        history.features(rr / 360, following / 360)
        history.add(rr / 360)
    assert network.runs == len(intervals) - 1


def test_a_provisional_label_changes_nothing() -> None:
    plain, asked = RrHistory(IntervalNetwork.shipped()), RrHistory(IntervalNetwork.shipped())
    intervals = random_rr(80)
    for rr, following in itertools.pairwise(intervals):
        asked.features(rr / 360, 0.3)
        asked.features(rr / 360, None)
        assert asked.features(rr / 360, following / 360) == plain.features(rr / 360, following / 360)
        assert asked.add(rr / 360) == plain.add(rr / 360)


def test_the_rule_is_told_of_the_beat_before_with_the_interval_after_it() -> None:
    history = RrHistory(IntervalNetwork.shipped())
    intervals = random_rr(90)
    told = [history.add(rr / 360) for rr in intervals]
    assert told[0] is None
    *known_s, before_s, after_s = (rr / 360 for rr in intervals)
    opinion = IntervalNetwork.shipped().read(known_s, before_s, after_s)
    assert told[-1] == opinion.atrial_fibrillation


def test_an_interval_that_was_not_measured_is_left_out_of_what_the_rule_asks_about() -> None:
    with_gaps, without = RrHistory(IntervalNetwork.shipped()), RrHistory(IntervalNetwork.shipped())
    intervals = random_rr(40)
    for number, rr in enumerate(intervals):
        if number % 7 == 0:
            assert with_gaps.add(None) is None
            assert with_gaps.add(0.2, is_whole=False) is None
        assert with_gaps.add(rr / 360) == without.add(rr / 360)


def test_a_first_beat_deviates_in_nothing() -> None:
    features = dict(zip(RR_SCALES, RrHistory(IntervalNetwork.shipped()).features(None, None), strict=True))
    assert [features[name] for name in features if name.startswith("ln_rr")] == [0.0] * 10 + [pytest.approx(0.0)]
