"""Checks of the model: the file, its golden beats, its speed on this machine."""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING

from edge.doctor.results import Finding, failed, passed
from edge.inference import read
from edge.inference.classifier import DEFAULT_MODEL, TFLiteClassifier
from edge.inference.runtime import runtime_version
from models import DIRECTORY

if TYPE_CHECKING:
    from edge.inference import ModelFile

__all__ = ["golden_beats", "model_file", "speed"]

BEAT_BUDGET_MS = 20.0
"""For one beat: a tenth of the 200 ms between two beats at 300 a minute, so that the rest of the work keeps up."""

ROUNDS = 10


def model_file(path: str) -> Finding:
    """Is it whole? Empty: the model that ships."""
    card = _read(path).card
    return passed(f"{card.name} {card.version} ({card.label_set}), SHA-256 {card.flatbuffer_sha256[:12]}")


def golden_beats(path: str) -> Finding:
    """Does it give on this machine what it gave when it was made?"""
    model = _read(path)
    TFLiteClassifier(model)  # refuses a model whose golden beats come out otherwise
    return passed(f"{len(model.golden.outputs)} come out as they should, by {runtime_version()}")


def speed(path: str) -> Finding:
    """Is a beat labelled in time?"""
    model = _read(path)
    classifier = TFLiteClassifier(model)
    spent_ms = []
    for _ in range(ROUNDS):
        for number in range(len(model.golden.outputs)):
            beat = {name: values[number] for name, values in model.golden.inputs.items()}
            began_s = time.perf_counter()
            classifier.classify(beat)
            spent_ms.append(1000 * (time.perf_counter() - began_s))
    median_ms = statistics.median(spent_ms)
    said = f"{median_ms:.2f} ms a beat (at most {BEAT_BUDGET_MS:g})"
    if median_ms > BEAT_BUDGET_MS:
        return failed(said, "close what else needs the processor (see `top`), or choose a smaller model")
    return passed(said)


def _read(path: str) -> ModelFile:
    return read(Path(path) if path else DIRECTORY / DEFAULT_MODEL)
