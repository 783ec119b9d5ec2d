"""25 mm/s and 10 mm/mV, measured in each kind of file within 0.5 %."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from ecg.paper.picture import write_picture
from tests.support.paper import edges_mm, longest, pdf_lines, pdf_pages, png_darkness, svg_lines

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from ecg.recording import Recording

STEP_MV, MM_PER_MV, MM_PER_S = 3.0, 10.0, 25.0
EDGES = 9
CLOSE = 0.005


def check(line: NDArray[np.float64]) -> None:
    """Steps of 3 mV a second apart."""
    edges = list(edges_mm(line, 20))
    assert len(edges) == EDGES
    assert (edges[-1] - edges[0]) / (EDGES - 1) == pytest.approx(MM_PER_S, rel=CLOSE)
    assert np.diff(edges) == pytest.approx(MM_PER_S, rel=CLOSE)
    assert (line[:, 1].max() - line[:, 1].min()) / STEP_MV == pytest.approx(MM_PER_MV, rel=CLOSE)


def test_an_svg_is_true_to_scale(steps: Recording, tmp_path: Path) -> None:
    write_picture(tmp_path / "out.svg", steps)
    check(longest(svg_lines(tmp_path / "out.svg")))


def test_a_pdf_is_true_to_scale(steps: Recording, tmp_path: Path) -> None:
    pytest.importorskip("reportlab", reason="reportlab comes with the extra [paper]")
    write_picture(tmp_path / "out.pdf", steps)
    (page,) = pdf_pages(tmp_path / "out.pdf")
    check(longest(pdf_lines(page)))


def test_a_png_is_true_to_scale(steps: Recording, tmp_path: Path) -> None:
    pytest.importorskip("PIL", reason="Pillow comes with the extra [paper]")
    write_picture(tmp_path / "out.png", steps)
    dark, px_per_mm = png_darkness(tmp_path / "out.png")
    left, right = round(25 * px_per_mm), round(268 * px_per_mm)  # without the calibration pulse
    part = dark[round(20 * px_per_mm) : round(62 * px_per_mm), left:right]
    # The upright lines are the columns with the most ink; each is measured by its centre of gravity.
    ink = part.sum(axis=0)
    upright = np.flatnonzero(ink > 10 * px_per_mm)
    groups = np.split(upright, np.flatnonzero(np.diff(upright) > px_per_mm) + 1)
    edges = np.array([np.average(group, weights=ink[group]) for group in groups]) / px_per_mm
    assert len(edges) == EDGES
    assert np.diff(edges) == pytest.approx(MM_PER_S, rel=CLOSE)
    # The level lines are the rows with the most.
    ink = part.sum(axis=1)
    level = np.flatnonzero(ink > 50 * px_per_mm)
    low, high = np.split(level, np.flatnonzero(np.diff(level) > px_per_mm) + 1)
    height = np.average(high, weights=ink[high]) - np.average(low, weights=ink[low])
    assert height / px_per_mm / STEP_MV == pytest.approx(MM_PER_MV, rel=CLOSE)


def test_the_calibration_pulse_is_1_mv_high_and_0_2_s_long(steps: Recording, tmp_path: Path) -> None:
    write_picture(tmp_path / "out.svg", steps)
    pulse = next(np.array(line) for line in svg_lines(tmp_path / "out.svg") if len(line) == 6)
    assert np.ptp(pulse[:, 1]) == pytest.approx(10)
    assert pulse[3, 0] - pulse[2, 0] == pytest.approx(5)


def test_the_grid_has_a_line_each_mm_and_the_trace_begins_on_a_thick_one(steps: Recording, tmp_path: Path) -> None:
    write_picture(tmp_path / "out.svg", steps)
    lines = [np.array(line) for line in svg_lines(tmp_path / "out.svg")]
    trace = longest(svg_lines(tmp_path / "out.svg"))
    upright = sorted({line[0, 0] for line in lines if len(line) == 2 and np.ptp(line[:, 1]) == 40})
    assert np.diff(upright) == pytest.approx(1)
    assert (trace[0, 0] - upright[0]) % 5 == pytest.approx(0)
