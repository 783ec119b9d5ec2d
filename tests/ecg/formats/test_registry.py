"""Which format a recording has, by its suffix."""

from __future__ import annotations

import gzip
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg.errors import InputError
from ecg.formats.registry import open_file, open_recording, record_name, recordings_in
from tests.support.sources import samples_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("path", "name"),
    [("a/100", "100"), ("a/100.hea", "100"), ("b/x.CSV", "x"), ("x.edf", "x"), ("a/s1.2", "s1.2"), ("x.csv.gz", "x")],
)
def test_a_records_name(path: str, name: str) -> None:
    assert record_name(path) == name


def test_a_csv_file_is_known_by_its_suffix(tmp_path: Path) -> None:
    path = tmp_path / "x.tsv"
    path.write_text("# rate_hz: 100\nI\tII\n1\t2\n")

    assert samples_of(open_recording(path, "II")).tolist() == [2]


CSV = "# rate_hz: 100\necg_mv\n1\n2\n3\n"


def write_record(folder: Path, name: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.hea").write_text(f"{name} 1 100 3\n{name}.dat 16 1/mV\n")
    (folder / f"{name}.dat").write_bytes(bytes([1, 0, 2, 0, 3, 0]))


def test_a_file_that_gzip_packed_is_read(tmp_path: Path) -> None:
    (tmp_path / "x.csv.gz").write_bytes(gzip.compress(CSV.encode()))
    write_record(tmp_path, "r")
    data = tmp_path / "r.dat"
    data.with_name("r.dat.gz").write_bytes(gzip.compress(data.read_bytes()))
    data.unlink()

    for path in ("x.csv.gz", "x.csv", "r", "r.hea"):
        assert samples_of(open_recording(tmp_path / path)).tolist() == [1, 2, 3]


def test_an_archive_or_a_folder_of_one_recording_stands_for_it(tmp_path: Path) -> None:
    write_record(tmp_path / "folder", "r")
    (tmp_path / "folder" / "README.txt").write_text("about r")
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for each in (tmp_path / "folder").iterdir():
            archive.write(each, f"deep/{each.name}")

    for path in ("folder", "x.zip", "x.zip/deep/r.hea", "x.zip/deep/r"):
        assert samples_of(open_recording(tmp_path / path)).tolist() == [1, 2, 3]


def test_of_several_recordings_one_is_asked_for(tmp_path: Path) -> None:
    for name in "ab":
        write_record(tmp_path / "folder", name)

    assert [each.name for each in recordings_in(tmp_path / "folder")] == ["a.hea", "b.hea"]
    with pytest.raises(InputError, match=r"2 recordings are in it; name one of them: a\.hea, b\.hea"):
        open_file(tmp_path / "folder")


@pytest.mark.parametrize(
    ("names", "said"),
    [("a,b", True), ("a,II", False), ("a", False), ("a,EEG", False)],
    ids=["none is named so", "one is named so", "there is one", "the other is surely none"],
)
def test_the_first_of_several_signals_is_taken_with_a_word_where_none_is_named_an_ecg(
    names: str, *, said: bool, tmp_path: Path
) -> None:
    path = tmp_path / "r.csv"
    columns = names.split(",")
    rows = [",".join([f"{n / 250}", *["0.1"] * len(columns)]) for n in range(500)]
    path.write_text("\n".join([",".join(["time", *(f"{name} (mV)" for name in columns)]), *rows, ""]))

    reader = open_file(path, [""])

    assert any("no signal is an ECG by its name: took a; --channel" in remark for remark in reader.remarks) == said
    assert not any("by its name" in remark for remark in open_file(path, ["0"]).remarks)


def test_the_segments_of_a_record_are_no_recordings_of_their_own(tmp_path: Path) -> None:
    for name in ("s1", "s2"):
        write_record(tmp_path, name)
    (tmp_path / "r.hea").write_text("r/2 1 100 6\ns1 3\ns2 3\n")

    assert [each.name for each in recordings_in(tmp_path)] == ["r.hea"]
    assert samples_of(open_recording(tmp_path)).tolist() == [1, 2, 3, 1, 2, 3]


@pytest.mark.parametrize("name", ["x.zip", "x.csv.gz", "r.zip/x.csv"])
def test_a_damaged_archive_is_refused(name: str, tmp_path: Path) -> None:
    for path in ("x.zip", "x.csv.gz", "r.zip"):
        (tmp_path / path).write_bytes(b"PK\3\4 and then nothing")

    with pytest.raises(InputError, match="cannot be read") as caught:
        open_file(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_an_archive_of_too_many_files_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for number in range(10_001):
            archive.writestr(f"{number}.csv", "")

    with pytest.raises(InputError, match="more than 10000 files are in it"):
        open_file(tmp_path / "x.zip")


@pytest.mark.parametrize("name", ["ecg", "ecg.data"])
def test_a_file_without_a_known_suffix_is_known_by_its_first_bytes(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(CSV)

    assert samples_of(open_recording(tmp_path / name)).tolist() == [1, 2, 3]


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no recording is in it"):
        open_file(tmp_path)


@given(content=st.binary(max_size=300), name=st.sampled_from(["any.zip", "any.csv.gz", "any.zip/x.csv", "any.edf.gz"]))
def test_any_bytes_in_a_packed_file_are_read_or_refused(
    content: bytes, name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp() / "packed"
    folder.mkdir(exist_ok=True)
    is_gzip = name.endswith(".gz")
    (folder / name.split("/", 1)[0]).write_bytes(gzip.compress(content)[: len(content)] if is_gzip else b"PK" + content)
    try:
        list(open_file(folder / name).blocks())
    except InputError as error:
        assert "\n" not in str(error)  # noqa: PT017 (both ways are right)
