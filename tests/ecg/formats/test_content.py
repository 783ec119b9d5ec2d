"""What a file is, whatever its name says."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg.errors import InputError
from ecg.formats.content import known_format, other_kind, xml_root
from ecg.formats.registry import open_file, recordings_in

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

TABLE = "time_s,ecg_mv\n0,0.1\n0.004,0.2\n0.008,0.1\n"


@pytest.mark.parametrize("suffix", ["", ".data", ".csv", ".edf", ".xml", ".dcm", ".scp", ".mat", ".DAT"])
def test_a_file_is_read_by_its_content(suffix: str, path: Path, kind: Any, tmp_path: Path) -> None:
    if kind.name == "WFDB":
        pytest.skip("a WFDB record is several files, and its header is told by its suffix")
    renamed = tmp_path / "renamed" / f"r{suffix}"
    renamed.parent.mkdir()
    shutil.copy(path, renamed)
    reader = open_file(renamed)

    assert reader.read().length == 25 * 250
    is_contradicted = suffix not in {"", ".data", kind.suffix} and suffix not in (".csv",) * (kind.name == "CSV")
    assert (f"by its content and not by its suffix {suffix}" in reader.understood) == is_contradicted


def test_a_table_that_begins_as_edf_does_is_a_table() -> None:
    assert known_format(b"0       0.5\n0       0.6\n" * 20) == "CSV"


@pytest.mark.parametrize(
    ("head", "root"),
    [
        (b"<AnnotatedECG>", "AnnotatedECG"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<n:AnnotatedECG a='b'>", "AnnotatedECG"),
        (b"<!-- <a> -->" * 500 + b"<b>", "b"),
        (b"<!DOCTYPE a [<!ENTITY b '>'>]><c/>", "c"),
        ("<?xml version='1.0' encoding='utf-16'?><restingecgdata>".encode("utf-16"), "restingecgdata"),
        (b"<!-- no end <a>", ""),
        (b"<!DOCTYPE", ""),
        (b"1 < 2", ""),
        (b"", ""),
    ],
)
def test_the_root_is_found_behind_comments(head: bytes, root: str) -> None:
    assert xml_root(head) == root


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"%PDF-1.7 ...", "a PDF document, no recording"),
        (b"\x89PNG\r\n\x1a\n....", "a picture .PNG., no recording"),
        (b"\xff\xd8\xff\xe0....", "a picture .JPEG., no recording"),
        (b"<html><body/></html>", r"no ECG in XML that is read here \(its root is html\); give HL7 aECG"),
    ],
)
@pytest.mark.parametrize("name", ["x", "x.csv", "x.edf", "x.xml"])
def test_what_is_no_recording_is_refused_by_what_it_is(content: bytes, message: str, name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    if content.startswith(b"<") and name in {"x.csv", "x.edf"}:
        pytest.skip("the suffix says what it should be")

    with pytest.raises(InputError, match=message) as caught:
        open_file(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_xml_about_recordings_is_no_recording(path: Path) -> None:
    (path.parent / "about.xml").write_text("<about/>")

    assert len(recordings_in(path.parent)) == 1


def test_a_table_beside_a_header_of_its_name_is_not_mistaken(tmp_path: Path) -> None:
    (tmp_path / "r.hea").write_text("r 1 250 3\nr.dat 16 200 16 0 1 0 0 II\n")
    (tmp_path / "r.dat").write_bytes(b"1\n2\n3\n")

    assert open_file(tmp_path / "r.dat").format == "WFDB (format 16)"


def test_a_lone_dat_file_with_a_table_is_read(tmp_path: Path) -> None:
    (tmp_path / "r.dat").write_text(TABLE)

    assert open_file(tmp_path / "r.dat").read().samples_mv.shape == (1, 3)


@given(head=st.one_of(st.binary(max_size=400), st.text(alphabet="<>!-?[] aD\n1", max_size=80).map(str.encode)))
def test_any_bytes_have_some_content(head: bytes) -> None:
    known_format(head)
    other_kind(head)
    assert xml_root(head) == "" or head
