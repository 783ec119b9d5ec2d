"""What a model of twelve leads says of the recordings that another learns from, beside their labels.

Hinton et al. 2015, Distilling the knowledge in a neural network. Of each recording of folds 1 to 8 it is the answer of
a network that did not learn from it. That network did learn from the recordings that the pupil is judged by across
folds 1 to 8: nothing of their labels but its weights goes on to the pupil. Fold 9 takes no part.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from converter.training.superclass_run import SuperclassRun
from ecg.errors import InputError
from ecg.model_file.card import Calibration
from reader.classify.probability import probabilities

if TYPE_CHECKING:
    from pathlib import Path

    from converter.datasets.annotations import IntArray
    from ecg.samples import Float32Array, FloatArray

__all__ = ["Teacher", "read_teacher"]


class Teacher(NamedTuple):
    """Calibrated probabilities of recordings.

    Attributes:
        ecg_id: shape (n,), sorted.
        says: shape (n, labels).
    """

    ecg_id: IntArray
    says: FloatArray

    @property
    def digest(self) -> str:
        """SHA-256."""
        return hashlib.sha256(self.ecg_id.tobytes() + np.ascontiguousarray(self.says).tobytes()).hexdigest()

    def taught(self, ecg_id: IntArray, labels: Float32Array, share: float) -> Float32Array:
        """Targets, shape (n, labels): `share` of what the teacher says, the rest the labels.

        Raises:
            InputError: the teacher says nothing of one of the recordings.
        """
        at = np.searchsorted(self.ecg_id, ecg_id).clip(0, len(self.ecg_id) - 1)
        unknown = np.flatnonzero(self.ecg_id[at] != ecg_id)
        if len(unknown):
            raise InputError(f"the teacher says nothing of recording {ecg_id[unknown[0]]}: train it on the same data")
        return np.asarray(share * self.says[at] + (1 - share) * labels, dtype=np.float32)


def read_teacher(folder: Path) -> Teacher:
    """What the model of a finished run folder says of folds 1 to 8.

    Raises:
        InputError: it is no such folder, or the run is not finished.
    """
    run = SuperclassRun(folder)
    calibration = [Calibration(**each) for each in run.results()["calibration"]]
    try:
        with np.load(run.predictions_path) as arrays:
            ecg_id, log_odds = arrays["ecg_id"], arrays["log_odds"].astype(np.float64)
    except (OSError, KeyError, ValueError) as error:
        raise InputError(f"{run.predictions_path} cannot be read ({error})") from error
    order = np.argsort(ecg_id)
    return Teacher(ecg_id[order], probabilities(log_odds[order], calibration))
