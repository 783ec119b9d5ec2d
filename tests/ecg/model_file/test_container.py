from __future__ import annotations

import contextlib
import io
import tracemalloc
import zipfile
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecg.errors import InputError
from ecg.model_file.container import pack, read, write
from ecg.model_file.loading import load_model
from ecg.model_file.runtime import open_interpreter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


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


def test_a_missing_file_is_named(tmp_path: Path, refusal_of: Callable[[Path], str]) -> None:
    assert "No such file" in refusal_of(tmp_path / "absent.tflite")


def test_a_folder_is_no_model_file(tmp_path: Path, refusal_of: Callable[[Path], str]) -> None:
    assert "cannot be read" in refusal_of(tmp_path)


@pytest.mark.parametrize("content", [b"", b"TFL3", b"a text\n" * 40])
def test_what_is_not_tflite_is_said_to_be_so(content: bytes, tmp_path: Path, refusal_of: Callable[[Path], str]) -> None:
    path = tmp_path / "text.tflite"
    path.write_bytes(content)
    assert "it is no TensorFlow Lite model" in refusal_of(path)


def test_a_plain_tflite_lacks_its_card(parts: Any, tmp_path: Path, refusal_of: Callable[[Path], str]) -> None:
    path = tmp_path / "plain.tflite"
    path.write_bytes(parts.flatbuffer)
    assert "no model card" in refusal_of(path)


def test_a_zip_without_the_golden_beats_is_refused(
    parts: Any, tmp_path: Path, refusal_of: Callable[[Path], str]
) -> None:
    path = tmp_path / "half.tflite"
    buffer = io.BytesIO(parts.flatbuffer)
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("model.json", msgspec.json.encode(parts.card))
    path.write_bytes(buffer.getvalue())
    assert "golden.npz" in refusal_of(path)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(share=st.floats(0, 0.9999))
def test_a_file_cut_short_anywhere_is_refused(
    share: float, parts: Any, tmp_path: Path, refusal_of: Callable[[Path], str]
) -> None:
    whole = pack(parts.flatbuffer, parts.card, parts.golden)
    path = tmp_path / "cut.tflite"
    path.write_bytes(whole[: int(share * len(whole))])
    refusal_of(path)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_a_flipped_bit_in_the_model_is_found(
    data: st.DataObject, parts: Any, tmp_path: Path, refusal_of: Callable[[Path], str]
) -> None:
    whole = bytearray(pack(parts.flatbuffer, parts.card, parts.golden))
    place = data.draw(st.integers(8, len(parts.flatbuffer) - 1))
    whole[place] ^= 1 << data.draw(st.integers(0, 7))
    path = tmp_path / "flipped.tflite"
    path.write_bytes(whole)
    assert "SHA-256" in refusal_of(path)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_any_damage_behind_the_model_is_refused_or_harmless(data: st.DataObject, parts: Any, tmp_path: Path) -> None:
    whole = bytearray(pack(parts.flatbuffer, parts.card, parts.golden))
    place = data.draw(st.integers(len(parts.flatbuffer), len(whole) - 1))
    whole[place] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged.tflite"
    path.write_bytes(whole)
    with contextlib.suppress(InputError):  # anything else that it raises is a traceback for the user
        load_model(read(path))


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
        load_model(read(path))


def test_an_unknown_normalisation_is_refused(refusal_with: Callable[..., str]) -> None:
    assert "cannot read its card" in refusal_with(normalisation="loudness")


def test_the_card_of_a_later_version_asks_for_an_update(refusal_with: Callable[..., str]) -> None:
    assert "update ecg-edge" in refusal_with(schema=2)


def test_writing_where_nothing_can_be_written_says_so(parts: Any, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        write(tmp_path / "absent" / "tiny.tflite", parts.flatbuffer, parts.card, parts.golden)


def test_a_failed_write_leaves_the_old_file(parts: Any, tmp_path: Path) -> None:
    path = tmp_path / "tiny.tflite"
    path.mkdir()
    with pytest.raises(InputError, match="cannot be written"):
        write(path, parts.flatbuffer, parts.card, parts.golden)
    assert [entry.name for entry in tmp_path.iterdir()] == ["tiny.tflite"]


def bombed(parts: Any, card: bytes, golden: bytes, kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A model file with these members, packed."""
    buffer = io.BytesIO(parts.flatbuffer)
    with zipfile.ZipFile(buffer, "a", kind) as archive:
        archive.writestr("model.json", card)
        archive.writestr("golden.npz", golden)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.parametrize(("card", "golden"), [(100_000_000, 10), (10, 100_000_000)])
def test_a_zip_that_holds_far_more_than_it_weighs_is_not_unpacked(
    *, parts: Any, tmp_path: Path, refusal_of: Callable[[Path], str], card: int, golden: int, kind: int
) -> None:
    path = tmp_path / "bomb.tflite"
    path.write_bytes(bombed(parts, bytes(card), bytes(golden), kind))
    assert path.stat().st_size < 1_000_000
    tracemalloc.start()
    tracemalloc.reset_peak()
    before, _ = tracemalloc.get_traced_memory()
    message = refusal_of(path)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most - before < 10_000_000
    assert "MB, or is packed in a way of its own" in message


def test_golden_examples_that_unpack_to_far_more_are_refused(
    parts: Any, tmp_path: Path, refusal_of: Callable[[Path], str]
) -> None:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, outputs=np.zeros((100_000_000, 5), np.int8)[:20_000_000])
    write(tmp_path / "sound.tflite", parts.flatbuffer, parts.card, parts.golden)
    with zipfile.ZipFile(tmp_path / "sound.tflite") as archive:
        card = archive.read("model.json")
    path = tmp_path / "bomb.tflite"
    path.write_bytes(bombed(parts, card, buffer.getvalue(), zipfile.ZIP_STORED))
    assert "have more than 64 MB" in refusal_of(path)


def test_a_card_that_is_nested_without_end_is_refused(
    parts: Any, tmp_path: Path, refusal_of: Callable[[Path], str]
) -> None:
    path = tmp_path / "deep.tflite"
    path.write_bytes(bombed(parts, b"[" * 200_000, b""))
    assert "cannot read its card" in refusal_of(path)


def test_a_file_without_end_is_refused(tmp_path: Path, refusal_of: Callable[[Path], str]) -> None:
    path = tmp_path / "zero.tflite"
    path.symlink_to("/dev/zero")
    assert "no regular file" in refusal_of(path)


def test_a_file_that_is_far_too_large_is_not_read(tmp_path: Path, refusal_of: Callable[[Path], str]) -> None:
    path = tmp_path / "large.tflite"
    with path.open("wb") as file:
        file.truncate(10**10)
    assert "more than 64 MB" in refusal_of(path)
