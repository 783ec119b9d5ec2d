"""Reads lines and texts back from the three kinds of pictures, in mm, by other means than those that wrote them."""

from __future__ import annotations

import base64
import re
import zlib
from itertools import pairwise
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

import numpy as np
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    Points = list[tuple[float, float]]

MM_PER_INCH: Final = 25.4
MM_PER_POINT: Final = MM_PER_INCH / 72
SVG: Final = "{http://www.w3.org/2000/svg}"

_TOKEN: Final = re.compile(rb"\S+")


def png_darkness(path: Path) -> tuple[NDArray[np.float64], float]:
    """How dark each pixel of a PNG is, 0 to 1, and the pixels to the mm that its file claims."""
    images = pytest.importorskip("PIL.Image", reason="Pillow comes with the extra [paper]")
    with images.open(path) as image:
        dpi = image.info["dpi"]
        assert dpi[0] == pytest.approx(dpi[1])
        # Red, which the grid leaves bright.
        red = np.asarray(image.convert("RGB"), dtype=np.float64)[:, :, 0]
    return np.clip((200 - red) / 180, 0, 1), float(dpi[0]) / MM_PER_INCH


def svg_lines(path: Path) -> list[Points]:
    """The lines of all paths of an SVG, in mm."""
    root = ET.parse(path).getroot()
    width = float(root.get("width", "").removesuffix("mm"))
    scale = width / float(root.get("viewBox", "").split()[2])
    lines: list[Points] = []
    for element in root.iter(f"{SVG}path"):
        for command, x, y in re.findall(r"([ML])(-?[\d.]+) (-?[\d.]+)", element.get("d", "")):
            if command == "M":
                lines.append([])
            lines[-1].append((float(x) * scale, float(y) * scale))
    return lines


def svg_texts(path: Path) -> list[str]:
    """The texts of an SVG."""
    return [element.text or "" for element in ET.parse(path).getroot().iter(f"{SVG}text")]


def pdf_pages(path: Path) -> list[bytes]:
    """The decoded content of each page of a PDF."""
    contents = []
    for stream in re.findall(
        rb"/ASCII85Decode /FlateDecode[^>]*>>\s*stream\r?\n(.*?)endstream", path.read_bytes(), re.DOTALL
    ):
        content = zlib.decompress(base64.a85decode(stream.strip().removesuffix(b"~>")))
        if b" cm" in content:
            contents.append(content)
    return contents


def pdf_lines(content: bytes) -> list[Points]:
    """The lines of a page, in mm; the ordinate grows upwards."""
    scale = 1.0
    lines: list[Points] = []
    numbers: list[float] = []
    for token in _TOKEN.findall(content):
        try:
            numbers.append(float(token))
        except ValueError:
            if token == b"cm" and numbers[-6] == numbers[-3]:
                scale *= numbers[-6]
            elif token == b"m":
                lines.append([])
            if token in {b"m", b"l"}:
                lines[-1].append((numbers[-2] * scale * MM_PER_POINT, numbers[-1] * scale * MM_PER_POINT))
            numbers.clear()
    return lines


def longest(lines: list[Points]) -> NDArray[np.float64]:
    """The line with the most points, which is the trace; shape (n, 2)."""
    return np.array(max(lines, key=len))


def edges_mm(line: NDArray[np.float64], height_mm: float) -> Iterator[float]:
    """The abscissae at which a line rises or falls by at least a height."""
    for before, after in pairwise(line):
        if abs(after[1] - before[1]) > height_mm:
            yield float(before[0] + after[0]) / 2
