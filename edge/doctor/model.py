"""Checks of the model: the file, its golden beats, its speed on this host."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ecg.model_file.runtime import runtime_version
from edge.doctor.results import Area, Finding, passed
from edge.doctor.runner import Check
from edge.inference.classifier import TFLiteClassifier
from edge.inference.speed import BEAT_BUDGET_MS, check_at_work

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.inference import ModelFile

__all__ = ["checks"]


def checks(load: Callable[[], ModelFile]) -> list[Check]:
    """The checks of the model that `load` reads or refuses."""
    return [
        Check("model file", Area.SYSTEM, partial(_model_file, load)),
        Check("golden beats", Area.SYSTEM, partial(_golden_beats, load), ("model file",)),
        Check("model speed", Area.SYSTEM, partial(_speed, load), ("golden beats",)),
    ]


def _model_file(load: Callable[[], ModelFile]) -> Finding:
    """Is the file undamaged, and signed by a key that this device trusts?"""
    model = load()
    card = model.card
    signature = f"signed by {model.signed_by}" if model.signed_by is not None else "no signature is demanded"
    digest = card.flatbuffer_sha256[:12]
    return passed(f"{card.name} {card.version} ({card.label_set}), SHA-256 {digest}, {signature}: {model.path.name}")


def _golden_beats(load: Callable[[], ModelFile]) -> Finding:
    """Does the model give the same outputs on this host as when it was made?"""
    model = load()
    TFLiteClassifier(model)  # refuses a model whose golden beats give other outputs
    return passed(f"{len(model.golden.outputs)} come out as they should, by {runtime_version()}")


def _speed(load: Callable[[], ModelFile]) -> Finding:
    """Is the model fast enough to label each beat in time?"""
    spent_ms = check_at_work(load())
    return passed(f"{spent_ms:.2f} ms a beat (at most {BEAT_BUDGET_MS:g})")
