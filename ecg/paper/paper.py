"""A stretch of the recording as a picture on ECG paper: 25 mm/s, 10 mm/mV, with the calibration pulse.

Rows of 10 s, drawn and written one after the other. The picture knows its resolution, so it prints at its true size.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.errors import InputError
from ecg.files import new_file
from ecg.formats.output import told
from ecg.formats.wfdb.annotations import BEAT_SYMBOLS, Annotation, in_order
from ecg.paper.font import HEIGHT, text_mask
from ecg.paper.png import Image, write_png_file
from ecg.paper.trace import coverage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ecg.progress import Progress
    from ecg.samples import FloatArray
    from edge.storage.recording import Excerpt

__all__ = ["write_png"]

PX: Final = 8
"""Pixels a mm, about 200 to the inch."""

MM_PER_S: Final = 25
MM_PER_MV: Final = 10
ROW_S: Final = 10
LONGEST_S: Final = 600
"""A picture of more rows is hard to open; the recording is better looked at with a WFDB viewer."""

PULSE_MM: Final = 15  # left of the trace: flat, 1 mV for 0.2 s, flat
RIGHT_MM: Final = 5
HEAD_MM: Final = 10
FOOT_MM: Final = 7
LOWEST_ROW_MM, HIGHEST_ROW_MM = 30, 80
PEN_MM: Final = 0.3
DOT: Final = 2  # pixels of a dot of the letters

Colour = tuple[int, int, int]
PAPER: Final[Colour] = (255, 251, 249)
GRID_1_MM: Final[Colour] = (250, 220, 218)
GRID_5_MM: Final[Colour] = (235, 165, 160)
LOST: Final[Colour] = (225, 225, 225)
INK: Final[Colour] = (20, 20, 35)
PALE_INK: Final[Colour] = (90, 90, 120)


def write_png(path: Path, stretch: Excerpt, progress: Progress | None) -> Path:
    """Draw a stretch; give the path.

    Each row is shifted up or down so that its median lies in the middle: the offset of the electrodes is not drawn.
    Lost samples are grey. Beats bear their label above, notes stand below.

    Raises:
        InputError: the stretch is too long, or the file cannot be written.
    """
    rate_hz = float(stretch.rate_hz)
    assert stretch.length is not None
    if stretch.length > LONGEST_S * rate_hz:
        raise InputError(
            f"{path}: a picture of {stretch.length / rate_hz:.0f} s; draw up to {LONGEST_S} s, or export it as WFDB"
        )
    samples_mv = np.full(stretch.length, np.nan)
    for block in told(stretch, progress):
        samples_mv[block.first_index : block.first_index + len(block.samples_mv)] = block.samples_mv
    per_row = ROW_S * rate_hz
    borders = [round(row * per_row) for row in range(ceil(stretch.length / per_row) + 1)]
    rows_mv = [_centred(samples_mv[first : last + 1]) for first, last in pairwise(borders)]
    row_mm = _row_height_mm(rows_mv)
    marks = in_order(stretch.annotations())
    width = (PULSE_MM + ROW_S * MM_PER_S + RIGHT_MM) * PX

    def strips() -> Iterator[Image]:
        start = stretch.start_utc
        assert start is not None
        title = f"{stretch.device}  {start:%Y-%m-%d %H:%M:%S} UTC  {stretch.name}, {rate_hz:g} Hz"
        yield _line_of_text(f"{title}    25 mm/s  10 mm/mV", width, HEAD_MM)
        for first, row_mv in zip(borders, rows_mv, strict=False):
            clock = start + timedelta(seconds=first / rate_hz)
            here = [mark._replace(sample=mark.sample - first) for mark in marks if 0 <= mark.sample - first < per_row]
            yield _row(row_mv, here, rate_hz=rate_hz, height_mm=row_mm, clock=f"{clock:%H:%M:%S}")
        yield _line_of_text("ECG Edge is not a medical device: not for diagnosis.", width, FOOT_MM)

    with new_file(path) as file:
        write_png_file(
            file,
            strips(),
            width=width,
            height=(HEAD_MM + len(rows_mv) * row_mm + FOOT_MM) * PX,
            pixels_per_metre=1000 * PX,
            text={"Title": f"ECG of {stretch.device}", "Creation Time": f"{stretch.start_utc:%Y-%m-%dT%H:%M:%SZ}"},
        )
    return path


def _centred(samples_mv: FloatArray) -> FloatArray:
    valid_mv = samples_mv[np.isfinite(samples_mv)]
    return samples_mv - np.median(valid_mv) if len(valid_mv) else samples_mv


def _row_height_mm(rows_mv: list[FloatArray]) -> int:
    """The same for all rows: room for the largest swing, within reason, in whole squares of 10 mm."""
    swings = [float(np.nanmax(np.abs(row_mv))) for row_mv in rows_mv if np.isfinite(row_mv).any()]
    wanted_mm = 2 * max(swings, default=0.0) * MM_PER_MV
    return min(max(10 * ceil(wanted_mm / 10), LOWEST_ROW_MM), HIGHEST_ROW_MM)


def _row(row_mv: FloatArray, marks: list[Annotation], *, rate_hz: float, height_mm: int, clock: str) -> Image:
    """One row: grid, pulse, trace, marks."""
    image = _grid(height_mm)
    height, width = image.shape[:2]
    left, middle = PULSE_MM * PX, height / 2
    px_per_sample = MM_PER_S * PX / rate_hz
    x = left + np.arange(len(row_mv)) * px_per_sample
    for sample in np.flatnonzero(np.isnan(row_mv[:-1])).tolist():
        image[:, round(x[sample]) : max(round(x[sample + 1]), round(x[sample]) + 1)] = LOST
    pulse_x = np.array([2.0, 5, 5, 10, 10, 13]) * PX
    pulse_y = middle - np.array([0.0, 0, 1, 1, 0, 0]) * MM_PER_MV * PX
    # A break, which is NaN, between the pulse and the trace.
    line_x = np.concatenate((pulse_x, [left], x))
    line_y = np.concatenate((pulse_y, [np.nan], middle - row_mv * MM_PER_MV * PX))
    cover = coverage(line_x, line_y, width=width, height=height, pen=PEN_MM * PX)[..., None]
    image[:] = np.rint(image * (1 - cover) + np.array(INK) * cover)
    _write(image, clock, x=PX, y=PX, colour=PALE_INK)
    for mark in marks:
        at = round(left + mark.sample * px_per_sample)
        if mark.symbol in BEAT_SYMBOLS:
            _write(image, mark.symbol, x=at - 3 * DOT, y=PX, colour=INK)
        else:
            image[-4 * PX :, at : at + 2] = PALE_INK
            _write(image, mark.aux or mark.symbol, x=at + 4, y=height - 3 * PX, colour=PALE_INK)
    return image


def _grid(height_mm: int) -> Image:
    image = _blank((PULSE_MM + ROW_S * MM_PER_S + RIGHT_MM) * PX, height_mm)
    for step_mm, colour, thick in ((1, GRID_1_MM, 1), (5, GRID_5_MM, 2)):
        for at in range(0, image.shape[0], step_mm * PX):
            image[at : at + thick] = colour
        for at in range(0, image.shape[1], step_mm * PX):
            image[:, at : at + thick] = colour
    return image


def _line_of_text(text: str, width: int, height_mm: int) -> Image:
    image = _blank(width, height_mm)
    _write(image, text, x=PX, y=(height_mm * PX - HEIGHT * DOT) // 2, colour=INK)
    return image


def _blank(width: int, height_mm: int) -> Image:
    return np.full((height_mm * PX, width, 3), PAPER, dtype=np.uint8)


def _write(image: Image, text: str, *, x: int, y: int, colour: Colour) -> None:
    """Text with its upper left corner at a pixel; what leaves the picture to the right is cut off."""
    left = max(x, 0)
    mask = text_mask(text, dot=DOT)[:, : image.shape[1] - left]
    image[y : y + len(mask), left : left + mask.shape[1]][mask] = colour
