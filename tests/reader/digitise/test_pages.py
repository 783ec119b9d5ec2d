"""A page becomes the leads that were printed on it; what is no such page is refused, with the step that failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image, ImageOps

from ecg.errors import InputError
from ecg.formats.registry import open_file
from reader.classify.preparation import prepare
from reader.digitise.file import digitise, is_page
from reader.digitise.overlay import Drawn
from reader.digitise.self_check import decibel_of_error
from reader.digitise.steps import PageNotUnderstoodError
from reader.digitise.write import digitise_file
from reader.intake import read_file
from reader.twelve_leads import LEADS
from tests.support.paper_page import PX_A_MM, beating_leads, page_of

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from ecg.samples import FloatArray
    from reader.digitise.report import Digitisation

LEADS_MV = beating_leads()


@pytest.fixture(scope="module")
def printed() -> Image.Image:
    return page_of(LEADS_MV)


def saved(picture: Image.Image, path: Path) -> Path:
    picture.save(path)
    return path


def digitised(path: Path) -> Digitisation:
    return digitise_file(path, path.with_suffix(""), None, speed_mm_s=25.0, name=path.name)


def _error_db(truth_mv: FloatArray, samples_mv: FloatArray, there: NDArray[np.int64], shift: int) -> float:
    """Of a lead against the truth that is moved by a few samples."""
    at = there[(there + shift >= 0) & (there + shift < len(truth_mv))]
    found = decibel_of_error(truth_mv[at + shift], samples_mv[at] - truth_mv[at + shift])
    assert found is not None
    return found


def refused_at(path: Path) -> str:
    with pytest.raises(PageNotUnderstoodError) as refusal:
        digitise(path, Drawn())
    return refusal.value.step


def test_what_was_printed_comes_back_in_mv_and_seconds(printed: Image.Image, tmp_path: Path) -> None:
    found = digitised(saved(printed, tmp_path / "page.png"))
    assert (found.layout, found.rhythm_strips) == ("3 x 4 + 1", ("II",))
    assert (found.gain_mm_a_mv, found.calibrated) == (10.0, True)
    assert found.px_a_mm == pytest.approx((PX_A_MM, PX_A_MM), rel=0.005)
    assert min(found.printed.values()) > 0.99
    recording = open_file(tmp_path / "page.hea").read()
    assert [lead.name for lead in recording.leads] == list(LEADS)
    assert recording.rate_hz == 500
    for number, lead in enumerate(LEADS):
        samples_mv = recording.samples_mv[number]
        there = np.flatnonzero(np.isfinite(samples_mv))
        first_s, last_s = (0, 10) if lead == "II" else (2.5 * (number // 3), 2.5 * (number // 3) + 2.5)
        assert (there[0] / 500, there[-1] / 500) == pytest.approx((first_s, last_s), abs=0.05)
        errors_db = [_error_db(LEADS_MV[number], samples_mv, there, shift) for shift in range(-10, 11)]
        assert max(errors_db) > 15, (lead, max(errors_db))


def test_the_leads_are_checked_against_each_other(printed: Image.Image, tmp_path: Path) -> None:
    check = digitised(saved(printed, tmp_path / "page.png")).self_check
    assert check is not None
    assert all(value is not None and value > 12 for value in (check.einthoven_db, check.goldberger_db, check.twice_db))


@pytest.mark.parametrize("name", ["page.jpg", "page.tif", "page.webp", "page.pdf"])
def test_every_kind_of_file_gives_the_same_layout(printed: Image.Image, tmp_path: Path, name: str) -> None:
    path = saved(printed, tmp_path / name)
    assert is_page(path)
    assert digitise(path, Drawn()).layout == "3 x 4 + 1"


def test_a_page_that_lies_askew_is_turned(printed: Image.Image, tmp_path: Path) -> None:
    askew = printed.rotate(2.0, Image.Resampling.BICUBIC, expand=True, fillcolor="white")
    page = digitise(saved(askew, tmp_path / "askew.png"), Drawn())
    assert page.turned_deg == pytest.approx(-2.0, abs=0.1)
    assert page.layout == "3 x 4 + 1"


def test_exif_rotation_grey_cmyk_and_sixteen_bits_are_read(printed: Image.Image, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    printed.rotate(90, expand=True).save(tmp_path / "turned.jpg", exif=exif)
    saved(printed.convert("CMYK"), tmp_path / "cmyk.tif")
    deep = np.asarray(printed.convert("L"), dtype=np.uint16) * 257
    saved(Image.fromarray(deep), tmp_path / "deep.png")
    for name in ("turned.jpg", "cmyk.tif", "deep.png"):
        assert digitise(tmp_path / name, Drawn()).layout == "3 x 4 + 1", name


def test_what_is_no_such_page_is_refused_with_the_step(printed: Image.Image, tmp_path: Path) -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (600, 800, 3), dtype=np.uint8))
    assert refused_at(saved(noise, tmp_path / "noise.png")) in {"grid", "rows", "lead names"}
    assert refused_at(saved(Image.new("RGB", (900, 600), "white"), tmp_path / "white.png")) == "grid"
    assert refused_at(saved(printed.resize((90, 60)), tmp_path / "small.png")) == "file"
    assert refused_at(saved(printed.rotate(180), tmp_path / "upside-down.png")) in {"rows", "calibration", "lead names"}
    assert refused_at(saved(ImageOps.mirror(printed), tmp_path / "mirrored.png")) in {"rows", "lead names"}
    half = printed.crop((0, 0, printed.width // 2, printed.height))
    assert refused_at(saved(half, tmp_path / "half.png")) in {"rows", "lead names"}


def test_a_damaged_file_is_refused(printed: Image.Image, tmp_path: Path) -> None:
    whole = saved(printed, tmp_path / "whole.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.4\nnothing")
    (tmp_path / "text.png").write_text("no picture at all", encoding="ascii")
    for name in ("cut.png", "broken.pdf", "text.png"):
        assert refused_at(tmp_path / name) == "file"


def test_a_picture_shows_how_far_a_refused_page_was_understood(printed: Image.Image, tmp_path: Path) -> None:
    path = saved(printed.rotate(180), tmp_path / "page.png")
    found = digitise_file(path, tmp_path / "record", tmp_path / "found.png", speed_mm_s=25.0, name="page.png")
    assert found.refused is not None
    assert found.step is not None
    assert not (tmp_path / "record.hea").exists()
    with Image.open(tmp_path / "found.png") as picture:
        assert picture.size == printed.size


def test_a_page_is_read_like_a_recording_and_each_lead_counts_where_it_was_printed(
    printed: Image.Image, tmp_path: Path
) -> None:
    file = read_file(saved(printed, tmp_path / "page.png"))
    assert file.route == "paper"
    assert set(file.ecg.recorded) == set(LEADS)
    assert any("read from paper" in remark for remark in file.remarks)
    prepared = prepare(file.ecg.samples_mv, float(file.ecg.rate_hz), is_calibrated=True)
    assert prepared.present.all()
    lost = np.isnan(file.ecg.lead_mv("V4"))
    assert 0.7 < lost.mean() < 0.8
    assert np.count_nonzero(prepared.leads[:, LEADS.index("V4")]) < 270  # lost samples are 0, as in training


def test_a_page_that_is_not_understood_is_refused_by_read_with_the_step(tmp_path: Path) -> None:
    cat = Image.fromarray(np.random.default_rng(1).integers(0, 255, (600, 800, 3), dtype=np.uint8))
    with pytest.raises(InputError, match=r"page\.png: not understood \("):
        read_file(saved(cat, tmp_path / "page.png"))
