"""Recordings of the CinC 2017 challenge: read without headers, called fibrillation or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import scipy.io

from converter.referee.short_recordings import RATE_HZ, REFERENCE, read_labels, read_recording, short_recordings_section
from edge.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path


def heart(rr_s: np.ndarray) -> np.ndarray:
    """One lead in units of 1/1000 mV, with a beat after each interval."""
    beats_s = 0.5 + np.cumsum(rr_s)
    time_s = np.arange(round((beats_s[-1] + 1) * RATE_HZ)) / RATE_HZ
    wave = sum(np.exp(-0.5 * ((time_s - at) / 0.012) ** 2) for at in beats_s)
    return np.rint(1000 * (wave + 0.01 * np.random.default_rng(5).standard_normal(len(time_s)))).astype(np.int16)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(2)
    recordings = {
        "A00001": ("N", np.full(60, 0.8)),
        "A00002": ("A", rng.uniform(0.4, 1.2, 70)),
        "A00003": ("O", np.tile([0.6, 1.0], 30)),
        "A00004": ("~", rng.uniform(0.4, 1.2, 70)),
    }
    for name, (_, rr_s) in recordings.items():
        scipy.io.savemat(tmp_path / f"{name}.mat", {"val": heart(rr_s)[np.newaxis, :]})
    lines = [f"{name},{label}" for name, (label, _) in recordings.items()]
    (tmp_path / REFERENCE).write_text("\n".join([*lines, "A00009,N", ""]))
    return tmp_path


def test_a_recording_is_in_millivolts(folder: Path) -> None:
    samples_mv = read_recording(folder / "A00001.mat")
    assert samples_mv.max() == pytest.approx(1.0, abs=0.05)


def test_fibrillation_is_told_from_normal_and_patterned_rhythm_and_noise_is_not_judged(folder: Path) -> None:
    figures = short_recordings_section(folder, None).figures["all"]
    assert figures["recordings"] == {"N": 1, "O": 1, "A": 1, "~": 1}  # what is not there is not counted
    assert figures["called"] == {"N": 0, "O": 0, "A": 1, "~": 1}
    assert (figures["sensitivity"], figures["specificity"], figures["f1"]) == (1.0, 1.0, 1.0)


def test_a_folder_without_labels_or_recordings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_labels(tmp_path)
    (tmp_path / REFERENCE).write_text("A00001,N\n")
    with pytest.raises(InputError, match="holds none of the recordings"):
        read_labels(tmp_path)
    (tmp_path / REFERENCE).write_text("A00001,X\n")
    with pytest.raises(InputError, match="each line must be"):
        read_labels(tmp_path)
    (tmp_path / "A00001.mat").write_bytes(b"nothing")
    with pytest.raises(InputError, match="cannot be read as a recording"):
        read_recording(tmp_path / "A00001.mat")
