"""Sets of labelled beats: model inputs, what the reference calls them, and where they come from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from converter.datasets.annotations import SYMBOL_CLASSES, IntArray, StrArray, classes_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from ecg.samples import Float32Array

__all__ = ["BeatSet"]


@dataclass(frozen=True, slots=True)
class BeatSet:
    """Labelled beats as a model is shown them.

    Attributes:
        inputs: by name of the model's input; `waveform` (n, 259, channels) and, for a model that takes it, `rhythm`
            (n, features), float32.
        symbol: shape (n,), the reference's MIT-BIH beat symbols; `FALSE_DETECTION` where it has no beat.
        index: shape (n,), 360 Hz index of the R peak that the beat was cut around.
        record: shape (n,), `data set/record`.
        channel: shape (n,), number of the signal in its record.
    """

    inputs: Mapping[str, Float32Array]
    symbol: StrArray
    index: IntArray
    record: StrArray
    channel: IntArray

    def __len__(self) -> int:
        return len(self.index)

    def take(self, chosen: IntArray | NDArray[np.bool_]) -> BeatSet:
        """The beats of these numbers, or where a mask is true."""
        return BeatSet(
            {name: values[chosen] for name, values in self.inputs.items()},
            self.symbol[chosen],
            self.index[chosen],
            self.record[chosen],
            self.channel[chosen],
        )

    def classes(self, labels: tuple[str, ...]) -> IntArray:
        """Shape (n,): number of each beat's class among a model's labels; -1 where the model has no class for it."""
        return classes_of(self.symbol, SYMBOL_CLASSES[labels], labels)

    def digest(self) -> str:
        """SHA-256 over all of it."""
        whole = hashlib.sha256()
        for name in sorted(self.inputs):
            whole.update(name.encode())
            whole.update(np.ascontiguousarray(self.inputs[name]).data)
        for own in (self.symbol, self.index, self.record, self.channel):
            whole.update(str(own.dtype).encode() + np.ascontiguousarray(own).tobytes())
        return whole.hexdigest()

    @staticmethod
    def join(parts: Sequence[BeatSet]) -> BeatSet:
        """All beats of `parts`, in their order; `parts` must not be empty."""
        return BeatSet(
            {name: np.concatenate([part.inputs[name] for part in parts]) for name in parts[0].inputs},
            np.concatenate([part.symbol for part in parts]),
            np.concatenate([part.index for part in parts]),
            np.concatenate([part.record for part in parts]),
            np.concatenate([part.channel for part in parts]),
        )
