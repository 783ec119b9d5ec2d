"""ECGs in DICOM, written by pydicom."""

from __future__ import annotations

import datetime as dt
import io
import struct
import sys
import tracemalloc
import warnings
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg.errors import InputError
from ecg.formats.options import ReadOptions
from ecg.formats.registry import open_file
from tests.support.damage import damaged, read_or_refused
from tests.support.dicom_files import channel, dataset, group, save

if TYPE_CHECKING:
    from pathlib import Path

    from ecg.formats.reader import Reader

pydicom = pytest.importorskip("pydicom", reason="pydicom comes with the extra [reader]")

START = dt.datetime(2024, 5, 1, 10, 20, 30, tzinfo=dt.UTC)
NUMBERS = np.rint(300 * np.sin(np.arange(1000) / 20 + np.arange(2)[:, None])).astype(int)
STORAGE = "1.2.840.10008.5.1.4.1.1.9."


def two() -> list[Any]:
    return [channel("I", code="5.6.3-9-1"), channel("II", code="5.6.3-9-2")]


def opened(folder: Path, found: Any, options: ReadOptions | None = None, **more: str) -> Reader:
    return open_file(save(folder / "r.dcm", found, **more), None, options)


@pytest.mark.parametrize(
    ("kind", "name"),
    [("1.1", "12-lead ECG"), ("1.2", "general ECG"), ("1.3", "ambulatory ECG"), ("1.4", "general 32-bit ECG")],
)
def test_the_classes_of_an_ecg_are_read(kind: str, name: str, tmp_path: Path) -> None:
    reader = opened(tmp_path, dataset([group(NUMBERS, two())], kind=STORAGE + kind, start=START))

    assert reader.understood == f"r: DICOM {name} (rhythm), I, II in uV, 250 Hz, 4.0 s"
    assert reader.start_utc == START
    assert reader.read().samples_mv * 200 == pytest.approx(NUMBERS)
    assert "Nobody" not in repr(vars(reader))


@pytest.mark.parametrize(
    ("kind", "name"),
    [("7.1", "an EEG"), ("7.4", "an EEG of sleep"), ("2.1", "a haemodynamic waveform"), ("4.1", "a voice"),
     ("3.1", "an electrophysiology"),     ("6.1", "a respiration")],
)  # fmt: skip
def test_waveforms_that_are_no_ecg_are_refused(kind: str, name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"{name}.* in DICOM, no ECG; give a 12-lead") as caught:
        opened(tmp_path, dataset([group(NUMBERS, two())], kind=STORAGE + kind))
    assert "\n" not in str(caught.value)


def test_a_picture_and_a_document_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="DICOM without a waveform; export the ECG as a waveform"):
        opened(tmp_path, dataset([], kind="1.2.840.10008.5.1.4.1.1.7"))
    with pytest.raises(InputError, match="a PDF document in DICOM"):
        opened(tmp_path, dataset([], kind="1.2.840.10008.5.1.4.1.1.104.1"))


@pytest.mark.parametrize(
    ("code", "scheme", "meaning", "name"),
    [
        ("5.6.3-9-62", "SCPECG", "Lead", "aVR"),
        ("2:63", "MDC", "Lead aVL (augmented)", "aVL"),
        ("X", "L", "Lead avf (Goldberger)", "aVF"),
        ("X", "L", "Lead V7R", "V7R"),
        ("5.6.3-9-200", "SCPECG", "CHEST", "CHEST"),
        ("X", "L", "", "channel 0"),
    ],
)
def test_leads_are_named_by_code_or_by_words(code: str, scheme: str, meaning: str, name: str, tmp_path: Path) -> None:
    one, other = two()
    source = one.ChannelSourceSequence[0]
    source.CodeValue, source.CodingSchemeDesignator, source.CodeMeaning = code, scheme, meaning

    assert opened(tmp_path, dataset([group(NUMBERS, [one, other])])).leads[0].name == name


@pytest.mark.parametrize(
    ("told", "expected_mv"),
    [
        ({"sensitivity": "1.25"}, NUMBERS[0] * 0.00125),
        ({"sensitivity": "0.01", "unit": "mV"}, NUMBERS[0] * 0.01),
        ({"ChannelSensitivityCorrectionFactor": "2"}, NUMBERS[0] * 0.01),
        ({"ChannelBaseline": "-100"}, NUMBERS[0] * 0.005 - 0.1),
    ],
)
def test_sensitivity_correction_and_baseline_tell_the_voltage(
    told: dict[str, str], expected_mv: np.ndarray, tmp_path: Path
) -> None:
    channels = [channel("I", **told), channel("II", **told)]

    assert opened(tmp_path, dataset([group(NUMBERS, channels)])).read().samples_mv[0] == pytest.approx(expected_mv)


def test_a_skewed_channel_begins_later(tmp_path: Path) -> None:
    channels = [channel("I"), channel("II", ChannelSampleSkew="3")]
    samples_mv = opened(tmp_path, dataset([group(NUMBERS, channels)])).read().samples_mv

    assert samples_mv.shape == (2, 1003)
    assert np.isnan(samples_mv[1, :3]).all()
    assert np.isnan(samples_mv[0, -3:]).all()
    assert samples_mv[1, 3:] * 200 == pytest.approx(NUMBERS[1])


def test_a_skew_in_seconds_is_rounded_to_samples(tmp_path: Path) -> None:
    late = channel("II", ChannelTimeSkew="0.008")
    del late.ChannelSampleSkew

    assert opened(tmp_path, dataset([group(NUMBERS, [channel("I"), late])])).length == 1002


def test_the_number_of_lost_samples_is_nan_and_a_padding_of_0_is_none(tmp_path: Path) -> None:
    numbers = NUMBERS.copy()
    numbers[0, 5:9] = -32768
    for padding, lost in ((struct.pack("<h", -32768), 4), (b"\0\0", 0), (b"", 0)):
        found = dataset([group(numbers, two(), WaveformPaddingValue=padding)])
        assert np.isnan(opened(tmp_path, found).read().samples_mv).sum() == lost


@pytest.mark.parametrize(
    ("kind", "bits", "dtype"), [("SB", 8, "i1"), ("UB", 8, "u1"), ("US", 16, "<u2"), ("SL", 32, "<i4")]
)
def test_other_numbers_are_read(kind: str, bits: int, dtype: str, tmp_path: Path) -> None:
    numbers = NUMBERS % 100
    data = np.ascontiguousarray(numbers.T).astype(dtype).tobytes()
    found = group(numbers, two(), WaveformBitsAllocated=bits, WaveformSampleInterpretation=kind, WaveformData=data)

    assert opened(tmp_path, dataset([found])).read().samples_mv * 200 == pytest.approx(numbers)


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99"])
def test_every_transfer_syntax_is_read(syntax: str, tmp_path: Path) -> None:
    assert opened(tmp_path, dataset([group(NUMBERS, two())]), syntax=syntax).read().samples_mv * 200 == pytest.approx(
        NUMBERS
    )


def test_big_endian_numbers_are_read(tmp_path: Path) -> None:
    found = group(NUMBERS, two(), WaveformData=np.ascontiguousarray(NUMBERS.T).astype(">i2").tobytes())
    reader = opened(tmp_path, dataset([found]), syntax="1.2.840.10008.1.2.2")

    assert reader.read().samples_mv * 200 == pytest.approx(NUMBERS)


def test_of_several_groups_the_rhythm_is_read(tmp_path: Path) -> None:
    beat = group(np.tile(NUMBERS, 2), two(), label="MEDIAN BEAT", WaveformOriginality="DERIVED")
    short = group(NUMBERS[:, :100], two(), label="PART")
    reader = opened(tmp_path, dataset([beat, short, group(NUMBERS, two())]))

    assert reader.length == 1000
    assert reader.remarks == [
        "its group median beat of 8.0 s is not read",
        "its group part of 0.4 s is not read",
    ]
    with pytest.raises(InputError, match="only median beat of 8"):
        opened(tmp_path, dataset([beat]))


@pytest.mark.parametrize(
    "text", ["20240501122030+0200", "20240501102030.000000", "202405011020", "20240501102030+9999"]
)
def test_the_start_may_have_an_offset(text: str, tmp_path: Path) -> None:
    found = dataset([group(NUMBERS, two())])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found.add_new(0x0008002A, "DT", text)
        path = save(tmp_path / "r.dcm", found)
    start = open_file(path).start_utc

    assert start is not None
    assert start.replace(second=30) == START or text.endswith("9999")


def test_leads_without_a_worth_ask_for_it(tmp_path: Path) -> None:
    channels = two()
    for each in channels:
        del each.ChannelSensitivity
    found = dataset([group(NUMBERS, channels)])

    with pytest.raises(InputError, match="give the unit of an ECG with --channel and --unit"):
        opened(tmp_path, found)
    assert opened(tmp_path, found, ReadOptions.parse(unit="200/mV")).read().samples_mv * 200 == pytest.approx(NUMBERS)


def test_a_file_cut_short_gives_what_it_has_and_then_says_so(tmp_path: Path) -> None:
    path = save(tmp_path / "r.dcm", dataset([group(NUMBERS, two())]))
    path.write_bytes(path.read_bytes()[:-2000])
    reader = open_file(path)
    blocks = reader.blocks()

    assert next(blocks).samples_mv * 200 == pytest.approx(NUMBERS[:, :500])
    with pytest.raises(InputError, match="ends after 500 of 1000 samples; copy it again"):
        next(blocks)


def test_without_pydicom_the_way_out_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(tmp_path / "r.dcm", dataset([group(NUMBERS, two())]))
    monkeypatch.setitem(sys.modules, "pydicom.filereader", None)

    with pytest.raises(InputError, match=r"to read DICOM, install pydicom \(.*pip install '.*\[reader\]'\)"):
        open_file(path)


def test_what_is_deflated_without_end_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "r.dcm", dataset([group(NUMBERS, two())]), syntax="1.2.840.10008.1.2.1.99")
    content = path.read_bytes()
    head = content[: 144 + struct.unpack_from("<I", content, 140)[0]]
    deflater = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    zeros = bytes(1 << 20)
    path.write_bytes(head + b"".join(deflater.compress(zeros) for _ in range(300)) + deflater.flush())

    assert "inflated it has more than 256 MiB" in read_or_refused(path)


def test_a_length_that_lies_takes_no_memory(tmp_path: Path) -> None:
    path = save(tmp_path / "r.dcm", dataset([group(NUMBERS, two())]))
    content = path.read_bytes()
    at = content.index(b"\x00\x54\x10\x10OW\0\0") + 8
    path.write_bytes(content[:at] + b"\xf0\xff\xff\xff" + content[at + 4 :])
    tracemalloc.start()
    try:
        read_or_refused(path)
        assert tracemalloc.get_traced_memory()[1] < 64 << 20
    finally:
        tracemalloc.stop()


def test_too_many_items_are_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "r.dcm", dataset([group(NUMBERS, two())]))
    items = b"\xfe\xff\x00\xe0\0\0\0\0" * 210_000
    path.write_bytes(path.read_bytes() + b"\x00\x54\x10\x01SQ\0\0" + struct.pack("<I", len(items)) + items)

    assert "more than 200000 items are in its sequences" in read_or_refused(path)


def test_a_file_beyond_the_limit_of_its_size_is_refused_unread(tmp_path: Path) -> None:
    path = save(tmp_path / "r.dcm", dataset([group(NUMBERS, two())]))
    with path.open("r+b") as file:
        file.truncate(1 << 30)

    assert "more than 256 MiB" in read_or_refused(path)


@pytest.mark.parametrize(
    ("lie", "message"),
    [
        ({"NumberOfWaveformChannels": 0}, "it promises 0 channels"),
        ({"NumberOfWaveformChannels": 37}, "it defines 2 of 37 channels"),
        ({"NumberOfWaveformChannels": 65_535}, "it promises 65535 channels"),
        ({"NumberOfWaveformSamples": 4_000_000_000}, "ends after 1000 of 4000000000 samples"),
        ({"NumberOfWaveformSamples": 0}, "it holds none of 0 samples"),
        ({"WaveformData": b""}, "it holds none of 1000 samples"),
        ({"SamplingFrequency": "0"}, "a sampling rate of 0 Hz; give the right one with --rate"),
        ({"SamplingFrequency": "1e9"}, "a sampling rate of 1e.09 Hz|a sampling rate of 1e+09 Hz"),
        ({"SamplingFrequency": "-5"}, "a sampling rate of -5 Hz"),
        ({"SamplingFrequency": None}, "its sampling rate is not told"),
        ({"WaveformSampleInterpretation": "MB", "WaveformBitsAllocated": 8}, "coded as MB in 8 bits"),
        ({"WaveformBitsAllocated": 12}, "coded as SS in 12 bits"),
        ({"ChannelDefinitionSequence": []}, "it defines 0 of 2 channels"),
    ],
)
def test_lies_are_refused_in_one_line(lie: dict[str, Any], message: str, tmp_path: Path) -> None:
    told = read_or_refused(save(tmp_path / "r.dcm", dataset([group(NUMBERS, two(), **lie)])))

    assert any(each in told for each in message.split("|"))


@pytest.mark.parametrize("skew", ["100000", "-100000", "99999999999999"])
def test_a_skew_of_minutes_is_refused(skew: str, tmp_path: Path) -> None:
    found = dataset([group(NUMBERS, [channel("I"), channel("II", ChannelSampleSkew=skew)])])

    assert "samples after the others" in read_or_refused(save(tmp_path / "r.dcm", found))


def test_all_lost_samples_are_read_as_lost(tmp_path: Path) -> None:
    found = group(np.full((2, 1000), -32768), two(), WaveformPaddingValue=struct.pack("<h", -32768))

    assert np.isnan(opened(tmp_path, dataset([found])).read().samples_mv).all()


def test_a_file_without_a_preamble_is_read(tmp_path: Path) -> None:
    path = save(tmp_path / "r.dcm", dataset([group(NUMBERS, two())]))
    path.write_bytes(path.read_bytes()[132:])

    assert open_file(path).length == 1000
    path.write_bytes(b"nothing of DICOM")
    assert "DICM is not at byte 128" in read_or_refused(path)


def _small() -> bytes:
    found = dataset([group(NUMBERS[:, :40], two())], start=START)
    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, _with_meta(found), enforce_file_format=True)
    return buffer.getvalue()


def _with_meta(found: Any) -> Any:
    from pydicom.dataset import FileMetaDataset

    found.file_meta = FileMetaDataset()
    found.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    return found


SMALL = _small()


@given(content=damaged(SMALL))
def test_damage_anywhere_is_read_or_refused(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.dcm"
    path.write_bytes(content)

    read_or_refused(path)


@given(rest=st.binary(max_size=400), syntax=st.sampled_from(["1", "1.99", "2", ""]))
def test_any_data_are_read_or_refused(rest: bytes, syntax: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    uid = f"1.2.840.10008.1.2.{syntax}".rstrip(".").encode()
    uid += b"\0" * (len(uid) % 2)
    path = tmp_path_factory.getbasetemp() / "any.dcm"
    path.write_bytes(bytes(128) + b"DICM\x02\x00\x10\x00UI" + struct.pack("<H", len(uid)) + uid + rest)

    read_or_refused(path)


@pytest.mark.recordings
def test_real_files_are_read_as_pydicom_reads_them(formats: Path) -> None:
    for path in sorted((formats / "dicom").glob("*.dcm")):
        reader = open_file(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected_uv = pydicom.dcmread(path).waveform_array(0).T

        assert reader.read().samples_mv == pytest.approx(expected_uv / 1000, abs=1e-12)
        assert reader.remarks == ["its group median beat of 1.2 s is not read"]
        assert len(reader.leads) == 12


@pytest.mark.recordings
def test_a_real_file_has_the_samples_of_its_annotated_ecg(formats: Path) -> None:
    recording = open_file(formats / "dicom" / "Example.dcm").read()
    original = open_file(formats / "aecg" / "mortara.xml").read()
    rows = [[lead.name for lead in original.leads].index(lead.name) for lead in recording.leads]

    assert recording.samples_mv == pytest.approx(original.samples_mv[rows], abs=1e-12)
