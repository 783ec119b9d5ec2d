"""Samples of a front end, measured by the driver that the monitor uses."""

from __future__ import annotations

import gc
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ecg.samples import FloatArray
    from edge.frontends.acquisition.sampler import Sample, Sampler

__all__ = ["Measurement", "measure"]

AFTERMATH_S = 1.0
"""By then the driver has found a chip that stopped or reset itself: it looks after 0.25 s without sense."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What came.

    Attributes:
        name: of what was found.
        uv: shape (n,), uV at the electrodes, of the samples that arrived; NaN where the input was clipped.
        nominal_hz: the rate that was programmed.
        rate_hz: the rate by this machine's clock; None where too little came.
        electrode_off: share of the samples, 0 to 1, with an electrode off; None where none is tested.
        lost: samples lost, the damaged ones among them.
        damaged: frames or replies damaged.
        complaint: of the driver, about the last two seconds; None where all was well.
    """

    name: str
    uv: FloatArray
    nominal_hz: int
    rate_hz: float | None
    electrode_off: float | None
    lost: int
    damaged: int
    complaint: str | None

    @property
    def error_ppm(self) -> float | None:
        """How far the rate is off."""
        return None if self.rate_hz is None else (self.rate_hz / self.nominal_hz - 1) * 1e6


def measure(sampler: Sampler, *, seconds: float, enough_lost: int = 0) -> Measurement:
    """Bring a front end up, read it for some seconds, put it to rest.

    Args:
        sampler: its driver, the bus open; closed in the end.
        seconds: of samples; bringing it up takes 1.3 to 1.5 s more.
        enough_lost: end 1 s after so many samples are lost, by when the driver knows if the chip has failed; 0 = do
            not.

    Raises:
        HardwareError: it does not work; says what to check.
    """
    samples: list[Sample] = []
    gc.collect()
    gc.freeze()  # as the acquisition process does: looking through all that is loaded takes longer than a sample
    try:
        sampler.start()
        end: int | None = None
        while end is None or samples[-1].number < end:
            samples += sampler.read()
            if samples and end is None:
                end = samples[0].number + round(seconds * sampler.rate_hz)
            if end is not None and enough_lost and sampler.lost >= enough_lost:
                end = min(end, samples[-1].number + round(AFTERMATH_S * sampler.rate_hz))
                enough_lost = 0
        return Measurement(
            name=sampler.name,
            uv=np.array([sample.counts for sample in samples]) * sampler.mv_per_count * 1000,
            nominal_hz=sampler.rate_hz,
            rate_hz=sampler.true_rate_hz,
            electrode_off=_share_off(samples),
            lost=sampler.lost,
            damaged=sampler.damaged,
            complaint=sampler.complaint,
        )
    finally:
        gc.unfreeze()
        sampler.stop()


def _share_off(samples: list[Sample]) -> float | None:
    states = [sample.electrode_off for sample in samples if sample.electrode_off is not None]
    return sum(states) / len(states) if states else None
