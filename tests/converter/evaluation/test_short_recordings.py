"""Recordings of the CinC 2017 challenge: called fibrillation or not, and ectopic beats counted where none can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from converter.datasets.short_recordings import read_recording
from converter.evaluation.short_recordings import run_recording, short_recordings_section

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ecg.model_file.card import Normalisation
    from ecg.samples import Float32Array, FloatArray


class Ectopic:
    """Calls each beat V."""

    labels = ("N", "S", "V", "F", "Q")
    inputs = ("waveform", "rhythm")
    normalisation: Normalisation = "template"

    def classify(self, inputs: Mapping[str, Float32Array]) -> FloatArray:
        assert inputs
        return np.array((0.0, 0.1, 0.9, 0.0, 0.0))


def test_fibrillation_is_told_from_normal_and_patterned_rhythm_and_noise_is_not_judged(short_recordings: Path) -> None:
    figures = short_recordings_section(short_recordings, None).figures["all"]
    assert figures["recordings"] == {"N": 2, "O": 1, "A": 1, "~": 1}  # what is not there is not counted
    assert figures["called"] == {"N": 0, "O": 0, "A": 1, "~": 1}
    assert (figures["sensitivity"], figures["specificity"], figures["f1"]) == (1.0, 1.0, 1.0)


def test_what_is_called_ectopic_in_a_normal_recording_is_counted_with_its_alarms(short_recordings: Path) -> None:
    found = short_recordings_section(short_recordings, Ectopic()).figures["normal"]["all"]
    assert (found["recordings"], found["recordings_with"]) == (2, {"S": 0, "V": 2})
    assert 100 < found["called"]["V"] <= found["beats"]
    assert found["ventricular_alarms"] >= 2


def test_without_a_model_no_beat_is_called_ectopic(short_recordings: Path) -> None:
    samples_mv = read_recording(short_recordings / "A00003.mat")
    result = run_recording(samples_mv, "N", None)
    assert result.seconds == len(samples_mv) / 300
    assert set(result.beats) == {"unclassified"}
    assert not result.alarms
