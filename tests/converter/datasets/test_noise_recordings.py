"""Noise of a hand-held device is made of the noisy recordings of one half."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from converter.datasets.noise_recordings import HAND_HELD, read_noises
from converter.datasets.short_recordings import RATE_HZ, REFERENCE, is_developed

if TYPE_CHECKING:
    from pathlib import Path

LEARNED, REPORTED, QUIET = "A00008", "A00004", "A00005"
"""Names of short recordings; the half that reports has an odd CRC-32."""


def write_short(folder: Path, labels: dict[str, str]) -> None:
    """A sine wave for each recording, of a frequency of its own, 20 s."""
    import scipy.io

    folder.mkdir(exist_ok=True)
    time_s = np.arange(20 * RATE_HZ) / RATE_HZ
    for number, name in enumerate(labels):
        wave = np.rint(500 * np.sin(2 * np.pi * (2 + number) * time_s)).astype(np.int16)
        scipy.io.savemat(folder / f"{name}.mat", {"val": wave[np.newaxis, :]})
    (folder / REFERENCE).write_text("".join(f"{name},{label}\n" for name, label in labels.items()))


def test_motion_is_the_noisy_recordings_of_the_half_that_reports(tmp_path: Path) -> None:
    assert [is_developed(name) for name in (LEARNED, REPORTED, QUIET)] == [True, False, False]
    assert read_noises(tmp_path) == {}
    folder = tmp_path / "cinc2017"
    write_short(folder, {LEARNED: "~", REPORTED: "~", QUIET: "N"})
    noise = read_noises(tmp_path)[HAND_HELD]
    assert len(noise) == 20 * 360
    middle = noise[360:-360]
    assert np.std(middle) == pytest.approx(1.0, rel=0.05)
    spectrum = np.abs(np.fft.rfft(middle))
    assert spectrum.argmax() == pytest.approx(3 * len(middle) / 360, abs=1)  # Hz, of the second recording
    assert noise[0] == noise[-1] == 0.0
    write_short(folder, {LEARNED: "~", REPORTED: "N", QUIET: "N"})
    assert read_noises(tmp_path) == {}
