"""What a training of the delineation network is made of."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

__all__ = ["WaveSettings"]

Positive = Annotated[int, msgspec.Meta(ge=1)]


class WaveSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of a run; the defaults are those of the shipped file.

    Attributes:
        model: its name in the zoo.
        seed: of everything random.
        folds: parts of the records, by patient; a network for each learns from the others and is tested on it.
        steps: of each training.
        samples: of a window, at 250 Hz: half of what the network is shown at work. Of 10 s of LUDB some 7 are marked.
        ludb_windows, qtdb_windows: in a batch. The QT Database has a seventh of the records, and more beats in each.
        learning_rate: the highest.
        warm_up: share of the steps in which it rises to that.
        weight_decay: of the kernels.
        average_decay: what the running average of the weights keeps of itself at each step.
    """

    model: Literal["delineation"] = "delineation"
    seed: Annotated[int, msgspec.Meta(ge=0)] = 1
    folds: Annotated[int, msgspec.Meta(ge=2)] = 3
    steps: Positive = 800
    samples: Annotated[int, msgspec.Meta(ge=256, multiple_of=16)] = 1280
    ludb_windows: Positive = 12
    qtdb_windows: Positive = 4
    learning_rate: float = 0.004
    warm_up: float = 0.05
    weight_decay: float = 0.01
    average_decay: float = 0.99
