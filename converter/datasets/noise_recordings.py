"""Recordings of noise: those of the MIT-BIH Noise Stress Test Database, and noise of a hand-held device in motion.

The electrode motion of `nstdb` (`em`) is not always at hand, so there is another one of real electrodes that move:
recordings of the hand-held device of `cinc2017` that were labelled too noisy, of the half that nothing was developed
on, one after the other. Faint beats of other hearts are in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.signal import resample_poly

from converter.datasets.folders import read_channel
from converter.datasets.short_recordings import RATE_HZ, REFERENCE, is_developed, read_labels, read_recording
from ecg.samples import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from pathlib import Path

    from ecg.samples import FloatArray

__all__ = ["HAND_HELD", "NOISES", "read_noises"]

HAND_HELD = "motion"
NOISES: dict[str, str] = {
    "ma": "muscle artefact",
    "bw": "baseline wander",
    "em": "electrode motion",
    HAND_HELD: "a hand-held device in motion",
}
"""Noise recordings by name: of `nstdb`, and `motion` of `cinc2017`."""

_EDGE_S = 0.5
"""A recording begins and ends so softly that no step is where two meet."""
_LOUDEST = 12.0
"""Limit in times of a recording's usual noise: what lies above is an electrode that was off."""


def read_noises(recordings: Path) -> dict[str, FloatArray]:
    """The noises of `NOISES` that are among the recordings, by name: 360 Hz, in mV or a unit of their own.

    Args:
        recordings: holds `nstdb` and `cinc2017`.

    Raises:
        InputError: one cannot be read.
    """
    nstdb, cinc2017 = recordings / "nstdb", recordings / "cinc2017"
    noises = {noise: read_channel(nstdb, noise, 0)[0] for noise in NOISES if (nstdb / f"{noise}.hea").is_file()}
    if (cinc2017 / REFERENCE).is_file() and (parts := _noisy_recordings(cinc2017)):
        noises[HAND_HELD] = np.concatenate(parts)
    return noises


def _noisy_recordings(folder: Path) -> list[FloatArray]:
    """Recordings labelled too noisy, of the half that reports, each divided by the median of its RMS over a second."""
    parts = []
    for name, label in sorted(read_labels(folder).items()):
        if label != "~" or is_developed(name):
            continue
        samples_mv = read_recording(folder / f"{name}.mat")
        noise_mv = resample_poly(samples_mv - samples_mv[0], SAMPLE_RATE_HZ, RATE_HZ)
        seconds = noise_mv[: len(noise_mv) // SAMPLE_RATE_HZ * SAMPLE_RATE_HZ].reshape(-1, SAMPLE_RATE_HZ)
        level_mv = float(np.median(seconds.std(axis=1)))
        if level_mv > 0:
            noise = np.clip((noise_mv - np.median(noise_mv)) / level_mv, -_LOUDEST, _LOUDEST)
            rise = np.clip(np.arange(len(noise)) / (_EDGE_S * SAMPLE_RATE_HZ), 0.0, 1.0)
            parts.append(noise * np.minimum(rise, rise[::-1]))
    return parts
