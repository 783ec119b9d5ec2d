"""A light model, trained for a moment on beats that anybody can tell apart, and what it was exported to."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from ecg.samples import BEAT_BEFORE, BEAT_SAMPLES
from edge.inference.inputs import RHYTHM_FEATURES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ecg.samples import Float32Array

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # before TensorFlow is imported: no chatter about missing GPUs


LABELS = ("N", "S", "V", "F", "Q")
BEATS = 600


@dataclass(frozen=True)
class Trained:
    """A Keras model with the beats that it was trained on."""

    model: Any
    inputs: dict[str, Float32Array]
    truth: Any


def synthetic_beats(count: int) -> tuple[dict[str, Float32Array], Any]:
    """Beats of five classes that differ in width, height and rhythm, in noise; and the number of each one's class."""
    rng = np.random.default_rng(11)
    truth = np.arange(count) % len(LABELS)
    time_s = (np.arange(BEAT_SAMPLES) - BEAT_BEFORE) / 360
    width_s = 0.015 + 0.02 * truth[:, np.newaxis]
    height = np.where(truth == 3, -1.0, 1.0)[:, np.newaxis]
    template = np.exp(-((time_s / 0.02) ** 2))
    waveform = np.stack((height * np.exp(-((time_s / width_s) ** 2)), np.broadcast_to(template, (count, 259))), axis=-1)
    rhythm = np.where(truth == 1, -0.5, 0.0)[:, np.newaxis] + rng.normal(0, 0.05, (count, len(RHYTHM_FEATURES)))
    waveform = waveform + rng.normal(0, 0.05, waveform.shape)
    return {"waveform": waveform.astype(np.float32), "rhythm": rhythm.astype(np.float32)}, truth


@pytest.fixture(scope="session")
def trained() -> Trained:
    import keras

    from converter.zoo import resecanet

    keras.utils.set_random_seed(5)
    model = resecanet.build("resecanet-aami5", waveform_channels=2, rhythm_features=len(RHYTHM_FEATURES))
    inputs, truth = synthetic_beats(BEATS)
    model.compile(optimizer=keras.optimizers.Adam(3e-3), loss="sparse_categorical_crossentropy")
    model.fit(inputs, truth, batch_size=30, epochs=2, verbose=0)
    return Trained(model, inputs, truth)


@pytest.fixture(scope="session")
def exported(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Path of the model file made of `trained`."""
    from converter.export.export import CardFields, LabelledBeats, export
    from ecg.model_file.card import DataSource, Training

    data = DataSource(name="synthetic", records=("one", "two"), licence="Apache-2.0")
    training = Training(
        protocol="synthetic",
        train_data=(data,),
        test_data=(data,),
        label_source="the generator of the beats",
        train_beats=dict.fromkeys(LABELS, BEATS // len(LABELS)),
        test_beats=dict.fromkeys(LABELS, BEATS // len(LABELS)),
        seed=5,
        rebuild=("make test",),
        limits=("Synthetic beats say nothing about hearts.",),
    )
    fields = CardFields(
        name="resecanet-aami5",
        version="0",
        architecture="ResECANet",
        labels=LABELS,
        normalisation="template",
        training=training,
        tested_on="the beats that it was trained on",
    )
    test = LabelledBeats(trained.inputs, trained.truth)
    folder = tmp_path_factory.mktemp("models")
    return export(trained.model, trained.inputs, fields, trained.inputs, folder, test=test)


def _write_heartbeats(
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


@pytest.fixture
def write_heartbeats() -> Callable[..., None]:
    """Writes a WFDB record of synthetic beats with its annotations; arguments as `_write_heartbeats`."""
    return _write_heartbeats


@pytest.fixture
def short_recordings(tmp_path: Path) -> Path:
    """Five recordings as of the CinC 2017 challenge, A00004 of the half that reports; a label more has no recording."""
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
    folder = tmp_path / "cinc2017"
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


def _write_recording(folder: Path, name: str, rate_hz: int = 500) -> None:
    import wfdb

    from converter.datasets.ptbxl import LEADS

    seen = [float(lead != "aVL") for lead in LEADS]  # one lead sees nothing
    time_s = np.arange(10 * rate_hz) / rate_hz
    wave = sum(np.exp(-0.5 * ((time_s - at_s) / 0.012) ** 2) for at_s in np.arange(0.6, 9.6, 0.8))
    noise = 0.01 * np.random.default_rng(3).standard_normal((len(time_s), len(LEADS)))
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    wfdb.wrsamp(
        name.rpartition("/")[2],
        fs=rate_hz,
        units=["mV"] * len(LEADS),
        sig_name=list(LEADS),
        p_signal=wave[:, np.newaxis] * np.array(seen) + noise,
        fmt=["16"] * len(LEADS),
        adc_gain=[1000] * len(LEADS),
        baseline=[0] * len(LEADS),
        write_dir=str((folder / name).parent),
    )


@pytest.fixture
def ptbxl(tmp_path: Path) -> Path:
    """Six recordings of twelve leads, five at 500 Hz and at 100 Hz and one at 100 Hz alone; a seventh is only named."""
    from converter.datasets.ptbxl import STATEMENTS

    rows = [
        ("{'NORM': 100.0, 'SR': 0.0}", ""),
        ("{'NORM': 100.0, 'SR': 0.0}", "1ES"),
        ("{'NORM': 50.0, 'SR': 0.0}", ""),
        ("{'NORM': 80.0, 'PVC': 100.0}", ""),
        ("{'AFIB': 100.0}", ""),
        ("{'NORM': 100.0, 'SR': 0.0}", ""),  # which is there at 100 Hz
        ("{'NORM': 100.0, 'SR': 0.0}", ""),  # which is not there
    ]
    with (tmp_path / STATEMENTS).open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["ecg_id", "scp_codes", "extra_beats", "filename_hr", "filename_lr"])
        table.writerows([number, codes, extra, *_names(number)] for number, (codes, extra) in enumerate(rows))
    for number in range(5):
        _write_recording(tmp_path, _names(number)[0])
        _write_recording(tmp_path, _names(number)[1], 100)
    _write_recording(tmp_path, _names(5)[1], 100)
    return tmp_path


def _names(number: int) -> tuple[str, str]:
    return f"records500/00000/{number:05}_hr", f"records100/00000/{number:05}_lr"
