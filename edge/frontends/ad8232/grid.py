"""Conversions of any moments onto the uniform 360 Hz grid of this machine's clock.

A scheduler wakes a program late, by a tenth of a millisecond or by several. A conversion is then late but its moment is
known, so the value at a grid point follows from the conversions around it: a polynomial of third degree through the two
before and the two after it (Lagrange). The conversions must never be much closer together than they are to others, or
the noise of two neighbours would become a steep slope; the sampler sees to that.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["GRID_HZ", "Conversion", "Grid", "GridSample"]

GRID_HZ = 360
"""`ecg.samples.SAMPLE_RATE_HZ`, which is not imported here: it brings numpy, and this runs in the lean process."""

PERIOD_NS = 1e9 / GRID_HZ

LONGEST_HOLE_NS = 2 * PERIOD_NS
"""Conversions further apart (5.6 ms) have lost what lay between them: a deadline was missed by more than a step.

Up to here the four around a grid point still follow what a 40 Hz low-pass leaves of a QRS complex.
"""


class Conversion(NamedTuple):
    """One conversion: its moment on the monotonic clock, its counts, and whether they are at a rail."""

    ns: int
    counts: float
    railed: bool


class GridSample(NamedTuple):
    """The value at grid point `number`; `railed` where a conversion beside it was."""

    number: int
    ns: int
    counts: float
    railed: bool


class Grid:
    """Point 0 is the moment of the first conversion."""

    def __init__(self) -> None:
        self._origin_ns: int | None = None
        self._next = 0
        self._around: list[Conversion] = []

    def add(self, conversion: Conversion) -> list[GridSample]:
        """Take a conversion; returns the grid points between the two before it. Points in a hole are left out."""
        if self._origin_ns is None:
            self._origin_ns = conversion.ns
        around = self._around
        around.append(conversion)
        if len(around) < 4:
            return []
        _, before, after, _ = around
        samples = []
        if after.ns - before.ns > LONGEST_HOLE_NS:
            self._next = int((after.ns - self._origin_ns) / PERIOD_NS) + 1
        while (ns := self._origin_ns + round(self._next * PERIOD_NS)) <= after.ns:
            if ns > before.ns:  # the first points lie before it
                samples.append(GridSample(self._next, ns, _cubic(around, ns), before.railed or after.railed))
            self._next += 1
        del around[0]
        return samples


def _cubic(around: list[Conversion], ns: int) -> float:
    """The polynomial through four conversions, at a moment."""
    a, b, c, d = ((each.ns - ns) / 1e6 for each in around)
    ab, ac, ad, bc, bd, cd = a - b, a - c, a - d, b - c, b - d, c - d
    return (
        -around[0].counts * b * c * d / (ab * ac * ad)
        + around[1].counts * a * c * d / (ab * bc * bd)
        - around[2].counts * a * b * d / (ac * bc * cd)
        + around[3].counts * a * b * c / (ad * bd * cd)
    )
