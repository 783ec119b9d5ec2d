"""Draws a recording on ECG paper: rows of 10 s at 25 mm/s and 10 mm/mV, each with a calibration pulse.

Rows are drawn and written one after the other. The file contains its resolution, so it prints at its true size.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.errors import InputError
from ecg.files import new_file
from ecg.formats.wfdb.annotations import BEAT_SYMBOLS, Annotation, in_order
from ecg.paper.font import HEIGHT, text_mask
from ecg.paper.grid import MM_PER_MV, MM_PER_S, PX, Colour, blank, grid
from ecg.paper.png import Image, write_png_file
from ecg.paper.trace import coverage
from ecg.recording import Recording, RecordingStream, read_whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ecg.progress import Progress
    from ecg.samples import FloatArray

__all__ = ["write_png"]

ROW_S: Final = 10
LONGEST_S: Final = 600
"""A longer picture is hard to open. A WFDB viewer shows a long recording better."""

PULSE_MM: Final = 15  # left of the trace: flat, 1 mV for 0.2 s, flat
RIGHT_MM: Final = 5
WIDTH_MM: Final = PULSE_MM + ROW_S * MM_PER_S + RIGHT_MM
HEAD_MM: Final = 10
FOOT_MM: Final = 7
LOWEST_ROW_MM, HIGHEST_ROW_MM = 30, 80
PEN_MM: Final = 0.3
DOT: Final = 2  # pixels of a dot of the letters

LOST: Final[Colour] = (225, 225, 225)
INK: Final[Colour] = (20, 20, 35)
PALE_INK: Final[Colour] = (90, 90, 120)


def write_png(
    path: Path,
    recording: RecordingStream,
    *,
    annotations: Sequence[Annotation] = (),
    progress: Progress | None = None,
) -> Path:
    """Draw a recording with its annotations.

    The median of each row lies in its middle, so the offset of the electrodes is not visible. Lost samples are grey.
    Labels of beats are above the trace, notes below it. Each lead has a row of its own.

    Raises:
        InputError: the recording is too long, or the file cannot be written.
    """
    _refuse_long(path, recording.length, recording)
    whole = read_whole(recording, progress)
    _refuse_long(path, whole.length, recording)
    rows = _rows(whole, in_order(annotations))
    height_mm = _row_height_mm([row.samples_mv for row in rows])

    def strips() -> Iterator[Image]:
        yield _line_of_text(_title(whole), HEAD_MM)
        for row in rows:
            yield _draw(row, rate_hz=float(whole.rate_hz), height_mm=height_mm)
        yield _line_of_text("ECG Edge is not a medical device: not for diagnosis.", FOOT_MM)

    text = {"Title": f"ECG of {whole.device or whole.name}"}
    if whole.start_utc is not None:
        text["Creation Time"] = f"{whole.start_utc:%Y-%m-%dT%H:%M:%SZ}"
    with new_file(path) as file:
        write_png_file(
            file,
            strips(),
            width=WIDTH_MM * PX,
            height=(HEAD_MM + len(rows) * height_mm + FOOT_MM) * PX,
            pixels_per_metre=1000 * PX,
            text=text,
        )
    return path


def _refuse_long(path: Path, length: int | None, recording: RecordingStream) -> None:
    if (length or 0) > LONGEST_S * recording.rate_hz:
        seconds = (length or 0) / float(recording.rate_hz)
        raise InputError(f"{path}: a picture of {seconds:.0f} s; draw up to {LONGEST_S} s, or export it as WFDB")


@dataclass(frozen=True, slots=True)
class _Row:
    """Up to 10 s of one lead.

    Attributes:
        samples_mv: shape (n,), with a median of 0 and the first sample of the next row at the end.
        text: in the corner.
        annotations: in samples of the row.
    """

    samples_mv: FloatArray
    text: str
    annotations: Sequence[Annotation]


def _rows(whole: Recording, annotations: Sequence[Annotation]) -> list[_Row]:
    per_row = ROW_S * float(whole.rate_hz)
    borders = [round(row * per_row) for row in range(ceil(whole.length / per_row) + 1)]
    rows = []
    for first, last in pairwise(borders):
        here = [each._replace(sample=each.sample - first) for each in annotations if 0 <= each.sample - first < per_row]
        for lead, lead_mv in zip(whole.leads, whole.samples_mv, strict=True):
            text = _clock(whole, first)
            if len(whole.leads) > 1:
                text += f"  {lead.name}"
            rows.append(_Row(_centred(lead_mv[first : last + 1]), text, here))
    return rows


def _clock(whole: Recording, sample: int) -> str:
    """The time of day of a sample, or the time since sample 0 if the start is unknown."""
    since = timedelta(seconds=sample / float(whole.rate_hz))
    if whole.start_utc is None:
        return f"{timedelta(seconds=int(since.total_seconds()))}"
    return f"{whole.start_utc + since:%H:%M:%S}"


def _title(whole: Recording) -> str:
    start = "" if whole.start_utc is None else f"{whole.start_utc:%Y-%m-%d %H:%M:%S} UTC"
    said = [whole.device, start, f"{whole.name}, {float(whole.rate_hz):g} Hz"]
    return f"{'  '.join(part for part in said if part)}    25 mm/s  10 mm/mV"


def _centred(samples_mv: FloatArray) -> FloatArray:
    valid_mv = samples_mv[np.isfinite(samples_mv)]
    return samples_mv - np.median(valid_mv) if len(valid_mv) else samples_mv


def _row_height_mm(rows_mv: Sequence[FloatArray]) -> int:
    """The height of every row: room for the largest swing, within limits, in whole squares of 10 mm."""
    swings = [float(np.nanmax(np.abs(row_mv))) for row_mv in rows_mv if np.isfinite(row_mv).any()]
    wanted_mm = 2 * max(swings, default=0.0) * MM_PER_MV
    return min(max(10 * ceil(wanted_mm / 10), LOWEST_ROW_MM), HIGHEST_ROW_MM)


def _draw(row: _Row, *, rate_hz: float, height_mm: int) -> Image:
    """Draw a row: grid, lost samples, pulse, trace and text."""
    image = grid(width_mm=WIDTH_MM, height_mm=height_mm)
    height, width = image.shape[:2]
    left, middle = PULSE_MM * PX, height / 2
    px_per_sample = MM_PER_S * PX / rate_hz
    x = left + np.arange(len(row.samples_mv)) * px_per_sample
    for sample in np.flatnonzero(np.isnan(row.samples_mv[:-1])).tolist():
        image[:, round(x[sample]) : max(round(x[sample + 1]), round(x[sample]) + 1)] = LOST
    pulse_x = np.array([2.0, 5, 5, 10, 10, 13]) * PX
    pulse_y = middle - np.array([0.0, 0, 1, 1, 0, 0]) * MM_PER_MV * PX
    # A break, which is NaN, between the pulse and the trace.
    line_x = np.concatenate((pulse_x, [left], x))
    line_y = np.concatenate((pulse_y, [np.nan], middle - row.samples_mv * MM_PER_MV * PX))
    cover = coverage(line_x, line_y, width=width, height=height, pen=PEN_MM * PX)[..., None]
    image[:] = np.rint(image * (1 - cover) + np.array(INK) * cover)
    _write(image, row.text, x=PX, y=PX, colour=PALE_INK)
    for each in row.annotations:
        at = round(left + each.sample * px_per_sample)
        if each.symbol in BEAT_SYMBOLS:
            _write(image, each.symbol, x=at - 3 * DOT, y=PX, colour=INK)
        else:
            image[-4 * PX :, at : at + 2] = PALE_INK
            _write(image, each.aux or each.symbol, x=at + 4, y=height - 3 * PX, colour=PALE_INK)
    return image


def _line_of_text(text: str, height_mm: int) -> Image:
    image = blank(width_mm=WIDTH_MM, height_mm=height_mm)
    _write(image, text, x=PX, y=(height_mm * PX - HEIGHT * DOT) // 2, colour=INK)
    return image


def _write(image: Image, text: str, *, x: int, y: int, colour: Colour) -> None:
    """Write text with its upper left corner at a pixel. It is cut off at the right edge of the picture."""
    left = max(x, 0)
    mask = text_mask(text, dot=DOT)[:, : image.shape[1] - left]
    image[y : y + len(mask), left : left + mask.shape[1]][mask] = colour
