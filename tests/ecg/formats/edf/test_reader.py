"""EDF+ files, written with edfio."""

from __future__ import annotations

import datetime as dt
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from ecg.errors import InputError
from ecg.formats.registry import open_file, open_recording
from tests.support.sources import samples_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def edf_path(tmp_path: Path) -> Path:
    """A file of 25 s: an ECG in uV at 250 Hz and a respiration in litres at 25 Hz."""
    edfio = pytest.importorskip("edfio", reason="edfio comes with the extra [edf]")
    path = tmp_path / "r.edf"
    time_s = np.arange(25 * 250) / 250
    ecg = edfio.EdfSignal(
        1000 * np.sin(time_s), 250, label="ECG II", physical_dimension="uV", physical_range=(-2000, 2000)
    )
    breath = edfio.EdfSignal(np.zeros(25 * 25), 25, label="Resp", physical_dimension="L", physical_range=(-1, 1))
    recording = edfio.Recording(startdate=dt.date(2024, 5, 1))
    edfio.Edf([ecg, breath], recording=recording, starttime=dt.time(10, 20, 30)).write(path)
    return path


@pytest.mark.parametrize("channel", ["0", "ECG II", "II"])
def test_a_signal_in_microvolts_comes_out_in_millivolts(channel: str, edf_path: Path) -> None:
    source = open_recording(edf_path, channel)

    assert (source.name, source.rate_hz, source.length) == ("r ECG II", 250, 6250)
    assert source.start_utc == dt.datetime(2024, 5, 1, 10, 20, 30, tzinfo=dt.UTC)
    assert samples_of(source) == pytest.approx(np.sin(np.arange(6250) / 250), abs=1e-4)


def test_a_signal_that_is_no_voltage_is_refused(edf_path: Path) -> None:
    with pytest.raises(InputError, match="Resp is in L, not a voltage"):
        open_recording(edf_path, "Resp")


def test_an_unknown_signal_is_answered_with_those_that_there_are(edf_path: Path) -> None:
    with pytest.raises(InputError, match="0 = ECG II, 1 = Resp"):
        open_recording(edf_path, "V1")


def test_a_file_cut_short_gives_what_it_has_and_then_says_so(edf_path: Path) -> None:
    content = edf_path.read_bytes()
    edf_path.write_bytes(content[: len(content) // 2])
    source = open_recording(edf_path)
    blocks = source.blocks()

    read = sum(len(next(blocks).samples_mv) for _ in range(2))
    assert read == source.length
    assert 0 < read < 6250
    with pytest.raises(InputError, match=r"ends \d+ data records early"):
        next(blocks)


def test_an_interrupted_recording_is_refused(edf_path: Path) -> None:
    edfio = pytest.importorskip("edfio")
    file = edfio.read_edf(edf_path, lazy_load_data=False)
    file.add_annotations([edfio.EdfAnnotation(1, None, "x")])
    file.write(edf_path)
    content = edf_path.read_bytes()
    assert content.count(b"+7\x14\x14") == 1
    edf_path.write_bytes(content.replace(b"+7\x14\x14", b"+9\x14\x14").replace(b"EDF+C", b"EDF+D"))

    with pytest.raises(InputError, match=r"interrupted recording \(EDF\+D\)"):
        open_recording(edf_path)


@pytest.mark.parametrize("content", [b"", b"garbage", b"0" + bytes(1000)])
def test_what_is_no_edf_is_refused(content: bytes, tmp_path: Path) -> None:
    pytest.importorskip("edfio")
    (tmp_path / "r.edf").write_bytes(content)

    with pytest.raises(InputError, match=r"not a readable EDF\+ file") as caught:
        open_recording(tmp_path / "r.edf")
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    pytest.importorskip("edfio")
    with pytest.raises(InputError, match="no such file"):
        open_recording(tmp_path / "none.edf")


def test_without_edfio_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "edfio", None)

    with pytest.raises(InputError, match=r"pip install 'ecg-edge\[edf\]'"):
        open_recording(tmp_path / "r.edf")


def test_signals_of_different_rates_are_read_apart(edf_path: Path) -> None:
    edfio = pytest.importorskip("edfio")
    file = edfio.read_edf(edf_path, lazy_load_data=False)
    file.append_signals(edfio.EdfSignal(np.zeros(25 * 500), 500, label="ECG V1", physical_dimension="uV"))
    file.write(edf_path)

    assert [lead.name for lead in open_file(edf_path).leads] == ["ECG II"]
    assert open_recording(edf_path, "V1").rate_hz == 500
    with pytest.raises(InputError, match="ECG II has 250 Hz and ECG V1 500 Hz"):
        open_file(edf_path, ["II", "V1"])
