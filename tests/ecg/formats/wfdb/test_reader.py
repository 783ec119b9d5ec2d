"""WFDB records, against files packed by hand and against wfdb on real ones."""

from __future__ import annotations

import sys
import zipfile
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
    missing = -64 if FORMATS[number].differences else FORMATS[number].missing
    samples = data.draw(st.lists(st.integers(missing, -missing - 1), max_size=50))
    raw = np.frombuffer(pack_samples(number, samples), dtype=np.uint8)

    assert len(raw) == FORMATS[number].size(len(samples))
    # Two samples of format 310 fill the bytes of three.
    assert FORMATS[number].samples(len(raw)) == len(samples) + (number == 310 and len(samples) % 3 == 2)
    decoded = FORMATS[number].decode(raw)[: len(samples)]
    assert (np.cumsum(decoded) if FORMATS[number].differences else decoded).tolist() == samples


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
        ("", "promises 212 signals"),
        ("\x00\x01 garbage", "not a WFDB header"),
        ("r/3 2 360 100", "promises 3 segments and names 2"),
        ("r 5 360 100", "promises 5 signals and describes 2"),
        ("r 0 360 100", "promises 0 signals"),
        ("r 2 0 100", "sampling rate of 0"),
    ],
)
def test_a_bad_first_line_is_named(first_line: str, message: str, write_record: Write) -> None:
    with pytest.raises(InputError, match=message) as caught:
        open_recording(write_record(RAMP, first_line=first_line))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("r.dat 312 200 12 0 0 0 0 MLII", "storage format 312"),
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
    header.write_text(header.read_text().replace("r 2 ", "r 3 ") + "missing.dat 312 200 12 0 0 7 0 II\n")

    assert (samples_of(open_recording(path, "V5")) == RAMP[:, 1] / 200).all()
    with pytest.raises(InputError, match="storage format 312 is not read here"):
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


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("10:20:30 24/12/2003", (2003, 12, 24)),
        ("24-Dec-2003 10:20:30", (2003, 12, 24)),
        ("2003-12-24 10:20:30", (2003, 12, 24)),
        ("24/12/2003 10:20:30", (2003, 12, 24)),
        ("10:20:30", None),
        ("yesterday", None),
        ("10:20:30 31/02/2003", None),
    ],
)
def test_a_date_is_read_in_any_order_or_left_unknown(
    rest: str, expected: tuple[int, int, int] | None, write_record: Write
) -> None:
    reader = open_file(write_record(RAMP, first_line=f"r 2 360 200 {rest}"))

    assert reader.start_utc == (None if expected is None else datetime(*expected, 10, 20, 30, tzinfo=UTC))
    assert reader.length == 200
    assert bool(reader.remarks) == ("31/02" in rest)


def as_wfdb_reads_it(path: Path) -> list[Any]:
    """The signals of a record as wfdb-python reads them, each at its own rate."""
    wfdb = pytest.importorskip("wfdb", reason="wfdb comes with the extra [converter]")
    record = wfdb.rdrecord(str(path), smooth_frames=False)
    signals = record.e_p_signal
    return [np.array(signal, dtype=float) for signal in signals]


def is_as_wfdb_reads_it(path: Path) -> None:
    expected = as_wfdb_reads_it(path)
    channels = open_file(path).channels
    assert len(channels) == len(expected)
    for number, channel in enumerate(channels):
        if channel.is_lead:
            scale = {"mV": 1.0, "uV": 1e-3}[channel.unit]
            samples = open_file(path, [str(number)]).read().samples_mv[0]
            np.testing.assert_allclose(samples, scale * expected[number], atol=1e-9)


@pytest.mark.parametrize("number", sorted(FORMATS))
@pytest.mark.parametrize("frames", [1, 2, 3, 4, 5000])
@pytest.mark.parametrize("spec", ["", "x3", ":2"])
def test_each_format_is_read_as_wfdb_reads_it(number: int, frames: int, spec: str, tmp_path: Path) -> None:
    if spec == ":2" and (frames < 4 or number == 8):
        pytest.skip("skewed beyond its end, or what wfdb-python cannot")
    limit = min(500, 60 if number == 8 else FORMATS[number].missing * -1 - 1)
    wide = 3 if spec == "x3" else 1
    rng = np.random.default_rng(number)
    adc = rng.integers(-limit, limit, (frames, wide + 1))
    if number == 8:  # the differences of each signal by itself
        differences = rng.integers(-100, 100, (frames, wide + 1))
        content = differences.astype("<i1").tobytes()
    else:
        content = pack_samples(number, adc.reshape(-1).tolist())
    (tmp_path / "r.dat").write_bytes(content)
    lines = [f"r.dat {number}{spec} 200(7)/mV 12 0 5", f"r.dat {number} 2/uV 12 0 -3"]
    (tmp_path / "r.hea").write_text("\n".join([f"r 2 250 {frames}", *lines, ""]))

    is_as_wfdb_reads_it(tmp_path / "r")


@pytest.mark.parametrize(("number", "subtype"), [(508, "PCM_S8"), (516, "PCM_16"), (524, "PCM_24")])
def test_flac_is_read_as_wfdb_reads_it(number: int, subtype: str, tmp_path: Path) -> None:
    soundfile = pytest.importorskip("soundfile", reason="soundfile comes with the extra [flac]")
    bits = number - 500
    adc = np.random.default_rng(1).integers(-(1 << (bits - 1)), 1 << (bits - 1), (7000, 2))
    sound = (adc << (32 - bits)).astype(np.int32)
    soundfile.write(tmp_path / "r.dat", sound, 500, subtype, format="FLAC")
    (tmp_path / "r.hea").write_text("\n".join(["r 2 250 3500", *[f"r.dat {number}x2 200/mV {bits} 0"] * 2, ""]))

    is_as_wfdb_reads_it(tmp_path / "r")


def test_without_soundfile_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "r.dat").write_bytes(b"fLaC")
    (tmp_path / "r.hea").write_text("r 1 250 3500\nr.dat 516 200/mV\n")
    monkeypatch.setitem(sys.modules, "soundfile", None)

    with pytest.raises(InputError, match=r"needs the package soundfile: .*pip install '.*\[flac\]'"):
        open_file(tmp_path / "r")


def test_what_is_no_flac_stream_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("soundfile", reason="soundfile comes with the extra [flac]")
    (tmp_path / "r.dat").write_bytes(b"fLaC" + bytes(100))
    (tmp_path / "r.hea").write_text("r 1 250 3500\nr.dat 516 200/mV\n")

    with pytest.raises(InputError, match=r"r\.dat: reading failed"):
        open_file(tmp_path / "r")


@pytest.mark.parametrize("name", ["whole", "damaged"])
def test_flac_in_an_archive_is_read_or_refused_in_a_sentence(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    soundfile = pytest.importorskip("soundfile", reason="soundfile comes with the extra [flac]")
    path = tmp_path / "r.dat"
    soundfile.write(path, np.zeros((500, 1), dtype=np.int16), 500, "PCM_16", format="FLAC")
    content = path.read_bytes()
    path.unlink()
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("r.hea", "r 1 500 500\nr.dat 516 200/mV\n")
        archive.writestr("r.dat", content)
    if name == "damaged":
        packed = (tmp_path / "a.zip").read_bytes()
        (tmp_path / "a.zip").write_bytes(packed.replace(content, content[:-5] + b"\0wrong"[:5]))
        with pytest.raises(InputError, match=r"r\.dat: cannot be read \(Bad CRC-32"):
            open_file(tmp_path / "a.zip").read()
    else:
        assert open_file(tmp_path / "a.zip").read().samples_mv.shape == (1, 500)
    assert capfd.readouterr() == ("", "")


def write_segments(folder: Path, *, layout: bool) -> Path:
    """A record of two segments and a gap; with a layout, the second lacks V5 and has another gain."""
    rng = np.random.default_rng(2)
    for name, signals, gain in (("s1", ("II", "V5"), 200), ("s2", ("II",) if layout else ("II", "V5"), 100)):
        adc = rng.integers(-500, 500, (1000, len(signals)))
        (folder / f"{name}.dat").write_bytes(pack_samples(16, adc.reshape(-1).tolist()))
        lines = [
            f"{name}.dat 16 {gain}/mV 12 0 0 {(adc[:, n].sum()) % 65536} 0 {each}" for n, each in enumerate(signals)
        ]
        (folder / f"{name}.hea").write_text("\n".join([f"{name} {len(signals)} 250 1000", *lines, ""]))
    parts = ["r_layout 0", "s1 1000", "~ 500", "s2 1000"] if layout else ["s1 1000", "s2 1000"]
    length = 2500 if layout else 2000
    (folder / "r_layout.hea").write_text("r_layout 2 250 0\n~ 0 200/mV 12 0 0 0 0 II\n~ 0 200/mV 12 0 0 0 0 V5\n")
    (folder / "r.hea").write_text("\n".join([f"r/{len(parts)} 2 250 {length} 10:20:30 01/05/2024", *parts, ""]))
    return folder / "r"


@pytest.mark.parametrize("layout", [False, True])
def test_segments_are_read_as_wfdb_reads_them(layout: bool, tmp_path: Path) -> None:
    path = write_segments(tmp_path, layout=layout)

    is_as_wfdb_reads_it(path)
    recording = open_file(path).read()
    assert recording.gaps == ((range(1000, 1500),) if layout else ())
    assert recording.start_utc == datetime(2024, 5, 1, 10, 20, 30, tzinfo=UTC)


def test_a_segment_that_is_missing_is_lost_and_told(tmp_path: Path) -> None:
    path = write_segments(tmp_path, layout=False)
    (tmp_path / "s2.dat").unlink()
    reader = open_file(path)
    recording = reader.read()

    assert (recording.length, recording.gaps) == (2000, (range(1000, 2000),))
    assert len(reader.remarks) == 1
    assert "segment s2 cannot be read, and its samples are lost" in reader.remarks[0]


@pytest.mark.parametrize(("old", "new"), [("s2 2 250", "s2 2 125"), ("s2.dat 16 ", "s2.dat 16x2 "), ("s2 2 ", "s2 1 ")])
def test_a_segment_that_does_not_fit_its_record_is_lost(old: str, new: str, tmp_path: Path) -> None:
    path = write_segments(tmp_path, layout=False)
    header = tmp_path / "s2.hea"
    header.write_text(header.read_text().replace(old, new))
    recording = open_file(path, ["V5"]).read()

    assert (recording.length, recording.gaps) == (2000, (range(1000, 2000),))


def test_a_signal_file_outside_the_folder_of_its_header_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    (tmp_path / "secret.dat").write_bytes(bytes(100))
    (tmp_path / "inside" / "r.hea").write_text("r 1 250 50\n../secret.dat 16 200/mV\n")

    with pytest.raises(InputError, match=r"inside/secret\.dat: the signal file .* is missing"):
        open_file(tmp_path / "inside" / "r")


@pytest.mark.parametrize("length", ["999999999999999", "99999999"])
def test_a_length_that_lies_costs_no_memory(length: str, write_record: Write) -> None:
    path = write_record(RAMP, first_line=f"r 2 360 {length}")

    blocks = open_file(path).blocks()
    assert next(blocks).samples_mv.shape == (2, 200)
    with pytest.raises(InputError, match="ends after 200 of"):
        next(blocks)


def test_a_recording_that_does_not_fit_into_memory_is_not_read_into_it(write_record: Write) -> None:
    with pytest.raises(InputError, match="do not fit into memory"):
        open_file(write_record(RAMP, first_line="r 2 360 999999999999999")).read()


@pytest.mark.recordings
def test_real_records_of_every_format_are_read_as_wfdb_reads_them(recordings: Path) -> None:
    wfdb = pytest.importorskip("wfdb", reason="wfdb comes with the extra [converter]")
    headers = sorted((recordings / "formats" / "wfdb").glob("*.hea"))
    if not headers:
        pytest.skip("no formats/wfdb among the recordings: name their folder in ECG_EDGE_RECORDINGS")
    read = 0
    for header in headers:
        try:
            record = wfdb.rdrecord(str(header.with_suffix("")), smooth_frames=False)
        except (OSError, ValueError):
            continue  # a part of it is not among the recordings
        if "mV" in record.units:
            is_as_wfdb_reads_it(header.with_suffix(""))
            read += 1
    assert read >= 30
