"""A model that is not what its card says is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from handmade_model import SHAPES, dense_model, float_model, random_inputs

from ecg.errors import InputError
from ecg.model_file.container import read, write
from ecg.model_file.loading import load_model, quantised_model
from ecg.model_file.runtime import open_interpreter
from tests.support.crashing_model import write_crashing_model

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_a_model_with_other_shapes_than_its_card_is_refused(
    parts: Any, tmp_path: Path, refusal_of: Callable[[Path], str]
) -> None:
    path = tmp_path / "wide.tflite"
    write(path, dense_model({**SHAPES, "waveform": (259, 3)}), parts.card, parts.golden)
    assert "(1, 259, 3), and its card says (1, 259, 2)" in refusal_of(path)


def test_a_model_with_more_outputs_than_labels_is_refused(
    parts: Any, tmp_path: Path, refusal_of: Callable[[Path], str]
) -> None:
    path = tmp_path / "six.tflite"
    write(path, dense_model(labels=6), parts.card, parts.golden)
    assert "has outputs of shape (1, 6), and its card has 5 labels, so (1, 5)" in refusal_of(path)


def test_a_float_model_is_refused(parts: Any, tmp_path: Path, refusal_of: Callable[[Path], str]) -> None:
    path = tmp_path / "float.tflite"
    write(path, float_model(), parts.card, parts.golden)
    assert "not wholly int8" in refusal_of(path)


@pytest.mark.parametrize("names", [("rhythm", "waveform"), ("args_1", "args_0"), ("waveform", "rhythm")])
def test_inputs_are_told_apart_by_name_or_else_by_shape(names: tuple[str, str], parts: Any) -> None:
    flatbuffer = dense_model(names={"rhythm": names[0], "waveform": names[1]})
    if names == ("waveform", "rhythm"):  # named for each other: a mistake, not to be papered over
        with pytest.raises(InputError, match="its card says"):
            quantised_model(open_interpreter(flatbuffer), parts.card)
        return
    beat = {name: values[0] for name, values in random_inputs(1).items()}
    model, expected = (quantised_model(open_interpreter(one), parts.card) for one in (flatbuffer, parts.flatbuffer))
    np.testing.assert_array_equal(model.run(beat), expected.run(beat))


def test_a_model_that_crashes_the_runtime_is_refused(
    parts: Any, tmp_path: Path, refusal_of: Callable[[Path], str]
) -> None:
    sound, crashing = tmp_path / "sound.tflite", tmp_path / "crashing.tflite"
    write(sound, parts.flatbuffer, parts.card, parts.golden)
    write_crashing_model(sound, crashing)
    assert "it crashes the model runtime (SIGSEGV)" in refusal_of(crashing)


def test_a_model_is_tried_with_the_modules_of_this_process_and_none_of_the_present_folder(
    parts: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "numpy.py").write_text("raise SystemExit(7)")
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "sound.tflite"
    write(path, parts.flatbuffer, parts.card, parts.golden)
    load_model(read(path))
