"""Finds the printed names of leads by matching their shapes, and with them the layout of a page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from reader.digitise.layouts import Cell, layouts_of
from reader.digitise.steps import PageNotUnderstoodError
from reader.twelve_leads import LEADS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from ecg.samples import Float32Array
    from reader.digitise.grid import Grid

__all__ = ["Found", "NamedCell", "Place", "read_names"]

SHAPES_FILE: Final = Path(__file__).with_name("lead_names.npz")
PX_A_MM: Final = 4.0
"""At which letters are matched: those of 2 mm have 8 pixels."""
HEIGHTS_MM: Final = (1.6, 1.8, 2.0, 2.3, 2.6, 2.9, 3.3, 3.7, 4.2, 4.8)
"""Of capital letters, as recorders print them. All names of a page have one height and font."""

_LEFT, _ABOVE = round(3 * PX_A_MM), round(16 * PX_A_MM)
_WINDOW: Final = (round(22 * PX_A_MM), round(13 * PX_A_MM))
"""Pixels around the beginning of a lead in which the corner of its name is looked for: above and left of it, and how
many rows and columns."""
_NEAR_X, _NEAR_Y = 5, 3
"""Pixels by which names of one page stand differently beside their leads."""
_MARGIN_X, _MARGIN_Y = 5, 2
"""White pixels around a name; the bars of II lie closer together, so that I is not found in it."""
_FOR_LEAD_II: Final = 0.03
"""Added to the correlation of lead II in a rhythm strip, where it mostly is."""
_SHIFT: Final = 6
"""Cells by which wrong names are moved: limb leads stand against chest leads, whose names are unlike."""
_INKED: Final = 90
"""Of 255, from which on a pixel belongs to a letter."""
_LEAST_MEAN: Final = 0.4
_LEAST_LEAD: Final = 0.1


class Place(NamedTuple):
    """Where a name was found: its corner and size in pixels of the page, the correlation with its shape, and that."""

    left: float
    top: float
    width: float
    height: float
    correlation: float
    lead: str
    font: int

    def ink(self) -> NDArray[np.bool_]:
        """The ink of the name, in pixels of the page from its corner on."""
        from PIL import Image  # noqa: PLC0415

        size = (max(1, round(self.width)), max(1, round(self.height)))
        return np.asarray(Image.fromarray(_shapes()[self.lead][self.font]).resize(size, Image.Resampling.BOX)) > _INKED


class NamedCell(NamedTuple):
    """A printed lead with its name and the place of that name."""

    cell: Cell
    lead: str
    place: Place


@dataclass(frozen=True, slots=True)
class Found:
    """The layout of a page.

    Attributes:
        layout: such as `3 x 4 + 1`.
        cells: in the order of the layout.
        correlation: mean of the names.
        lead: of this correlation to that of wrong names.
    """

    layout: str
    cells: tuple[NamedCell, ...]
    correlation: float
    lead: float


@cache
def _shapes() -> dict[str, list[NDArray[np.uint8]]]:
    """For each lead the shapes of its name in several fonts, 24 pixels a capital letter, 255 where there is ink."""
    with np.load(SHAPES_FILE) as stored:
        return {lead: [stored[key] for key in stored.files if key.split("/")[0] == lead] for lead in LEADS}


@cache
def _template(lead: str, font: int, height_mm: float) -> Float32Array:
    from PIL import Image  # noqa: PLC0415 - for pages only

    shape = _shapes()[lead][font]
    height = max(5, round(height_mm * PX_A_MM))
    width = max(2, round(shape.shape[1] * height / shape.shape[0]))
    small = Image.fromarray(shape).resize((width, height), Image.Resampling.BOX)
    return np.pad(np.asarray(small, dtype=np.float32) / 255, ((_MARGIN_Y, _MARGIN_Y), (_MARGIN_X, _MARGIN_X)))


def read_names(
    darkness: Float32Array, grid: Grid, baselines: Sequence[float], span: tuple[int, int], starts: Sequence[int]
) -> Found:
    """Find which layout's names stand where they should.

    Args:
        darkness: of the page, without upright lines.
        grid: its scale.
        baselines: of its rows.
        span: columns of the traces.
        starts: columns of upright lines between leads.

    Raises:
        PageNotUnderstoodError: no layout fits.
    """
    from PIL import Image  # noqa: PLC0415

    page = Image.fromarray((darkness * 255).astype(np.uint8))
    share_x, share_y = PX_A_MM / grid.px_a_mm_x, PX_A_MM / grid.px_a_mm_y
    size = (round(page.width * share_x), round(page.height * share_y))
    small = np.asarray(page.resize(size, Image.Resampling.BOX if share_x < 1 else Image.Resampling.BILINEAR))
    letters = _Letters(np.divide(small, 255, dtype=np.float32), share_x, share_y)
    layouts = layouts_of(len(baselines))
    if not layouts:
        raise PageNotUnderstoodError("lead names", f"{len(baselines)} rows are none of the layouts that are read here")
    fits = [
        _Fit(letters, layout.name, layout.cells(baselines, span, starts), (font, height_mm))
        for layout in layouts
        for font in range(len(_shapes()["I"]))
        for height_mm in HEIGHTS_MM[1::2]
    ]
    best = max(fits, key=lambda fit: fit.correlation)
    best = max(best, *best.of_other_heights(), key=lambda fit: fit.correlation)
    lead = best.correlation - best.correlation_of_others()
    if best.correlation < _LEAST_MEAN or lead < _LEAST_LEAD:
        raise PageNotUnderstoodError(
            "lead names",
            f"the names of leads do not stand where they should in the layout {best.layout} "
            f"(correlation {best.correlation:.2f}, {lead:+.2f} to wrong names); give the page upright and whole",
        )
    return Found(best.layout, tuple(best.named()), best.correlation, lead)


class _Fit:
    """How well the names of a layout, in one font and height, stand at one place beside the beginnings of their leads.

    A trace that crosses a name spoils its correlation; the place that all names have in common tells where it is.
    """

    def __init__(self, letters: _Letters, layout: str, cells: Sequence[Cell], size: tuple[int, float]) -> None:
        self._letters, self._cells, self._size = letters, cells, size
        self.layout = layout
        mean = self._mean([cell.leads for cell in cells])
        row, column = np.unravel_index(int(mean.argmax()), mean.shape)
        self._at = int(row), int(column)
        self.correlation = float(mean[self._at])

    def _mean(self, leads: Sequence[tuple[str, ...]]) -> Float32Array:
        maps = [
            np.max([self._letters.near(cell, lead, *self._size) for lead in each], axis=0)
            for cell, each in zip(self._cells, leads, strict=True)
        ]
        return np.asarray(np.mean(maps, axis=0))

    def of_other_heights(self) -> list[_Fit]:
        """The same in the next smaller and larger letters."""
        font, height_mm = self._size
        number = HEIGHTS_MM.index(height_mm)
        others = HEIGHTS_MM[max(number - 1, 0) : number + 2]
        return [_Fit(self._letters, self.layout, self._cells, (font, each)) for each in others]

    def correlation_of_others(self) -> float:
        """The same of wrong names: each lead's name is looked for at another lead."""
        single = [cell.leads for cell in self._cells if not cell.is_rhythm_strip]
        strips = [cell.leads for cell in self._cells if cell.is_rhythm_strip]
        return float(self._mean([*single[_SHIFT:], *single[:_SHIFT], *strips]).max())

    def named(self) -> Iterator[NamedCell]:
        """The cells with their names; of those that a rhythm strip may have, the one that is there."""
        for cell in self._cells:
            places = {lead: self._letters.place(cell, lead, *self._size, self._at) for lead in cell.leads}
            lead = max(places, key=lambda each: places[each].correlation + (_FOR_LEAD_II if each == "II" else 0))
            yield NamedCell(cell, lead, places[lead])


class _Letters:
    """The letters of a page at `PX_A_MM`.

    A map has the correlation of a name with each place around the beginning of a cell: shape `_WINDOW`.
    """

    def __init__(self, small: Float32Array, share_x: float, share_y: float) -> None:
        self._pad = max(_WINDOW)
        self._small = np.pad(small, self._pad)
        self._share_x, self._share_y = share_x, share_y
        self._maps: dict[tuple[float, float, str, int, float], tuple[Float32Array, Float32Array]] = {}

    def near(self, cell: Cell, lead: str, font: int, height_mm: float) -> Float32Array:
        """The map of a name, of which each place has the best correlation close to it."""
        return self._both(cell, lead, font, height_mm)[1]

    def place(self, cell: Cell, lead: str, font: int, height_mm: float, at: tuple[int, int]) -> Place:
        """Where a name stands, close to a place of the map."""
        exact, _ = self._both(cell, lead, font, height_mm)
        top, left = max(at[0] - _NEAR_Y, 0), max(at[1] - _NEAR_X, 0)
        part = exact[top : at[0] + _NEAR_Y + 1, left : at[1] + _NEAR_X + 1]
        row, column = np.unravel_index(int(part.argmax()), part.shape)
        corner_x, corner_y = self._corner(cell)
        template = _template(lead, font, height_mm)
        return Place(
            (corner_x + left + int(column)) / self._share_x,
            (corner_y + top + int(row)) / self._share_y,
            (template.shape[1] - 2 * _MARGIN_X) / self._share_x,
            (template.shape[0] - 2 * _MARGIN_Y) / self._share_y,
            float(part[row, column]),
            lead,
            font,
        )

    def _corner(self, cell: Cell) -> tuple[int, int]:
        """Column and row of the page where the map of a cell begins."""
        return round(cell.first * self._share_x) - _LEFT, round(cell.baseline * self._share_y) - _ABOVE

    def _both(self, cell: Cell, lead: str, font: int, height_mm: float) -> tuple[Float32Array, Float32Array]:
        from scipy.ndimage import maximum_filter  # noqa: PLC0415

        key = (cell.first, cell.baseline, lead, font, height_mm)
        if key not in self._maps:
            template = _template(lead, font, height_mm)
            left, top = self._corner(cell)
            left, top = left + self._pad - _MARGIN_X, top + self._pad - _MARGIN_Y
            rows, columns = _WINDOW[0] + template.shape[0] - 1, _WINDOW[1] + template.shape[1] - 1
            window = self._small[max(top, 0) : max(top + rows, 0), max(left, 0) : max(left + columns, 0)]
            window = np.pad(window, ((0, rows - window.shape[0]), (0, columns - window.shape[1])))
            exact = _correlations(window, template)
            self._maps[key] = exact, maximum_filter(exact, size=(2 * _NEAR_Y + 1, 2 * _NEAR_X + 1))
        return self._maps[key]


def _correlations(window: Float32Array, template: Float32Array) -> Float32Array:
    """Pearson's correlation of a template with each place of a window."""
    from scipy.signal import fftconvolve  # noqa: PLC0415

    centred = template - template.mean()
    spread = float(np.sqrt((centred**2).sum()))
    products = fftconvolve(window, centred[::-1, ::-1], mode="valid")
    count = template.size
    sums = _box(window, template.shape)
    squares = _box(window * window, template.shape)
    energy = np.sqrt(np.maximum(squares - sums * sums / count, 0.02 * count))
    return np.asarray(products / (energy * spread), dtype=np.float32)


def _box(values: Float32Array, shape: tuple[int, int]) -> NDArray[np.float64]:
    sums = np.pad(values.astype(np.float64), ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1)
    rows, columns = shape
    return np.asarray(sums[rows:, columns:] - sums[:-rows, columns:] - sums[rows:, :-columns] + sums[:-rows, :-columns])
