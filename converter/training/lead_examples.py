"""One lead of each recording, as a network of the task `lead` learns from it and answers for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from reader.classify.one_lead import one_lead
from reader.twelve_leads import LEADS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from converter.training.superclass_settings import OneLead
    from converter.training.vary_leads import Examples
    from ecg.samples import Float32Array

__all__ = ["LeadExamples", "draw_lead", "of_lead"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LeadExamples:
    """One lead each.

    Attributes:
        inputs: as the network takes them, see `reader.classify.one_lead`.
        targets: shape (n, labels), 0 to 1.
    """

    inputs: dict[str, Float32Array]
    targets: Float32Array

    def __len__(self) -> int:
        return len(self.targets)

    def take(self, chosen: NDArray[Any] | slice) -> LeadExamples:
        """Those of these numbers, or of this mask."""
        inputs = {name: values[chosen] for name, values in self.inputs.items()}
        return LeadExamples(inputs=inputs, targets=self.targets[chosen])


def of_lead(examples: Examples, lead: str, *, is_named: bool = True) -> LeadExamples:
    """The same lead of each; `is_named`: whether the network is told which."""
    count = len(examples)
    number = np.full(count, LEADS.index(lead))
    return _taken(examples, number, np.full(count, is_named))


def draw_lead(examples: Examples, how: OneLead, rng: np.random.Generator) -> LeadExamples:
    """A lead of each, drawn anew."""
    count = len(examples)
    other = rng.integers(0, len(LEADS), count)
    number = np.where(rng.random(count) < how.lead_ii, LEADS.index("II"), other)
    return _taken(examples, number, rng.random(count) < how.named)


def _taken(examples: Examples, number: NDArray[np.int64], is_named: NDArray[np.bool_]) -> LeadExamples:
    return LeadExamples(inputs=one_lead(examples.leads, examples.heights, number, is_named), targets=examples.targets)
