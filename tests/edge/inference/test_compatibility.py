"""Which model files the monitor takes: beat models that are shown what this version computes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from handmade_model import dense_model, make_card, make_parts

from ecg.errors import ExitCode, InputError
from ecg.model_file import container
from ecg.model_file.card import InputSpec
from ecg.model_file.container import write
from edge.inference import TFLiteClassifier, load_classifier, read
from edge.inference.compatibility import interval_network
from edge.inference.inputs import RHYTHM_FEATURES

if TYPE_CHECKING:
    from pathlib import Path


def refusal_of(path: Path) -> str:
    """Give the one line with which a file is refused, be it read or brought to work."""
    with pytest.raises(InputError) as caught:
        read(path)
    message = str(caught.value)
    with pytest.raises(InputError) as at_work:
        TFLiteClassifier(container.read(path))
    assert str(at_work.value) == message
    assert "\n" not in message
    assert message.startswith(f"Model file {path} is refused: ")
    assert message.endswith('; make it anew with "ecg-converter train" of this version.')
    assert caught.value.exit_code == ExitCode.USAGE
    return message


def refusal_with(parts: Any, folder: Path, **changes: Any) -> str:
    """Give the refusal of a file whose card says otherwise than this version wants it."""
    path = folder / "changed.tflite"
    write(path, parts.flatbuffer, msgspec.structs.replace(parts.card, **changes), parts.golden)
    return refusal_of(path)


def test_a_model_that_is_shown_what_this_version_computes_is_taken(parts: Any, tmp_path: Path) -> None:
    path = tmp_path / "tiny.tflite"
    write(path, parts.flatbuffer, parts.card, parts.golden)
    assert load_classifier(path).labels == parts.card.labels


def test_another_feature_list_is_refused(parts: Any, tmp_path: Path) -> None:
    features = (*parts.card.rhythm_features[:-1], "shoe_size")
    assert "shoe_size" in refusal_with(parts, tmp_path, rhythm_features=features)


def test_a_model_that_learned_from_another_interval_network_is_refused(parts: Any, tmp_path: Path) -> None:
    message = refusal_with(parts, tmp_path, interval_network="0123456789ab")
    assert "interval network 0123456789ab" in message
    assert parts.card.interval_network in message


def test_fewer_features_than_are_named_are_refused(tmp_path: Path) -> None:
    shapes = {"waveform": (259, 2), "rhythm": (39,)}
    card = make_card(
        inputs=tuple(InputSpec(name=name, shape=shape) for name, shape in shapes.items()),
        rhythm_features=RHYTHM_FEATURES,
        interval_network=interval_network(),
    )
    parts = make_parts(card, dense_model(shapes))
    assert "(39,), and this version builds (40,)" in refusal_with(parts, tmp_path)


def test_a_model_for_another_task_is_refused_and_said_to_be_so(tmp_path: Path) -> None:
    card = make_card(
        task="twelve-lead",
        inputs=(InputSpec(name="leads", shape=(500, 12)),),
        sample_rate_hz=100,
        window=None,
        normalisation=None,
        rhythm_features=(),
        interval_network="",
    )
    parts = make_parts(card, dense_model({"leads": (500, 12)}))
    assert "it is a twelve-lead model, and the monitor takes beat models" in refusal_with(parts, tmp_path)


@pytest.mark.parametrize("name", ["resecanet-aami5.tflite", "resecanet-mitbih6.tflite"])
def test_the_models_that_ship_are_beat_models_and_their_golden_beats_hold(name: str, shipped_model: Path) -> None:
    classifier = load_classifier(shipped_model.parent / name)
    assert classifier.card.task == "beat"
    assert classifier.check_golden() > 0


def test_loading_a_model_imports_nothing_heavy(parts: Any, tmp_path: Path) -> None:
    path = tmp_path / "tiny.tflite"
    write(path, parts.flatbuffer, parts.card, parts.golden)
    heavy = "tensorflow keras scipy.signal wfdb pandas matplotlib neurokit2 converter flatbuffers"
    code = f"""
import sys
from edge.inference import load_classifier
load_classifier(sys.argv[1])
print([name for name in {heavy.split()} if name in sys.modules])
"""
    python = shutil.which(sys.executable)
    assert python is not None
    done = subprocess.run([python, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
    assert done.stderr == ""
