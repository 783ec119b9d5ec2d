"""Sets of labelled beats: model inputs, what the reference calls them, and where they come from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from converter.datasets.annotations import SYMBOL_CLASSES, IntArray, StrArray, classes_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from ecg.samples import Float32Array

__all__ = ["AS_RECORDED", "COLUMNS", "MOTION", "BeatSet", "dataset_names"]

AS_RECORDED: Final = ""
MOTION: Final = "motion"
"""What was mixed into a signal before its beats were cut: nothing, or motion (`converter.datasets.motion`)."""

COLUMNS: Final = ("symbol", "index", "record", "channel", "augmentation")
"""What a beat set tells of each beat beside the inputs."""


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
        augmentation: shape (n,), what was mixed into the signal: `AS_RECORDED` or `MOTION`.
    """

    inputs: Mapping[str, Float32Array]
    symbol: StrArray
    index: IntArray
    record: StrArray
    channel: IntArray
    augmentation: StrArray

    def __len__(self) -> int:
        return len(self.index)

    @property
    def columns(self) -> dict[str, NDArray[Any]]:
        """What is told of each beat beside the inputs, by name."""
        return {name: getattr(self, name) for name in COLUMNS}

    @property
    def is_first_channel(self) -> NDArray[np.bool_]:
        """Shape (n,): which beats are of a record's first signal, as it was recorded."""
        return np.asarray((self.channel == 0) & (self.augmentation == AS_RECORDED))

    @property
    def signal(self) -> IntArray:
        """Shape (n,): number of the signal that each beat is of, in order of record, augmentation and channel.

        A signal with motion mixed in is another one than the same signal as it was recorded.
        """
        record, augmentation = (
            np.unique(names, return_inverse=True)[1].astype(np.int64) for names in (self.record, self.augmentation)
        )
        named = (record * (augmentation.max() + 1) + augmentation) * (self.channel.max() + 1) + self.channel
        return np.unique(named, return_inverse=True)[1].astype(np.int64)

    def take(self, chosen: IntArray | NDArray[np.bool_]) -> BeatSet:
        """The beats of these numbers, or where a mask is true."""
        return BeatSet(
            {name: values[chosen] for name, values in self.inputs.items()},
            **{name: values[chosen] for name, values in self.columns.items()},
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
        for values in self.columns.values():
            whole.update(str(values.dtype).encode() + np.ascontiguousarray(values).tobytes())
        return whole.hexdigest()

    @staticmethod
    def join(parts: Sequence[BeatSet]) -> BeatSet:
        """All beats of `parts`, in their order; `parts` must not be empty."""
        return BeatSet(
            {name: np.concatenate([part.inputs[name] for part in parts]) for name in parts[0].inputs},
            **{name: np.concatenate([part.columns[name] for part in parts]) for name in COLUMNS},
        )


def dataset_names(record: StrArray) -> list[str]:
    """Names of the data sets, sorted, that records come from; `record` as in `BeatSet`."""
    return sorted({name.partition("/")[0] for name in np.unique(record).tolist()})
