"""Which model files this version of the monitor can serve: beat models, shown what this version computes."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING, Final

from ecg.errors import InputError
from ecg.model_file import container
from ecg.model_file.container import read_bytes, refusal
from edge.inference.inputs import RHYTHM_FEATURES
from edge.inference.intervals import WEIGHTS_PATH

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ecg.model_file.card import ModelCard
    from ecg.model_file.container import ModelFile
    from ecg.model_file.signature import TrustedKey

__all__ = ["check", "interval_network", "parse", "read"]

_NO_KEYS: Final[Mapping[str, TrustedKey]] = {}


def read(path: Path, *, keys: Mapping[str, TrustedKey] = _NO_KEYS) -> ModelFile:
    """As `ecg.model_file.container.read`, and what this version cannot serve is refused.

    Raises:
        InputError: the file is refused; the message says why.
    """
    return parse(path, read_bytes(path), keys=keys)


def parse(path: Path, content: bytes, *, keys: Mapping[str, TrustedKey] = _NO_KEYS) -> ModelFile:
    """As `read`, of content that was read already; `path` stands in the errors."""
    model_file = container.parse(path, content, keys=keys)
    check(model_file)
    return model_file


def check(model_file: ModelFile) -> None:
    """Refuse a model that this version of the monitor cannot serve.

    Raises:
        InputError: its task, rhythm features or interval network are not this version's; the message says which.
    """
    try:
        _check_card(model_file.card)
    except InputError as error:
        remedy = 'make it anew with "ecg-converter train" of this version'
        raise refusal(model_file.path, str(error), remedy) from None


def _check_card(card: ModelCard) -> None:
    if card.task != "beat":
        raise InputError(f"it is a {card.task} model, and the monitor takes beat models")
    shape = {spec.name: spec.shape for spec in card.inputs}.get("rhythm")
    if shape is None:
        return
    if card.rhythm_features != RHYTHM_FEATURES:
        raise InputError(
            f"its rhythm features are {' '.join(card.rhythm_features) or 'not named'}, "
            f"and this version computes {' '.join(RHYTHM_FEATURES)}"
        )
    if card.interval_network != interval_network():
        raise InputError(
            f"it learned from what the interval network {card.interval_network or '(not named)'} said, "
            f"and this version has {interval_network()}"
        )
    built = (len(RHYTHM_FEATURES),)
    if shape != built:
        raise InputError(f'its input "rhythm" has the shape {shape}, and this version builds {built}')


@cache
def interval_network() -> str:
    """Which interval network this version has: the first 12 hexadecimal digits of the SHA-256 of its weights.

    Raises:
        InputError: they are not there.
    """
    try:
        return hashlib.sha256(WEIGHTS_PATH.read_bytes()).hexdigest()[:12]
    except OSError as error:
        raise InputError(
            f"this version has no interval network ({WEIGHTS_PATH}: {error.strerror}): install it anew"
        ) from error
