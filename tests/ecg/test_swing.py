"""Whether a signal can be an ECG by how far it swings."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from ecg.swing import SwingMeter

SPIKES_MV = np.exp(-((np.arange(5000) % 250 - 125) ** 2) / 20.0)


@pytest.mark.parametrize(
    ("factor", "offset", "complaint"),
    [
        (1.0, 0.0, ""),
        (1.0, 300.0, ""),
        (0.2, 0.0, ""),
        (4e-3, 0.0, "swings by 4 uV, which no ECG does; check the unit"),
        (4e4, 0.0, "swings by 40 V, which no ECG does; check the unit"),
        (0.0, 1.0, "flat throughout"),
    ],
)
def test_what_no_ecg_does_is_told(factor: float, offset: float, complaint: str) -> None:
    meter = SwingMeter(Fraction(250))
    for part in np.array_split(factor * SPIKES_MV + offset, 7):
        meter.push(part)

    assert (complaint in meter.complaint()) if complaint else not meter.complaint()


def test_flat_stretches_and_lost_samples_do_not_count() -> None:
    meter = SwingMeter(Fraction(250))
    meter.push(np.concatenate([np.zeros(20_000), np.full(20_000, np.nan), SPIKES_MV]))

    assert meter.usual == pytest.approx(1, abs=0.01)
    assert SwingMeter(Fraction(250)).usual is None
