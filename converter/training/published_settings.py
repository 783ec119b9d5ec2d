"""What a run is made of that trains a baseline of `converter.zoo.published_cnn`: its authors' numbers."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from converter.zoo.published_cnn import CNNS

__all__ = ["DEFAULTS", "PublishedSettings"]


class PublishedSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One run.

    Attributes:
        model: a key of `converter.zoo.published_cnn.CNNS`.
        seed: of weights, order and dropout.
        epochs: passes.
        batch: recordings in one step.
        learning_rate: of Adam at the start.
        weight_decay: see `converter.zoo.published_cnn.build`.
        patience: epochs without a better validation loss after which the learning rate is halved.
        validation_fold: one of folds 1 to 8, for the learning rate, the weights that are kept and the threshold.
    """

    model: str
    seed: int = 1
    epochs: Annotated[int, msgspec.Meta(ge=1)] = 50
    batch: Annotated[int, msgspec.Meta(ge=1)] = 64
    learning_rate: Annotated[float, msgspec.Meta(gt=0)] = 1e-3
    weight_decay: Annotated[float, msgspec.Meta(ge=0)] = 1e-4
    patience: Annotated[int, msgspec.Meta(ge=1)] = 5
    validation_fold: Annotated[int, msgspec.Meta(ge=1, le=8)] = 8


DEFAULTS: Final = {name: PublishedSettings(model=name) for name in CNNS}
