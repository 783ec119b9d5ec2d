"""Measures samples of a front end with the monitor's own driver."""

from __future__ import annotations

import gc
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ecg.samples import FloatArray
    from edge.frontends.sampler import Sample, Sampler

__all__ = ["Measurement", "measure"]

DIAGNOSIS_S = 1.0
"""Enough for the driver to detect a chip that has stopped or reset itself: it checks after 0.25 s of invalid data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """The samples of a measurement, and how they arrived.

    Attributes:
        name: of the chip that was found.
        uv: shape (n,), uV at the electrodes, of the samples that arrived; NaN where the input was clipped.
        nominal_hz: programmed rate.
        rate_hz: rate by this host's clock; None if there were too few samples.
        electrode_off: share of the samples, 0 to 1, with an electrode off; None where none is tested.
        lost: number of lost samples, damaged ones included.
        damaged: number of damaged frames or replies.
        warning: the driver's warning about the last two seconds; None if there is none.
    """

    name: str
    uv: FloatArray
    nominal_hz: int
    rate_hz: float | None
    electrode_off: float | None
    lost: int
    damaged: int
    warning: str | None

    @property
    def error_ppm(self) -> float | None:
        """Error of the rate."""
        return None if self.rate_hz is None else (self.rate_hz / self.nominal_hz - 1) * 1e6


def measure(sampler: Sampler, *, seconds: float, stop_after_lost: int = 0) -> Measurement:
    """Start a front end, read it for some seconds, stop it.

    Args:
        sampler: its driver, with the bus open; closed at the end.
        seconds: of samples; starting takes another 1.3 to 1.5 s.
        stop_after_lost: end 1 s after this many samples are lost. By then the driver knows whether the chip has failed.
            0 = do not end early.

    Raises:
        HardwareError: it does not work; the message says what to check.
    """
    samples: list[Sample] = []
    gc.collect()
    gc.freeze()  # as the acquisition process does: a collection of everything loaded takes longer than a sample
    try:
        sampler.start()
        end: int | None = None
        while end is None or samples[-1].number < end:
            samples += sampler.read()
            if samples and end is None:
                end = samples[0].number + round(seconds * sampler.rate_hz)
            if end is not None and stop_after_lost and sampler.lost >= stop_after_lost:
                end = min(end, samples[-1].number + round(DIAGNOSIS_S * sampler.rate_hz))
                stop_after_lost = 0
        return Measurement(
            name=sampler.name,
            uv=np.array([sample.counts for sample in samples]) * sampler.mv_per_count * 1000,
            nominal_hz=sampler.rate_hz,
            rate_hz=sampler.true_rate_hz,
            electrode_off=_share_off(samples),
            lost=sampler.lost,
            damaged=sampler.damaged,
            warning=sampler.warning,
        )
    finally:
        gc.unfreeze()
        sampler.stop()


def _share_off(samples: list[Sample]) -> float | None:
    states = [sample.electrode_off for sample in samples if sample.electrode_off is not None]
    return sum(states) / len(states) if states else None
