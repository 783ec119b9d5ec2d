"""Golden examples: what comes out otherwise is refused, within the tolerance it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ecg.model_file.container import read, write
from ecg.model_file.golden import Golden
from ecg.model_file.loading import load_model

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_golden_beats_within_the_tolerance_are_accepted(parts: Any, tmp_path: Path) -> None:
    path = tmp_path / "near.tflite"
    outputs = parts.golden.outputs.astype(np.int16)
    top = outputs.argmax(axis=1)
    outputs[np.arange(len(outputs)), top] -= 8
    write(path, parts.flatbuffer, parts.card, Golden(parts.golden.inputs, outputs.astype(np.int8)))
    assert load_model(read(path))


def test_golden_beats_beyond_the_tolerance_are_refused(
    parts: Any, tmp_path: Path, refusal_of: Callable[[Path], str]
) -> None:
    path = tmp_path / "far.tflite"
    outputs = parts.golden.outputs.astype(np.int16)
    outputs[2, outputs[2].argmax()] -= 9
    write(path, parts.flatbuffer, parts.card, Golden(parts.golden.inputs, outputs.astype(np.int8)))
    message = refusal_of(path)
    assert "golden beat 3" in message
    assert "9 steps of 1/256" in message


def test_golden_beats_of_another_label_are_refused(
    parts: Any, tmp_path: Path, refusal_of: Callable[[Path], str]
) -> None:
    path = tmp_path / "other.tflite"
    outputs = np.roll(parts.golden.outputs, 1, axis=1)
    write(path, parts.flatbuffer, parts.card, Golden(parts.golden.inputs, outputs))
    assert "instead of" in refusal_of(path)


def test_a_file_without_any_golden_beat_is_refused(
    parts: Any, tmp_path: Path, refusal_of: Callable[[Path], str]
) -> None:
    path = tmp_path / "none.tflite"
    golden = Golden({name: values[:0] for name, values in parts.golden.inputs.items()}, parts.golden.outputs[:0])
    write(path, parts.flatbuffer, parts.card, golden)
    assert "golden beats" in refusal_of(path)


def test_golden_beats_that_are_no_numbers_are_refused(
    parts: Any, tmp_path: Path, refusal_of: Callable[[Path], str]
) -> None:
    path = tmp_path / "nan.tflite"
    parts.golden.inputs["rhythm"][0, 0] = np.nan
    write(path, parts.flatbuffer, parts.card, parts.golden)
    assert "not finite" in refusal_of(path)
