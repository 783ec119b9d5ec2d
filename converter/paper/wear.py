"""What happens to a sheet's light before and in the camera: age, stains, creases, shadow, blur, moire, noise."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image, ImageChops, ImageFilter

if TYPE_CHECKING:
    from converter.paper.card import Kind
    from ecg.samples import FloatArray

__all__ = ["age", "as_jpeg", "photographed"]

COARSER: Final = 8
"""Light changes slowly: it is computed for one pixel of 8 x 8."""


def age(picture: Image.Image, kind: Kind, pixels_per_mm: float, rng: np.random.Generator) -> Image.Image:
    """Yellow a sheet, stain it and crease it."""
    yellowing = rng.uniform(*kind.yellowing)
    stains, creases = (int(rng.integers(low, high + 1)) for low, high in (kind.stains, kind.creases))
    if not yellowing and not stains and not creases:
        return picture
    x, y = _places(picture)
    mm = COARSER / pixels_per_mm
    light = np.ones((*x.shape, 3)) - yellowing * np.array([0.1, 0.3, 1.0])
    for _ in range(stains):
        at = rng.uniform(0, 1, 2) * (x.shape[1], x.shape[0])
        radius = rng.uniform(4, 35) / mm
        wobble = 1 + 0.12 * np.sin(3 * np.arctan2(y - at[1], x - at[0]) + rng.uniform(0, 6))
        distance = np.hypot(x - at[0], y - at[1]) / (radius * wobble)
        # Coffee dries at its rim.
        stain = 0.25 * (1 - np.tanh((distance - 1) * 12)) + 0.5 * np.exp(-(((distance - 1) / 0.06) ** 2))
        light -= rng.uniform(0.05, 0.3) * stain[..., None] * np.array([0.35, 0.6, 1.0])
    for _ in range(creases):
        angle, at = rng.choice([0, np.pi / 2]) + rng.normal(0, 0.05), rng.uniform(0.15, 0.85, 2)
        distance = (x - at[0] * x.shape[1]) * np.sin(angle) + (y - at[1] * x.shape[0]) * np.cos(angle)
        # As wide as the coarse pixels at least, or an oblique crease becomes a flight of steps.
        fold = np.exp(-np.abs(distance) * mm / rng.uniform(2.0, 6.0)) * np.tanh(distance / 1.5)
        light += rng.uniform(-0.14, 0.14) * fold[..., None] - 0.08 * np.exp(-((distance / 1.5) ** 2))[..., None]
    return _lit(picture, light)


def photographed(picture: Image.Image, kind: Kind, pixels_per_mm: float, rng: np.random.Generator) -> Image.Image:
    """Let shadow and lamp fall on a view, and blur it and add the camera's moire and noise."""
    shadow = rng.uniform(*kind.shadow)
    if shadow:
        picture = _lit(picture, _shadow(picture, shadow, rng))
    blur_mm = rng.uniform(*kind.blur_mm)
    if blur_mm:
        picture = picture.filter(ImageFilter.GaussianBlur(blur_mm * pixels_per_mm))
    moire, noise = rng.uniform(*kind.moire), rng.uniform(*kind.noise)
    if not moire and not noise:
        return picture
    width, height = picture.size
    pixels = np.asarray(picture, dtype=np.int16)
    grain = rng.standard_normal((height, width), dtype=np.float32) * np.float32(noise)
    if moire:
        period, angle = rng.uniform(3, 12) * pixels_per_mm, rng.uniform(0, np.pi)
        along_x = 2 * np.pi / period * np.cos(angle) * np.arange(width, dtype=np.float32)
        along_y = 2 * np.pi / period * np.sin(angle) * np.arange(height, dtype=np.float32)
        # sin(a + b) from the sines of the sides: as much work as a sum.
        wave = np.outer(np.cos(along_y), np.sin(along_x)) + np.outer(np.sin(along_y), np.cos(along_x))
        grain += (127 * moire) * wave.astype(np.float32)
    noisy = np.clip(pixels + np.rint(grain).astype(np.int16)[..., None], 0, 255)
    return Image.fromarray(noisy.astype(np.uint8))


def as_jpeg(picture: Image.Image, quality: int) -> tuple[Image.Image, bytes]:
    """The picture as it is after JPEG has lost what it loses, and the file."""
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return Image.open(io.BytesIO(file.getvalue())).convert("RGB"), file.getvalue()


def _shadow(picture: Image.Image, most: float, rng: np.random.Generator) -> FloatArray:
    """A lamp from one side, and the edge of a shadow across the page: shares of the light, shape (rows, columns, 3)."""
    x, y = _places(picture)
    across, down = x / x.shape[1], y / x.shape[0]
    angle, edge = rng.uniform(0, 2 * np.pi), rng.uniform(-0.5, 0.5)
    side = (across - 0.5) * np.cos(angle) + (down - 0.5) * np.sin(angle)
    light = 1 - most * (0.5 * (side + 0.5) + 0.5 / (1 + np.exp((edge - side) * rng.uniform(8, 60))))
    light -= 0.25 * most * ((across - 0.5) ** 2 + (down - 0.5) ** 2)
    warmth = 1 - rng.uniform(0, 0.06) * np.array([0.0, 0.5, 1.0])
    return np.asarray(light[..., None] * warmth, dtype=np.float64)


def _places(picture: Image.Image) -> tuple[FloatArray, FloatArray]:
    width, height = (-(-side // COARSER) for side in picture.size)
    x, y = np.meshgrid(np.arange(width, dtype=np.float64), np.arange(height, dtype=np.float64))
    return x, y


def _lit(picture: Image.Image, light: FloatArray) -> Image.Image:
    coarse = Image.fromarray(np.asarray(np.clip(light, 0, 1) * 255 + 0.5, dtype=np.uint8))
    return ImageChops.multiply(picture, coarse.resize(picture.size, Image.Resampling.BILINEAR))
