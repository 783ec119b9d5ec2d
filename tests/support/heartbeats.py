"""Recordings of synthetic heartbeats with annotations or labels, as the public databases have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["write", "write_short"]


def write(
    folder: Path,
    name: str,
    *,
    symbols: str,
    rate_hz: int = 360,
    height_mv: float = 1.0,
    noise_mv: float = 0.01,
) -> None:
    """Write a two-signal WFDB record with one beat each 0.8 s and its annotations.

    Beats V are wide and high, beats A come early; every record has noise of its own.
    """
    import wfdb

    rng = np.random.default_rng(sum(name.encode()))
    early_s = np.array([0.25 if symbol == "A" else 0.0 for symbol in symbols])
    beat_s = 1.0 + 0.8 * np.arange(len(symbols)) - early_s
    time_s = np.arange(round((beat_s[-1] + 1.5) * rate_hz)) / rate_hz
    signal = noise_mv * rng.standard_normal((len(time_s), 2))
    for at_s, symbol in zip(beat_s, symbols, strict=True):
        width_s, gain = (0.04, 1.6) if symbol == "V" else (0.012, 1.0)
        wave = np.exp(-0.5 * ((time_s - at_s) / width_s) ** 2)
        wave += 0.15 * np.exp(-0.5 * ((time_s - at_s - 0.28) / 0.05) ** 2)  # T wave
        signal += height_mv * gain * wave[:, np.newaxis] * np.array([1.0, 0.7])
    folder.mkdir(parents=True, exist_ok=True)
    wfdb.wrsamp(
        name,
        fs=rate_hz,
        units=["mV", "mV"],
        sig_name=["MLII", "V1"],
        p_signal=signal,
        fmt=["16", "16"],
        adc_gain=[1000, 1000],
        baseline=[0, 0],
        write_dir=str(folder),
    )
    wfdb.wrann(name, "atr", np.rint(beat_s * rate_hz).astype(int), symbol=list(symbols), write_dir=str(folder))


def write_short(folder: Path) -> Path:
    """Write five recordings as of the CinC 2017 challenge, A00004 of the half that reports; a label more has none."""
    import scipy.io

    from converter.datasets.short_recordings import RATE_HZ, REFERENCE

    rng = np.random.default_rng(2)
    recordings = {
        "A00001": ("A", rng.uniform(0.4, 1.2, 70)),
        "A00002": ("O", np.tile([0.6, 1.0], 30)),
        "A00003": ("N", np.full(60, 0.8)),
        "A00004": ("N", np.full(50, 0.9)),
        "A00008": ("~", rng.uniform(0.4, 1.2, 70)),
    }
    folder.mkdir()
    for name, (_, rr_s) in recordings.items():
        beats_s = 0.5 + np.cumsum(rr_s)
        time_s = np.arange(round((beats_s[-1] + 1) * RATE_HZ)) / RATE_HZ
        wave = sum(np.exp(-0.5 * ((time_s - at_s) / 0.012) ** 2) for at_s in beats_s)
        noisy = wave + 0.01 * np.random.default_rng(5).standard_normal(len(time_s))
        scipy.io.savemat(folder / f"{name}.mat", {"val": np.rint(1000 * noisy).astype(np.int16)[np.newaxis, :]})
    lines = [f"{name},{label}" for name, (label, _) in recordings.items()]
    (folder / REFERENCE).write_text("\n".join([*lines, "A00009,N", ""]))
    return folder
