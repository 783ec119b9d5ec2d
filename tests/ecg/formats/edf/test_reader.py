"""EDF+ files, written with edfio."""

from __future__ import annotations

import datetime as dt
import sys
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import pytest

from ecg.errors import InputError
from ecg.formats.options import ReadOptions
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


def test_an_interrupted_recording_has_gaps(edf_path: Path) -> None:
    edfio = pytest.importorskip("edfio")
    file = edfio.read_edf(edf_path, lazy_load_data=False)
    file.add_annotations([edfio.EdfAnnotation(1, None, "x")])
    file.write(edf_path)
    content = edf_path.read_bytes()
    for second in range(24, 6, -1):
        old, new = f"+{second}\x14\x14".encode(), f"+{second + 2}\x14\x14".encode()
        assert content.count(old) == 1
        content = content.replace(old + b"\0" * (len(new) - len(old)), new)
    edf_path.write_bytes(content.replace(b"EDF+C", b"EDF+D"))
    reader = open_file(edf_path)
    recording = reader.read()

    assert (reader.format, recording.length) == ("EDF+", 27 * 250)
    assert recording.gaps == (range(7 * 250, 9 * 250),)
    assert recording.samples_mv[0, : 7 * 250] == pytest.approx(np.sin(np.arange(7 * 250) / 250), abs=1e-4)
    assert recording.samples_mv[0, 9 * 250 :] == pytest.approx(np.sin(np.arange(7 * 250, 25 * 250) / 250), abs=1e-4)


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


def test_reading_needs_no_edfio(edf_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "edfio", None)

    assert open_recording(edf_path).length == 6250


def rewrite(path: Path, field: int, value: str, *, signal: int = 0, width: int = 8) -> None:
    """Put a text in the place of a field of a signal: `field` bytes stand before it for each signal."""
    content = bytearray(path.read_bytes())
    count = int(content[252:256])
    start = 256 + count * field + signal * width
    content[start : start + width] = value.encode("latin-1").ljust(width)
    path.write_bytes(content)


PHYSICAL_MIN, PHYSICAL_MAX, DIMENSION = 104, 112, 96


def test_limits_may_have_a_decimal_comma_and_units_may_be_latin_1(edf_path: Path) -> None:
    rewrite(edf_path, PHYSICAL_MIN, "-2000,0")
    rewrite(edf_path, DIMENSION, "\u00b5V")

    assert samples_of(open_recording(edf_path)) == pytest.approx(np.sin(np.arange(6250) / 250), abs=1e-4)


@pytest.mark.parametrize("limits", [("", ""), ("5", "5"), ("abc", "2000")])
def test_limits_that_tell_no_scale_ask_for_the_worth_of_a_step(limits: tuple[str, str], edf_path: Path) -> None:
    for field, limit in zip((PHYSICAL_MIN, PHYSICAL_MAX), limits, strict=True):
        rewrite(edf_path, field, limit)
    step_mv = 4000 / 65535 / 1000
    told = open_file(edf_path, ["II"], ReadOptions(unit=f"{step_mv}mV"))

    with pytest.raises(InputError, match=r"limits that do not tell its scale .* --unit"):
        open_recording(edf_path, "II")
    assert told.read().samples_mv[0] == pytest.approx(np.sin(np.arange(6250) / 250), abs=1e-4)


def test_limits_of_another_signal_do_not_matter(edf_path: Path) -> None:
    rewrite(edf_path, PHYSICAL_MIN, "", signal=1)

    assert open_recording(edf_path).length == 6250


def test_the_ecg_is_found_behind_an_eeg(edf_path: Path) -> None:
    edfio = pytest.importorskip("edfio")
    file = edfio.read_edf(edf_path, lazy_load_data=False)
    eeg = edfio.EdfSignal(np.zeros(25 * 500), 500, label="EEG Fpz-Cz", physical_dimension="uV", physical_range=(-1, 1))
    ecg = edfio.EdfSignal(file.signals[0].data, 250, label="ECG II", physical_dimension="uV")
    edfio.Edf([eeg, ecg]).write(edf_path)

    assert open_recording(edf_path).name == "r ECG II"
    assert [lead.name for lead in open_file(edf_path).leads] == ["ECG II"]
    assert open_recording(edf_path, "0").name == "r EEG Fpz-Cz"


def test_without_an_ecg_the_channel_is_asked_for(edf_path: Path) -> None:
    edfio = pytest.importorskip("edfio")
    signals = [
        edfio.EdfSignal(np.zeros(250), 250, label=name, physical_dimension="uV", physical_range=(-1, 1))
        for name in ("EEG Fpz-Cz", "EMG chin")
    ]
    edfio.Edf(signals).write(edf_path)

    with pytest.raises(
        InputError, match=r"no signal is an ECG by its name; .*--channel: 0 = EEG Fpz-Cz in uV, 1 = EMG"
    ):
        open_recording(edf_path)


def test_every_sample_is_as_edfio_reads_it(edf_path: Path) -> None:
    edfio = pytest.importorskip("edfio")
    expected = edfio.read_edf(edf_path).signals[0].data / 1000

    assert open_file(edf_path).read().samples_mv[0] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("field", range(0, 256 * 3, 8))
@pytest.mark.parametrize("lie", [b"99999999", b"-1      ", b"0       ", b"        ", b"1e99    "])
def test_a_header_that_lies_is_read_or_refused_in_little_memory(field: int, lie: bytes, edf_path: Path) -> None:
    content = bytearray(edf_path.read_bytes())
    content[field : field + 8] = lie
    edf_path.write_bytes(content)
    try:
        for block in islice(open_recording(edf_path).blocks(), 5):
            assert len(block.samples_mv) <= 1 << 17
    except InputError as error:
        assert "\n" not in str(error)  # noqa: PT017 (both ways are right)


def test_signals_of_different_rates_are_read_apart(edf_path: Path) -> None:
    edfio = pytest.importorskip("edfio")
    file = edfio.read_edf(edf_path, lazy_load_data=False)
    file.append_signals(edfio.EdfSignal(np.zeros(25 * 500), 500, label="ECG V1", physical_dimension="uV"))
    file.write(edf_path)

    assert [lead.name for lead in open_file(edf_path).leads] == ["ECG II"]
    assert open_recording(edf_path, "V1").rate_hz == 500
    with pytest.raises(InputError, match="ECG II has 250 Hz and ECG V1 500 Hz"):
        open_file(edf_path, ["II", "V1"])
