"""Exported files: our own readers and those of others find the recording in them."""

from __future__ import annotations

import json
import sys
import warnings
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from ecg.errors import InputError
from ecg.formats.registry import open_recording
from ecg.formats.wfdb.annotations import read_annotations
from ecg.formats.wfdb.reader import WfdbReader
from ecg.recording import OneLead
from ecg.samples import SampleBlock
from edge.frontends.timebase import UtcLine
from edge.storage.excerpt import excerpt
from edge.storage.export import export
from edge.storage.ring import Ring
from edge.storage.segment import Origin
from edge.storage.segment_writer import SegmentWriter
from tests.support.sources import samples_of

if TYPE_CHECKING:
    from pathlib import Path

    from ecg.samples import FloatArray

RATE_HZ = 250
BEGAN = datetime.fromtimestamp(1_780_000_000, UTC)


def same(got: FloatArray, expected: FloatArray, atol: float = 1e-9) -> bool:
    return len(got) == len(expected) and bool(np.allclose(got, expected, rtol=0, atol=atol, equal_nan=True))


@pytest.mark.parametrize("name", ["out.csv", "out", "out.edf"])
def test_an_exported_file_is_read_back(name: str, stretch: Any, signal_mv: FloatArray, tmp_path: Path) -> None:
    if name.endswith("edf"):
        pytest.importorskip("edfio", reason="edfio comes with the extra [edf]")
    export(tmp_path / name, stretch(5, 65))
    source = open_recording(tmp_path / name)
    expected = signal_mv[5 * RATE_HZ : 65 * RATE_HZ]
    got = samples_of(source)
    if name.endswith("edf"):  # which knows no lost samples: they lie at the lowest value
        lost = got == got.min()
        assert got.min() < -50
        got = np.where(lost, np.nan, got)
    assert source.rate_hz == RATE_HZ
    if not name.endswith("csv"):  # whose times count from the start
        assert source.start_utc is not None
        assert source.start_utc.replace(microsecond=0) == BEGAN + timedelta(seconds=5)
    assert same(got, expected, 1e-6)


def test_the_annotations_are_exported_with_a_wfdb_record(stretch: Any, tmp_path: Path) -> None:
    header = export(tmp_path / "out.hea", stretch(68.5, 73.5))
    found = [(each.sample / RATE_HZ + 68.5, each.symbol) for each in read_annotations(tmp_path / "out.edge")]

    assert header == tmp_path / "out.hea"
    assert found == [(69, "N"), (70, "V"), (71, "N"), (71.004, '"'), (72, "N"), (73, "N")]
    assert WfdbReader(header).header.comments[0].startswith('{"device": "bed-3"')


def test_wfdb_reads_an_exported_record(stretch: Any, signal_mv: FloatArray, tmp_path: Path) -> None:
    wfdb = pytest.importorskip("wfdb", reason="wfdb comes with the extra [converter]")
    warnings.simplefilter("ignore")  # pandas warns of what wfdb does
    export(tmp_path / "out", stretch(0, 120))
    record = wfdb.rdrecord(str(tmp_path / "out"))

    assert same(record.p_signal[:, 0], signal_mv)
    assert len(wfdb.rdann(str(tmp_path / "out"), "edge").sample) == 120


def test_segments_with_offsets_far_apart_keep_their_values_in_one_record(tmp_path: Path) -> None:
    line = UtcLine(0, BEGAN.timestamp(), 1 / 360)
    ring = Ring(tmp_path / "r", max_bytes=10**9, max_age=timedelta(days=1), leave_free_bytes=0)
    writer = SegmentWriter(ring, Origin("bed-3", "s", "one", Fraction(10)))
    levels_mv = np.repeat([-300.0, 250.0], 600)
    for first in range(0, 1200, 100):
        writer.write(SampleBlock(first, levels_mv[first : first + 100]), line)
    writer.sync(line)
    export(tmp_path / "out", excerpt(tmp_path / "r", BEGAN, BEGAN + timedelta(hours=1)))
    record = WfdbReader(tmp_path / "out")

    assert record.header.signals[0].format == 32
    assert same(samples_of(OneLead(record)), levels_mv)


def test_lost_samples_and_events_are_annotations_of_an_edf_file(stretch: Any, tmp_path: Path) -> None:
    edfio = pytest.importorskip("edfio", reason="edfio comes with the extra [edf]")
    export(tmp_path / "out.edf", stretch(5, 72.5))
    file = edfio.read_edf(tmp_path / "out.edf")
    notes = [(round(note.onset, 3), note.duration, note.text) for note in file.annotations]

    assert (5, 0.4, "samples lost") in notes
    assert (55, 2, "samples lost") in notes
    assert (67.5, 0.5, "samples lost") in notes  # the last data record is filled up
    assert any(text.startswith("medium pause opened") for _, _, text in notes)
    assert file.patient.code == "bed-3"
    assert open_recording(tmp_path / "out.edf").length == 68 * RATE_HZ


def test_a_table_has_the_annotations_beside_their_samples(stretch: Any, tmp_path: Path) -> None:
    export(tmp_path / "out.csv", stretch(69.5, 71.5))
    rows = [row for row in (tmp_path / "out.csv").read_text().splitlines() if not row.startswith("#")]

    assert rows[0] == "time_s,ecg_mv,mark"
    assert [row.split(",", 2)[2] for row in rows if row.count(",") >= 2 and not row.endswith(",")][1:3] == [
        '"V"',
        '"N"',
    ]
    assert rows[1].startswith("0.000000,")
    assert open_recording(tmp_path / "out.csv").rate_hz == RATE_HZ


def test_without_edfio_the_message_says_what_to_install(
    stretch: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "edfio", None)
    with pytest.raises(InputError, match=r"edfio; .*pip install '.*\[edf\]'"):
        export(tmp_path / "out.edf", stretch(0, 5))


@pytest.mark.parametrize("name", ["my record", "out.wav", "file/out", "file/out.csv", "file/out.png"])
def test_an_unusable_path_is_one_line(name: str, stretch: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError) as raised:
        export(tmp_path / name, stretch(0, 5))
    assert "\n" not in str(raised.value)
    assert {path.name for path in tmp_path.iterdir()} == {"file", "recording"}


def test_a_damaged_segment_is_left_out_and_reported(stretch: Any, folder: Path, tmp_path: Path) -> None:
    (samples,) = folder.glob("*.dat")
    found = stretch(0, 10)
    samples.unlink()
    export(tmp_path / "out.csv", found)

    assert len(found.complaints) == 1
    assert "copy it beside the header" in found.complaints[0]


def test_the_header_comment_of_the_recording_is_plain_json(folder: Path) -> None:
    (header,) = folder.glob("*.hea")
    comment = header.read_text().splitlines()[-1]
    about = json.loads(comment.removeprefix("# ecg-edge "))

    assert about["device"] == "bed-3"
    assert about["start"] == "2026-05-28T20:26:40Z"
