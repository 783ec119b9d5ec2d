"""From the outputs of a model to calibrated probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecg.model_file.card import Calibration
    from ecg.samples import FloatArray

__all__ = ["probabilities"]


def probabilities(log_odds: FloatArray, calibration: Sequence[Calibration]) -> FloatArray:
    """Probabilities of log odds, both of shape (..., labels), by the calibration of each label."""
    slope = np.array([each.slope for each in calibration])
    offset = np.array([each.offset for each in calibration])
    return np.asarray(1 / (1 + np.exp(-(log_odds * slope + offset))), dtype=np.float64)
