"""A strip: letters, tags, gaps, saturation, heart rate and words, as they stand in an SVG and on the rows."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecg.errors import InputError
from ecg.formats.wfdb.annotations import NOTE, Annotation
from ecg.formats.wfdb.events import ELECTRODE_OFF, ELECTRODE_ON
from ecg.paper.drawing import Box, Rectangle, Text
from ecg.paper.font import font
from ecg.paper.picture import pages_of, write_picture
from ecg.paper.strip import WIDTH_MM, strip_of
from ecg.paper.trace import range_of
from ecg.recording import Lead, Recording
from tests.support.paper import longest, pdf_pages, svg_lines, svg_texts

if TYPE_CHECKING:
    from pathlib import Path

RATE_HZ = 250
UUID = "0b0ed5d8-6a4c-5f43-9bd6-1d0b4a0f0c5e"


def waves(seconds: int, height_mv: float = 1.0) -> Recording:
    """A wave a second, 80 ms long."""
    phase = np.arange(seconds * RATE_HZ) % RATE_HZ
    samples_mv = np.where(phase < 20, height_mv * np.sin(np.pi * phase / 20), 0.0)
    return Recording(samples_mv=samples_mv[np.newaxis], leads=(Lead("II"),), rate_hz=Fraction(RATE_HZ), name="record")


def beats(recording: Recording, symbol: str = "N") -> list[Annotation]:
    return [Annotation(sample, symbol) for sample in range(10, recording.length, RATE_HZ)]


def drawn(recording: Recording, annotations: list[Annotation], tmp_path: Path) -> list[str]:
    write_picture(tmp_path / "out.svg", recording, annotations=annotations)
    return svg_texts(tmp_path / "out.svg")


def test_an_alarm_is_a_short_tag_with_its_time_of_day(steps: Recording, tmp_path: Path) -> None:
    note = Annotation(4 * RATE_HZ, NOTE, f"high ventricular_tachycardia opened, onset 2.0 s, event {UUID}")
    texts = drawn(steps, [note], tmp_path)
    assert "VT opened 20:26:44" in texts
    assert not any(UUID in text for text in texts)


def test_an_update_is_no_tag_unless_it_brings_words(steps: Recording, tmp_path: Path) -> None:
    notes = [
        Annotation(100, NOTE, f"medium ventricular_run updated, onset 0.1 s, event {UUID}"),
        Annotation(200, NOTE, f"medium patient_event updated, onset 0.1 s, event {UUID}, words dizzy"),
    ]
    texts = drawn(steps, notes, tmp_path)
    assert [text for text in texts if "updated" in text] == ["Patient event updated 20:26:40: dizzy"]


def test_a_beat_that_was_not_classified_is_not_shown_as_q(tmp_path: Path) -> None:
    recording = waves(10)
    marks = [Annotation(10, "Q", "unclassified"), Annotation(260, "Q"), Annotation(510, "V")]
    texts = drawn(recording, marks, tmp_path)
    assert [text for text in texts if len(text) == 1] == ["?", "Q", "V"]
    assert any("? not classified" in text for text in texts)


def test_letters_are_clear_of_tall_waves() -> None:
    for height_mv in (1.0, 4.0, 30.0):
        recording = waves(10, height_mv)
        (row,) = strip_of(recording, beats(recording)).rows
        items = row.draw(0)
        letters = [item for item in items if isinstance(item, Text) and item.text == "N"]
        trace_top = row.tags.height_mm + 5
        assert len(letters) == 10
        assert all(letter.y_mm < trace_top for letter in letters)


def test_a_trace_stays_in_its_box_and_tells_where_it_is_off_the_scale(tmp_path: Path) -> None:
    recording = waves(10)
    recording.samples_mv[0, 3 * RATE_HZ : 5 * RATE_HZ] = 300.0
    texts = drawn(recording, [], tmp_path)
    trace = longest(svg_lines(tmp_path / "out.svg"))
    assert texts.count("off scale") == 1
    assert np.ptp(trace[:, 1]) <= 30


def test_saturation_does_not_stretch_the_rows() -> None:
    calm, railed = waves(30), waves(30)
    for recording in (calm, railed):
        recording.samples_mv[:] += np.random.default_rng(1).normal(0, 0.01, recording.samples_mv.shape)
    railed.samples_mv[0, 13 * RATE_HZ : 16 * RATE_HZ] = 5.0
    railed.samples_mv[0, 22 * RATE_HZ : 29 * RATE_HZ] = -5.0
    heights = [row.scale.height_mm for row in strip_of(railed, []).rows]
    assert heights == [row.scale.height_mm for row in strip_of(calm, []).rows]


@given(st.lists(st.floats(-50, 50), min_size=2, max_size=600))
def test_any_signal_has_a_range_on_thick_lines_within_the_limits(samples: list[float]) -> None:
    scale = range_of(np.array(samples), 100)
    assert 30 <= scale.height_mm <= 80
    assert scale.above_mm >= 15
    assert scale.above_mm % 5 == scale.below_mm % 5 == 0


def test_lost_samples_and_a_loose_electrode_are_empty_with_a_word(tmp_path: Path) -> None:
    recording = waves(20)
    recording.samples_mv[0, 3 * RATE_HZ : 5 * RATE_HZ] = np.nan
    recording.samples_mv[0, 8 * RATE_HZ : 8 * RATE_HZ + 50] = np.nan
    off = [Annotation(12 * RATE_HZ, NOTE, ELECTRODE_OFF), Annotation(16 * RATE_HZ, NOTE, ELECTRODE_ON)]
    texts = drawn(recording, off, tmp_path)
    assert "samples lost" in texts
    assert "lost 0.2 s" in texts
    assert "electrode off" in texts
    second = [line for line in svg_lines(tmp_path / "out.svg") if line[0][1] > 70 and len(line) > 50]
    assert [line[0][0] - 20 for line in second] == [0, 150]
    assert [line[-1][0] - 20 for line in second] == pytest.approx([49.9, 249.9])
    (_, row) = strip_of(recording, off).rows
    grey = [item.box for item in row.draw(0) if isinstance(item, Rectangle) and item.box.height_mm == 30]
    assert grey == [Box(15 + 2 * 25, 5, 4 * 25, 30)]


def test_an_electrode_that_stays_off_is_empty_to_the_end() -> None:
    (row,) = strip_of(waves(10), [Annotation(2 * RATE_HZ, NOTE, ELECTRODE_OFF)]).rows
    assert np.isnan(row.samples_mv[2 * RATE_HZ :]).all()


def test_the_heart_rate_is_that_of_whole_intervals() -> None:
    recording = waves(20)
    recording.samples_mv[0, 4 * RATE_HZ + 50 : 4 * RATE_HZ + 100] = np.nan
    marks = [beat for beat in beats(recording) if beat.sample != 5 * RATE_HZ + 10]  # lost with the gap
    assert strip_of(recording, marks).heart_rate_bpm == pytest.approx(60)
    assert strip_of(recording, marks[:1]).heart_rate_bpm is None


def test_beats_without_a_class_give_no_heart_rate() -> None:
    recording = waves(20)
    marks = [beat._replace(symbol="Q", aux="unclassified") if beat.sample > 2500 else beat for beat in beats(recording)]
    strip = strip_of(recording, marks)
    assert [row.heart_rate_bpm for row in strip.rows] == [pytest.approx(60), None]
    assert strip.heart_rate_bpm == pytest.approx(60)


def test_without_a_heart_rate_the_picture_says_unknown(tmp_path: Path) -> None:
    assert "Mean heart rate unknown" in drawn(waves(5), [], tmp_path)


def test_a_strip_says_whose_it_is_when_and_at_which_scale(steps: Recording, tmp_path: Path) -> None:
    texts = drawn(steps, [], tmp_path)
    assert "bed-3" in texts
    assert any(text.startswith("2026-05-28 20:26:40 UTC") for text in texts)
    assert "25 mm/s \u00b7 10 mm/mV \u00b7 no filter" in texts
    assert {"II", "20:26:40", "20:26:45"} <= set(texts)


def test_the_time_of_day_follows_the_measured_rate(steps: Recording) -> None:
    slow = replace(steps, true_rate_hz=RATE_HZ / 2)
    (row,) = strip_of(slow, []).rows
    assert [text for _, text in row.clocks] == ["20:26:40", "20:26:50"]


def test_each_of_several_leads_has_its_row() -> None:
    one = waves(20)
    two = replace(one, samples_mv=np.tile(one.samples_mv, (2, 1)), leads=(Lead("I"), Lead("II")))
    rows = strip_of(two, beats(two)).rows
    assert [row.lead for row in rows] == ["I", "II", "I", "II"]
    assert [len(row.letters) for row in rows] == [10, 0, 10, 0]


def test_a_long_pdf_has_pages_and_every_row_is_on_one_of_them() -> None:
    recording = waves(200)
    strip = strip_of(recording, beats(recording))
    pages = list(pages_of(recording, strip, 297, 210))
    letters = [item for page in pages for item in page.items if isinstance(item, Text) and item.text == "N"]
    assert len(pages) == 5
    assert len(letters) == 200
    assert any(isinstance(item, Text) and item.text.endswith("page 5 of 5") for item in pages[-1].items)


@pytest.mark.parametrize(
    ("suffix", "seconds", "other"), [(".png", 181, "SVG"), (".svg", 601, "PDF"), (".pdf", 3601, "WFDB")]
)
def test_a_picture_too_long_is_refused(suffix: str, seconds: int, other: str, tmp_path: Path) -> None:
    long = Recording(samples_mv=np.zeros((1, seconds * 10)), leads=(Lead("ECG"),), rate_hz=Fraction(10))
    with pytest.raises(InputError, match=f"{seconds} s are too long.*{other}"):
        write_picture(tmp_path / f"out{suffix}", long)
    assert not list(tmp_path.iterdir())


def test_nothing_stands_outside_the_page() -> None:
    recording = waves(40)
    words = "very long words " * 15
    notes = [
        Annotation(sample, NOTE, f"medium patient_event opened, onset 1.0 s, event {UUID}, words {words}")
        for sample in range(5, recording.length, 100)
    ]
    strip = strip_of(recording, sorted([*beats(recording), *notes]))
    for page in pages_of(recording, strip, 297, 210):
        for item in page.items:
            if isinstance(item, Text):
                width = font().width_mm(item.text, item.size_mm)
                left = item.x_mm - {"start": 0, "middle": width / 2, "end": width}[item.anchor]
                assert left >= (297 - WIDTH_MM) / 2 - 1e-6
                assert left + width <= (297 + WIDTH_MM) / 2 + 1e-6
                assert 0 < item.y_mm < 210


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.text(max_size=60), device=st.text(max_size=30))
def test_words_of_any_script_are_drawn(suffix: str, words: str, device: str, tmp_path: Path) -> None:
    pytest.importorskip("PIL", reason="Pillow comes with the extra [paper]")
    pytest.importorskip("reportlab", reason="reportlab comes with the extra [paper]")
    recording = replace(waves(2), device=device)
    note = Annotation(30, NOTE, f"medium patient_event opened, onset 0.1 s, event {UUID}, words {words}")
    out = tmp_path / f"out{suffix}"
    write_picture(out, recording, annotations=[note, Annotation(60, NOTE, words or "x")])
    if suffix == ".svg":
        assert svg_texts(out)
    elif suffix == ".pdf":
        assert pdf_pages(out)
