"""Found bounds against marks."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from converter.datasets.wave_marks import MarkedLead, MarkedWave
from converter.evaluation.wave_bounds import BOUNDS, BoundScore, match, score_lead
from converter.evaluation.wave_tests import BEST_OF_MARK, BEST_OF_RECORD, EACH, score_records


def lead(name: str = "II", *, is_complete: bool = True) -> MarkedLead:
    """Three QRS complexes a second apart, and the T wave of the first."""
    waves = (
        MarkedWave("QRS", 480, 500, 520),
        MarkedWave("T", 600, 700, 800),
        MarkedWave("QRS", 1480, 1500, 1520),
        MarkedWave("QRS", 2480, 2500, 2520),
    )
    return MarkedLead("ludb/1", name, np.zeros(4000), Fraction(1000), waves, ((480, 2521),), is_complete)


def found(**places: list[float]) -> dict[str, list[float]]:
    """By bounds such as `qrs_onset`."""
    return {bound: places.get(bound.replace(" ", "_"), []) for bound in BOUNDS}


def test_the_nearest_find_is_the_match() -> None:
    assert match([500, 1000], [430, 520, 560, 1200]) == [(0, 1)]
    assert match([500, 520], [510, 515]) == [(0, 0), (1, 1)]
    assert match([], [1.0]) == match([1.0], []) == []


def test_errors_and_counts() -> None:
    scores: dict[str, BoundScore] = {}
    score_lead(scores, lead(), found(QRS_onset=[490.0, 1000.0, 1485.0, 3500.0]))
    score = scores["QRS onset"]
    assert (score.matches, score.missed, score.extra) == (2, 1, 1), "what lies behind the last mark is not extra"
    assert score.mean_ms == pytest.approx(7.5)
    assert score.f1 == pytest.approx(2 * 2 / (2 * 2 + 1 + 1))
    assert score.f1_within(7) == pytest.approx(2 * 1 / (2 * 1 + 2 + 2))
    assert scores["P onset"].f1 == 0


def test_where_no_begin_of_t_is_marked_none_is_extra() -> None:
    scores: dict[str, BoundScore] = {}
    waves = (MarkedWave("QRS", 480, 500, 520), MarkedWave("T", None, 700, 800))
    partly = MarkedLead("qtdb/x", "0", np.zeros(4000), Fraction(1000), waves, ((480, 801),), is_complete=False)
    score_lead(scores, partly, found(T_onset=[600.0], T_end=[600.0, 790.0]))
    assert scores["T onset"].extra == 0
    assert scores["T end"].extra == 1


def test_of_two_leads_the_better_one_by_record_and_by_mark() -> None:
    both = [lead("A"), lead("B")]
    answers = {"A": found(QRS_onset=[485.0, 1485.0, 2485.0]), "B": found(QRS_onset=[481.0, 1550.0, 2550.0])}
    scores = score_records([both], lambda _: answers, "")
    assert scores[EACH]["QRS onset"].matches == 6
    assert scores[BEST_OF_RECORD]["QRS onset"].mean_ms == pytest.approx(5)
    assert scores[BEST_OF_MARK]["QRS onset"].mean_ms == pytest.approx((1 + 5 + 5) / 3)
