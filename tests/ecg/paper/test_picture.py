"""The picture: sizes on the paper, read back from the PNG itself."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg.errors import InputError
from ecg.formats.wfdb.annotations import NOTE, Annotation
from ecg.paper.font import text_mask
from ecg.paper.grid import PX
from ecg.paper.picture import HEAD_MM, INK, LOST, PULSE_MM, write_png
from ecg.paper.trace import coverage
from ecg.recording import Lead, Recording

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


RATE_HZ = 250


def ecg(first_s: int, last_s: int) -> Recording:
    """A part of 120 s of a sine of 1 mV around 3 mV; 60 to 62 s are lost."""
    samples_mv = 3 + np.sin(np.arange(120 * RATE_HZ) / 40)
    samples_mv[60 * RATE_HZ : 62 * RATE_HZ] = np.nan
    return Recording(
        samples_mv=samples_mv[np.newaxis, first_s * RATE_HZ : last_s * RATE_HZ],
        leads=(Lead("ECG"),),
        rate_hz=Fraction(RATE_HZ),
        start_utc=datetime(2026, 5, 28, 20, 26, 40, tzinfo=UTC),
        name="simulator",
        device="bed-3",
    )


def draw(folder: Path, recording: Recording) -> None:
    """A picture `out.png` with a beat at each second, and a note."""
    beats = [Annotation(sample, "N") for sample in range(RATE_HZ, recording.length, RATE_HZ)]
    write_png(folder / "out.png", recording, annotations=[*beats, Annotation(30, NOTE, "electrode on")])


def read_png(path: Path) -> tuple[NDArray[np.uint8], dict[bytes, bytes]]:
    """Pixels and chunks of a PNG, checked as a reader would."""
    content = path.read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    position, chunks, packed = 8, {}, b""
    while position < len(content):
        length, kind = struct.unpack(">I4s", content[position : position + 8])
        body = content[position + 8 : position + 8 + length]
        assert struct.unpack(">I", content[position + 8 + length : position + 12 + length])[0] == zlib.crc32(
            kind + body
        )
        packed += body if kind == b"IDAT" else b""
        chunks[kind] = body
        position += 12 + length
    width, height, *kinds = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert kinds == [8, 2, 0, 0, 0]
    lines = np.frombuffer(zlib.decompress(packed), dtype=np.uint8).reshape(height, 1 + 3 * width)
    assert set(lines[:, 0]) == {1}
    return np.cumsum(lines[:, 1:].reshape(height, width, 3), axis=1, dtype=np.uint64).astype(np.uint8), chunks


def ink(image: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return np.abs(image.astype(int) - INK).sum(axis=2) < 30


def test_the_picture_prints_at_25_mm_a_second_and_10_mm_a_millivolt(tmp_path: Path) -> None:
    draw(tmp_path, ecg(20, 40))
    image, chunks = read_png(tmp_path / "out.png")
    assert struct.unpack(">IIB", chunks[b"pHYs"]) == (1000 * PX, 1000 * PX, 1)
    assert image.shape == ((HEAD_MM + 2 * 30 + 7) * PX, (PULSE_MM + 250 + 5) * PX, 3)
    row = image[HEAD_MM * PX : (HEAD_MM + 30) * PX]
    middle = row.shape[0] // 2
    # The calibration pulse: 5 mm wide and 10 mm high.
    assert ink(row)[middle - 10 * PX, 6 * PX : 9 * PX].all()
    assert ink(row)[middle - 5 * PX, 4 * PX : 11 * PX].sum() == pytest.approx(2 * 0.3 * PX, abs=4)
    # A sine of 1 mV and of 80 pi samples at 250 Hz: its crests are 20 mm apart in height and 25.13 mm along.
    trace = ink(row)[:, PULSE_MM * PX + 4 :].copy()
    trace[: 4 * PX] = False  # the labels of the beats
    rows = np.flatnonzero(trace.any(axis=1))
    assert rows[-1] - rows[0] == pytest.approx(20 * PX, abs=4)
    crests = np.flatnonzero(trace[rows[0] + 1])
    groups = np.split(crests, np.flatnonzero(np.diff(crests) > PX) + 1)
    spacing = np.diff([group.mean() for group in groups])
    assert spacing == pytest.approx(2 * np.pi * 40 / 250 * 25 * PX, abs=3)


def test_lost_samples_are_grey_and_no_line_is_drawn_through_them(tmp_path: Path) -> None:
    draw(tmp_path, ecg(56, 66))
    image, _ = read_png(tmp_path / "out.png")
    gap = image[(HEAD_MM + 5) * PX : (HEAD_MM + 25) * PX, (PULSE_MM + 103) * PX : (PULSE_MM + 147) * PX]
    assert (gap == LOST).all()


def test_a_picture_too_long_is_refused(tmp_path: Path) -> None:
    long = Recording(samples_mv=np.zeros((1, 601 * RATE_HZ)), leads=(Lead("ECG"),), rate_hz=Fraction(RATE_HZ))
    with pytest.raises(InputError, match="a picture of 601 s"):
        draw(tmp_path, long)
    assert not list(tmp_path.iterdir())


def test_each_of_several_leads_has_its_row(tmp_path: Path) -> None:
    one = ecg(20, 40)
    two = replace(one, samples_mv=np.tile(one.samples_mv, (2, 1)), leads=(Lead("I"), Lead("II")))
    draw(tmp_path, two)
    image, _ = read_png(tmp_path / "out.png")
    assert image.shape[0] == (HEAD_MM + 4 * 30 + 7) * PX
    rows = image[HEAD_MM * PX : -7 * PX].reshape(4, 30 * PX, *image.shape[1:])
    below_the_text = rows[:, 4 * PX :]
    assert (below_the_text[0] == below_the_text[1]).all()
    assert (rows[0] != rows[1]).any()


def test_a_recording_of_unknown_start_and_maker_is_drawn_too(tmp_path: Path) -> None:
    draw(tmp_path, replace(ecg(0, 5), start_utc=None, device="", name="r"))
    _, chunks = read_png(tmp_path / "out.png")
    assert chunks[b"tEXt"] == b"Title\0ECG of r"


@given(height=st.floats(3, 40), pen=st.floats(1, 4))
def test_a_level_line_covers_as_much_as_its_pen_is_thick(height: float, pen: float) -> None:
    share = coverage(np.array([0.0, 50.0]), np.array([height, height]), width=50, height=44, pen=pen)
    assert share[:, 5:45].sum(axis=0) == pytest.approx(np.full(40, pen), abs=1e-3)
    assert share.max() <= 1 + 1e-6


def test_a_peak_between_two_columns_keeps_its_height() -> None:
    x = np.array([0.0, 10.4, 10.45, 10.5, 20.0])
    share = coverage(x, np.array([30.0, 30, 5, 30, 30]), width=20, height=40, pen=2)
    assert np.flatnonzero(share.max(axis=1) > 0)[0] == 4


def test_text_is_written_letter_by_letter() -> None:
    mask = text_mask("I/\u00e9", dot=2)
    assert mask.shape == (16, 36)
    assert mask[::2, ::2][:, 2].tolist() == [True] * 7 + [False]
    assert (mask[:, 24:] == text_mask("?", dot=2)).all()
