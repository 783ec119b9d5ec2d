"""Noise is mixed in from what is at hand; R peaks, labels and alarms are counted in the noisy stretches alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from converter.datasets.noise_recordings import read_noises
from converter.evaluation.in_noise import labels_in_noise_section, noise_section
from converter.evaluation.r_peaks import OURS
from edge.inference import load_classifier

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    WriteRecord = Callable[..., None]


def write_noise(folder: Path, name: str) -> None:
    import wfdb

    folder.mkdir(exist_ok=True)
    samples_mv = 0.2 * np.random.default_rng(1).standard_normal((360 * 60, 1))
    wfdb.wrsamp(
        name,
        fs=360,
        units=["mV"],
        sig_name=["noise"],
        p_signal=samples_mv,
        fmt=["16"],
        adc_gain=[1000],
        baseline=[0],
        write_dir=str(folder),
    )


@pytest.fixture
def recordings(tmp_path: Path, write_heartbeats: WriteRecord) -> Path:
    write_heartbeats(tmp_path / "mitdb", "100", symbols="N" * 550)  # seven minutes
    write_noise(tmp_path / "nstdb", "ma")
    return tmp_path


def test_noise_makes_more_errors_the_louder_it_is(recordings: Path) -> None:
    section = noise_section(recordings / "mitdb", read_noises(recordings), None, ["100"])
    assert set(section.figures) == {"ma"}
    found = section.figures["ma"]
    assert found["24"]["beats"] == 150
    assert found["24"]["error_rate"] <= found["0"]["error_rate"]
    assert found["0"]["missed"] + found["0"]["false"] > 0
    assert section.tables[0].rows[0][0] == OURS


def test_electrode_motion_is_measured_where_it_is_at_hand(recordings: Path) -> None:
    write_noise(recordings / "nstdb", "em")
    assert set(noise_section(recordings / "mitdb", read_noises(recordings), None, ["100"]).figures) == {"ma", "em"}


def test_what_becomes_of_normal_beats_in_noise_adds_up(recordings: Path, exported: Path) -> None:
    classifier = load_classifier(exported)
    section = labels_in_noise_section(recordings / "mitdb", read_noises(recordings), classifier, ["100"])
    assert set(section.figures) == {"ma 12 dB", "ma 6 dB"}
    for own in section.figures.values():
        assert own["beats"] == 150
        assert own["hours"] == pytest.approx(120 / 3600)
        told = own["called_n"] + own["called_s"] + own["called_v"] + own["set_aside"]
        assert 0 < told <= own["beats"]
    assert len(section.tables[0].rows) == 2
    assert len(section.tables[0].rows[0]) == len(section.tables[0].columns)
