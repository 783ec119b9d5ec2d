"""Beats of one shape share the evidence for V, and only that."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.inference.shape_evidence import learn, pool
from edge.signal.beat_morphology import BeatShape


def likely(n: float, s: float, v: float) -> dict[str, float]:
    return {"N": n, "S": s, "V": v, "F": 0.0, "Q": 0.0}


def best(probabilities: dict[str, float]) -> str:
    return max(probabilities, key=lambda label: probabilities[label])


def shape(n: float, s: float, v: float, *, beats: int = 10) -> BeatShape:
    """A shape of which the model said so of each beat."""
    made = BeatShape(np.zeros(259), np.zeros(108), 0.0)
    for _ in range(beats):
        learn(made, likely(n, s, v))
    return made


def test_the_first_beat_of_a_shape_stays_as_it_was() -> None:
    assert pool(likely(0.5, 0.2, 0.3), None) == pytest.approx(likely(0.5, 0.2, 0.3))


def test_a_beat_of_doubt_follows_the_others_of_its_shape() -> None:
    assert best(pool(likely(0.3, 0.1, 0.6), shape(0.95, 0.03, 0.02))) == "N"
    assert best(pool(likely(0.4, 0.2, 0.4), shape(0.05, 0.05, 0.9))) == "V"


def test_n_and_s_stay_a_matter_of_the_single_beat() -> None:
    pooled = pool(likely(0.2, 0.7, 0.1), shape(0.95, 0.03, 0.02))
    assert best(pooled) == "S"
    assert pooled["S"] / pooled["N"] == pytest.approx(3.5)
    assert sum(pooled.values()) == pytest.approx(1.0)
    assert pooled["V"] < 0.1


def test_pooling_leaves_no_trace() -> None:
    known = shape(0.95, 0.03, 0.02)
    before = (known.ln_odds, known.judged)
    pool(likely(0.0, 0.0, 1.0), known)
    assert (known.ln_odds, known.judged) == before


def test_the_evidence_is_a_mean_that_new_beats_can_turn() -> None:
    known = shape(0.95, 0.03, 0.02, beats=1000)
    for _ in range(300):
        learn(known, likely(0.02, 0.03, 0.95))
    assert best(pool(likely(0.2, 0.1, 0.7), known)) == "V"


def test_a_model_without_v_is_left_alone() -> None:
    known = shape(0.95, 0.03, 0.02)
    learn(known, {"N": 0.25, "A": 0.75})
    assert known.judged == 10
    assert pool({"N": 0.25, "A": 0.75}, known) == {"N": 0.25, "A": 0.75}


def test_an_answer_that_is_sure_of_v_alone_is_one() -> None:
    pooled = pool(likely(0.0, 0.0, 1.0), None)
    assert best(pooled) == "V"
    assert sum(pooled.values()) == pytest.approx(1.0, abs=0.01)


@given(st.lists(st.floats(0, 1), max_size=40))
def test_whatever_comes_probabilities_stay_probabilities(beats: list[float]) -> None:
    known = shape(0.5, 0.2, 0.3, beats=0)
    for v in beats:
        pooled = pool(likely(1 - v, 0.0, v), known)
        learn(known, likely(1 - v, 0.0, v))
        assert all(0 <= probability <= 1 for probability in pooled.values())
        assert sum(pooled.values()) == pytest.approx(1.0, abs=0.01)
