"""The drawing of the ECG in braille."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from edge.bench.braille import draw

BLANK = "\u2800"


def test_a_peak_reaches_from_the_bottom_to_the_top() -> None:
    samples_mv = np.zeros(400)
    samples_mv[200] = 2.0
    lines = draw(samples_mv, columns=20, rows=4)
    assert lines[0].count(BLANK) == 19
    assert lines[0][10] != BLANK
    assert lines[-1].count(BLANK) == 0


def test_lost_samples_stay_blank() -> None:
    samples_mv = np.zeros(400)
    samples_mv[200:] = np.nan
    for line in draw(samples_mv, columns=20, rows=3):
        assert set(line[10:]) == {BLANK}


def test_noise_on_a_flat_line_is_not_magnified() -> None:
    samples_mv = np.tile([0.0, 0.02], 200)
    lines = draw(samples_mv, columns=20, rows=5)
    assert [set(line) == {BLANK} for line in lines].count(False) <= 2


@given(
    samples_mv=arrays(np.float64, st.integers(0, 500), elements=st.floats(-1e3, 1e3) | st.just(np.nan)),
    columns=st.integers(1, 60),
    rows=st.integers(1, 8),
)
def test_any_signal_fits_the_drawing(samples_mv: np.ndarray, columns: int, rows: int) -> None:
    lines = draw(samples_mv, columns=columns, rows=rows)
    assert [len(line) for line in lines] == [columns] * rows
    assert all(0x2800 <= ord(character) < 0x2900 for line in lines for character in line)
