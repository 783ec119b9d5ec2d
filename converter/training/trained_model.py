"""The Keras model of a run: build, save, load, predict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from converter.zoo import resecanet

if TYPE_CHECKING:
    from converter.datasets.beats import BeatSet
    from converter.training.run_folder import RunFolder
    from converter.training.settings import TrainingSettings
    from ecg.samples import Float32Array

__all__ = ["build_model", "load_trained", "predict", "save_weights"]

_PREDICTION_BATCH = 512


def build_model(settings: TrainingSettings, beats: BeatSet) -> Any:
    """The untrained Keras model of a run, its input shapes taken from the beats."""
    rhythm = beats.inputs.get("rhythm")
    return resecanet.build(
        settings.model,
        waveform_channels=beats.inputs["waveform"].shape[2],
        rhythm_features=0 if rhythm is None else rhythm.shape[1],
    )


def load_trained(run: RunFolder, beats: BeatSet) -> Any:
    """The trained Keras model of a run."""
    model = build_model(run.settings(), beats)
    model.load_weights(run.weights_path)
    return model


def save_weights(model: Any, run: RunFolder) -> None:
    """Keep the weights, whole or not at all."""
    draft = run.path / "draft.weights.h5"
    model.save_weights(draft)
    draft.replace(run.weights_path)


def predict(model: Any, beats: BeatSet) -> Float32Array:
    """Shape (n, labels): probabilities."""
    parts = [
        np.asarray(
            model.predict_on_batch(
                {name: values[first : first + _PREDICTION_BATCH] for name, values in beats.inputs.items()}
            )
        )
        for first in range(0, len(beats), _PREDICTION_BATCH)
    ]
    return np.concatenate(parts).astype(np.float32)
