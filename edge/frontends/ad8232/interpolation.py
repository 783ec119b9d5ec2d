"""Resamples conversions at irregular times to a uniform 360 Hz on this host's clock.

The scheduler wakes a program late, by a tenth of a millisecond or by several. The conversion is then late, but its time
is known. A cubic polynomial through the two conversions before a sample and the two after it (Lagrange) gives the
sample's value. No two conversions may be much closer together than the others, or the noise between them would become a
steep slope; the sampler ensures that.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["OUTPUT_RATE_HZ", "Conversion", "InterpolatedSample", "Interpolator"]

OUTPUT_RATE_HZ = 360
"""Equal to `ecg.samples.SAMPLE_RATE_HZ`, whose module would bring numpy into the acquisition process."""

PERIOD_NS = 1e9 / OUTPUT_RATE_HZ

MAX_GAP_NS = 2 * PERIOD_NS
"""Between conversions further apart (5.6 ms) the samples are lost: a deadline was missed by more than a step.

Up to this gap the four conversions around a sample still follow a QRS complex behind a 40 Hz low-pass.
"""


class Conversion(NamedTuple):
    """One conversion: its time on the monotonic clock, its counts, and whether the output is at a limit."""

    ns: int
    counts: float
    railed: bool


class InterpolatedSample(NamedTuple):
    """The sample at `number / 360 Hz`; `railed` if a conversion next to it was."""

    number: int
    ns: int
    counts: float
    railed: bool


class Interpolator:
    """Interpolates; sample 0 is at the time of the first conversion."""

    def __init__(self) -> None:
        self._origin_ns: int | None = None
        self._next = 0
        self._around: list[Conversion] = []

    def add(self, conversion: Conversion) -> list[InterpolatedSample]:
        """Take a conversion; returns the samples between the two conversions before it, without those in a gap."""
        if self._origin_ns is None:
            self._origin_ns = conversion.ns
        around = self._around
        around.append(conversion)
        if len(around) < 4:
            return []
        _, before, after, _ = around
        samples = []
        if after.ns - before.ns > MAX_GAP_NS:
            self._next = int((after.ns - self._origin_ns) / PERIOD_NS) + 1
        while (ns := self._origin_ns + round(self._next * PERIOD_NS)) <= after.ns:
            if ns > before.ns:  # the first samples lie before it
                samples.append(InterpolatedSample(self._next, ns, _cubic(around, ns), before.railed or after.railed))
            self._next += 1
        del around[0]
        return samples


def _cubic(around: list[Conversion], ns: int) -> float:
    """The value at a time of the polynomial through four conversions."""
    a, b, c, d = ((each.ns - ns) / 1e6 for each in around)
    ab, ac, ad, bc, bd, cd = a - b, a - c, a - d, b - c, b - d, c - d
    return (
        -around[0].counts * b * c * d / (ab * ac * ad)
        + around[1].counts * a * c * d / (ab * bc * bd)
        - around[2].counts * a * b * d / (ac * bc * cd)
        + around[3].counts * a * b * c / (ad * bd * cd)
    )
