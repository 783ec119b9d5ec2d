"""Is a model fast enough on this machine?"""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING, Final

from ecg.errors import CheckFailedError
from edge.inference.classifier import TFLiteClassifier

if TYPE_CHECKING:
    from ecg.model_file.container import ModelFile
    from ecg.model_file.golden import Golden

__all__ = ["BEAT_BUDGET_MS", "check_at_work"]

BEAT_BUDGET_MS: Final = 20.0
"""For one beat: a tenth of the 200 ms between two beats at 300 a minute, so that the rest of the work keeps up."""

_ROUNDS: Final = 10


def check_at_work(model: ModelFile) -> float:
    """Run a model on this machine's runtime, golden beats, then speed; the time that it takes for a beat, in ms.

    Raises:
        InputError: its golden beats come out otherwise.
        CheckFailedError: it is too slow.
    """
    spent_ms = _beat_ms(TFLiteClassifier(model), model.golden)
    if spent_ms > BEAT_BUDGET_MS:
        raise CheckFailedError(
            f"Model file {model.path} is refused: it takes {spent_ms:.1f} ms a beat on this machine, and at most "
            f"{BEAT_BUDGET_MS:g} are in time; choose a smaller model, or close what else needs the processor."
        )
    return spent_ms


def _beat_ms(classifier: TFLiteClassifier, golden: Golden) -> float:
    """Median time that a model takes for one of its golden beats, in ms."""
    spent_s = []
    for _ in range(_ROUNDS):
        for number in range(len(golden.outputs)):
            beat = {name: values[number] for name, values in golden.inputs.items()}
            began_s = time.perf_counter()
            classifier.classify(beat)
            spent_s.append(time.perf_counter() - began_s)
    return 1000 * statistics.median(spent_s)
