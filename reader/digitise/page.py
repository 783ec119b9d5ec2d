"""Reads a picture of a page: grid, rows, calibration, names, traces, and from them leads in mV."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from reader.digitise.follow import follow
from reader.digitise.grid import find_grid, turn_deg
from reader.digitise.ink import separate, without_specks
from reader.digitise.names import read_names
from reader.digitise.pulse import find_pulse, gain_of
from reader.digitise.rows import find_rows, find_separators, span_of
from reader.digitise.runs import find_runs
from reader.digitise.self_check import decibel_of_error, self_check
from reader.digitise.steps import PageNotUnderstoodError
from reader.digitise.trace import extents_of, pen_width, trace_of
from reader.twelve_leads import LEADS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from ecg.samples import FloatArray
    from reader.digitise.grid import Grid
    from reader.digitise.ink import Ink
    from reader.digitise.names import Found, NamedCell
    from reader.digitise.overlay import Drawn
    from reader.digitise.trace import Trace

__all__ = ["RATE_HZ", "SPEED_MM_S", "Page", "read_page"]

RATE_HZ: Final = 500
SPEED_MM_S: Final = 25.0
"""Of the paper, where nobody told it."""

_SPECK_MM: Final = 0.9
"""Ink that is smaller in both directions is a dot of the grid."""
_LEAST_TURN_DEG: Final = 0.15
_AFTER_PULSE_MM: Final = 2.2
_ERASED_FROM: Final = 0.5
"""A name is taken out of the ink only where its shape correlates so well."""
_CLEAR_DB: Final = 3.0
"""By which the copy of another lead is more like a rhythm strip than that of the lead of its name."""
_LEAST_SHARE_FOLLOWED: Final = 0.7
"""Of a lead's columns, in which its trace must be seen."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Page:
    """A page that was understood.

    Attributes:
        samples_mv: shape (12, n), rows by `LEADS`, 500 Hz; NaN where nothing was printed, or what was is lost. A lead
            with a rhythm strip is that of the strip.
        confidence: shape (12, n), 0 to 1: 1 seen alone, 0.5 shared with another row, 0.25 bridged, 0 not there.
        printed: share of each printed lead's samples that were read.
        layout: such as `3 x 4 + 1`.
        strips: leads of the rhythm strips.
        px_a_mm: pixels for each mm, across and down.
        turned_deg: by which the picture was turned to be upright.
        speed_mm_s: of the paper.
        gain_mm_a_mv: height of 1 mV.
        is_calibrated: whether a pulse told it; otherwise it was assumed.
        check: see `reader.digitise.self_check`.
        name_correlation: of the names with their shapes.
        remarks: what was assumed, a sentence each.
    """

    samples_mv: FloatArray
    confidence: FloatArray
    printed: Mapping[str, float]
    layout: str
    strips: tuple[str, ...]
    px_a_mm: tuple[float, float]
    turned_deg: float
    speed_mm_s: float
    gain_mm_a_mv: float
    is_calibrated: bool
    check: Mapping[str, float | None]
    name_correlation: float
    remarks: tuple[str, ...] = field(default=())


def read_page(rgb: NDArray[np.uint8], drawn: Drawn, *, speed_mm_s: float = SPEED_MM_S) -> Page:
    """Read a page.

    Args:
        rgb: shape (height, width, 3).
        drawn: gets what is found, step by step, also on a page that is refused.
        speed_mm_s: of the paper.

    Raises:
        PageNotUnderstoodError: a step failed; the error says which.
    """
    ink, turned = _upright(rgb, drawn)
    sheet = _sheet(drawn, ink, turned)
    traces = _traces(sheet)
    cells = drawn.cells = _confirmed(sheet, traces)
    sheet = replace(sheet, found=replace(sheet.found, cells=cells))
    drawn.traces = [
        (sheet.columns(named)[0] + trace.columns, trace.height_px)
        for named, trace in zip(sheet.found.cells, traces, strict=True)
    ]
    return _page(sheet, traces, speed_mm_s)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Sheet:
    """What is known of a page before its traces are followed.

    Attributes:
        ink: of the page.
        is_hidden: shape (width,), columns of upright lines, whose ink is not the traces'.
        grid: the scale.
        zeros: row of pixels of 0 mV in each row of traces.
        span: first column of the traces, and the column behind the last.
        found: layout and names.
        gain_mm_a_mv, is_calibrated: height of 1 mV, and whether a pulse tells it.
        turned_deg: by which the page was turned.
    """

    ink: Ink
    is_hidden: NDArray[np.bool_]
    grid: Grid
    zeros: Sequence[float]
    span: tuple[int, int]
    found: Found
    gain_mm_a_mv: float
    is_calibrated: bool
    turned_deg: float

    def columns(self, named: NamedCell) -> tuple[int, int]:
        """First column of a lead, and the column behind its last."""
        return round(named.cell.first), min(round(named.cell.last), self.span[1])


def _upright(rgb: NDArray[np.uint8], drawn: Drawn) -> tuple[Ink, float]:
    """The ink of the page, turned until its grid is upright, and by how many degrees."""
    drawn.rgb = rgb
    ink = separate(rgb)
    turned = turn_deg(ink.grid)
    if abs(turned) <= _LEAST_TURN_DEG:
        return ink, 0.0
    drawn.rgb = _turned(rgb, turned)
    return separate(drawn.rgb), round(turned, 2)


def _sheet(drawn: Drawn, ink: Ink, turned_deg: float) -> _Sheet:
    grid = drawn.grid = find_grid(ink.grid)
    ink = without_specks(ink, _SPECK_MM * grid.px_a_mm_y)
    separators = find_separators(ink.is_ink, grid)
    is_hidden = np.zeros(ink.is_ink.shape[1], dtype=bool)
    for first, last in separators:
        is_hidden[max(first - 1, 0) : last + 1] = True
    is_ink = ink.is_ink & ~is_hidden
    if not is_ink.any():
        raise PageNotUnderstoodError("rows", "nothing is drawn on the grid")
    runs = find_runs(ink.darkness, is_ink)
    baselines = drawn.baselines = find_rows(runs, grid, is_ink.shape[0])
    left = int(np.flatnonzero(is_ink.any(axis=0))[0])
    pulses = [find_pulse(runs, grid, baseline, left) for baseline in baselines]
    drawn.pulses = [pulse for pulse in pulses if pulse is not None]
    gain_mm_a_mv, is_calibrated = gain_of(pulses)
    behind = max((pulse.end + round(_AFTER_PULSE_MM * grid.px_a_mm_x) for pulse in drawn.pulses), default=0)
    span = span_of(runs, grid, baselines, behind)
    zeros = [baseline if pulse is None else pulse.foot_px for baseline, pulse in zip(baselines, pulses, strict=True)]
    letters = np.where(is_hidden, np.float32(0), ink.darkness)
    found = read_names(letters, grid, zeros, span, [last for _, last in separators])
    drawn.cells = found.cells
    return _Sheet(
        ink=ink,
        is_hidden=is_hidden,
        grid=grid,
        zeros=zeros,
        span=span,
        found=found,
        gain_mm_a_mv=gain_mm_a_mv,
        is_calibrated=is_calibrated,
        turned_deg=turned_deg,
    )


def _turned(rgb: NDArray[np.uint8], turn: float) -> NDArray[np.uint8]:
    from PIL import Image  # noqa: PLC0415 - for pages only

    paper = tuple(int(each) for each in np.percentile(rgb.reshape(-1, 3)[::97], 80, axis=0))
    return np.asarray(Image.fromarray(rgb).rotate(turn, Image.Resampling.BICUBIC, expand=True, fillcolor=paper))


def _traces(sheet: _Sheet) -> list[Trace]:
    """The trace of each cell."""
    ink = sheet.ink
    names = _names(ink, sheet.found)
    darkness = np.where(names | sheet.is_hidden, np.float32(0), ink.darkness)
    runs = find_runs(darkness, ink.is_ink & ~names & ~sheet.is_hidden)
    paths = [np.full(len(sheet.is_hidden), -1) for _ in sheet.zeros]
    for named in sheet.found.cells:
        first, last = sheet.columns(named)
        row = named.cell.row
        paths[row][first:last] = follow(runs, sheet.grid, sheet.zeros[row], (first, last), sheet.is_hidden)
    extents = extents_of(runs, paths, sheet.zeros)
    width = pen_width(extents)
    traces = []
    for named in sheet.found.cells:
        first, last = sheet.columns(named)
        extent = extents[named.cell.row].part(first, last)
        traces.append(trace_of(darkness[:, first:last], extent, sheet.grid, width))
    return traces


def _confirmed(sheet: _Sheet, traces: Sequence[Trace]) -> tuple[NamedCell, ...]:
    """The cells; a rhythm strip whose trace is clearly another lead's copy has that lead's name.

    I, II and III are told apart by bars that a trace may cross.
    """
    cells = sheet.found.cells
    confirmed = []
    for named, strip in zip(cells, traces, strict=True):
        if not named.cell.is_rhythm_strip:
            confirmed.append(named)
            continue
        likeness_db: dict[str, float] = {}
        for other, trace in zip(cells, traces, strict=True):
            if not other.cell.is_rhythm_strip:
                at = sheet.columns(other)[0] - sheet.columns(named)[0] + trace.columns
                copy = np.interp(at, strip.columns, strip.height_px)
                likeness_db[other.lead] = decibel_of_error(trace.height_px, trace.height_px - copy) or 0.0
        best = max(likeness_db, key=likeness_db.__getitem__)
        is_clear = likeness_db[best] > likeness_db.get(named.lead, 0.0) + _CLEAR_DB
        confirmed.append(named._replace(lead=best) if is_clear else named)
    return tuple(confirmed)


def _names(ink: Ink, found: Found) -> NDArray[np.bool_]:
    """Ink of the names of leads."""
    mask = np.zeros_like(ink.is_ink)
    for named in found.cells:
        place = named.place
        if place.correlation >= _ERASED_FROM:
            shape = place.ink()
            top, left = max(round(place.top), 0), max(round(place.left), 0)
            part = mask[top : top + shape.shape[0], left : left + shape.shape[1]]
            part |= shape[: part.shape[0], : part.shape[1]]
    return mask


def _page(sheet: _Sheet, traces: Sequence[Trace], speed_mm_s: float) -> Page:
    px_a_s = sheet.grid.px_a_mm_x * speed_mm_s
    length = int((sheet.span[1] - 1 - sheet.span[0]) / px_a_s * RATE_HZ) + 1
    columns = sheet.span[0] + np.arange(length) * px_a_s / RATE_HZ
    samples_mv = np.full((len(LEADS), length), np.nan)
    confidence = np.zeros((len(LEADS), length))
    printed: dict[str, float] = {}
    twice: tuple[str, FloatArray] | None = None
    for named, trace in zip(sheet.found.cells, traces, strict=True):
        row = LEADS.index(named.lead)
        if named.lead in printed:
            twice = named.lead, samples_mv[row].copy()
        at = columns - sheet.columns(named)[0]
        inside = (at >= trace.columns[0]) & (at <= trace.columns[-1])
        heights = np.interp(at, trace.columns, trace.height_px)
        lead_mv = (sheet.zeros[named.cell.row] - heights) / (sheet.grid.px_a_mm_y * sheet.gain_mm_a_mv)
        samples_mv[row] = np.where(inside, lead_mv, np.nan)
        sure = np.interp(at, trace.columns, trace.confidence)
        confidence[row] = np.where(np.isfinite(samples_mv[row]), sure, 0)
        printed[named.lead] = round(float(np.isfinite(lead_mv[inside]).mean()), 4) if inside.any() else 0.0
    lost = [lead for lead, share in printed.items() if share < _LEAST_SHARE_FOLLOWED]
    if lost:
        raise PageNotUnderstoodError("traces", f"the traces of {', '.join(lost)} are lost on their way")
    remarks = () if sheet.is_calibrated else ("no calibration pulse is seen: 10 mm/mV are assumed",)
    return Page(
        samples_mv=samples_mv,
        confidence=confidence,
        printed=printed,
        layout=sheet.found.layout,
        strips=tuple(named.lead for named in sheet.found.cells if named.cell.is_rhythm_strip),
        px_a_mm=(round(sheet.grid.px_a_mm_x, 3), round(sheet.grid.px_a_mm_y, 3)),
        turned_deg=sheet.turned_deg,
        speed_mm_s=speed_mm_s,
        gain_mm_a_mv=sheet.gain_mm_a_mv,
        is_calibrated=sheet.is_calibrated,
        check=self_check(samples_mv, twice),
        name_correlation=round(sheet.found.correlation, 3),
        remarks=remarks,
    )
