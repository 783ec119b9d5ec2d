"""A long recording, made by the simulator, as a WFDB record: a source that ends, and that has its own time."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

import numpy as np

from ecg.formats.wfdb.header import Header, Signal, render_header
from ecg.scale import GAIN_PER_MV, MISSING
from edge.simulator.source import Simulator

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

__all__ = ["make_record"]


def make_record(path: Path, scenario: str, *, hours: float, start: datetime, seed: int) -> None:
    """Write `PATH.dat` and `PATH.hea`, of format 16; lost samples have its invalid value."""
    simulator = Simulator(scenario=scenario, seed=seed)
    length = round(hours * 3600 * simulator.rate_hz)
    samples = np.full(length, MISSING, dtype="<i2")
    for block in takewhile(lambda block: block.first_index < length, simulator.blocks()):
        adc = np.clip(np.rint(block.samples_mv * GAIN_PER_MV), MISSING + 1, 32767)
        end = min(block.first_index + len(adc), length)
        samples[block.first_index : end] = adc[: end - block.first_index]
    samples.tofile(path.with_suffix(".dat"))
    signal = Signal(
        name="ECG",
        file=path.with_suffix(".dat"),
        format=16,
        offset=0,
        gain_per_mv=GAIN_PER_MV,
        baseline=0,
        unit="mV",
        checksum=int(samples.sum(dtype=np.int64)),
        initial=int(samples[0]),
    )
    header = Header(
        path=path.with_suffix(".hea"),
        name=path.name,
        rate_hz=simulator.rate_hz,
        length=length,
        start_utc=start,
        signals=(signal,),
        comments=(),
    )
    header.path.write_text(render_header(header))
