"""What a network is shown of one lead: its shape, how high it is in mV, and which lead it is where that is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from reader.classify.heights import NAMES
from reader.classify.preparation import companded
from reader.twelve_leads import LEADS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ecg.samples import Float32Array

__all__ = ["ABOUT", "about", "heights_told", "one_lead"]

_HEIGHTS: Final = ("highest", "lowest", "ln deviation")
ABOUT: Final = ("known", *_HEIGHTS, *(f"is {lead}" for lead in LEADS))
"""What each number of the input `about` is. `known` is 1 where the heights are; `is II` is 1 where the lead is known to
be lead II, and so on: none is 1 for a lead that nobody named."""

_COLUMNS: Final = np.array([[NAMES.index(f"{lead} {height}") for height in _HEIGHTS] for lead in LEADS])


def about(heights: Float32Array, lead: NDArray[np.int64], is_named: NDArray[np.bool_]) -> Float32Array:
    """The input `about`, shape (n, len(`ABOUT`)).

    Args:
        heights: shape (n, `HEIGHTS`), see `reader.classify.heights`.
        lead: shape (n,), numbers among `LEADS`.
        is_named: shape (n,), whether the network is told which lead it is.
    """
    each = np.arange(len(heights))
    told = np.zeros((len(heights), len(ABOUT)), np.float32)
    told[:, 0] = heights[:, NAMES.index("known")]
    told[:, 1 : 1 + len(_HEIGHTS)] = heights[each[:, np.newaxis], _COLUMNS[lead]]
    told[each, 1 + len(_HEIGHTS) + lead] = is_named
    return told


def heights_told(lead: str) -> tuple[slice, NDArray[np.int64]]:
    """Which numbers of `about` are heights, and which of `reader.classify.heights.NAMES` they are of a lead."""
    return slice(1, 1 + len(_HEIGHTS)), _COLUMNS[LEADS.index(lead)]


def one_lead(
    leads: Float32Array, heights: Float32Array, lead: NDArray[np.int64], is_named: NDArray[np.bool_]
) -> dict[str, Float32Array]:
    """The inputs of a network of the task `lead`: `lead`, shape (n, samples, 1), and `about`.

    Args:
        leads: shape (n, samples, 12), in standard deviations, see `reader.classify.preparation`.
        heights: as for `about`.
        lead: likewise.
        is_named: likewise.
    """
    chosen = leads[np.arange(len(leads)), :, lead][:, :, np.newaxis]
    return {"lead": companded(chosen), "about": about(heights, lead, is_named)}
