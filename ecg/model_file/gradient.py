"""The signature by which a model file gives the gradient of its answer: what an explanation is made of.

`converter.export.gradient` writes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecg.samples import FloatArray

__all__ = ["ANSWER", "LOG_ODDS", "OF", "SIGNATURE", "Gradient"]

SIGNATURE: Final = "gradient"
"""Its key, and the name of its subgraph."""
ANSWER: Final = "answer"
"""Its input beside those of the model, shape (1, labels): how much of each output is asked for."""
LOG_ODDS: Final = "log_odds"
"""Its output that is the model's own."""
OF: Final = "gradient_of_"
"""Before the names of the inputs and of the feature map: its outputs that are gradients in them."""


@dataclass(frozen=True, slots=True, eq=False)
class Gradient:
    """How an answer changes with what led to it.

    Attributes:
        log_odds: shape (labels,), of the float network; those of the int8 model differ by rounding.
        further: by name of a further output, its value.
        slopes: by name of an input or further output, the gradient of the answer in it, of its shape.
    """

    log_odds: FloatArray
    further: Mapping[str, FloatArray]
    slopes: Mapping[str, FloatArray]
