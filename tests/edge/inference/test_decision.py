"""From probabilities to a label: what is said of each rule, and nothing else."""

from __future__ import annotations

import pytest

from edge.inference.decision import decide


def told(n: float, s: float, v: float, *, in_atrial_fibrillation: bool = False) -> tuple[str, float]:
    return decide({"N": n, "S": s, "V": v, "F": 0.0, "Q": 0.0}, in_atrial_fibrillation=in_atrial_fibrillation)


@pytest.mark.parametrize(
    ("probabilities", "label"),
    [
        ((0.7, 0.2, 0.1), "N"),
        ((0.1, 0.2, 0.7), "V"),
        ((0.45, 0.55, 0.0), "S"),
    ],
)
def test_the_likeliest_label_is_told(probabilities: tuple[float, float, float], label: str) -> None:
    assert told(*probabilities) == (label, probabilities["NSV".index(label)])


def test_v_is_told_a_little_sooner_and_its_probability_is_no_other() -> None:
    assert told(0.7, 0.0, 0.3) == ("V", 0.3)
    assert told(0.75, 0.0, 0.25) == ("N", 0.75)
    assert told(0.5, 0.2, 0.3, in_atrial_fibrillation=True) == ("V", 0.3)
    assert told(0.5, 0.25, 0.25, in_atrial_fibrillation=True) == ("N", pytest.approx(0.75))


def test_in_fibrillation_no_beat_is_s_and_n_is_as_likely_as_both() -> None:
    label, probability = told(0.2, 0.6, 0.2, in_atrial_fibrillation=True)
    assert (label, probability) == ("N", pytest.approx(0.8))
    assert told(0.2, 0.2, 0.6, in_atrial_fibrillation=True) == ("V", 0.6)


def test_labels_of_the_other_model_follow_the_same_rules() -> None:
    probabilities = {"N": 0.3, "L": 0.0, "R": 0.0, "A": 0.6, "V": 0.1, "/": 0.0}
    assert decide(probabilities, in_atrial_fibrillation=False) == ("A", 0.6)
    assert decide(probabilities, in_atrial_fibrillation=True) == ("N", pytest.approx(0.9))
