"""A light model, trained for a moment on beats that anybody can tell apart, and what it was exported to."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from edge.inference.inputs import RHYTHM_FEATURES
from edge.samples import BEAT_BEFORE, BEAT_SAMPLES

if TYPE_CHECKING:
    from pathlib import Path

    from edge.inference.inputs import Float32Array

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

    from converter import zoo

    keras.utils.set_random_seed(5)
    model = zoo.build("resecanet-aami5", waveform_channels=2, rhythm_features=len(RHYTHM_FEATURES))
    inputs, truth = synthetic_beats(BEATS)
    model.compile(optimizer=keras.optimizers.Adam(3e-3), loss="sparse_categorical_crossentropy")
    model.fit(inputs, truth, batch_size=30, epochs=2, verbose=0)
    return Trained(model, inputs, truth)


@pytest.fixture(scope="session")
def exported(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Path of the model file made of `trained`."""
    from converter.export import CardFields, LabelledBeats, export
    from edge.inference.card import DataSource, Training

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
        labels=LABELS,
        normalisation="template",
        training=training,
        tested_on="the beats that it was trained on",
    )
    test = LabelledBeats(trained.inputs, trained.truth)
    folder = tmp_path_factory.mktemp("models")
    return export(trained.model, trained.inputs, fields, trained.inputs, folder, test=test)
