"""What is to stand on a page and where, in mm: layout, scale, maker, and a box for each lead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from converter.paper.card import card
from ecg.errors import InputError
from ecg.paper.drawing import Box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from converter.paper.card import Maker
    from ecg.samples import FloatArray
    from reader.twelve_leads import TwelveLeads

__all__ = ["LAYOUTS", "Cell", "Layout", "Plan", "Wanted", "plan"]

PULSE_ROOM_MM: Final = 8.0
"""Width left for a calibration pulse beside the traces."""

LONGEST_S: Final = 10.0
WIDEST_MM: Final = 250.0
"""Traces of one page: 10 s at 25 mm/s, 5 s at 50 mm/s."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Columns of leads, each read downwards, and rhythm strips over the whole width below them."""

    columns: tuple[tuple[str, ...], ...]
    strips: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """Rows of traces."""
        return len(self.columns[0]) + len(self.strips)


_LIMB, _AUGMENTED = ("I", "II", "III"), ("aVR", "aVL", "aVF")
_RIGHT, _LEFT = ("V1", "V2", "V3"), ("V4", "V5", "V6")
LAYOUTS: Final = {
    "3x4": Layout((_LIMB, _AUGMENTED, _RIGHT, _LEFT)),
    "3x4+1": Layout((_LIMB, _AUGMENTED, _RIGHT, _LEFT), ("II",)),
    "3x4+3": Layout((_LIMB, _AUGMENTED, _RIGHT, _LEFT), ("V1", "II", "V5")),
    "6x2": Layout((_LIMB + _AUGMENTED, _RIGHT + _LEFT)),
    "12x1": Layout((_LIMB + _AUGMENTED + _RIGHT + _LEFT,)),
}
"""By name: rows x columns + rhythm strips."""


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """A lead on a page.

    Attributes:
        lead: its name.
        is_strip: it is a rhythm strip.
        box: what belongs to it; a tall trace leaves it.
        baseline_mm: height of 0 mV, from the upper edge of the sheet.
        times_s: of its samples in the recording, shape (n,).
        samples_mv: as printed, shape (n,); NaN where the recording has none.
    """

    lead: str
    is_strip: bool
    box: Box
    baseline_mm: float
    times_s: FloatArray
    samples_mv: FloatArray


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of a page; None is drawn at random.

    Attributes:
        layout: a name of `LAYOUTS`.
        maker: a name of the card.
        speed_mm_s: paper speed.
        gain_mm_mv: height of 1 mV.
        for_measuring: of what is not asked, makers that are kept for measuring and any layout are drawn; else makers
            and layouts for training.
    """

    layout: str | None = None
    maker: str | None = None
    speed_mm_s: float | None = None
    gain_mm_mv: float | None = None
    for_measuring: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """A page before it is drawn.

    Attributes:
        layout: a name of `LAYOUTS`.
        maker: of the paper.
        speed_mm_s: paper speed.
        gain_mm_mv: height of 1 mV.
        width_mm, height_mm: of the sheet.
        grid: where the grid is.
        cells: the leads that the recording has; the columns from left to right, then the rhythm strips.
        rows_mm: baselines of all rows.
        pulses_mm: x where the calibration pulses begin; None without.
        pen_mm: of the traces.
    """

    layout: str
    maker: Maker
    speed_mm_s: float
    gain_mm_mv: float
    width_mm: float
    height_mm: float
    grid: Box
    cells: tuple[Cell, ...]
    rows_mm: tuple[float, ...]
    pulses_mm: float | None
    pen_mm: float


def plan(ecg: TwelveLeads, wanted: Wanted, rng: np.random.Generator) -> Plan:
    """Decide on a page. Each lead's mean is taken off it, as a recorder does: sums of leads stay what they are.

    Raises:
        InputError: nothing of that name, a scale that is not positive, or no lead to print.
    """
    name, maker = _layout(wanted, rng), _maker(wanted, rng)
    choices = card().choices
    speed = wanted.speed_mm_s or float(rng.choice(choices.speed_mm_s))
    gain = wanted.gain_mm_mv or float(rng.choice(choices.gain_mm_mv))
    if not (speed > 0 and gain > 0):
        raise InputError(f"{speed:g} mm/s and {gain:g} mm/mV: a scale is above 0")
    if not ecg.present:
        raise InputError("no lead of the recording has a signal to print")
    layout = LAYOUTS[name]
    seconds = min(LONGEST_S, WIDEST_MM / speed, ecg.duration_s)
    width_mm = seconds * speed
    pitch_mm = {4: 36.0, 3: 40.0, 6: 27.0, 12: 14.5}[layout.rows] * rng.uniform(0.9, 1.05)
    top_mm = rng.uniform(22, 34) if maker.heading else rng.uniform(2, 8)
    left_mm = rng.uniform(6, 16)
    before, behind = (PULSE_ROOM_MM * (maker.pulses == side) + rng.uniform(1, 5) for side in ("left", "right"))
    # The grid is made of whole large squares.
    grid_width, grid_height = (
        5 * np.ceil(mm / 5) for mm in (before + width_mm + behind, (layout.rows + 0.3) * pitch_mm)
    )
    grid = Box(left_mm, top_mm, float(grid_width), float(grid_height))
    first_mm = grid.x_mm + before
    rows_mm = tuple(grid.y_mm + (0.65 + row) * pitch_mm for row in range(layout.rows))
    return Plan(
        layout=name,
        maker=maker,
        speed_mm_s=speed,
        gain_mm_mv=gain,
        width_mm=grid.right_mm + rng.uniform(4, 16),
        height_mm=grid.bottom_mm + rng.uniform(4, 16),
        grid=grid,
        cells=tuple(_cells(ecg, layout, (first_mm, seconds, speed), rows_mm, pitch_mm)),
        rows_mm=rows_mm,
        pulses_mm={"left": first_mm - PULSE_ROOM_MM, "right": first_mm + width_mm + 2, "none": None}[maker.pulses],
        pen_mm=float(rng.uniform(*maker.pen_mm)),
    )


def _layout(wanted: Wanted, rng: np.random.Generator) -> str:
    names = [name for name in LAYOUTS if wanted.for_measuring or name not in card().kept_layouts]
    drawn = names[int(rng.integers(len(names)))]
    return _known(wanted.layout, LAYOUTS, "layout") if wanted.layout else drawn


def _maker(wanted: Wanted, rng: np.random.Generator) -> Maker:
    makers = {maker.name: maker for maker in card().makers}
    names = [maker.name for maker in card().makers if maker.is_kept == wanted.for_measuring]
    drawn = names[int(rng.integers(len(names)))]
    return makers[_known(wanted.maker, makers, "maker") if wanted.maker else drawn]


def _known(name: str, names: Sequence[str] | dict[str, Layout] | dict[str, Maker], what: str) -> str:
    if name not in names:
        raise InputError(f"there is no {what} {name!r}; choose {', '.join(names)}")
    return name


def _cells(
    ecg: TwelveLeads, layout: Layout, scale: tuple[float, float, float], rows_mm: Sequence[float], pitch_mm: float
) -> list[Cell]:
    first_mm, seconds, speed = scale
    each_s = seconds / len(layout.columns)
    places = [
        (lead, False, row, number * each_s, each_s)
        for number, column in enumerate(layout.columns)
        for row, lead in enumerate(column)
    ]
    rows = len(layout.columns[0])
    places += [(lead, True, rows + number, 0.0, seconds) for number, lead in enumerate(layout.strips)]
    rate = float(ecg.rate_hz)
    cells = []
    for lead, is_strip, row, start_s, length_s in places:
        if lead not in ecg.present:
            continue
        signal = ecg.lead_mv(lead)
        first, last = round(start_s * rate), min(round((start_s + length_s) * rate) + 1, ecg.length)
        box = Box(first_mm + start_s * speed, rows_mm[row] - pitch_mm / 2, length_s * speed, pitch_mm)
        printed = signal[first:last] - np.nanmean(signal)
        cells.append(Cell(lead, is_strip, box, rows_mm[row], np.arange(first, last) / rate, printed))
    return cells
