"""The leads on ECG paper: three rows of four with a rhythm strip, or a row for each lead, true to scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.paper.drawing import INK, PALE_INK, Box, Polyline, Rectangle, Segments, Text
from ecg.paper.grid import MM_PER_MV, MM_PER_S, grid
from ecg.samples import runs
from reader.twelve_leads import LEADS

if TYPE_CHECKING:
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
_PEAKS: Final = 99.9
"""Percent of the samples of a lead that decide its height: a pacemaker's pulse does not."""
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
    """

    items: list[Item]
    mm_per_mv: int | None


@dataclass(frozen=True, slots=True)
class _Strip:
    """A lead from one time to another, in a row."""

    lead: str
    row: int
    first_s: float
    last_s: float


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
    gain = _gain(ecg, {strip.lead for strip in strips}, pitch_mm)
    items: list[Item] = []
    if heat is not None:
        for strip in strips:
            items += _heat(heat, strip, Box(box.x_mm, box.y_mm + strip.row * pitch_mm, box.width_mm, pitch_mm))
    items += grid(box)
    for number in range(rows):
        level_mm = box.y_mm + (number + 0.5) * pitch_mm
        if ecg.is_calibrated:
            items.append(_pulse(box.x_mm, level_mm + max(0.0, gain + 1 - pitch_mm / 2), gain))
    for strip in strips:
        row = Box(box.x_mm, box.y_mm + strip.row * pitch_mm, box.width_mm, pitch_mm)
        items += _draw(ecg, strip, row, gain, box)
    return Traces(items, gain if ecg.is_calibrated else None)


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


def _gain(ecg: TwelveLeads, leads: set[str], pitch_mm: float) -> int:
    """Millimetres a millivolt: half the usual where the traces would run through each other."""
    heights = [
        np.diff(np.nanpercentile(lead_mv, (100 - _PEAKS, _PEAKS)))[0] * MM_PER_MV
        for lead_mv in (ecg.lead_mv(lead) for lead in leads)
        if np.isfinite(lead_mv).any()
    ]
    return MM_PER_MV if max(heights, default=0.0) <= _MOST_ROWS * pitch_mm else MM_PER_MV // 2


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
    first, last = round(strip.first_s * rate_hz), round(strip.last_s * rate_hz)
    step = max(1, int(rate_hz // _FINE_HZ))
    samples_mv = ecg.lead_mv(strip.lead)[first:last:step]
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
