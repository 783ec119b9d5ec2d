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
from tests.support import heartbeats

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from converter.datasets.twelve_leads import TwelveLeadSet
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


@pytest.fixture
def write_heartbeats() -> Callable[..., None]:
    """Writes a WFDB record of synthetic beats with its annotations; arguments as `heartbeats.write`."""
    return heartbeats.write


@pytest.fixture
def short_recordings(tmp_path: Path) -> Path:
    """Five recordings as of the CinC 2017 challenge, A00004 of the half that reports; a label more has no recording."""
    return heartbeats.write_short(tmp_path / "cinc2017")


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


@pytest.fixture
def infarctions() -> TwelveLeadSet:
    """Ten short recordings of each of folds 1 to 9; infarction is a step in the second half, in every lead."""
    from converter.datasets.twelve_leads import TwelveLeadSet
    from reader.classify.heights import HEIGHTS

    count, samples = 90, 64
    rng = np.random.default_rng(4)
    shows = rng.random((count, 5)) < 0.5
    shows[:, 1] = np.arange(count) % 2 == 0
    shows[:, 2] &= shows[:, 1]
    leads = rng.standard_normal((count, samples, 12)).astype(np.float32)
    leads[::2, samples // 2 :] += 2
    heights = rng.standard_normal((count, HEIGHTS)).astype(np.float32)
    heights[:, 0] = 1
    return TwelveLeadSet(
        leads=leads,
        heights=heights,
        shows=shows,
        ecg_id=np.arange(count),
        patient=np.arange(count),
        fold=np.arange(count) // 10 + 1,
    )
