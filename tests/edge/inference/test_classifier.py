from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from ecg.model_file.container import write
from ecg.model_file.runtime import open_interpreter
from edge.inference import TFLiteClassifier, load_classifier, read

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def classifier(parts: Any, tmp_path: Path) -> TFLiteClassifier:
    path = tmp_path / "tiny.tflite"
    write(path, parts.flatbuffer, parts.card, parts.golden)
    return load_classifier(path)


def _beat(beats: dict[str, Any], number: int) -> dict[str, Any]:
    return {name: values[number] for name, values in beats.items()}


def _reference(flatbuffer: bytes, beat: dict[str, Any]) -> Any:
    """The int8 outputs, by the interpreter alone."""
    interpreter = open_interpreter(flatbuffer)
    for tensor in interpreter.get_input_details():
        scale, zero = tensor["quantization"]
        values = beat["rhythm" if len(tensor["shape"]) == 2 else "waveform"]
        steps = np.clip(np.rint(values / np.float32(scale)) + zero, -128, 127)
        interpreter.set_tensor(tensor["index"], steps[np.newaxis].astype(np.int8))
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])[0]


def test_probabilities_are_those_of_the_interpreter(
    classifier: TFLiteClassifier, parts: Any, beats: dict[str, Any]
) -> None:
    for number in range(40):
        beat = _beat(beats, number)
        expected = (_reference(parts.flatbuffer, beat).astype(float) + 128) / 256
        found = classifier.classify(beat)
        assert found.shape == (5,)
        np.testing.assert_array_equal(found, expected)
        assert abs(found.sum() - 1) <= 3 / 256


def test_a_beat_gets_the_same_answer_whatever_came_before(classifier: TFLiteClassifier, beats: dict[str, Any]) -> None:
    first = classifier.classify(_beat(beats, 0)).copy()
    for number in range(1, 10):
        classifier.classify(_beat(beats, number))
    np.testing.assert_array_equal(classifier.classify(_beat(beats, 0)), first)


def test_an_answer_is_not_changed_by_the_next_beat(classifier: TFLiteClassifier, beats: dict[str, Any]) -> None:
    answers = [classifier.classify(_beat(beats, number)) for number in range(10)]
    kept = [answer.copy() for answer in answers]
    classifier.classify(_beat(beats, 20))
    np.testing.assert_array_equal(answers, kept)


def test_inputs_beyond_the_range_are_clipped_to_it(classifier: TFLiteClassifier, beats: dict[str, Any]) -> None:
    beat = _beat(beats, 0)
    large = {name: np.sign(values) * np.float32(1e6) for name, values in beat.items()}
    at_edge = {name: np.sign(values) * np.float32(4.0) for name, values in beat.items()}
    np.testing.assert_array_equal(classifier.classify(large), classifier.classify(at_edge))


@pytest.mark.parametrize("name", ["waveform", "rhythm"])
def test_nan_is_never_shown_to_the_model(name: str, classifier: TFLiteClassifier, beats: dict[str, Any]) -> None:
    beat = {key: values.copy() for key, values in _beat(beats, 0).items()}
    beat[name].flat[3] = np.nan
    with pytest.raises(ValueError, match=f'"{name}" holds NaN'):
        classifier.classify(beat)


def test_a_waveform_of_one_channel_is_not_stretched_over_two(
    classifier: TFLiteClassifier, beats: dict[str, Any]
) -> None:
    beat = _beat(beats, 0)
    with pytest.raises(ValueError, match=r"shape \(259, 1\)"):
        classifier.classify({**beat, "waveform": beat["waveform"][:, :1]})


def test_inputs_that_the_model_does_not_take_are_ignored(classifier: TFLiteClassifier, beats: dict[str, Any]) -> None:
    beat = _beat(beats, 0)
    more = {**beat, "accelerometer": np.zeros(3, np.float32)}
    np.testing.assert_array_equal(classifier.classify(more), classifier.classify(beat))


def test_without_xnnpack_the_golden_beats_hold_too(parts: Any, tmp_path: Path) -> None:
    path = tmp_path / "tiny.tflite"
    write(path, parts.flatbuffer, parts.card, parts.golden)
    assert TFLiteClassifier(read(path), default_delegates=False).labels == parts.card.labels


def test_the_description_names_model_labels_and_digest(classifier: TFLiteClassifier) -> None:
    assert classifier.describe() == f"tiny 1 (aami5, {classifier.card.flatbuffer_sha256[:12]})"
    assert classifier.inputs == ("waveform", "rhythm")
