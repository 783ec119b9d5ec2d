from __future__ import annotations

import contextlib
import io
import shutil
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecg.errors import ExitCode, InputError
from ecg.model_file.card import InputSpec, Window
from ecg.model_file.container import Golden, pack, read, write
from ecg.model_file.runtime import open_interpreter
from edge.inference import load_classifier

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _refusal_of(path: Path) -> str:
    """The one line with which a file is refused."""
    with pytest.raises(InputError) as caught:
        load_classifier(path)
    message = str(caught.value)
    assert "\n" not in message
    assert str(path) in message
    assert caught.value.exit_code == ExitCode.USAGE
    return message


def _refusal_with(parts: Any, folder: Path, **changes: Any) -> str:
    """The refusal of a file whose card says otherwise than this version wants it."""
    path = folder / "changed.tflite"
    write(path, parts.flatbuffer, msgspec.structs.replace(parts.card, **changes), parts.golden)
    return _refusal_of(path)


def test_what_was_written_is_read_again(parts: Any, tmp_path: Path) -> None:
    path = tmp_path / "tiny.tflite"
    write(path, parts.flatbuffer, parts.card, parts.golden)
    found = read(path)
    assert found.flatbuffer == parts.flatbuffer
    assert msgspec.structs.replace(found.card, flatbuffer_sha256="") == parts.card
    assert len(found.card.flatbuffer_sha256) == 64
    np.testing.assert_array_equal(found.golden.outputs, parts.golden.outputs)
    for name, values in parts.golden.inputs.items():
        np.testing.assert_array_equal(found.golden.inputs[name], values)


def test_any_tflite_runtime_loads_the_whole_file(parts: Any) -> None:
    interpreter = open_interpreter(pack(parts.flatbuffer, parts.card, parts.golden))
    assert len(interpreter.get_input_details()) == 2


def test_any_unzip_shows_the_card(parts: Any, tmp_path: Path) -> None:
    path = tmp_path / "tiny.tflite"
    write(path, parts.flatbuffer, parts.card, parts.golden)
    with zipfile.ZipFile(path) as archive:
        assert sorted(archive.namelist()) == ["golden.npz", "model.json"]
        assert all(member.compress_type == zipfile.ZIP_STORED for member in archive.infolist())
        assert msgspec.json.decode(archive.read("model.json"))["labels"] == list(parts.card.labels)


def test_the_same_model_gives_the_same_bytes(parts: Any) -> None:
    first = pack(parts.flatbuffer, parts.card, parts.golden)
    assert pack(parts.flatbuffer, parts.card, parts.golden) == first


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert "No such file" in _refusal_of(tmp_path / "absent.tflite")


def test_a_folder_is_no_model_file(tmp_path: Path) -> None:
    assert "cannot be read" in _refusal_of(tmp_path)


@pytest.mark.parametrize("content", [b"", b"TFL3", b"a text\n" * 40])
def test_what_is_not_tflite_is_said_to_be_so(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "text.tflite"
    path.write_bytes(content)
    assert "it is no TensorFlow Lite model" in _refusal_of(path)


def test_a_plain_tflite_lacks_its_card(parts: Any, tmp_path: Path) -> None:
    path = tmp_path / "plain.tflite"
    path.write_bytes(parts.flatbuffer)
    assert "no model card" in _refusal_of(path)


def test_a_zip_without_the_golden_beats_is_refused(parts: Any, tmp_path: Path) -> None:
    path = tmp_path / "half.tflite"
    buffer = io.BytesIO(parts.flatbuffer)
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("model.json", msgspec.json.encode(parts.card))
    path.write_bytes(buffer.getvalue())
    assert "golden.npz" in _refusal_of(path)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(share=st.floats(0, 0.9999))
def test_a_file_cut_short_anywhere_is_refused(share: float, parts: Any, tmp_path: Path) -> None:
    whole = pack(parts.flatbuffer, parts.card, parts.golden)
    path = tmp_path / "cut.tflite"
    path.write_bytes(whole[: int(share * len(whole))])
    _refusal_of(path)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_a_flipped_bit_in_the_model_is_found(data: st.DataObject, parts: Any, tmp_path: Path) -> None:
    whole = bytearray(pack(parts.flatbuffer, parts.card, parts.golden))
    place = data.draw(st.integers(8, len(parts.flatbuffer) - 1))
    whole[place] ^= 1 << data.draw(st.integers(0, 7))
    path = tmp_path / "flipped.tflite"
    path.write_bytes(whole)
    assert "SHA-256" in _refusal_of(path)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_any_damage_behind_the_model_is_refused_or_harmless(data: st.DataObject, parts: Any, tmp_path: Path) -> None:
    whole = bytearray(pack(parts.flatbuffer, parts.card, parts.golden))
    place = data.draw(st.integers(len(parts.flatbuffer), len(whole) - 1))
    whole[place] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged.tflite"
    path.write_bytes(whole)
    with contextlib.suppress(InputError):  # anything else that it raises is a traceback for the user
        load_classifier(path)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_golden_beats_damaged_before_they_were_packed_are_refused_or_harmless(
    data: st.DataObject, parts: Any, tmp_path: Path
) -> None:
    with zipfile.ZipFile(io.BytesIO(pack(parts.flatbuffer, parts.card, parts.golden))) as archive:
        card, golden = archive.read("model.json"), bytearray(archive.read("golden.npz"))
    golden[data.draw(st.integers(0, len(golden) - 1))] = data.draw(st.integers(0, 255))
    buffer = io.BytesIO(parts.flatbuffer)
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("model.json", card)
        archive.writestr("golden.npz", bytes(golden))
    path = tmp_path / "damaged.tflite"
    path.write_bytes(buffer.getvalue())
    with contextlib.suppress(InputError):
        load_classifier(path)


def test_another_sample_rate_is_refused(parts: Any, tmp_path: Path) -> None:
    assert "250 Hz, and this version runs at 360 Hz" in _refusal_with(parts, tmp_path, sample_rate_hz=250)


def test_another_window_is_refused(parts: Any, tmp_path: Path) -> None:
    message = _refusal_with(parts, tmp_path, window=Window(before=100, after=200))
    assert "100 samples before the R peak and 200 after" in message


def test_unknown_labels_are_refused(parts: Any, tmp_path: Path) -> None:
    assert "N S V F X" in _refusal_with(parts, tmp_path, labels=("N", "S", "V", "F", "X"))


def test_another_feature_list_is_refused(parts: Any, tmp_path: Path) -> None:
    features = (*parts.card.rhythm_features[:-1], "shoe_size")
    assert "shoe_size" in _refusal_with(parts, tmp_path, rhythm_features=features)


def test_a_model_that_learned_from_another_interval_network_is_refused(parts: Any, tmp_path: Path) -> None:
    message = _refusal_with(parts, tmp_path, interval_network="0123456789ab")
    assert "interval network 0123456789ab" in message
    assert parts.card.interval_network in message


def test_an_input_that_this_version_does_not_build_is_refused(parts: Any, tmp_path: Path) -> None:
    inputs = (*parts.card.inputs, InputSpec(name="accelerometer", shape=(3,)))
    golden = Golden(parts.golden.inputs, parts.golden.outputs)
    path = tmp_path / "more.tflite"
    write(path, parts.flatbuffer, msgspec.structs.replace(parts.card, inputs=inputs), golden)
    assert '"accelerometer"' in _refusal_of(path)


def test_a_waveform_of_another_shape_is_refused(parts: Any, tmp_path: Path) -> None:
    inputs = (InputSpec(name="waveform", shape=(200, 2)), parts.card.inputs[1])
    assert "(200, 2), and this version builds (259, 2)" in _refusal_with(parts, tmp_path, inputs=inputs)


def test_an_unknown_normalisation_is_refused(parts: Any, tmp_path: Path) -> None:
    assert "cannot read its card" in _refusal_with(parts, tmp_path, normalisation="loudness")


def test_the_card_of_a_later_version_asks_for_an_update(parts: Any, tmp_path: Path) -> None:
    assert "update ecg-edge" in _refusal_with(parts, tmp_path, schema=2)


def test_a_model_with_other_shapes_than_its_card_is_refused(
    parts: Any, make_flatbuffer: Callable[..., bytes], tmp_path: Path
) -> None:
    path = tmp_path / "wide.tflite"
    write(path, make_flatbuffer(channels=3), parts.card, parts.golden)
    assert "(1, 259, 3), and its card says (1, 259, 2)" in _refusal_of(path)


def test_a_model_with_more_outputs_than_labels_is_refused(
    parts: Any, make_flatbuffer: Callable[..., bytes], tmp_path: Path
) -> None:
    path = tmp_path / "six.tflite"
    write(path, make_flatbuffer(labels=6), parts.card, parts.golden)
    assert "(1, 6), and its card has 5 labels" in _refusal_of(path)


def test_a_float_model_is_refused(parts: Any, float_flatbuffer: bytes, tmp_path: Path) -> None:
    path = tmp_path / "float.tflite"
    write(path, float_flatbuffer, parts.card, parts.golden)
    assert "not wholly int8" in _refusal_of(path)


def test_golden_beats_within_the_tolerance_are_accepted(parts: Any, tmp_path: Path) -> None:
    path = tmp_path / "near.tflite"
    outputs = parts.golden.outputs.astype(np.int16)
    top = outputs.argmax(axis=1)
    outputs[np.arange(len(outputs)), top] -= 8
    write(path, parts.flatbuffer, parts.card, Golden(parts.golden.inputs, outputs.astype(np.int8)))
    assert load_classifier(path).labels == parts.card.labels


def test_golden_beats_beyond_the_tolerance_are_refused(parts: Any, tmp_path: Path) -> None:
    path = tmp_path / "far.tflite"
    outputs = parts.golden.outputs.astype(np.int16)
    outputs[2, outputs[2].argmax()] -= 9
    write(path, parts.flatbuffer, parts.card, Golden(parts.golden.inputs, outputs.astype(np.int8)))
    message = _refusal_of(path)
    assert "golden beat 3" in message
    assert "9 steps of 1/256" in message


def test_golden_beats_of_another_label_are_refused(parts: Any, tmp_path: Path) -> None:
    path = tmp_path / "other.tflite"
    outputs = np.roll(parts.golden.outputs, 1, axis=1)
    write(path, parts.flatbuffer, parts.card, Golden(parts.golden.inputs, outputs))
    assert "instead of" in _refusal_of(path)


def test_a_file_without_any_golden_beat_is_refused(parts: Any, tmp_path: Path) -> None:
    path = tmp_path / "none.tflite"
    golden = Golden({name: values[:0] for name, values in parts.golden.inputs.items()}, parts.golden.outputs[:0])
    write(path, parts.flatbuffer, parts.card, golden)
    assert "golden beats" in _refusal_of(path)


def test_golden_beats_that_are_no_numbers_are_refused(parts: Any, tmp_path: Path) -> None:
    path = tmp_path / "nan.tflite"
    parts.golden.inputs["rhythm"][0, 0] = np.nan
    write(path, parts.flatbuffer, parts.card, parts.golden)
    assert "not finite" in _refusal_of(path)


def test_writing_where_nothing_can_be_written_says_so(parts: Any, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        write(tmp_path / "absent" / "tiny.tflite", parts.flatbuffer, parts.card, parts.golden)


def test_a_failed_write_leaves_the_old_file(parts: Any, tmp_path: Path) -> None:
    path = tmp_path / "tiny.tflite"
    path.mkdir()
    with pytest.raises(InputError, match="cannot be written"):
        write(path, parts.flatbuffer, parts.card, parts.golden)
    assert [entry.name for entry in tmp_path.iterdir()] == ["tiny.tflite"]


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
