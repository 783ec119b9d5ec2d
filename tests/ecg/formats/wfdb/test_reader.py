"""WFDB records, against files packed by hand and against wfdb on real ones."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg.errors import InputError
from ecg.formats.registry import open_file, open_recording
from ecg.formats.wfdb.header import read_header
from ecg.formats.wfdb.storage import FORMATS
from tests.support.sources import samples_of
from tests.support.wfdb_files import pack_samples

if TYPE_CHECKING:
    from pathlib import Path

Write = Any
RAMP = np.arange(-200, 200).reshape(-1, 2)


@pytest.mark.parametrize("number", sorted(FORMATS))
@settings(deadline=None)
@given(data=st.data())
def test_each_format_gives_back_what_was_packed(number: int, data: st.DataObject) -> None:
    missing = FORMATS[number].missing
    samples = data.draw(st.lists(st.integers(missing, -missing - 1), max_size=50))
    raw = np.frombuffer(pack_samples(number, samples), dtype=np.uint8)

    assert len(raw) == FORMATS[number].size(len(samples))
    assert FORMATS[number].samples(len(raw)) == len(samples)
    assert FORMATS[number].decode(raw).tolist() == samples


@pytest.mark.parametrize("length", [1, 2, 3, 3599, 3600, 3601, 9000])
@pytest.mark.parametrize("signals", [1, 2, 3])
def test_a_record_of_any_length_and_width_is_read_whole(length: int, signals: int, write_record: Write) -> None:
    adc = np.random.default_rng(1).integers(-2047, 2048, (length, signals))
    path = write_record(adc)

    for number in range(signals):
        source = open_recording(path, str(number))
        assert source.length == length
        np.testing.assert_array_equal(samples_of(source), adc[:, number] / 200)


def test_the_lowest_value_is_a_lost_sample(write_record: Write) -> None:
    adc = RAMP.copy()
    adc[[3, 70], 1] = -2048
    samples = samples_of(open_recording(write_record(adc), "V5"))

    assert np.flatnonzero(np.isnan(samples)).tolist() == [3, 70]


@pytest.mark.parametrize(
    ("gain", "expected_mv"),
    [
        ("200", 0.5),
        ("200(-100)/mV", 1.0),
        ("0.2/uV", 0.5),
        ("200000/V", 0.5),
        ("0", 0.5),  # uncalibrated: 200 a mV is assumed, as header(5) says
    ],
)
def test_gain_baseline_and_unit_make_millivolts(gain: str, expected_mv: float, write_record: Write) -> None:
    source = open_recording(write_record(np.full((10, 1), 100), gain=gain))

    assert next(source.blocks()).samples_mv == pytest.approx(np.full(10, expected_mv))


def test_the_first_line_gives_rate_length_and_start(write_record: Write) -> None:
    path = write_record(RAMP, first_line="r 2 128.5/1000(3) 200 10:20:30.5 24/12/2003")
    source = open_recording(path)

    assert source.rate_hz == Fraction(257, 2)
    assert source.length == 200
    assert source.start_utc == datetime(2003, 12, 24, 10, 20, 30, 500000, tzinfo=UTC)


def test_without_rate_and_length_the_defaults_of_the_format_hold(write_record: Write) -> None:
    source = open_recording(write_record(RAMP, first_line="r 2"))

    assert (source.rate_hz, source.length, source.start_utc) == (250, 200, None)


@pytest.mark.parametrize("ending", ["", ".hea", ".dat"])
def test_a_record_is_named_with_or_without_its_suffix(ending: str, write_record: Write) -> None:
    path = write_record(RAMP)

    assert open_recording(path.with_name(f"r{ending}"), "v5").name == "r V5"


def test_an_unknown_channel_is_answered_with_those_that_there_are(write_record: Write) -> None:
    with pytest.raises(InputError, match=r"no signal 'II'.*0 = MLII, 1 = V5"):
        open_recording(write_record(RAMP), "II")


def test_a_signal_that_is_no_voltage_is_refused(write_record: Write) -> None:
    with pytest.raises(InputError, match=r"no signal is a voltage .*in mmHg"):
        open_recording(write_record(RAMP, gain="10/mmHg"))


@pytest.mark.parametrize(
    ("first_line", "message"),
    [
        ("", "not a WFDB header"),
        ("\x00\x01 garbage", "not a WFDB header"),
        ("r/3 2 360 100", "3 segments"),
        ("r 5 360 100", "promises 5 signals and describes 2"),
        ("r 0 360 100", "promises 0 signals"),
        ("r 2 0 100", "sampling rate of 0"),
        ("r 2 360 100 10:00:00 31/02/2000", "no such date or time"),
    ],
)
def test_a_bad_first_line_is_named(first_line: str, message: str, write_record: Write) -> None:
    with pytest.raises(InputError, match=message) as caught:
        open_recording(write_record(RAMP, first_line=first_line))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("r.dat 212x4 200 12 0 0 0 0 MLII", "4 samples a frame"),
        ("r.dat 212:7 200 12 0 0 0 0 MLII", "skewed"),
        ("r.dat 311 200 12 0 0 0 0 MLII", "storage format 311"),
        ("r.dat none 200", "not described as WFDB headers do"),
    ],
)
def test_a_kind_of_signal_that_is_not_read_is_refused(line: str, message: str, write_record: Write) -> None:
    path = write_record(RAMP)
    path.with_suffix(".hea").write_text(f"r 1 360 200\n{line}\n")

    with pytest.raises(InputError, match=message):
        open_recording(path)


@settings(deadline=None)
@given(content=st.binary(max_size=300))
def test_any_header_is_read_or_refused_in_one_line(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "any.hea"
    path.write_bytes(content)
    try:
        read_header(path)
    except InputError as error:
        assert "\n" not in str(error)  # noqa: PT017 (both ways are right)


@pytest.mark.parametrize("missing", [".hea", ".dat"])
def test_a_missing_file_is_named(missing: str, write_record: Write) -> None:
    path: Path = write_record(RAMP)
    path.with_suffix(missing).unlink()

    with pytest.raises(InputError, match=rf"r\{missing}: .*"):
        open_recording(path)


def test_a_file_cut_short_gives_what_it_has_and_then_says_so(write_record: Write) -> None:
    path = write_record(np.tile(RAMP, (50, 1)))
    data = path.with_suffix(".dat")
    data.write_bytes(data.read_bytes()[: 3 * 4321])
    blocks = open_recording(path).blocks()

    assert sum(len(next(blocks).samples_mv) for _ in range(2)) == 4321
    with pytest.raises(InputError, match=r"ends after 4321 of 10000 samples \(12\.0 s\)"):
        next(blocks)


def test_damage_is_told_after_the_last_block(write_record: Write) -> None:
    blocks = open_recording(write_record(RAMP, checksum_error=1)).blocks()

    assert len(next(blocks).samples_mv) == 200
    with pytest.raises(InputError, match="damaged: the checksum of signal MLII"):
        next(blocks)


def test_real_records_are_read_as_wfdb_reads_them(recordings: Path) -> None:
    wfdb = pytest.importorskip("wfdb", reason="wfdb comes with the extra [converter]")
    for name in ("mitdb/100", "svdb/800", "vfdb/418"):
        expected = wfdb.rdrecord(str(recordings / name)).p_signal
        for number in (0, 1):
            np.testing.assert_allclose(
                samples_of(open_recording(recordings / name, str(number))), expected[:, number], atol=1e-12
            )


def test_every_checksum_of_the_arrhythmia_database_matches(recordings: Path) -> None:
    for header in sorted((recordings / "mitdb").glob("*.hea")):
        assert sum(len(block.samples_mv) for block in open_recording(header).blocks()) == 650_000


def test_what_is_wrong_with_a_signal_that_is_not_read_is_no_error(write_record: Write) -> None:
    path = write_record(RAMP)
    header = path.with_suffix(".hea")
    header.write_text(header.read_text().replace("r 2 ", "r 3 ") + "missing.dat 311 200 12 0 0 7 0 II\n")

    assert (samples_of(open_recording(path, "V5")) == RAMP[:, 1] / 200).all()
    with pytest.raises(InputError, match="storage format 311 is not read here"):
        open_file(path)


def test_leads_of_files_of_different_length_are_read_as_far_as_each_goes(write_record: Write) -> None:
    path = write_record(RAMP)
    header = path.with_suffix(".hea")
    header.write_text(header.read_text().replace("r 2 ", "r 3 ") + "short.dat 16 200 12 0 0 0 0 II\n")
    path.with_name("short.dat").write_bytes(bytes(2 * 50))
    (block,) = islice(open_file(path).blocks(), 1)

    assert block.samples_mv.shape == (3, 200)
    assert np.isnan(block.samples_mv).sum(axis=1).tolist() == [0, 0, 150]
    with pytest.raises(InputError, match=r"short\.dat: ends after 50 of 200 samples"):
        list(open_file(path).blocks())
