"""A flat sheet of paper as a raster, and what each of its pixels shows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ecg.errors import InputError
from ecg.extras import how_to_install
from ecg.paper.coverage import coverage
from reader.twelve_leads import LEADS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from converter.paper.card import Maker
    from converter.paper.plan import Cell, Plan
    from ecg.samples import FloatArray

__all__ = ["GRID", "MARK", "NO_SHEET", "PAPER", "STRIP", "TEXT", "TRACE", "Sheet", "draw_sheet"]

PAPER: Final = 0
GRID: Final = 1
TEXT: Final = 2
MARK: Final = 3
TRACE: Final = 16
STRIP: Final = 32
NO_SHEET: Final = 255
"""Labels: paper; a line or dot of the grid; names, headings and handwriting; pulses, separators and frames; the trace
of lead `LEADS[label - TRACE]`; the same of a rhythm strip; beside the sheet. What comes later hides what is below."""

LEAST_COVER: Final = 1 / 3
"""A pixel shows what covers so much of it; or half of what the best pixel has, where dots are finer than that."""


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A sheet that nothing has happened to yet.

    Attributes:
        picture: RGB.
        labels: grey, of the same size: one label a pixel.
        pixels_per_mm: of both.
        traces_mm: of each cell of the plan, shape (n, 2): x and y of its samples, mm; NaN outside of the sheet.
    """

    picture: Image.Image
    labels: Image.Image
    pixels_per_mm: float
    traces_mm: tuple[FloatArray, ...]


def draw_sheet(page: Plan, pixels_per_mm: float, words: int, rng: np.random.Generator) -> Sheet:
    """Print a page.

    Args:
        page: what is on it.
        pixels_per_mm: resolution.
        words: written on it by hand.
        rng: decides on headings and handwriting.
    """
    size = (round(page.width_mm * pixels_per_mm), round(page.height_mm * pixels_per_mm))
    press = _Press(Image.new("RGB", size, page.maker.paper), Image.new("L", size, PAPER), pixels_per_mm)
    _print_grid(press, page)
    if page.maker.heading:
        _print_heading(press, page, rng)
    _print_marks(press, page)
    for cell in page.cells:
        at_top = page.maker.names == "top"
        y_mm = cell.box.y_mm + page.maker.name_mm + 1 if at_top else cell.baseline_mm - 1.0
        press.write(cell.box.x_mm + (0.8 if at_top else 0.1), y_mm, cell.lead, page.maker)
    traces = tuple(_print_trace(press, page, cell) for cell in page.cells)
    for _ in range(words):
        _write_word(press, page, rng)
    return Sheet(press.picture, press.labels, pixels_per_mm, traces)


@dataclass(frozen=True, slots=True, eq=False)
class _Press:
    """Puts ink on the picture and its label on the other."""

    picture: Image.Image
    labels: Image.Image
    scale: float

    def ink(
        self, cover: NDArray[np.floating], colour: tuple[int, ...], label: int, at: tuple[int, int] = (0, 0)
    ) -> None:
        """Print where `cover` (0 to 1) says so, with its upper left corner at `at`."""
        least = min(LEAST_COVER, float(cover.max(initial=0)) / 2)
        if not least:
            return
        self.picture.paste(colour, at, Image.fromarray(np.asarray(cover * 255 + 0.5, dtype=np.uint8)))
        self.labels.paste(label, at, Image.fromarray(np.where(cover >= least, 255, 0).astype(np.uint8)))

    def line(self, points_mm: FloatArray, pen_mm: float, colour: tuple[int, ...], label: int) -> None:
        """A line through points whose x does not fall, shape (n, 2)."""
        known = points_mm[np.isfinite(points_mm).all(axis=1)]
        if not len(known):
            return
        pen = pen_mm * self.scale
        room = int(np.ceil(pen)) + 2
        low = np.maximum(np.floor(known.min(axis=0) * self.scale).astype(int) - room, 0)
        high = np.minimum(np.ceil(known.max(axis=0) * self.scale).astype(int) + room, self.picture.size)
        width, height = (high - low).tolist()
        if width <= 0 or height <= 0:
            return
        x, y = (points_mm * self.scale - low).T
        # An interval of a lost sample breaks the line; x must be known all the same.
        cover = coverage(x, y, width=width, height=height, pen=pen)
        self.ink(cover, colour, label, (int(low[0]), int(low[1])))

    def write(self, x_mm: float, y_mm: float, text: str, maker: Maker, *, size_mm: float | None = None) -> None:
        """A line of text that begins at x, with its baseline at y."""
        font = _font(maker.font, max(round((size_mm or maker.name_mm) * self.scale), 5))
        left, top, right, bottom = font.getbbox(text, anchor="ls")
        mask = Image.new("L", (int(right - left) + 2, int(bottom - top) + 2))
        ImageDraw.Draw(mask).text((-left, -top), text, font=font, fill=255, anchor="ls")
        at = (round(x_mm * self.scale + left), round(y_mm * self.scale + top))
        cover = np.asarray(mask, dtype=np.float32) / 255
        self.ink(cover, maker.name_colour, TEXT, at)


def _print_grid(press: _Press, page: Plan) -> None:
    """Lines are as thin as their pen; a pen thinner than a pixel is paler instead."""
    maker, box = page.maker, page.grid
    width, height = press.picture.size
    spans = ((width, box.x_mm, box.width_mm), (height, box.y_mm, box.height_mm))

    def rules(step_mm: float, pen_mm: float) -> list[NDArray[np.float32]]:
        return [_rules(span, step_mm, pen_mm, press.scale) for span in spans]

    inside = [_rules((count, first + length / 2, 0), 1, length, press.scale) for count, first, length in spans]
    thin_x, thin_y = rules(1, maker.thin_mm)
    thick_x, thick_y = rules(5, maker.thick_mm)
    if maker.grid == "dots":
        half_x, half_y = rules(0.5, maker.thin_mm)
        press.ink(np.outer(thin_y, thin_x), maker.colour_1_mm, GRID)
        press.ink(np.maximum(np.outer(thick_y, half_x), np.outer(half_y, thick_x)), maker.colour_5_mm, GRID)
        return
    if maker.grid in {"lines", "fine"}:
        press.ink(_crossed(thin_x, thin_y, inside), maker.colour_1_mm, GRID)
    if maker.grid in {"lines", "coarse"}:
        press.ink(_crossed(thick_x, thick_y, inside), maker.colour_5_mm, GRID)


def _crossed(x: NDArray[np.float32], y: NDArray[np.float32], inside: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    return np.maximum(np.outer(inside[1], x), np.outer(y, inside[0]))


def _rules(span: tuple[int, float, float], step_mm: float, pen_mm: float, scale: float) -> NDArray[np.float32]:
    """How much of each pixel of a side is covered by lines across it.

    Args:
        span: pixels of the side, place of the first line (mm), and distance from it to the last (mm).
        step_mm: from line to line.
        pen_mm: their thickness.
        scale: pixels in a mm.
    """
    count, first_mm, length_mm = span
    edges = np.arange(count + 1) / scale
    centres = first_mm + np.arange(0, length_mm + 1e-6, step_mm)
    # What lies left of an edge: whole lines, and a part of the one that it cuts.
    covered = np.clip((edges[:, None] - centres[None, :]) / pen_mm + 0.5, 0, 1).sum(axis=1) * pen_mm
    return np.asarray(np.clip(np.diff(covered) * scale, 0, 1), dtype=np.float32)


def _print_heading(press: _Press, page: Plan, rng: np.random.Generator) -> None:
    """Lines like those of a recorder: an identity, measurements, a statement. They are invented."""
    left = page.grid.x_mm
    size_mm = rng.uniform(2.4, 3.2)
    rate, pr, qrs, qt = (int(rng.integers(*limits)) for limits in ((48, 130), (110, 230), (70, 150), (320, 460)))
    columns = (
        (f"ID: {rng.integers(10**6, 10**7)}", f"{rng.integers(18, 95)} years", f"Room {rng.integers(1, 400)}"),
        (f"Vent. rate  {rate} bpm", f"PR interval  {pr} ms", f"QRS duration  {qrs} ms", f"QT  {qt} ms"),
        (("Sinus rhythm", "Sinus tachycardia", "Abnormal ECG", "Normal ECG")[int(rng.integers(4))], "Unconfirmed"),
    )
    for number, lines in enumerate(columns):
        for row, text in enumerate(lines):
            x_mm = left + number * page.grid.width_mm / 3
            press.write(x_mm, 6 + row * size_mm * 1.35, text, page.maker, size_mm=size_mm)
    scale = f"{page.speed_mm_s:g} mm/s   {page.gain_mm_mv:g} mm/mV   0.05-{(40, 100, 150)[int(rng.integers(3))]} Hz"
    press.write(left, page.grid.bottom_mm + size_mm + 0.5, scale, page.maker, size_mm=size_mm)


def _print_marks(press: _Press, page: Plan) -> None:
    maker = page.maker
    if maker.frame:
        box = page.grid
        for x_mm in (box.x_mm, box.right_mm):
            press.line(np.array([[x_mm, box.y_mm], [x_mm, box.bottom_mm]]), 0.4, maker.frame, MARK)
        for y_mm in (box.y_mm, box.bottom_mm):
            press.line(np.array([[box.x_mm, y_mm], [box.right_mm, y_mm]]), 0.4, maker.frame, MARK)
    if page.pulses_mm is not None:
        shape = np.array([[0, 0], [1.25, 0], [1.25, -1], [3.75, -1], [3.75, 0], [5, 0]])
        for baseline_mm in page.rows_mm:
            points = shape * (1, page.gain_mm_mv) + (page.pulses_mm, baseline_mm)
            press.line(points, page.pen_mm, maker.ink, MARK)
    columns = sorted({cell.box.x_mm for cell in page.cells if not cell.is_strip})[1:]
    cells = [cell for cell in page.cells if not cell.is_strip]
    for x_mm in columns if maker.separators != "none" else ():
        top, bottom = min(c.box.y_mm for c in cells), max(c.box.bottom_mm for c in cells)
        spans = [(top + 4, bottom - 4)]
        if maker.separators == "marks":
            spans = [(y_mm - 5, y_mm - 2) for y_mm in sorted({c.baseline_mm for c in cells})]
        colour = maker.name_colour if maker.grid == "coarse" else maker.ink
        for upper, lower in spans:
            press.line(np.array([[x_mm, upper], [x_mm, lower]]), page.pen_mm, colour, MARK)


def _print_trace(press: _Press, page: Plan, cell: Cell) -> FloatArray:
    x_mm = cell.box.x_mm + (cell.times_s - cell.times_s[0]) * page.speed_mm_s
    y_mm = cell.baseline_mm - cell.samples_mv * page.gain_mm_mv
    points = np.column_stack((x_mm, y_mm))
    press.line(points, page.pen_mm, page.maker.ink, (STRIP if cell.is_strip else TRACE) + LEADS.index(cell.lead))
    points[(y_mm < 0) | (y_mm > page.height_mm) | (x_mm > page.width_mm)] = np.nan
    return points


def _write_word(press: _Press, page: Plan, rng: np.random.Generator) -> None:
    """Loops of a pen that look like a word from afar."""
    letters = int(rng.integers(4, 11))
    steps = np.linspace(0, letters, letters * 16)
    heights = rng.choice([0.7, 0.8, 1.0, 2.2], letters + 1) * rng.uniform(0.8, 1.2, letters + 1)
    widths = rng.uniform(-0.6, 1.2, letters + 1)
    turn = (
        np.interp(steps, np.arange(letters + 1), np.cumsum(rng.choice([0.5, 1.0, 1.0, 1.5], letters + 1))) * 2 * np.pi
    )
    slant = rng.uniform(-0.15, 0.5)
    height = np.interp(steps, np.arange(letters + 1), heights)
    y_mm = height * np.sin(turn + 0.6 * np.sin(turn / 3))
    x_mm = steps * 1.7 + np.interp(steps, np.arange(letters + 1), widths) * np.cos(turn) - slant * y_mm
    at = np.array([rng.uniform(0.05, 0.85) * page.width_mm, rng.uniform(0.04, 0.96) * page.height_mm])
    points = (np.column_stack((x_mm, y_mm)) * rng.uniform(0.7, 1.6) + at) * press.scale
    width = max(round(rng.uniform(0.3, 0.6) * press.scale), 1)
    corner = np.floor(points.min(axis=0)).astype(int) - width
    room = np.ceil(points.max(axis=0)).astype(int) + width - corner
    mask = Image.new("L", (int(room[0]), int(room[1])))
    ink = [(x, y) for x, y in (points - corner).tolist()]
    ImageDraw.Draw(mask).line(ink, fill=220, width=width, joint="curve")
    colour = ((28, 40, 120), (20, 20, 24), (150, 20, 30))[int(rng.integers(3))]
    press.ink(np.asarray(mask, dtype=np.float32) / 255, colour, TEXT, (int(corner[0]), int(corner[1])))


@cache
def _font(name: str, pixels: int) -> ImageFont.FreeTypeFont:
    """A font that Matplotlib brings: the same on every machine.

    Raises:
        InputError: Matplotlib is not installed.
    """
    found = find_spec("matplotlib")
    if found is None or found.origin is None:
        raise InputError(f"the fonts of synthetic paper come with Matplotlib: {how_to_install('converter')}")
    # FreeType alone places the letters: Raqm, where it is installed, would place them otherwise.
    path = Path(found.origin).parent / "mpl-data" / "fonts" / "ttf" / name
    return ImageFont.truetype(str(path), pixels, layout_engine=ImageFont.Layout.BASIC)
