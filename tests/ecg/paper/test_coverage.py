"""The smooth line of a PNG."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg.paper.coverage import coverage


@given(height=st.floats(3, 40), pen=st.floats(1, 4))
def test_a_level_line_covers_as_much_as_its_pen_is_thick(height: float, pen: float) -> None:
    share = coverage(np.array([0.0, 50.0]), np.array([height, height]), width=50, height=44, pen=pen)
    assert share[:, 5:45].sum(axis=0) == pytest.approx(np.full(40, pen), abs=1e-3)
    assert share.max() <= 1 + 1e-6


def test_a_peak_between_two_columns_keeps_its_height() -> None:
    x = np.array([0.0, 10.4, 10.45, 10.5, 20.0])
    share = coverage(x, np.array([30.0, 30, 5, 30, 30]), width=20, height=40, pen=2)
    assert np.flatnonzero(share.max(axis=1) > 0)[0] == 4
