"""Opens a picture within limits: any mode and depth, turned as its EXIF says, and no larger than is of use."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Final

import numpy as np

from reader.digitise.steps import PageNotUnderstoodError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from PIL import Image

__all__ = ["LEAST_PIXELS", "MOST_LONG_SIDE", "load_picture", "rgb_of"]

MOST_PIXELS: Final = 120_000_000
"""Of the file. It takes 360 MB as RGB, once, and only where the format cannot be read smaller."""
MOST_LONG_SIDE: Final = 2600
"""Pixels that are worked on: 8 and more a millimetre of a page of 300 mm, where the pen has 2 to 4."""
LEAST_PIXELS: Final = 300
"""On the long side: with fewer there is less than a pixel a millimetre."""

_FORMATS: Final = ("PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF")


def load_picture(path: Path) -> tuple[NDArray[np.uint8], list[str]]:
    """Read the first picture of a file.

    Returns:
        Shape (height, width, 3), RGB, and remarks.

    Raises:
        PageNotUnderstoodError: it is damaged, too small or too large.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError  # noqa: PLC0415 - for pages only

    remarks = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns from 89 million pixels on; the limit here is below
            with Image.open(path, formats=_FORMATS) as picture:
                width, height = picture.size
                if width * height > MOST_PIXELS:
                    raise PageNotUnderstoodError(
                        "file",
                        f"{width} x {height} pixels are more than {MOST_PIXELS // 10**6} million; scale it down",
                    )
                if max(width, height) < LEAST_PIXELS:
                    raise PageNotUnderstoodError(
                        "file", f"{width} x {height} pixels are too few; scan it with 100 dpi or more"
                    )
                if (frames := getattr(picture, "n_frames", 1)) > 1:
                    remarks.append(f"the first of {frames} pictures in the file was read")
                picture.draft("RGB", (MOST_LONG_SIDE, MOST_LONG_SIDE))  # JPEG alone: decoded smaller
                turned = ImageOps.exif_transpose(_reduced(picture))
                return rgb_of(turned), remarks
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        if isinstance(error, PageNotUnderstoodError):
            raise
        raise PageNotUnderstoodError("file", f"the picture is damaged ({error}); copy it again") from None


def rgb_of(picture: Image.Image) -> NDArray[np.uint8]:
    """A picture of any mode as RGB on white, no larger than is of use."""
    from PIL import Image  # noqa: PLC0415

    if picture.mode.startswith(("I", "F")):
        grey = np.asarray(picture, dtype=np.float32)
        top = 65535.0 if grey.max(initial=0) > 255 else 255.0
        picture = Image.fromarray(np.clip(grey * (255 / top), 0, 255).astype(np.uint8))
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        white.alpha_composite(picture)
        picture = white
    picture = picture.convert("RGB")
    longest = max(picture.size)
    if longest > MOST_LONG_SIDE:
        share = MOST_LONG_SIDE / longest
        size = (max(1, round(picture.width * share)), max(1, round(picture.height * share)))
        picture = picture.resize(size, Image.Resampling.LANCZOS)
    return np.asarray(picture)


def _reduced(picture: Image.Image) -> Image.Image:
    """Averaged by a whole number, which costs little, to not less than twice what is worked on."""
    factor = max(picture.size) // (2 * MOST_LONG_SIDE)
    return picture.reduce(factor) if factor > 1 and picture.mode in {"L", "RGB", "CMYK", "RGBA"} else picture
