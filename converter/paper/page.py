"""A synthetic page: a picture with the truth about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from converter.paper.card import card
from converter.paper.plan import Wanted, plan
from converter.paper.sheet import draw_sheet
from converter.paper.view import draw_view
from converter.paper.wear import age, as_jpeg, photographed
from ecg.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from converter.paper.plan import Cell, Plan
    from converter.paper.view import View
    from ecg.samples import FloatArray
    from reader.twelve_leads import TwelveLeads

__all__ = ["SyntheticPage", "draw_page"]

AROUND = ((250, 250, 250), (70, 52, 40), (120, 118, 112), (30, 32, 36), (150, 120, 90))
"""What is beside a sheet: the scanner's lid; tables."""


@dataclass(frozen=True, slots=True, eq=False)
class SyntheticPage:
    """A page and what is true of it.

    Attributes:
        picture: shape (height, width, 3), RGB.
        labels: shape (height, width): what each pixel shows, by `converter.paper.sheet`.
        traces_px: of each cell of the plan, shape (n, 2): x and y in the picture of each of its samples; 0.5 is the
            middle of the first pixel. NaN where nothing was printed, or outside of the picture.
        plan: layout, scale, maker, and the cells with their samples in mV.
        view: how the sheet is seen; it takes any point of the sheet to the picture.
        kind: print, scan or photograph.
        seed: gives the same page again.
        sheet_pixels_per_mm: resolution of the flat sheet; what the picture has where nothing is turned or bent.
        jpeg: the picture as a file; None for a kind without JPEG.
    """

    picture: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    traces_px: tuple[FloatArray, ...]
    plan: Plan
    view: View
    kind: str
    seed: int
    sheet_pixels_per_mm: float
    jpeg: bytes | None

    def box_px(self, cell: Cell) -> FloatArray:
        """Corners of a cell's box in the picture, shape (4, 2): upper left, upper right, lower right, lower left."""
        box = cell.box
        corners = ((box.x_mm, box.y_mm), (box.right_mm, box.y_mm), (box.right_mm, box.bottom_mm))
        return self.view.picture_px(np.array([*corners, (box.x_mm, box.bottom_mm)]))


def draw_page(
    ecg: TwelveLeads, kind: str, seed: int, wanted: Wanted | None = None, *, pixels_per_mm: float | None = None
) -> SyntheticPage:
    """Print an ECG on a sheet of paper, and scan or photograph it.

    The same ECG, kind, seed and wishes give the same truth on any machine, and the same picture with the same releases
    of Pillow and NumPy: JPEG and letters are Pillow's.

    Args:
        ecg: its first 10 s are printed, or 5 s at 50 mm/s. Leads without a signal leave their places empty.
        kind: print, scan or photograph.
        seed: of everything that is drawn at random, not negative.
        wanted: what is not drawn at random.
        pixels_per_mm: resolution; by default drawn.

    Raises:
        InputError: there is no such kind, layout or maker, or no lead to print.
    """
    kinds = card().kinds
    if kind not in kinds:
        raise InputError(f"there is no kind {kind!r}; choose {', '.join(kinds)}")
    faults = kinds[kind]
    rng = np.random.default_rng(seed)
    page = plan(ecg, wanted or Wanted(), rng)
    drawn = float(rng.uniform(*faults.pixels_per_mm))
    words = int(rng.integers(faults.words[0], faults.words[1] + 1))
    sheet = draw_sheet(page, pixels_per_mm or drawn, words, rng)
    aged = age(sheet.picture, faults, sheet.pixels_per_mm, rng)
    view = draw_view(faults, sheet, rng)
    beside = AROUND[0] if not faults.perspective[1] else AROUND[int(rng.integers(1, len(AROUND)))]
    seen, labels = view.take(sheet, aged, beside)
    picture = photographed(seen, faults, sheet.pixels_per_mm, rng)
    quality = int(rng.integers(faults.jpeg_quality[0], faults.jpeg_quality[1] + 1))
    jpeg = None
    if quality:
        picture, jpeg = as_jpeg(picture, quality)
    return SyntheticPage(
        picture=np.asarray(picture),
        labels=np.asarray(labels),
        traces_px=tuple(_inside(view.picture_px(trace), view.size) for trace in sheet.traces_mm),
        plan=page,
        view=view,
        kind=kind,
        seed=seed,
        sheet_pixels_per_mm=sheet.pixels_per_mm,
        jpeg=jpeg,
    )


def _inside(points_px: FloatArray, size: tuple[int, int]) -> FloatArray:
    is_inside = np.all((points_px >= 0) & (points_px <= size), axis=1, keepdims=True)
    return np.where(is_inside, points_px, np.nan)
