"""Samples of one channel of an ADS1292, measured with any register set by the driver that the monitor uses."""

from __future__ import annotations

import gc
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from edge.frontends.ads1292.chip import open_board
from edge.frontends.ads1292.sampler import Ads1292Sampler

if TYPE_CHECKING:
    from edge.frontends.acquisition.sampler import Sample
    from edge.frontends.ads1292.register_set import RegisterSet
    from edge.frontends.boards import Ads1292Board
    from edge.samples import FloatArray

__all__ = ["Measurement", "measure"]

AFTERMATH_S = 1.0
"""By then the driver has found a chip that stopped or reset itself: it looks after 0.25 s without sense."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What came.

    Attributes:
        chip: its name.
        uv: shape (n,), uV at the input, of the samples that arrived; NaN where the input was clipped.
        nominal_hz: the rate that was programmed.
        rate_hz: the rate by this machine's clock; None where too little came.
        electrode_off: at the end; None where the register set tests none.
        lost: samples lost, the damaged ones among them.
        damaged: frames damaged.
        complaint: of the driver, about the last two seconds; None where all was well.
    """

    chip: str
    uv: FloatArray
    nominal_hz: int
    rate_hz: float | None
    electrode_off: bool | None
    lost: int
    damaged: int
    complaint: str | None

    @property
    def error_ppm(self) -> float | None:
        """How far the rate is off."""
        return None if self.rate_hz is None else (self.rate_hz / self.nominal_hz - 1) * 1e6


def measure(
    board: Ads1292Board, registers: RegisterSet, channel: int, *, seconds: float, enough_lost: int = 0
) -> Measurement:
    """Bring the chip up, read it for some seconds, put it to rest.

    Args:
        board: how it is wired.
        registers: what it is configured with.
        channel: 1 or 2.
        seconds: of samples; bringing the chip up takes 1.3 s more.
        enough_lost: end 1 s after so many samples are lost, by when the driver knows if the chip has failed; 0 = do
            not.

    Raises:
        HardwareError: it does not work; says what to check.
    """
    sampler = Ads1292Sampler(open_board(board), board, registers, channel)
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
            chip=sampler.name,
            uv=np.array([sample.counts for sample in samples]) * sampler.mv_per_count * 1000,
            nominal_hz=sampler.rate_hz,
            rate_hz=sampler.true_rate_hz,
            electrode_off=samples[-1].electrode_off if samples else None,
            lost=sampler.lost,
            damaged=sampler.damaged,
            complaint=sampler.complaint,
        )
    finally:
        gc.unfreeze()
        sampler.stop()
