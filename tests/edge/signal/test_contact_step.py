"""Steps of an electrode's contact are told from beats."""

from __future__ import annotations

import numpy as np
import pytest

from edge.signal.contact_step import ContactSteps

TIMES_S = np.arange(-26, 27) / 360


def unit(shape: np.ndarray[tuple[int], np.dtype[np.float64]]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    shape = shape - shape.mean()
    return shape / float(np.sqrt(shape @ shape))


def complex_of(width_s: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return unit(np.exp(-0.5 * (TIMES_S / (width_s / 4)) ** 2))


STEP = unit(np.tanh(TIMES_S / 0.01))
ST_AS_HIGH_AS_R = unit(np.where(TIMES_S < 0, np.exp(-0.5 * (TIMES_S / 0.015) ** 2), 1.0))


@pytest.mark.parametrize("sign", [1, -1])
def test_a_step_stays_where_it_went_and_a_complex_comes_back(sign: int) -> None:
    steps = ContactSteps()
    assert steps.is_step(sign * STEP)
    for width_s in (0.06, 0.1, 0.16):
        assert not steps.is_step(sign * complex_of(width_s))
    assert not steps.is_step(None)


def test_what_looks_like_the_patients_own_beats_is_no_step() -> None:
    steps = ContactSteps()
    assert steps.is_step(ST_AS_HIGH_AS_R)
    steps.learn(None)
    for _ in range(8):
        steps.learn(ST_AS_HIGH_AS_R)
    assert not steps.is_step(ST_AS_HIGH_AS_R)
    assert steps.is_step(-STEP)
