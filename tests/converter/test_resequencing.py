"""Beats in an order of chance: the record's own beats and couplings, with burdens that the record lacks."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from converter.resequencing import resequence
from edge.inference.inputs import BeatContext
from edge.samples import BEAT_SAMPLES

COUPLING_S, PAUSE_S, NORMAL_S = 0.5, 1.0, 0.8


def record_of(normal: int, premature: int) -> tuple[list[BeatContext], np.ndarray]:
    """Normal beats, and premature ones shared out evenly among them; each beat's window holds its number."""
    every = normal // premature if premature else normal + 1
    symbols: list[str] = []
    for number in range(normal):
        symbols.append("N")
        if premature and number % every == every - 1:
            symbols.append("A")
    contexts, was = [], ""
    for number, symbol in enumerate(symbols):
        rr_s = COUPLING_S if symbol == "A" else PAUSE_S if was == "A" else NORMAL_S
        contexts.append(BeatContext(np.full(BEAT_SAMPLES, float(number)), rr_s if number else None, None))
        was = symbol
    return contexts, np.array(symbols)


def number_of(context: BeatContext) -> int:
    return int(context.window_mv[0])


@pytest.mark.parametrize("seed", range(5))
def test_each_beat_keeps_its_waveform_and_its_label(seed: int) -> None:
    contexts, symbol = record_of(300, 30)
    again, labels = resequence(contexts, symbol, 400, np.random.default_rng(seed))
    assert len(again) == len(labels) == 400
    assert [symbol[number_of(context)] for context in again] == labels.tolist()


@pytest.mark.parametrize("seed", range(5))
def test_the_intervals_of_a_sequence_fit_together(seed: int) -> None:
    again, _ = resequence(*record_of(300, 30), 200, np.random.default_rng(seed))
    for one, other in itertools.pairwise(again):
        assert one.rr_after_s == other.rr_before_s
        assert other.rr_before_s is not None
        assert other.rr_before_s > 0.25
    assert again[-1].rr_after_s is None


def test_over_many_draws_premature_beats_are_rare_and_are_the_most() -> None:
    contexts, symbol = record_of(300, 30)
    burdens = [
        float((resequence(contexts, symbol, 300, np.random.default_rng(seed))[1] == "A").mean()) for seed in range(40)
    ]
    assert min(burdens) == 0  # an irregular sinus rhythm without any
    assert max(burdens) > 0.5
    assert float((symbol == "A").mean()) < 0.1


@pytest.mark.parametrize("seed", range(10))
def test_a_premature_beat_comes_early_against_the_normal_interval_that_it_belongs_to(seed: int) -> None:
    again, labels = resequence(*record_of(300, 30), 400, np.random.default_rng(seed))
    before_s = np.array([context.rr_before_s for context in again])
    if (labels == "A").sum() > 10:
        assert np.median(before_s[labels == "A"]) < np.median(before_s[labels == "N"])


def test_without_premature_beats_none_are_made() -> None:
    _, labels = resequence(*record_of(300, 0), 400, np.random.default_rng(1))
    assert set(labels.tolist()) == {"N"}


def test_a_record_with_too_few_normal_beats_gives_nothing() -> None:
    contexts, symbol = record_of(40, 20)
    again, labels = resequence(contexts, symbol, 100, np.random.default_rng(1))
    assert (again, len(labels)) == ([], 0)


def test_beats_that_the_reference_does_not_have_are_never_used() -> None:
    contexts, symbol = record_of(300, 30)
    symbol[::3] = ""
    again, labels = resequence(contexts, symbol, 400, np.random.default_rng(2))
    assert "" not in labels
    assert all(number_of(context) % 3 for context in again)
