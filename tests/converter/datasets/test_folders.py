"""The catalogue of recordings: what is accepted, what is refused, and how a refusal reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import wfdb

from converter.datasets.annotations import read_beats
from converter.datasets.catalogue import Catalogue, check_folder, fetch
from converter.datasets.folders import find_records, read_channel
from ecg.errors import CheckFailedError, ExitCode, InputError, NetworkError

if TYPE_CHECKING:
    from pathlib import Path


def write_record(folder: Path, name: str, *, rate_hz: int = 360, units: str = "mV") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    time_s = np.arange(10 * rate_hz) / rate_hz
    signal = np.stack([np.sin(6 * time_s), np.cos(6 * time_s)], axis=1)
    wfdb.wrsamp(
        name,
        fs=rate_hz,
        units=[units, units],
        sig_name=["MLII", "V1"],
        p_signal=signal,
        fmt=["212", "212"],
        adc_gain=[200, 200],
        baseline=[0, 0],
        write_dir=str(folder),
    )
    wfdb.wrann(
        name,
        "atr",
        np.array([1, 2, 3, 4, 5]) * rate_hz,
        symbol=["+", "N", "V", "~", "A"],
        aux_note=["(N", "", "", "", ""],
        write_dir=str(folder),
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("100", "101"):
        write_record(tmp_path / "tinydb", name)
    return tmp_path / "tinydb"


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return Catalogue(tmp_path / "data")


def test_a_sound_folder_is_added_under_its_own_name_and_found_by_the_next_command(
    folder: Path, catalogue: Catalogue
) -> None:
    added = catalogue.add(folder)
    assert (added.name, [record.name for record in added.records]) == ("tinydb", ["100", "101"])
    assert added.records[0].signals == ("MLII", "V1")
    assert added.records[0].annotated
    assert Catalogue(catalogue.directory).datasets == (added,)


def test_a_changed_sample_is_refused_by_its_signal(folder: Path) -> None:
    path = folder / "101.dat"
    damaged = bytearray(path.read_bytes())
    damaged[300] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(CheckFailedError, match=r"101: signal MLII differs from its checksum"):
        check_folder(folder, "tinydb")


def test_a_truncated_signal_file_is_refused_and_nothing_is_added(folder: Path, catalogue: Catalogue) -> None:
    path = folder / "100.dat"
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(InputError, match=r"100 cannot be read, it is truncated") as refusal:
        catalogue.add(folder)
    assert "\n" not in str(refusal.value)
    assert catalogue.datasets == ()


def test_a_missing_signal_file_is_named_with_the_number_of_other_bad_records(folder: Path) -> None:
    (folder / "100.dat").unlink()
    (folder / "101.dat").write_bytes(b"")
    with pytest.raises(InputError, match=r"100\.dat is missing.*\(1 more bad"):
        check_folder(folder, "tinydb")


@pytest.mark.parametrize(
    ("files", "message"),
    [([], "holds no WFDB record"), (["A00001.mat"], r"\.mat files without WFDB headers")],
)
def test_a_folder_without_headers_is_refused(tmp_path: Path, files: list[str], message: str) -> None:
    for file in files:
        (tmp_path / file).write_bytes(b"")
    with pytest.raises(InputError, match=message):
        find_records(tmp_path)


def test_a_header_of_nonsense_is_refused_in_one_line(folder: Path) -> None:
    (folder / "100.hea").write_text("not a header\n")
    with pytest.raises(InputError, match="100 cannot be read"):
        check_folder(folder, "tinydb")


def test_the_digest_follows_every_byte_and_nothing_else(folder: Path, tmp_path: Path) -> None:
    before = check_folder(folder, "tinydb").digest
    moved = folder.rename(tmp_path / "elsewhere")
    (moved / "README").write_text("not part of the data")
    assert check_folder(moved, "other").digest == before
    wfdb.wrann("100", "atr", np.array([720]), symbol=["N"], write_dir=str(moved))
    assert check_folder(moved, "other").digest != before


def test_data_that_changed_after_they_were_added_are_not_used(folder: Path, catalogue: Catalogue) -> None:
    catalogue.add(folder)
    write_record(folder, "100", rate_hz=250)
    with pytest.raises(CheckFailedError, match="record 100 of data set tinydb has changed"):
        catalogue.resolve((), ("tinydb",))


def test_a_folder_given_for_a_command_stands_for_the_data_set_of_its_name(folder: Path, catalogue: Catalogue) -> None:
    assert catalogue.resolve((str(folder),), ("tinydb",))["tinydb"].folder == str(folder)


def test_a_data_set_that_is_nowhere_is_named_with_the_way_to_add_it(catalogue: Catalogue) -> None:
    with pytest.raises(InputError, match="ecg-converter data add FOLDER --name mitdb"):
        catalogue.resolve((), ("mitdb",))


def test_a_damaged_catalogue_is_named(tmp_path: Path) -> None:
    (tmp_path / "catalogue.json").write_text("{")
    with pytest.raises(InputError, match=r"catalogue\.json is damaged"):
        Catalogue(tmp_path)


def test_a_download_without_a_network_ends_with_the_network_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # nobody listens there: no network, whatever the machine
    with pytest.raises(NetworkError, match="mitdb cannot be fetched from PhysioNet") as refusal:
        fetch("mitdb", tmp_path)
    assert refusal.value.exit_code == ExitCode.NETWORK


def test_beats_come_on_the_360_hz_clock_without_rhythm_and_noise_marks(tmp_path: Path) -> None:
    write_record(tmp_path, "800", rate_hz=128)
    annotation = read_beats(tmp_path / "800")
    assert annotation.index.tolist() == [720, 1080, 1800]
    assert annotation.symbol.tolist() == ["N", "V", "A"]


def test_fibrillation_is_read_from_its_brackets(tmp_path: Path) -> None:
    write_record(tmp_path, "207")
    wfdb.wrann("207", "atr", np.array([100, 400, 500, 900]), symbol=["N", "[", "!", "]"], write_dir=str(tmp_path))
    assert read_beats(tmp_path / "207").ventricular_flutter == ((400, 900),)


def test_signals_come_in_millivolts(tmp_path: Path) -> None:
    write_record(tmp_path / "a", "1", units="mV")
    write_record(tmp_path / "b", "1", units="uV")
    millivolts, rate_hz = read_channel(tmp_path / "a", "1", 0)
    microvolts, _ = read_channel(tmp_path / "b", "1", 0)
    assert rate_hz == 360
    assert np.abs(millivolts).max() == pytest.approx(1.0, abs=0.01)
    np.testing.assert_allclose(microvolts * 1000, millivolts)


@pytest.mark.recordings
def test_every_signal_of_the_arrhythmia_database_agrees_with_its_checksum(recordings: Path) -> None:
    dataset = check_folder(recordings / "mitdb", "mitdb")
    assert len(dataset.records) == 48
    assert dataset.hours == pytest.approx(24.07, abs=0.01)
