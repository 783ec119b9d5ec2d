"""What every writer keeps: its reader gives back what was written, lost samples and scales among it."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg.formats.registry import open_file, writer_for
from ecg.formats.wfdb.annotations import NOTE, Annotation, read_annotations
from ecg.recording import Lead, Recording, read_whole

if TYPE_CHECKING:
    from pathlib import Path

    from ecg.samples import FloatArray

NAMES = ["out", "out.csv", "out.edf"]
STEP_MV = 1 / 400


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    """A file of each format."""
    found: str = request.param
    if found.endswith("edf"):
        pytest.importorskip("edfio", reason="edfio comes with the extra [edf]")
    return found


def ecg(leads: int = 2) -> Recording:
    """30 s at 250 Hz, each lead on a level of its own."""
    samples_mv = np.sin(np.arange(leads * 7500).reshape(leads, -1) / 40) + np.arange(leads)[:, np.newaxis]
    names = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6", "III", "aVR", "aVL", "aVF")[:leads]
    return Recording(
        samples_mv=samples_mv,
        leads=tuple(Lead(each) for each in names),
        rate_hz=Fraction(250),
        start_utc=datetime(2026, 5, 28, 20, 26, 40, tzinfo=UTC),
        name="simulator",
        device="bed-3",
    )


def close(got: FloatArray, expected: FloatArray, step_mv: float = STEP_MV) -> bool:
    return got.shape == expected.shape and bool(
        np.allclose(got, expected, rtol=0, atol=step_mv / 2 * (1 + 1e-6), equal_nan=True)
    )


@pytest.mark.parametrize("leads", [1, 2, 12])
def test_every_lead_is_read_back(leads: int, name: str, tmp_path: Path) -> None:
    recording = ecg(leads)
    written = writer_for(tmp_path / name)(tmp_path / name, recording)
    reader = open_file(written)

    assert [lead.name.removeprefix("ECG ") for lead in reader.leads] == [lead.name for lead in recording.leads]
    assert reader.rate_hz == 250
    if not name.endswith("csv"):  # its times count from the start
        assert reader.start_utc == recording.start_utc
    assert close(reader.read().samples_mv, recording.samples_mv)


@settings(max_examples=25)
@given(
    gaps=st.lists(st.tuples(st.integers(1, 400), st.integers(1, 3000)), max_size=4),
    lost=st.lists(st.tuples(st.integers(0, 1), st.integers(0, 7499)), max_size=20),
    offset_mv=st.sampled_from([0.0, 150.0, -300.0]),
)
def test_lost_samples_stay_lost(
    gaps: list[tuple[int, int]],
    lost: list[tuple[int, int]],
    offset_mv: float,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    recording = ecg()
    samples_mv = recording.samples_mv + offset_mv
    end, holes = 0, []
    for distance, length in gaps:
        hole = range(min(end + distance, 7499), min(end + distance + length, 7499))
        if hole:
            holes.append(hole)
            samples_mv[:, hole] = np.nan
        end = hole.stop
    for lead, sample in lost:
        samples_mv[lead, sample] = np.nan
    given_ = Recording(samples_mv=samples_mv, leads=recording.leads, rate_hz=recording.rate_hz, gaps=tuple(holes))
    folder = tmp_path_factory.getbasetemp()
    for name in NAMES[:2]:
        path = writer_for(folder / name)(folder / name, given_)
        assert close(open_file(path).read().samples_mv, samples_mv)
    if importlib.util.find_spec("edfio"):  # EDF knows no lost samples: they lie at the lowest value
        path = writer_for(folder / NAMES[2])(folder / NAMES[2], given_)
        got = open_file(path).read().samples_mv
        lowest = got.min(axis=1, keepdims=True)
        assert close(np.where((got == lowest) & (lowest < offset_mv - 50), np.nan, got), samples_mv)


@pytest.mark.parametrize("name", ["out", "out.edf"], indirect=True)
def test_leads_keep_their_scales_and_so_their_numbers(original: Path, kind: Any, name: str, tmp_path: Path) -> None:
    stored = open_file(original)
    again = open_file(writer_for(tmp_path / name)(tmp_path / name, stored))
    gain = 200 if kind.stored else 400

    assert [lead.scale and lead.scale.gain_per_mv for lead in again.leads] == pytest.approx([gain, gain])
    assert again.read().samples_mv == pytest.approx(stored.read().samples_mv, abs=1e-9)


def test_leads_that_do_not_fit_16_bits_are_kept_in_a_wfdb_record(tmp_path: Path) -> None:
    recording = ecg()
    recording.samples_mv[1, ::2] += 300.0
    written = writer_for(tmp_path / "out")(tmp_path / "out", recording)

    assert close(open_file(written).read().samples_mv, recording.samples_mv)


def test_a_stream_of_unknown_length_is_written_too(original: Path, name: str, tmp_path: Path) -> None:
    stored = open_file(original)
    written = writer_for(tmp_path / name)(tmp_path / name, stored)

    assert close(read_whole(open_file(written)).samples_mv, stored.read().samples_mv)


def test_annotations_are_written_beside_a_wfdb_record(tmp_path: Path) -> None:
    annotations = [Annotation(500, "V"), Annotation(250, "N"), Annotation(500, NOTE, "high asystole opened, onset 1 s")]
    writer_for(tmp_path / "out")(tmp_path / "out", ecg(), annotations=annotations)

    assert read_annotations(tmp_path / "out.edge") == [
        Annotation(250, "N"),
        Annotation(500, "V"),
        Annotation(501, NOTE, "high asystole opened, onset 1 s"),
    ]


def test_progress_is_told_after_each_block(name: str, tmp_path: Path) -> None:
    told = []

    def progress(record: str, *, done: int, total: int | None) -> None:
        told.append((record, done, total))

    writer_for(tmp_path / name)(tmp_path / name, ecg(), progress=progress)
    assert told == [("simulator", done, 7500) for done in (2500, 5000, 7500)]


@pytest.mark.parametrize("long", ["a" * 200, "simulator normal:20,pvc:20," * 8, "\u00e9 \u00fc" * 60])
@pytest.mark.parametrize("year", [1970, 2026, 2704])
def test_what_does_not_fit_the_fields_of_edf_is_cut(long: str, year: int, tmp_path: Path) -> None:
    pytest.importorskip("edfio", reason="edfio comes with the extra [edf]")
    recording = replace(
        ecg(1), name=long, device=long, leads=(Lead(long),), start_utc=datetime(year, 3, 1, 12, tzinfo=UTC)
    )
    written = writer_for(tmp_path / "out.edf")(tmp_path / "out.edf", recording)
    reader = open_file(written)

    assert close(reader.read().samples_mv, recording.samples_mv)
    assert reader.start_utc == (recording.start_utc if year == 2026 else reader.start_utc)
