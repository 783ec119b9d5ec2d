"""The pages of a reading: true to scale, honest about what is not known, in two voices and two languages."""

from __future__ import annotations

import json
import re
import string
import subprocess
import sys
from fractions import Fraction
from io import BytesIO
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest

from ecg.paper.drawing import Box, Polyline, Text
from reader.measure.measurements import Measurements
from reader.page.html import write_html
from reader.page.sheets import sheets
from reader.page.texts import LANGUAGES, texts
from reader.page.traces import WIDTH_MM, Traces, draw_traces
from reader.page.words import for_patient, risk_of
from reader.reading import Reading, Superclasses
from reader.twelve_leads import LEADS, TwelveLeads
from tests.support.ecg_files import normal_steps, write_csv
from tests.support.paper import edges_mm, longest, pdf_lines, pdf_pages, svg_lines

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from reader.page.wanted import Layout

RATE_HZ = 500
CLOSE = 0.005
STEP_MV, MM_PER_MV, MM_PER_S = 1.5, 10.0, 25.0
READING = Reading(
    file="r.scp",
    route="SCP-ECG",
    leads=LEADS,
    rate_hz=500.0,
    duration_s=10.0,
    quality=dict.fromkeys(LEADS, 1.0),
    superclasses=Superclasses(norm=0.02, mi=0.93, sttc=0.41, cd=0.12, hyp=0.05),
    mi_or_ischaemia=0.96,
    rhythm="sinus rhythm",
    measurements=Measurements(heart_rate_bpm=72.0, unknown={"qtcf_ms": "atrial fibrillation"}),
    lead_known=True,
    read_from_s=0.0,
    rhythm_lead="II",
    beats={"N": 12},
)


def ecg(samples_mv: NDArray[np.float64] | None = None, **told: object) -> TwelveLeads:
    """Steps of 1.5 mV a second apart in each lead, by default."""
    if samples_mv is None:
        wave = STEP_MV * (np.arange(10 * RATE_HZ) // RATE_HZ % 2)
        samples_mv = np.tile(wave, (12, 1))
    return TwelveLeads(samples_mv=samples_mv, rate_hz=Fraction(RATE_HZ), recorded=LEADS, **told)  # type: ignore[arg-type]


def words_of(reading: Reading, language: str = "en", **told: object) -> str:
    pages = sheets(reading, ecg(**told), None, texts(language), layout="3x4", name="r.scp")
    return " ".join(item.text for page in pages for item in page.items if isinstance(item, Text))


def html_of(reading: Reading, name: str = "r.scp") -> str:
    written = BytesIO()
    write_html(written, reading, ecg(), None, texts("en"), layout="3x4", name=name)
    return written.getvalue().decode()


def check_scale(line: NDArray[np.float64]) -> None:
    edges = list(edges_mm(line, 10))
    assert len(edges) == 9
    assert np.diff(edges) == pytest.approx(MM_PER_S, rel=CLOSE)
    assert np.ptp(line[:, 1]) / STEP_MV == pytest.approx(MM_PER_MV, rel=CLOSE)


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "reader.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_pdf_is_true_to_scale(tmp_path: Path) -> None:
    from ecg.paper.pdf import write_pdf

    pytest.importorskip("reportlab", reason="reportlab comes with the extra [reader]")
    with (tmp_path / "r.pdf").open("wb") as file:
        write_pdf(file, sheets(READING, ecg(), None, texts("en"), layout="3x4", name="r"), title="r")
    check_scale(longest(pdf_lines(pdf_pages(tmp_path / "r.pdf")[0])))


def test_the_drawing_in_html_is_true_to_scale(tmp_path: Path) -> None:
    drawing = re.search(r"<svg.*</svg>", html_of(READING), re.DOTALL)
    assert drawing is not None
    (tmp_path / "r.svg").write_text(drawing[0])
    check_scale(longest(svg_lines(tmp_path / "r.svg")))


def test_each_lead_has_its_name_and_its_place() -> None:
    pages = sheets(READING, ecg(), None, texts("en"), layout="3x4", name="r.scp")
    names = {item.text: item for item in pages[0].items if isinstance(item, Text) and item.text in LEADS}
    assert set(names) == set(LEADS)
    assert names["aVR"].x_mm - names["I"].x_mm == pytest.approx(2.5 * MM_PER_S)
    assert names["aVR"].y_mm == names["I"].y_mm


def test_a_tall_ecg_is_drawn_at_half_the_height() -> None:
    assert "10 mm/mV" in words_of(READING)
    assert "5 mm/mV" in words_of(READING, samples_mv=4 * ecg().samples_mv)


def spiked(up_mv: float, down_mv: float) -> TwelveLeads:
    """Narrow beats, high in the first row and deep in the last."""
    samples_mv = np.zeros((12, 10 * RATE_HZ))
    samples_mv[:, 200::400] = up_mv
    samples_mv[1, 210::400] = -down_mv
    return ecg(samples_mv=samples_mv)


def reach_mm(drawn: Traces) -> tuple[float, float]:
    """Highest and lowest ordinate of the traces, without the pulses."""
    lines = [item.y_mm for item in drawn.items if isinstance(item, Polyline) and len(item.y_mm) > 100]
    return min(float(line.min()) for line in lines), max(float(line.max()) for line in lines)


@pytest.mark.parametrize("layout", ["3x4", "12x1"])
def test_high_waves_of_the_outer_rows_stay_on_the_paper_whole(layout: Layout) -> None:
    box = Box(0, 0, WIDTH_MM, 108 if layout == "3x4" else 165)
    drawn = draw_traces(spiked(2.4, 2.0), box, layout=layout)
    assert not drawn.cut
    highest, lowest = reach_mm(drawn)
    assert highest > 0
    assert lowest < box.height_mm


def test_what_is_higher_than_the_paper_is_named() -> None:
    drawn = draw_traces(spiked(30.0, 0.0), Box(0, 0, WIDTH_MM, 108), layout="3x4")
    assert set(drawn.cut) == set(LEADS)
    assert "cut off at the edge: I, " in words_of(READING, samples_mv=spiked(30.0, 0.0).samples_mv)


def test_without_a_scale_there_is_none_on_the_page() -> None:
    said = words_of(READING, is_calibrated=False)
    assert "mm/mV" not in said
    assert "heights unknown" in said


def test_what_is_not_known_says_why_and_is_no_number() -> None:
    said = words_of(READING)
    assert "QTc (Fridericia): not known: atrial fibrillation" in said
    assert "PR" not in said.split()


def test_a_risk_is_told_by_a_word_as_well_as_a_colour() -> None:
    said = words_of(READING)
    for word in ("!! high", "! moderate", "\N{BULLET} low"):
        assert word in said
    assert [risk_of(each) for each in (0.29, 0.3, 0.6, 0.61)] == ["low", "moderate", "moderate", "high"]


def test_an_answer_that_does_not_count_has_no_risk() -> None:
    doubtful = msgspec.structs.replace(READING, abstained="only 5.0 s of signal")
    said = words_of(doubtful)
    assert "The model abstains: only 5.0 s of signal" in said
    assert "!! high" not in said
    assert "heart attack" not in str(for_patient(doubtful, texts("en")))


def test_the_patient_reads_plain_words() -> None:
    said = str(for_patient(READING, texts("en")))
    assert "72 times a minute" in said
    assert "heart attack" in said
    assert not re.search(r"MI|STTC|infarction|QTc|AUC", said)


def test_no_page_is_without_the_warning_that_it_is_no_diagnosis() -> None:
    for language in LANGUAGES:
        warning = texts(language)("page", "disclaimer")
        for page in sheets(READING, ecg(), None, texts(language), layout="12x1", name="r"):
            assert any(isinstance(item, Text) and item.text == warning for item in page.items)
    assert texts("en")("page", "disclaimer") in html_of(READING)


def test_many_doubts_go_on_on_a_page_of_their_own() -> None:
    doubts = tuple(f"doubt number {number} is long enough for two lines of the column" for number in range(30))
    said = words_of(msgspec.structs.replace(READING, remarks=doubts))
    assert all(f"number {number} is" in said for number in range(30))


def test_the_languages_have_the_same_texts_with_the_same_values() -> None:
    def fields(text: str) -> set[str | None]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}

    english = texts("en").sections
    for language in LANGUAGES:
        other = texts(language).sections
        assert {name: set(section) for name, section in other.items()} == {
            name: set(section) for name, section in english.items()
        }
        for name, section in english.items():
            for key, text in section.items():
                assert fields(other[name][key]) == fields(text), (language, name, key)


def test_german_numbers_have_a_comma() -> None:
    assert "10,0 s" in words_of(READING, "de")


def test_nothing_in_a_name_becomes_html() -> None:
    written = html_of(READING, name="<script>alert(1)</script>.scp")
    assert "<script>" not in written
    assert "http" not in re.sub(r'xmlns="[^"]*"', "", written)  # nothing is fetched


def test_read_writes_the_pages_and_two_files_of_one_name_have_two(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        write_csv(tmp_path / folder, normal_steps())
    out = tmp_path / "out"
    done = run("read", tmp_path / "a" / "r.csv", tmp_path / "b" / "r.csv", "--pdf", out, "--html", out, "--json")
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in out.iterdir()) == ["r-2.html", "r-2.pdf", "r.html", "r.pdf"]
    assert all(reading["model"].startswith("twelve-lead ") for reading in json.loads(done.stdout))


def test_a_page_that_cannot_be_written_costs_no_reading(tmp_path: Path) -> None:
    (tmp_path / "out" / "r.pdf").mkdir(parents=True)
    done = run("read", write_csv(tmp_path, normal_steps()), "--pdf", tmp_path / "out", "--json")
    (reading,) = json.loads(done.stdout)
    assert done.returncode == 1
    assert reading["refused"] is None
    assert "r.pdf: cannot be written" in reading["unwritten"]
    assert done.stderr.count("\n") == 1


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run("read", write_csv(tmp_path, normal_steps()), "--html", tmp_path / "file" / "out")
    assert done.returncode != 0
    assert done.stderr.count("\n") == 1
    assert "no folder can be made there" in done.stderr
