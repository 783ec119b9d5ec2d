"""MIT annotation files: what we write, wfdb reads, and what wfdb reads, we read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg.errors import InputError
from ecg.formats.wfdb.annotations import (
    BEAT_SYMBOLS,
    Annotation,
    encode_annotations,
    read_annotations,
    write_annotations,
)

if TYPE_CHECKING:
    from pathlib import Path

SYMBOLS = st.sampled_from(["N", "L", "R", "A", "V", "/", "F", "S", "Q", "+", '"'])
SHORT_TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40)
ENTRIES = st.lists(
    st.builds(Annotation, st.integers(1, 200_000_000), SYMBOLS, SHORT_TEXT),
    min_size=1,
    max_size=30,
    unique_by=lambda entry: entry.sample,
).map(sorted)


@settings(deadline=None)
@given(entries=ENTRIES)
def test_what_is_written_is_read_back(entries: list[Annotation], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "r.edge"
    write_annotations(path, entries)

    assert read_annotations(path) == entries


@settings(deadline=None)
@given(entries=ENTRIES)
def test_wfdb_reads_what_is_written(entries: list[Annotation], tmp_path_factory: pytest.TempPathFactory) -> None:
    wfdb = pytest.importorskip("wfdb", reason="wfdb comes with the extra [converter]")
    path = tmp_path_factory.getbasetemp() / "w.edge"
    write_annotations(path, entries)
    found = wfdb.rdann(str(path.with_suffix("")), "edge")

    assert found.sample.tolist() == [entry.sample for entry in entries]
    assert found.symbol == [entry.symbol for entry in entries]
    assert [note.rstrip("\0") for note in found.aux_note] == [entry.aux for entry in entries]


def test_the_bytes_are_those_of_the_format() -> None:
    entries = [Annotation(18, "N"), Annotation(18 + 70_000, "V"), Annotation(70_019, "+", "(VT")]
    normal, far, ventricular, rhythm, end = "1204", "00ec0100 7011", "0014", "0170 03fc 28565400", "0000"

    assert encode_annotations(entries) == bytes.fromhex(normal + far + ventricular + rhythm + end)


def test_long_text_is_cut_to_what_the_format_holds(tmp_path: Path) -> None:
    write_annotations(tmp_path / "r.edge", [Annotation(5, '"', "x" * 300), Annotation(6, "N")])

    note, beat = read_annotations(tmp_path / "r.edge")
    assert note.aux == "x" * 255
    assert beat == Annotation(6, "N")


def test_annotations_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match="comes after"):
        encode_annotations([Annotation(10, "N"), Annotation(9, "N")])


@pytest.mark.parametrize(
    ("content", "message"),
    [("", "ends without its end mark after 0"), ("1204", "ends without its end mark after 1"), ("00d80000", "type 54")],
)
def test_a_damaged_file_is_refused(content: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "r.atr").write_bytes(bytes.fromhex(content))

    with pytest.raises(InputError, match=message):
        read_annotations(tmp_path / "r.atr")


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        write_annotations(tmp_path / "none" / "r.edge", [])


@settings(deadline=None)
@given(content=st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "any.atr"
    path.write_bytes(content)
    try:
        read_annotations(path)
    except InputError as error:
        assert "\n" not in str(error)  # noqa: PT017 (both ways are right)


def test_real_annotations_are_read_as_wfdb_reads_them(recordings: Path) -> None:
    wfdb = pytest.importorskip("wfdb", reason="wfdb comes with the extra [converter]")
    paths = [path for name in ("mitdb", "svdb", "vfdb") for path in sorted((recordings / name).glob("*.atr"))]
    for path in paths:
        expected = wfdb.rdann(str(path.with_suffix("")), "atr")
        found = read_annotations(path)
        assert [entry.sample for entry in found] == expected.sample.tolist(), path
        assert [entry.symbol for entry in found] == expected.symbol, path
        assert [entry.aux for entry in found] == [note.rstrip("\0") for note in expected.aux_note], path


def test_the_arrhythmia_database_has_its_official_counts(recordings: Path) -> None:
    entries = [entry for path in sorted((recordings / "mitdb").glob("*.atr")) for entry in read_annotations(path)]

    assert len(entries) == 112_647
    assert sum(entry.symbol in BEAT_SYMBOLS for entry in entries) == 109_494
