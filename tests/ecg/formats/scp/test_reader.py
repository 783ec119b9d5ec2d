"""SCP-ECG records, written without the code under test."""

from __future__ import annotations

import datetime as dt
import struct
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg.errors import InputError
from ecg.formats.options import ReadOptions
from ecg.formats.registry import open_file
from ecg.formats.scp.complexes import expand
from ecg.formats.scp.huffman import decode, read_tables
from ecg.formats.scp.rhythm import LeadPlace
from tests.support.damage import damaged, read_or_refused
from tests.support.scp_files import (
    DEFAULT_TABLE,
    huffman,
    lead_section,
    plain,
    record,
    rhythm_section,
    second_differences,
)

if TYPE_CHECKING:
    from pathlib import Path

    from ecg.samples import FloatArray

ONE, TWO = 1, 2
START = dt.datetime(2024, 5, 1, 10, 20, 30, tzinfo=dt.UTC)
SAMPLES = np.rint(200 * np.sin(np.arange(500) / 9)).astype(int).tolist()
SHORTS = st.lists(st.integers(-32768, 32767), min_size=1, max_size=60)


def simple(samples: list[int] = SAMPLES, **more: bytes) -> dict[int, bytes]:
    """Two leads of the same plain samples, 5 uV a step, 500 Hz."""
    places = lead_section({ONE: (1, len(samples)), TWO: (1, len(samples))})
    sections = {3: places, 6: rhythm_section([plain(samples)] * 2, step_nv=5000, interval_us=2000)}
    return sections | {int(key[1:]): value for key, value in more.items()}


def read_mv(path: Path, content: bytes) -> FloatArray:
    path.write_bytes(content)
    return open_file(path).read().samples_mv


@given(numbers=SHORTS)
def test_numbers_in_huffman_codes_are_decoded(numbers: list[int]) -> None:
    assert decode(huffman(numbers), len(numbers), read_tables(DEFAULT_TABLE)).tolist() == numbers


@given(numbers=SHORTS)
@settings(max_examples=30)
def test_second_differences_in_huffman_codes_are_undone(
    numbers: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    coded = rhythm_section([huffman(second_differences(numbers))], step_nv=1000, interval_us=2000, differences=2)
    sections = {2: DEFAULT_TABLE, 3: lead_section({ONE: (1, len(numbers))}), 6: coded}
    samples_mv = read_mv(tmp_path_factory.getbasetemp() / "huffman.scp", record(sections))

    assert samples_mv[0] * 1000 == pytest.approx(numbers)


@given(numbers=SHORTS)
@settings(max_examples=30)
def test_first_differences_are_undone(numbers: list[int], tmp_path_factory: pytest.TempPathFactory) -> None:
    wrapped = [(b - a + 32768) % 65536 - 32768 for a, b in zip([0, *numbers], numbers, strict=False)]
    coded = rhythm_section([plain(wrapped)], step_nv=1000, interval_us=2000, differences=1)
    content = record({3: lead_section({ONE: (1, len(numbers))}), 6: coded})

    assert read_mv(tmp_path_factory.getbasetemp() / "first.scp", content)[0] * 1000 == pytest.approx(numbers)


def test_a_record_may_bring_its_own_tables_and_switch_between_them() -> None:
    code = struct.Struct("<BBBhI")
    first = [code.pack(1, 1, 1, 7, 0b0), code.pack(2, 2, 0, 2, 0b01)]  # `0` is 7, `10` leads to the second table
    second = [code.pack(1, 5, 1, 0, 0b1), code.pack(2, 2, 0, 1, 0b00)]  # `1` and four bits; `00` leads back
    tables = struct.pack("<H", 2) + b"".join(struct.pack("<H", 2) + b"".join(each) for each in (first, second))
    bits = "0" + "0" + "10" + "10111" + "11000" + "00" + "0"
    data = int(bits.ljust(24, "1"), 2).to_bytes(3, "big")

    assert decode(data, 5, read_tables(tables)).tolist() == [7, 7, 7, -8, 7]


def test_the_reference_beat_is_added_where_it_was_subtracted(tmp_path: Path) -> None:
    beat = np.rint(100 * np.hanning(50)).astype(int)  # 100 ms at 500 Hz, worth 10 uV a step
    rest = np.arange(500) % 7
    expected_uv = rest * 5.0
    complexes = [(41, 60, 90), (201, 225, 250), (480, 490, 500)]  # from 1 on: begin, fiducial point, end
    fiducial = 20  # of the beat, from 1 on
    for begin, centre, end in complexes:
        for place in range(begin, end + 1):
            of_beat = place - centre + fiducial
            if 1 <= of_beat <= 50:
                expected_uv[place - 1] += 10.0 * beat[of_beat - 1]
    section_4 = struct.pack("<HHH", 100, fiducial, len(complexes) + 1)
    section_4 += b"".join(struct.pack("<HIII", 0, *each) for each in complexes)
    section_4 += struct.pack("<HIII", 1, 300, 310, 320)  # a complex of another kind
    section_4 += b"".join(struct.pack("<II", each[0], each[2]) for each in (*complexes, (0, 0, 0)))
    content = record(
        {
            3: lead_section({ONE: (1, 500)}, flags=1),
            4: section_4,
            5: rhythm_section([plain(beat.tolist())], step_nv=10_000, interval_us=2000),
            6: rhythm_section([plain(rest.tolist())], step_nv=5000, interval_us=2000),
        }
    )

    assert read_mv(tmp_path / "r.scp", content)[0] * 1000 == pytest.approx(expected_uv)


@pytest.mark.parametrize("factor", [2, 4])
def test_bimodal_compression_is_undone(factor: int, tmp_path: Path) -> None:
    full = np.rint(300 * np.sin(np.arange(480) / 40)).astype(int)
    zones = [(81, 120), (241, 300)]
    kept: list[int] = []
    at = 1
    for begin, end in (*zones, (481, 480)):
        outside = full[at - 1 : begin - 1]
        kept += [round(float(outside[first : first + factor].mean())) for first in range(0, len(outside), factor)]
        kept += full[begin - 1 : end].tolist()
        at = end + 1
    section_4 = struct.pack("<HHH", 0, 0, 2) + b"".join(struct.pack("<HIII", 0, 0, 0, 0) for _ in zones)
    section_4 += b"".join(struct.pack("<II", *zone) for zone in zones)
    content = record(
        {
            3: lead_section({ONE: (1, 480)}),
            4: section_4,
            5: rhythm_section([b""], step_nv=1000, interval_us=2000),
            6: rhythm_section([plain(kept)], step_nv=1000, interval_us=2000 * factor, bimodal=1),
        }
    )
    samples_mv = read_mv(tmp_path / "r.scp", content)[0]
    reader = open_file(tmp_path / "r.scp")

    assert reader.rate_hz == 500
    for begin, end in zones:
        assert samples_mv[begin - 1 : end] * 1000 == pytest.approx(full[begin - 1 : end])
    assert np.abs(samples_mv * 1000 - full).max() < 300 / 40 * factor / 2 + 1  # a step of the slope at the borders
    assert f"1 of {factor} samples" in reader.understood
    assert "interpolated" in reader.remarks[0]


@given(
    length=st.integers(1, 200), factor=st.integers(1, 4), first=st.integers(0, 50),
    zones=st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), max_size=5), there=st.integers(0, 300),
)  # fmt: skip
def test_samples_are_never_more_than_the_lead_has(
    length: int, factor: int, first: int, zones: list[tuple[int, int]], there: int
) -> None:
    lead = LeadPlace(first, first + length - 1, 1)

    assert len(expand(np.arange(there), lead, sorted(zones), factor)) <= length


def test_leads_that_were_recorded_one_after_the_other_keep_their_times(tmp_path: Path) -> None:
    content = record(
        {
            3: lead_section({ONE: (11, 15), TWO: (14, 17)}),
            6: rhythm_section([plain([1, 2, 3, 4, 5]), plain([6, 7, 8, 9])], step_nv=1000, interval_us=2000),
        }
    )
    nan = np.nan

    assert read_mv(tmp_path / "r.scp", content) * 1000 == pytest.approx(
        np.array([[1, 2, 3, 4, 5, nan, nan], [nan, nan, nan, 6, 7, 8, 9]]), nan_ok=True
    )


def test_samples_that_count_from_0_and_end_one_too_late_are_whole(tmp_path: Path) -> None:
    places = lead_section({ONE: (0, 500), TWO: (0, 500)})

    assert read_mv(tmp_path / "r.scp", record(simple(s3=places))).shape == (2, 500)


def test_a_wrong_checksum_is_a_remark(tmp_path: Path) -> None:
    content = bytearray(record(simple(), start=START))
    content[-2] ^= 1
    (tmp_path / "r.scp").write_bytes(content)

    assert open_file(tmp_path / "r.scp").remarks == [
        "the record may be damaged: its checksum or its place is wrong",
        "section 6 may be damaged: its checksum or its place is wrong",
    ]


def test_the_start_is_read_and_the_patient_is_not(tmp_path: Path) -> None:
    (tmp_path / "r.scp").write_bytes(record(simple(), start=START))
    reader = open_file(tmp_path / "r.scp")

    assert reader.start_utc == START
    assert "Nobody" not in repr(vars(reader))


def test_leads_without_a_worth_ask_for_it(tmp_path: Path) -> None:
    section = rhythm_section([plain(SAMPLES)] * 2, step_nv=0, interval_us=2000)
    path = tmp_path / "r.scp"
    path.write_bytes(record(simple(s6=section)))
    told = open_file(path, None, ReadOptions.parse(unit="200/mV")).read()

    with pytest.raises(InputError, match="give the unit of an ECG with --channel and --unit"):
        open_file(path)
    assert told.samples_mv[0] * 200 == pytest.approx(SAMPLES)


def test_a_told_rate_takes_precedence(tmp_path: Path) -> None:
    (tmp_path / "r.scp").write_bytes(record(simple()))
    reader = open_file(tmp_path / "r.scp", None, ReadOptions.parse(rate="250"))

    assert "250 Hz by --rate, 2.0 s" in reader.understood


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        ({6: simple()[6]}, "no lead is in it"),
        ({3: simple()[3]}, "it holds no rhythm;|it holds no rhythm\\)"),
        ({3: simple()[3], 5: simple()[6]}, "only a reference beat"),
        (simple(s3=lead_section({})), "no lead is in it"),
        (simple(s3=lead_section(dict.fromkeys(range(37), (1, 500)))), "it ends before its samples|ends early"),
        (simple(s3=bytes([200, 0])), "it promises 200 leads and tells of 0"),
        (simple(s3=lead_section({ONE: (9, 3), TWO: (1, 500)})), "before it begins"),
        (simple(s3=lead_section({ONE: (1, 4_294_967_295), TWO: (1, 500)})), "promise 4294967795 samples"),
        (simple(s6=rhythm_section([plain(SAMPLES)] * 2, step_nv=5000, interval_us=0)), "0 us lie between"),
        (
            simple(s6=rhythm_section([plain(SAMPLES)] * 2, step_nv=5000, interval_us=2000, differences=9)),
            "coded in an unknown way",
        ),
        (simple(s2=struct.pack("<H", 60_000)), "promises 60000 Huffman tables"),
        (simple(s2=struct.pack("<HH", 1, 9)), "ends within its Huffman tables"),
        (simple(s2=struct.pack("<HHBBBhI", 1, 1, 0, 0, 1, 0, 0)), "impossible lengths"),
        (simple(s2=struct.pack("<HHBBBhI", 1, 1, 200, 200, 1, 0, 0)), "impossible lengths"),
        (simple(s2=struct.pack("<HHBBBhI", 1, 1, 1, 1, 0, 9, 0)), "switch to Huffman table 9|no Huffman code"),
        (simple(s3=lead_section({ONE: (1, 500), TWO: (1, 500)}, flags=1)), "reference beat .section 5. is missing"),
    ],
)  # fmt: skip
def test_lies_are_refused_in_one_line(sections: dict[int, bytes], message: str, tmp_path: Path) -> None:
    path = tmp_path / "r.scp"
    path.write_bytes(record(sections))

    with pytest.raises(InputError, match=message) as caught:
        open_file(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_a_table_that_only_switches_ends_with_its_data() -> None:
    tables = read_tables(struct.pack("<HHBBBhI", 1, 1, 1, 1, 0, 1, 0))

    assert decode(bytes(1000), 10, tables).tolist() == []


def test_a_section_that_the_samples_do_not_need_may_be_missing(tmp_path: Path) -> None:
    path = tmp_path / "r.scp"
    path.write_bytes(record(simple() | {7: bytes(50)}, start=START)[:-40])
    reader = open_file(path)

    assert reader.length == 500
    assert [remark.partition(" may")[0] for remark in reader.remarks] == ["the record", "section 7"]


@pytest.mark.parametrize("place", [8, 10, 22, 24, 28, 32, 34, 38, 42, 44, 48])
@pytest.mark.parametrize("lie", [b"\0\0\0\0", b"\xff\xff\xff\xff", b"\1\0\0\0", b"\7\0\0\0"])
def test_pointers_that_lie_are_read_or_refused(place: int, lie: bytes, tmp_path: Path) -> None:
    content = bytearray(record(simple()))
    content[place : place + 4] = lie
    (tmp_path / "r.scp").write_bytes(content)

    read_or_refused(tmp_path / "r.scp")


CODED = record(
    {
        2: DEFAULT_TABLE,
        3: lead_section({ONE: (1, 80), TWO: (1, 80)}, flags=1),
        4: struct.pack("<HHH", 100, 20, 1) + struct.pack("<HIII", 0, 10, 30, 60) + struct.pack("<II", 10, 60),
        5: rhythm_section([huffman([3] * 50)] * 2, step_nv=5000, interval_us=2000),
        6: rhythm_section([huffman(SAMPLES[:80])] * 2, step_nv=5000, interval_us=4000, differences=2, bimodal=1),
    },
    start=START,
)


@given(content=damaged(CODED))
def test_damage_anywhere_is_read_or_refused(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.scp"
    path.write_bytes(content)

    read_or_refused(path)


@pytest.mark.recordings
def test_a_record_of_another_program_has_the_samples_of_its_annotated_ecg(formats: Path) -> None:
    reader = open_file(formats / "scp" / "Example.scp")
    recording = reader.read()
    original = open_file(formats / "aecg" / "mortara.xml").read()

    assert reader.understood.startswith("Example: SCP-ECG 2.0 (Huffman codes), I, II, V1, V2")
    assert reader.remarks == []
    assert [lead.name for lead in recording.leads] == [lead.name for lead in original.leads]
    assert recording.samples_mv == pytest.approx(original.samples_mv, abs=1e-12)
    assert recording.start_utc == dt.datetime(2002, 11, 22, 9, 10, tzinfo=dt.UTC)


@pytest.mark.recordings
def test_a_record_without_compression_is_read(formats: Path) -> None:
    reader = open_file(formats / "scp" / "demo.scp")

    assert (reader.rate_hz, reader.length, len(reader.leads)) == (1000, 10_000, 8)
    assert reader.read().samples_mv[0, :3] * 1e6 == pytest.approx([254 * 183, 246 * 183, 251 * 183])
