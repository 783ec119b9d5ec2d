"""Beats for training are cut by the monitor's own code, and labelled by the reference beat that each one is."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest

from converter.datasets.annotations import read_beats
from converter.datasets.beats import AS_RECORDED, MOTION, BeatSet
from converter.datasets.catalogue import check_folder
from converter.datasets.cut_cache import CutCache
from converter.datasets.cutting import cut_record
from converter.datasets.folders import read_channel
from converter.datasets.protocol_beats import cut_protocol
from converter.datasets.protocols import PROTOCOLS
from ecg.errors import InputError
from ecg.samples import SampleBlock
from edge.pipeline import Pipeline
from edge.rhythm.settings import RhythmSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from converter.datasets.cutting import Peaks
    from ecg.model_file.card import Normalisation
    from ecg.samples import Float32Array, FloatArray

    WriteRecord = Callable[..., None]


class Recorder:
    """A classifier that keeps the waveforms that it is shown."""

    labels = ("N",)
    inputs = ("waveform", "rhythm")
    normalisation = "template"

    def __init__(self) -> None:
        self.waveforms: list[Float32Array] = []

    def classify(self, inputs: Mapping[str, Float32Array]) -> FloatArray:
        self.waveforms.append(inputs["waveform"].copy())
        return np.ones(1)


def signals_of(beats: BeatSet, record: str) -> set[tuple[int, str]]:
    mine = beats.take(beats.record == record)
    return set(zip(mine.channel.tolist(), mine.augmentation.tolist(), strict=True))


@pytest.fixture
def folder(tmp_path: Path, write_heartbeats: WriteRecord) -> Path:
    write_heartbeats(tmp_path / "mitdb", "100", symbols="NNNVNNNNA" * 8)
    return tmp_path / "mitdb"


def test_every_annotated_beat_with_a_whole_window_is_cut_and_bears_its_symbol(folder: Path) -> None:
    reference = read_beats(folder / "100")
    beats = cut_record(folder, "100", 0, peaks="annotated", normalisation="beat", origin="mitdb")
    assert beats.symbol.tolist() == reference.symbol.tolist()
    assert np.abs(beats.index - reference.index).max() <= 3
    assert set(beats.record.tolist()) == {"mitdb/100"}
    assert beats.inputs["waveform"].shape == (len(reference.index), 259, 1)


def test_the_r_peak_stands_at_sample_99(folder: Path) -> None:
    beats = cut_record(folder, "100", 0, peaks="annotated", normalisation="beat", origin="mitdb")
    peaks = beats.inputs["waveform"][:, :, 0].argmax(axis=1)
    assert set(peaks.tolist()) == {99}


def test_beats_that_the_monitor_found_itself_are_labelled_by_the_reference(folder: Path) -> None:
    reference = read_beats(folder / "100")
    beats = cut_record(folder, "100", 0, peaks="detected", normalisation="template", origin="mitdb")
    assert len(beats) >= len(reference.index) - 2  # the detector may need the first beats to find its level
    nearest = np.abs(beats.index[:, np.newaxis] - reference.index).argmin(axis=1)
    assert beats.symbol.tolist() == reference.symbol[nearest].tolist()


def test_training_is_shown_what_the_monitor_shows_its_model(folder: Path) -> None:
    samples_mv, rate_hz = read_channel(folder, "100", 0)
    monitor = Recorder()
    pipeline = Pipeline(rate_hz=Fraction(rate_hz), settings=RhythmSettings(), classifier=monitor)
    for first in range(0, len(samples_mv), 97):
        pipeline.push(SampleBlock(first, samples_mv[first : first + 97]))
    pipeline.finish()
    beats = cut_record(folder, "100", 0, peaks="detected", normalisation="template", origin="mitdb")
    np.testing.assert_array_equal(beats.inputs["waveform"], np.stack(monitor.waveforms))


def test_a_record_at_another_rate_is_cut_on_the_360_hz_clock(tmp_path: Path, write_heartbeats: WriteRecord) -> None:
    write_heartbeats(tmp_path / "svdb", "800", symbols="NNV" * 20, rate_hz=128)
    beats = cut_record(tmp_path / "svdb", "800", 0, peaks="detected", normalisation="template", origin="svdb")
    reference = read_beats(tmp_path / "svdb" / "800")
    assert np.abs(beats.index[:, np.newaxis] - reference.index).min(axis=1).max() <= 6
    assert (beats.symbol == "V").sum() >= 19


def test_a_moving_patient_has_every_second_beat_of_the_same_record_in_noise(folder: Path) -> None:
    clean = cut_record(folder, "100", 0, peaks="detected", normalisation="template", origin="mitdb")
    moving, again = (
        cut_record(folder, "100", 0, peaks="detected", normalisation="template", origin="mitdb", augmentation=MOTION)
        for _ in range(2)
    )
    assert moving.digest() == again.digest()
    assert set(moving.channel.tolist()) == {0}
    assert set(moving.augmentation.tolist()) == {MOTION}
    assert not moving.is_first_channel.any()
    assert set(moving.record.tolist()) == {"mitdb/100"}
    assert len(moving) == pytest.approx(len(clean) / 2, rel=0.2)
    assert (np.diff(moving.index) <= 360).sum() <= 2  # where the noise made a beat of its own
    same = np.isin(clean.index, moving.index)
    differs = np.abs(clean.inputs["waveform"][same] - moving.inputs["waveform"][np.isin(moving.index, clean.index)])
    assert differs.max() > 0.2


def test_motion_is_mixed_into_what_is_learned_from_alone(tmp_path: Path, write_heartbeats: WriteRecord) -> None:
    for record in ("100", "101"):  # of DS2 and DS1
        write_heartbeats(tmp_path / "mitdb", record, symbols="NNNVNNNNA" * 8)
    beats, _ = cut_protocol(
        PROTOCOLS["inter-patient"],
        {"mitdb": check_folder(tmp_path / "mitdb", "mitdb")},
        normalisation="template",
        cache=CutCache(tmp_path / "cache"),
    )
    recorded = {(0, AS_RECORDED), (1, AS_RECORDED)}
    assert signals_of(beats, "mitdb/100") == recorded
    assert signals_of(beats, "mitdb/101") == {*recorded, (0, MOTION)}


def test_a_flat_record_is_refused_by_name(tmp_path: Path, write_heartbeats: WriteRecord) -> None:
    write_heartbeats(tmp_path / "mitdb", "101", symbols="N" * 10, height_mv=0.0, noise_mv=0.0)
    with pytest.raises(InputError, match="101: no beat can be cut from signal 0"):
        cut_record(tmp_path / "mitdb", "101", 0, peaks="detected", normalisation="beat", origin="mitdb")


def test_beats_from_the_cache_are_those_that_were_cut_and_a_damaged_file_is_cut_anew(
    folder: Path, tmp_path: Path
) -> None:
    cache = CutCache(tmp_path / "cache")
    datasets = {"mitdb": check_folder(folder, "mitdb")}

    def cut() -> tuple[str, int]:
        beats, provenance = cut_protocol(PROTOCOLS["random"], datasets, normalisation="beat", cache=cache)
        assert provenance.beats == beats.digest()
        return provenance.beats, provenance.counts["mitdb"]["cut"]

    first = cut()
    assert len(list(cache.directory.glob("*.npz"))) == 1
    assert cut() == first
    for file in cache.directory.glob("*.npz"):
        file.write_bytes(file.read_bytes()[:1000])
    assert cut() == first


def test_signals_and_r_peaks_have_files_of_their_own_in_the_cache(folder: Path, tmp_path: Path) -> None:
    cache = CutCache(tmp_path / "cache")
    cut_protocol(PROTOCOLS["random"], {"mitdb": check_folder(folder, "mitdb")}, normalisation="beat", cache=cache)
    beats, _ = cut_protocol(
        PROTOCOLS["inter-patient"], {"mitdb": check_folder(folder, "mitdb")}, normalisation="template", cache=cache
    )
    assert set(beats.channel.tolist()) == {0, 1}
    assert len(list(cache.directory.glob("*.npz"))) == 3


@pytest.mark.recordings
@pytest.mark.parametrize(
    ("way", "digest", "inputs_sum"),
    [
        (("detected", "template", AS_RECORDED), "b0e728d36370490f", 12.9386),
        (("detected", "template", MOTION), "36aa7b1dd6f61975", -20.5659),
        (("annotated", "beat", AS_RECORDED), "5822f1519900d6d6", -2.1241),
    ],
)
def test_a_record_is_cut_into_the_beats_that_it_was_cut_into_before(
    way: tuple[Peaks, Normalisation, str],
    digest: str,
    inputs_sum: float,
    recordings: Path,
    rounded_digest: Callable[..., str],
) -> None:
    """Whoever changes them says so: the shipped models learned from those of the detector of before."""
    peaks, normalisation, augmentation = way
    beats = cut_record(
        recordings / "mitdb",
        "106",
        0,
        peaks=peaks,
        normalisation=normalisation,
        origin="mitdb",
        augmentation=augmentation,
    )
    assert rounded_digest(beats.symbol, beats.index) == digest
    # Processors round a float32 apart, so that no digest can hold the inputs; each value has a weight of its own.
    values = np.concatenate([beats.inputs[name].ravel() for name in sorted(beats.inputs)]).astype(np.float64)
    assert values @ np.cos(np.arange(values.size)) == pytest.approx(inputs_sum, abs=2e-3)


@pytest.mark.recordings
def test_next_to_all_annotated_beats_of_a_difficult_record_are_cut(recordings: Path) -> None:
    beats = cut_record(recordings / "mitdb", "208", 0, peaks="annotated", normalisation="beat", origin="mitdb")
    # 2,955 beats are annotated; the first and the last have no whole window. A change must not make this worse.
    assert len(beats) >= 2953
    assert (beats.symbol == "V").sum() == 992
