"""Where a point of the sheet appears in the picture: the sheet bends, is turned, and is seen at an angle.

A point p of the flat sheet, in mm, moves to q = p + d(p) with the sheet's bending, d being two low waves; then a
homography takes q to the picture. Both have an inverse: d is a contraction, so p is the fixed point of q - d(p).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image

from converter.paper.sheet import NO_SHEET

if TYPE_CHECKING:
    from converter.paper.card import Kind
    from converter.paper.sheet import Sheet
    from ecg.samples import FloatArray

__all__ = ["View", "draw_view"]

STEP_PX: Final = 32
"""The picture is made of patches of this side, in each of which places are interpolated; the waves are far longer."""

ROUNDS: Final = 12
"""Of the fixed point: each shortens the error by the steepness of the waves, which is below 0.15."""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A sheet as it is seen.

    Attributes:
        size: of the picture, pixels.
        homography: from the bent sheet, mm, to the picture, pixels; shape (3, 3).
        waves: for x and for y: height (mm), waves over the sheet's width and height, phase; shape (2, 4).
        sheet_mm: width and height.
    """

    size: tuple[int, int]
    homography: FloatArray
    waves: FloatArray
    sheet_mm: tuple[float, float]

    def picture_px(self, points_mm: FloatArray) -> FloatArray:
        """Places in the picture, shape (n, 2), of points of the flat sheet; 0.5 is the middle of the first pixel."""
        return _through(self.homography, points_mm + self._bent(points_mm))

    def sheet_points_mm(self, points_px: FloatArray) -> FloatArray:
        """Points of the flat sheet, shape (n, 2), that appear at places of the picture."""
        bent = _through(np.asarray(np.linalg.inv(self.homography), dtype=np.float64), points_px)
        points = bent
        for _ in range(ROUNDS):
            points = bent - self._bent(points)
        return points

    def _bent(self, points_mm: FloatArray) -> FloatArray:
        share = points_mm / self.sheet_mm
        height, across, down, phase = self.waves.T
        turns = share[:, :1] * across + share[:, 1:] * down + phase
        return np.asarray(height * np.sin(2 * np.pi * turns), dtype=np.float64)

    def take(self, sheet: Sheet, aged: Image.Image, beside: tuple[int, int, int]) -> tuple[Image.Image, Image.Image]:
        """The picture and its labels.

        Args:
            sheet: the sheet.
            aged: its picture, worn.
            beside: colour of what is around it.
        """
        columns, rows = (np.unique(np.append(np.arange(0, side, STEP_PX), side)) for side in self.size)
        corners = np.stack(np.meshgrid(columns, rows), axis=-1).astype(np.float64)
        source = self.sheet_points_mm(corners.reshape(-1, 2)).reshape(corners.shape) * sheet.pixels_per_mm
        # Pillow's order: upper left, lower left, lower right, upper right.
        quads = np.concatenate((source[:-1, :-1], source[1:, :-1], source[1:, 1:], source[:-1, 1:]), axis=-1)
        patches = [
            ((left, upper, right, lower), tuple(quads[row, column].tolist()))
            for row, (upper, lower) in enumerate(zip(rows[:-1].tolist(), rows[1:].tolist(), strict=True))
            for column, (left, right) in enumerate(zip(columns[:-1].tolist(), columns[1:].tolist(), strict=True))
        ]
        mesh, smooth, exact = Image.Transform.MESH, Image.Resampling.BILINEAR, Image.Resampling.NEAREST
        return (
            aged.transform(self.size, mesh, patches, smooth, fillcolor=beside),
            sheet.labels.transform(self.size, mesh, patches, exact, fillcolor=NO_SHEET),
        )


def draw_view(kind: Kind, sheet: Sheet, rng: np.random.Generator) -> View:
    """Draw a view of a sheet, at about its own resolution."""
    scale = sheet.pixels_per_mm
    width, height = sheet.picture.size
    sheet_mm = (width / scale, height / scale)
    angle = np.radians(rng.uniform(-kind.turn_deg, kind.turn_deg))
    perspective, margin = rng.uniform(*kind.perspective), rng.uniform(*kind.margin)
    flat = np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) * np.array(sheet_mm)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    inwards = 1 - 2 * (flat > 0)
    seen = flat @ turn * scale + inwards * rng.uniform(0, perspective, (4, 2)) * (width, height)
    if np.any(seen != flat * scale):
        seen += margin * max(width, height) - seen.min(axis=0)
        width, height = (int(side) for side in np.ceil(seen.max(axis=0) + margin * max(width, height)))
    curl = rng.uniform(*kind.curl_mm) * rng.uniform(-1, 1, 2) * (0.4, 1)
    waves = np.column_stack((curl, rng.uniform(0.2, 1.2, 2), rng.uniform(-0.5, 0.5, 2), rng.uniform(0, 1, 2)))
    return View((width, height), _homography(flat, seen), waves, sheet_mm)


def _homography(before: FloatArray, after: FloatArray) -> FloatArray:
    """The homography that takes four points to four others (Hartley and Zisserman 2004, 4.1)."""
    equations, right = [], []
    for (x, y), (u, v) in zip(before.tolist(), after.tolist(), strict=True):
        equations += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    return np.append(np.linalg.solve(np.array(equations), np.array(right)), 1.0).reshape(3, 3)


def _through(homography: FloatArray, points: FloatArray) -> FloatArray:
    seen = np.column_stack((points, np.ones(len(points)))) @ homography.T
    return np.asarray(seen[:, :2] / seen[:, 2:], dtype=np.float64)
