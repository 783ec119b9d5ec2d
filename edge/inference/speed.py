"""How long a model takes for a beat on this machine."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ecg.model_file.golden import Golden
    from edge.inference.classifier import TFLiteClassifier

__all__ = ["BEAT_BUDGET_MS", "beat_ms"]

BEAT_BUDGET_MS: Final = 20.0
"""For one beat: a tenth of the 200 ms between two beats at 300 a minute, so that the rest of the work keeps up."""

_ROUNDS: Final = 10


def beat_ms(classifier: TFLiteClassifier, golden: Golden) -> float:
    """Median time that a model takes for one of its golden beats, in ms."""
    spent_s = []
    for _ in range(_ROUNDS):
        for number in range(len(golden.outputs)):
            beat = {name: values[number] for name, values in golden.inputs.items()}
            began_s = time.perf_counter()
            classifier.classify(beat)
            spent_s.append(time.perf_counter() - began_s)
    return 1000 * statistics.median(spent_s)
