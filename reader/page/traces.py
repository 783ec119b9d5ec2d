"""The leads on ECG paper: three rows of four with a rhythm strip, or a row for each lead, true to scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from ecg.paper.drawing import INK, PALE_INK, Box, Polyline, Rectangle, Segments, Text
from ecg.paper.grid import MM_PER_MV, MM_PER_S, grid
from ecg.samples import runs
from reader.twelve_leads import LEADS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecg.paper.drawing import Item
    from ecg.samples import FloatArray
    from reader.explain.explain import Explained
    from reader.page.wanted import Layout
    from reader.twelve_leads import TwelveLeads

__all__ = ["WIDTH_MM", "Traces", "draw_traces", "rows_of"]

PULSE_MM: Final = 15
WIDTH_MM: Final = PULSE_MM + 10 * MM_PER_S
"""Ten seconds and the room for a calibration pulse."""

NAME_MM: Final = 3.4
PEN_MM: Final = 0.25
_HEAT: Final = (255, 150, 40)
_HEAT_STEPS, _HEAT_LEAST = 4, 0.5
"""Steps of the heat; less than half of one is left white."""
_COLUMNS: Final = 4
_EDGE_MM: Final = 1.0
_LEAST_ROW: Final = 0.6
"""Of an even distance between the rows, that is left where the outer ones stand farther from the edges."""
_MOST_ROWS: Final = 2.2
"""A lead that needs the room of more rows is printed at half the height, as on other recorders."""
_FINE_HZ: Final = 500
"""Samples of a faster recording are left out down to this rate: 0.05 mm at 25 mm/s."""


@dataclass(frozen=True, slots=True)
class Traces:
    """What was drawn.

    Attributes:
        items: the paper, the traces, names and pulses.
        mm_per_mv: scale of every lead; None where the heights are not known.
        cut: leads that are higher than the paper, and cut off at its edge.
    """

    items: list[Item]
    mm_per_mv: int | None
    cut: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Strip:
    """A lead from one time to another, in a row."""

    lead: str
    row: int
    first_s: float
    last_s: float


class _Scale(NamedTuple):
    """Millimetres a millivolt, and where the baseline of each row stands below the upper edge of the paper."""

    gain: int
    levels_mm: list[float]


def draw_traces(
    ecg: TwelveLeads, box: Box, *, layout: Layout, rhythm_lead: str | None = None, heat: Explained | None = None
) -> Traces:
    """Draw an ECG of up to 10 s into a box.

    Args:
        ecg: what was read.
        box: `WIDTH_MM` wide; its height is shared by the rows.
        layout: of twelve leads. Of four and fewer each has a row, whatever the layout.
        heat: drawn below the traces: the waves that speak for a finding.
        rhythm_lead: for the strip of the layout 3x4 where lead II has no signal.
    """
    strips = _strips(ecg, layout, rhythm_lead)
    rows = rows_of(ecg, layout)
    pitch_mm = box.height_mm / rows
    gain, levels_mm = _scale(ecg, strips, rows, box.height_mm)
    boxes = [Box(box.x_mm, box.y_mm + level_mm - pitch_mm / 2, box.width_mm, pitch_mm) for level_mm in levels_mm]
    items: list[Item] = []
    if heat is not None:
        for strip in strips:
            items += _heat(heat, strip, boxes[strip.row])
    items += grid(box)
    for row in boxes:
        level_mm = row.y_mm + row.height_mm / 2
        if ecg.is_calibrated:
            items.append(_pulse(box.x_mm, level_mm + max(0.0, gain + 1 - pitch_mm / 2), gain))
    cut = []
    for strip in strips:
        items += _draw(ecg, strip, boxes[strip.row], gain, box)
        high_mv, low_mv = _reach(_samples(ecg, strip))
        level_mm = levels_mm[strip.row]
        if level_mm < gain * high_mv or level_mm + gain * low_mv > box.height_mm:
            cut.append(strip.lead)
    return Traces(items, gain if ecg.is_calibrated else None, tuple(dict.fromkeys(cut)))


def rows_of(ecg: TwelveLeads, layout: Layout) -> int:
    """Rows that an ECG takes."""
    shown = len(_shown(ecg))
    return shown if shown <= _COLUMNS or layout == "12x1" else 4


def _shown(ecg: TwelveLeads) -> list[str]:
    return [lead for lead in LEADS if lead in ecg.recorded or lead in ecg.derived]


def _strips(ecg: TwelveLeads, layout: Layout, rhythm_lead: str | None) -> list[_Strip]:
    shown = _shown(ecg)
    length_s = ecg.duration_s
    if len(shown) <= _COLUMNS or layout == "12x1":
        return [_Strip(lead, row, 0.0, length_s) for row, lead in enumerate(shown)]
    part_s = length_s / _COLUMNS
    strips = [
        _Strip(lead, number % 3, number // 3 * part_s, (number // 3 + 1) * part_s)
        for number, lead in enumerate(LEADS)
        if lead in shown
    ]
    below = next((lead for lead in ("II", rhythm_lead) if lead in ecg.present), shown[0])
    return [*strips, _Strip(below, 3, 0.0, length_s)]


def _scale(ecg: TwelveLeads, strips: Sequence[_Strip], rows: int, height_mm: float) -> _Scale:
    """10 mm/mV, or 5 where the traces would run through each other or off the paper.

    The first and the last row stand as far from the edges of the paper as their waves reach.
    """
    even_mm = height_mm / rows
    for gain in (MM_PER_MV, MM_PER_MV // 2):
        above_mm, below_mm = np.zeros(rows), np.zeros(rows)
        for strip in strips:
            high_mv, low_mv = _reach(_samples(ecg, strip))
            above_mm[strip.row] = max(above_mm[strip.row], gain * high_mv)
            below_mm[strip.row] = max(below_mm[strip.row], gain * low_mv)
        top_mm = max(even_mm / 2, above_mm[0] + _EDGE_MM)
        bottom_mm = height_mm - max(even_mm / 2, below_mm[-1] + _EDGE_MM)
        levels_mm = np.linspace(top_mm, bottom_mm, rows) if rows > 1 else np.array([(top_mm + bottom_mm) / 2])
        is_inside = (levels_mm >= above_mm).all() and (levels_mm + below_mm <= height_mm).all()
        has_room = rows == 1 or (bottom_mm - top_mm) / (rows - 1) >= _LEAST_ROW * even_mm
        if is_inside and has_room and (above_mm + below_mm).max() <= _MOST_ROWS * even_mm:
            break
    else:
        levels_mm = (np.arange(rows) + 0.5) * even_mm
    return _Scale(gain, levels_mm.tolist())


def _samples(ecg: TwelveLeads, strip: _Strip) -> FloatArray:
    """What a strip shows, at the full rate."""
    first, last = (round(each * float(ecg.rate_hz)) for each in (strip.first_s, strip.last_s))
    return ecg.lead_mv(strip.lead)[first:last]


def _reach(samples_mv: FloatArray) -> tuple[float, float]:
    """How far samples go up and down from their median, mV."""
    if not np.isfinite(samples_mv).any():
        return 0.0, 0.0
    level_mv = float(np.nanmedian(samples_mv))
    return float(np.nanmax(samples_mv)) - level_mv, level_mv - float(np.nanmin(samples_mv))


def _heat(heat: Explained, strip: _Strip, row: Box) -> list[Item]:
    """Orange behind the waves of a lead that speak for a finding, in steps."""
    first, last = (round(each * heat.rate_hz) for each in (strip.first_s, strip.last_s))
    weights = heat.heat[LEADS.index(strip.lead), first:last]
    steps = np.ceil(np.clip(weights, 0.0, 1.0) * _HEAT_STEPS - _HEAT_LEAST)
    items: list[Item] = []
    for step in range(1, _HEAT_STEPS + 1):
        red, green, blue = (round(255 + step / _HEAT_STEPS * (part - 255)) for part in _HEAT)
        for begin, end in runs(steps == step):
            left_mm = row.x_mm + PULSE_MM + (first + begin) / heat.rate_hz * MM_PER_S
            width_mm = (end - begin) / heat.rate_hz * MM_PER_S
            items.append(Rectangle(Box(left_mm, row.y_mm + 1, width_mm, row.height_mm - 2), (red, green, blue)))
    return items


def _pulse(x_mm: float, level_mm: float, gain: int) -> Polyline:
    x = x_mm + np.array([2.0, 4, 4, 9, 9, 11])
    return Polyline(x, level_mm - np.array([0.0, 0, 1, 1, 0, 0]) * gain, pen_mm=PEN_MM)


def _draw(ecg: TwelveLeads, strip: _Strip, row: Box, gain: int, paper: Box) -> list[Item]:
    level_mm = row.y_mm + row.height_mm / 2
    rate_hz = float(ecg.rate_hz)
    first = round(strip.first_s * rate_hz)
    step = max(1, int(rate_hz // _FINE_HZ))
    samples_mv = _samples(ecg, strip)[::step]
    left_mm = row.x_mm + PULSE_MM
    times_s: FloatArray = (first + step * np.arange(len(samples_mv))).astype(np.float64) / rate_hz
    x_mm: FloatArray = left_mm + times_s * MM_PER_S
    items: list[Item] = []
    if strip.first_s > 0:
        tick_mm = left_mm + strip.first_s * MM_PER_S
        items.append(Segments(np.array([[tick_mm, level_mm - 4, tick_mm, level_mm - 1]]), INK, PEN_MM))
    name = strip.lead if ecg.is_lead_known else "?"
    name_y_mm = level_mm - min(6.5, row.height_mm / 2 - NAME_MM)
    items.append(Text(left_mm + strip.first_s * MM_PER_S + 1, name_y_mm, name, NAME_MM, INK))
    if not np.isfinite(samples_mv).any():
        items.append(Text(float(x_mm.mean()), level_mm, "---", NAME_MM, PALE_INK, "middle"))
        return items
    y_mm = level_mm - (samples_mv - float(np.nanmedian(samples_mv))) * gain
    shown_mm: FloatArray = np.clip(y_mm, paper.y_mm, paper.bottom_mm)
    items.append(Polyline(x_mm, shown_mm, pen_mm=PEN_MM))
    return items
