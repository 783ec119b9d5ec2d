"""Filter taps designed by scipy on the desktop; written by `python -m converter.training.design_filters`."""

from typing import Final

LOW_PASS_SCALE: Final = 65536
# fmt: off
LOW_PASS_TAPS: Final = (
    9, -93, -110, -110, -55, 48, 156, 206, 149, -14, -218, -354,
    -323, -96, 248, 539, 595, 323, -202, -743, -994, -737, 8, 943,
    1584, 1485, 489, -1111, -2601, -3088, -1868, 1224, 5653, 10296, 13811, 15438,
    13811, 10296, 5653, 1224, -1868, -3088, -2601, -1111, 489, 1485, 1584, 943,
    8, -737, -994, -743, -202, 323, 595, 539, 248, -96, -323, -354,
    -218, -14, 149, 206, 156, 48, -55, -110, -110, -93, 9,
)
# fmt: on
"""Equiripple linear-phase low-pass at 360 Hz, 35 to 49 Hz, in 1 / LOW_PASS_SCALE."""
