"""Which beats become the golden ones of a model file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from converter.export.agreement import int8_outputs
from ecg.errors import CheckFailedError
from ecg.model_file.golden import GOLDEN_TOLERANCE_STEPS, Golden

if TYPE_CHECKING:
    from ecg.model_file.quantised import QuantisedModel
    from ecg.samples import Float32Array

__all__ = ["choose_golden"]

GOLDEN_BEATS_PER_LABEL: Final = 2


def choose_golden(
    quantised: QuantisedModel, undelegated: QuantisedModel, candidates: dict[str, Float32Array]
) -> Golden:
    """Beats of each label whose label stands even where a runtime is off by what is tolerated.

    A beat on which XNNPACK and the plain kernels already use up half of the tolerance is no measure of a runtime.
    """
    outputs = int8_outputs(quantised, candidates)
    plain = int8_outputs(undelegated, candidates)
    steady = np.abs(outputs.astype(np.int16) - plain).max(axis=1) <= GOLDEN_TOLERANCE_STEPS // 2
    ranked = np.sort(outputs.astype(np.int16), axis=1)
    clear = steady & (ranked[:, -1] - ranked[:, -2] > 2 * GOLDEN_TOLERANCE_STEPS)
    answer = outputs.argmax(axis=1)
    chosen = np.concatenate(
        [np.flatnonzero(clear & (answer == label))[:GOLDEN_BEATS_PER_LABEL] for label in range(outputs.shape[1])]
    )
    if not len(chosen):
        raise CheckFailedError("The model is sure of none of the golden beats: train it for longer.")
    return Golden({name: values[chosen] for name, values in candidates.items()}, outputs[chosen])
