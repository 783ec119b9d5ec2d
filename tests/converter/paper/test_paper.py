"""Synthetic paper: what it says to be true of a page is what the page shows."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy.spatial import cKDTree

from converter.cli import main
from converter.paper import LAYOUTS, SyntheticPage, Wanted, draw_page
from converter.paper.card import card
from converter.paper.plan import plan
from converter.paper.sheet import GRID, NO_SHEET, STRIP, TRACE
from ecg.errors import InputError
from reader.twelve_leads import LEADS, TwelveLeads, only_lead

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KINDS = tuple(card().kinds)
RESOLUTION = 4.0
RATE_HZ = 250


def heartbeats() -> TwelveLeads:
    """Twelve leads of narrow and wide waves, of which each is different."""
    times_s = np.arange(10 * RATE_HZ) / RATE_HZ
    phase = times_s * 1.2 % 1
    waves = np.exp(-(((phase - 0.3) / 0.015) ** 2)), np.exp(-(((phase - 0.6) / 0.06) ** 2))
    rows = [(0.3 + 0.08 * lead) * waves[0] + (0.1 + 0.02 * lead) * waves[1] for lead in range(12)]
    return TwelveLeads(samples_mv=np.array(rows), rate_hz=Fraction(RATE_HZ), recorded=LEADS)


ECG = heartbeats()


def page_of(kind: str, seed: int, wanted: Wanted | None = None, ecg: TwelveLeads = ECG) -> SyntheticPage:
    return draw_page(ecg, kind, seed, wanted, pixels_per_mm=RESOLUTION)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_page_and_another_seed_another(kind: str) -> None:
    first, again, other = page_of(kind, 3), page_of(kind, 3), page_of(kind, 4)
    assert np.array_equal(first.picture, again.picture)
    assert np.array_equal(first.labels, again.labels)
    assert all(np.array_equal(*each, equal_nan=True) for each in zip(first.traces_px, again.traces_px, strict=True))
    assert not np.array_equal(first.picture, other.picture)


@settings(max_examples=5)
@given(st.sampled_from(KINDS), st.integers(0, 10**6), st.booleans())
def test_every_line_runs_through_pixels_of_its_label(kind: str, seed: int, for_measuring: bool) -> None:
    page = page_of(kind, seed, Wanted(gain_mm_mv=5, for_measuring=for_measuring))
    for cell, trace in zip(page.plan.cells, page.traces_px, strict=True):
        label = (STRIP if cell.is_strip else TRACE) + LEADS.index(cell.lead)
        columns, rows = np.floor(trace[np.isfinite(trace).all(axis=1)]).astype(int).T
        # A pen thinner than two pixels may miss the very pixel; handwriting and other leads may hide a part.
        near = [
            page.labels[np.clip(rows + down, 0, page.labels.shape[0] - 1), columns.clip(0, page.labels.shape[1] - 1)]
            for down in (-1, 0, 1)
        ]
        assert np.mean([np.any(np.array(near) == label, axis=0)]) > 0.9


@settings(max_examples=5)
@given(st.sampled_from(KINDS), st.integers(0, 10**6))
def test_no_pixel_of_a_lead_lies_away_from_its_line(kind: str, seed: int) -> None:
    page = page_of(kind, seed, Wanted(gain_mm_mv=5))
    cell, trace = page.plan.cells[0], page.traces_px[0]
    rows, columns = np.nonzero(page.labels == (STRIP if cell.is_strip else TRACE) + LEADS.index(cell.lead))
    # Points between the samples, closer than a pixel.
    line = np.concatenate([trace[:-1] + share * np.diff(trace, axis=0) for share in np.linspace(0, 1, 24)])
    known = line[np.isfinite(line).all(axis=1)]
    distances, _ = cKDTree(known).query(np.column_stack((columns, rows)) + 0.5)
    assert distances.max() < 0.5 * page.plan.pen_mm * RESOLUTION + 1.5


def test_the_places_of_a_print_give_back_the_printed_millivolts() -> None:
    page = page_of("print", 1, Wanted(gain_mm_mv=5, speed_mm_s=25))
    for cell, trace in zip(page.plan.cells, page.traces_px, strict=True):
        read_mv = (cell.baseline_mm - trace[:, 1] / RESOLUTION) / page.plan.gain_mm_mv
        read_s = (trace[:, 0] / RESOLUTION - cell.box.x_mm) / page.plan.speed_mm_s
        assert read_mv == pytest.approx(cell.samples_mv, abs=1e-6)
        assert read_s == pytest.approx(cell.times_s - cell.times_s[0], abs=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_a_place_of_a_photograph_is_found_again_on_the_sheet(seed: int) -> None:
    view = page_of("photograph", seed).view
    points_mm = np.random.default_rng(seed).uniform(0, 1, (500, 2)) * view.sheet_mm
    assert view.sheet_points_mm(view.picture_px(points_mm)) == pytest.approx(points_mm, abs=1e-6)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_prints_each_lead_once_and_its_strips(layout: str) -> None:
    page = page_of("print", 2, Wanted(layout=layout))
    assert sorted(cell.lead for cell in page.plan.cells if not cell.is_strip) == sorted(LEADS)
    assert tuple(cell.lead for cell in page.plan.cells if cell.is_strip) == LAYOUTS[layout].strips


@pytest.mark.parametrize("maker", [maker.name for maker in card().makers])
def test_traces_are_darker_than_the_paper_of_every_maker(maker: str) -> None:
    page = page_of("scan", 5, Wanted(maker=maker))
    grey = page.picture.mean(axis=2)
    is_trace = (page.labels >= TRACE) & (page.labels != NO_SHEET)
    assert np.median(grey[is_trace]) < np.median(grey[page.labels == 0]) - 40
    assert np.any(page.labels == GRID)


def test_a_print_fills_the_picture_and_a_photograph_shows_what_is_around_it() -> None:
    assert not np.any(page_of("print", 6).labels == NO_SHEET)
    assert np.any(page_of("photograph", 6).labels == NO_SHEET)


def test_pages_for_training_show_nothing_that_the_card_keeps_and_pages_for_measuring_only_kept_makers() -> None:
    plans = [plan(ECG, Wanted(), np.random.default_rng(seed)) for seed in range(200)]
    assert not any(each.maker.is_kept or each.layout in card().kept_layouts for each in plans)
    measured = [plan(ECG, Wanted(for_measuring=True), np.random.default_rng(seed)) for seed in range(200)]
    assert all(each.maker.is_kept for each in measured)
    assert {each.layout for each in measured} == set(LAYOUTS)


def test_a_lead_that_is_not_there_leaves_its_place_empty() -> None:
    page = page_of("print", 7, Wanted(layout="3x4+1"), only_lead(ECG, "II"))
    assert [cell.lead for cell in page.plan.cells] == ["II", "II"]
    assert set(np.unique(page.labels[page.labels >= TRACE])) == {TRACE + 1, STRIP + 1}


def test_a_trace_that_leaves_the_sheet_leaves_no_label_behind() -> None:
    samples_mv = ECG.samples_mv.copy()
    samples_mv[1, : 6 * RATE_HZ] += 100
    ecg = replace(ECG, samples_mv=samples_mv)
    page = page_of("print", 8, Wanted(layout="6x2", maker="pink"), ecg)
    (trace,) = [trace for cell, trace in zip(page.plan.cells, page.traces_px, strict=True) if cell.lead == "II"]
    assert np.isnan(trace).all()
    assert not np.any(page.labels == TRACE + 1)


@pytest.mark.parametrize("wanted", [Wanted(layout="4x3"), Wanted(maker="nobody"), Wanted(speed_mm_s=-25)])
def test_what_no_page_can_be_is_refused(wanted: Wanted) -> None:
    with pytest.raises(InputError):
        page_of("print", 0, wanted)


def test_the_command_writes_a_page_with_its_truth(
    tmp_path: Path,
    write_heartbeats: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_heartbeats(tmp_path, "100", symbols="N" * 12)
    out = tmp_path / "pages"
    arguments = [tmp_path / "100", "--out", out, "--kind", "scan", "--layout", "12x1", "--dpi", 120, "--json"]
    monkeypatch.setattr(sys, "argv", ["ecg-converter", "paper", *map(str, arguments)])
    with pytest.raises(SystemExit) as end:
        main()
    assert not end.value.code
    (told,) = json.loads(capsys.readouterr().out)
    truth = json.loads((out / "100.truth.json").read_text())
    assert told == {"picture": str(out / "100.jpg"), **truth}
    with Image.open(out / "100.jpg") as picture, Image.open(out / "100.labels.png") as labels:
        assert picture.size == labels.size == tuple(truth["size_px"])
        shown = np.asarray(labels)
    assert all(np.any(shown == cell["label"]) for cell in truth["cells"])
    with np.load(out / "100.truth.npz") as lines:
        assert all(f"trace_px_{number}" in lines for number in range(len(truth["cells"])))
