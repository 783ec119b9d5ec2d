"""A model file of one lead: made of a real run, read back, and asked as the reader asks it."""

from __future__ import annotations

import os
from fractions import Fraction
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest

from converter.datasets.catalogue import Dataset
from converter.datasets.twelve_leads import TwelveLeadSet
from converter.release.one_lead import export_run
from converter.training.superclass_run import SuperclassRun
from converter.training.superclass_settings import DEFAULTS, LABELS, Variation
from converter.training.superclasses import train, trained_on
from converter.zoo.residual import Network
from ecg.errors import CheckFailedError, InputError
from reader.classify.choosing import classify_lead
from reader.classify.heights import HEIGHTS
from reader.classify.lead_model import load
from reader.classify.model import load as load_twelve
from reader.twelve_leads import LEADS, TwelveLeads, only_lead

if TYPE_CHECKING:
    from pathlib import Path

    from reader.classify.lead_model import LeadModel

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept:DeprecationWarning")

COUNT = 36
PTBXL = Dataset(name="ptbxl", folder="", digest="0" * 64, records=())


def ten_seconds() -> TwelveLeadSet:
    """Four recordings of each of folds 1 to 9, of beats that are wide where they show infarction."""
    rng = np.random.default_rng(7)
    in_fold = np.arange(COUNT) % 4
    shows = np.column_stack([np.isin(in_fold, each) for each in ((1, 3), (0, 2), (2, 3), (0, 3), (1, 2))])
    time_s = np.arange(1000) / 100
    width_s = np.where(shows[:, 1], 0.04, 0.02)[:, np.newaxis]
    beats = np.sum([np.exp(-0.5 * ((time_s - at_s) / width_s) ** 2) for at_s in np.arange(0.5, 10, 0.8)], axis=0)
    leads = np.repeat(beats[:, :, np.newaxis], 12, axis=2) + 0.05 * rng.standard_normal((COUNT, 1000, 12))
    leads = (leads - leads.mean(axis=1, keepdims=True)) / leads.std(axis=1, keepdims=True)
    heights = rng.standard_normal((COUNT, HEIGHTS))
    heights[:, 0] = 1
    return TwelveLeadSet(
        leads=leads.astype(np.float32),
        heights=heights.astype(np.float32),
        shows=shows,
        ecg_id=np.arange(COUNT),
        patient=np.arange(COUNT),
        fold=np.arange(COUNT) // 4 + 1,
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> SuperclassRun:
    settings = msgspec.structs.replace(
        DEFAULTS["lead-ii"],
        epochs=2,
        batch=32,
        parts=2,
        average_decay=0.5,
        network=Network(stem=4, widths=(4, 8), heights=4),
        variation=Variation(samples=500),
    )
    folder = tmp_path_factory.mktemp("runs") / "lead-ii"
    train(settings, ten_seconds(), trained_on({"ptbxl": PTBXL}, ten_seconds()), folder)
    return SuperclassRun(folder)


@pytest.fixture(scope="module")
def path(run: SuperclassRun, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export_run(run, ten_seconds(), tmp_path_factory.mktemp("models"), "0.1")


@pytest.fixture(scope="module")
def model(path: Path) -> LeadModel:
    return load(path)


def ecg(duration_s: float = 10, noise_mv: float = 0.0) -> TwelveLeads:
    time_s = np.arange(round(duration_s * 250)) / 250
    beats = sum(np.exp(-0.5 * ((time_s - at_s) / 0.03) ** 2) for at_s in np.arange(0.5, duration_s, 0.8))
    samples_mv = np.tile(beats if noise_mv == 0 else 0 * beats, (12, 1))
    samples_mv += noise_mv * np.random.default_rng(1).standard_normal(samples_mv.shape)
    return TwelveLeads(samples_mv=samples_mv, rate_hz=Fraction(250), recorded=LEADS)


def test_the_file_says_what_it_is_and_how_well_it_does(model: LeadModel, path: Path) -> None:
    card = model.card
    assert (card.task, card.name, card.labels) == ("lead", "lead-ii", LABELS)
    assert card.answers is not None
    assert card.answers.examples == 4
    assert set(card.answers.answers) == set(LABELS)
    notes = " ".join(card.answers.notes)
    assert all(f"Lead {lead}:" in notes for lead in LEADS if lead != "II")
    assert path.stat().st_size < 3e6
    page = path.with_suffix(".md").read_text()
    assert "tells what one lead of an ECG shows" in page
    assert path.with_suffix(".settings.json").is_file()


def test_the_same_lead_unnamed_gets_another_answer_of_the_same_kind(model: LeadModel) -> None:
    whole = ten_seconds()
    named = model.answer(whole.leads[0], whole.heights[0], "V2")
    unnamed = model.answer(whole.leads[0], whole.heights[0], "V2", is_named=False)
    assert named.log_odds.shape == unnamed.log_odds.shape == (len(LABELS),)
    assert set(model.probabilities(named.log_odds)) == set(LABELS)


def test_a_recording_of_one_lead_is_classified_and_names_its_model(model: LeadModel) -> None:
    found = classify_lead(only_lead(ecg(), "II"), model)
    assert found.superclasses is not None
    assert list(found.superclasses) == list(LABELS[:5])
    assert found.mi_or_ischaemia is not None
    assert found.model == "lead-ii 0.1"
    assert found.abstained is None


def test_of_a_few_leads_the_one_that_tells_most_is_asked(model: LeadModel) -> None:
    two = TwelveLeads(samples_mv=ecg().samples_mv.copy(), rate_hz=Fraction(250), recorded=("III", "V5"))
    two.samples_mv[[lead not in ("III", "V5") for lead in LEADS]] = np.nan
    assert classify_lead(two, model) == classify_lead(only_lead(ecg(), "V5"), model)


@pytest.mark.parametrize(
    ("shown", "why"),
    [
        (ecg(duration_s=3), "only 3.0 s of signal"),
        (ecg(noise_mv=0.1), "no QRS complexes stand out: noise, or no ECG"),
    ],
)
def test_it_abstains_and_keeps_its_probabilities(model: LeadModel, shown: TwelveLeads, why: str) -> None:
    found = classify_lead(only_lead(shown, "II"), model)
    assert found.abstained == why
    assert found.superclasses is not None


def test_without_a_signal_there_is_no_answer(model: LeadModel) -> None:
    flat = TwelveLeads(samples_mv=np.zeros((12, 2500)), rate_hz=Fraction(250), recorded=LEADS)
    found = classify_lead(flat, model)
    assert found.superclasses is None
    assert found.abstained == "no lead has a signal"


def test_a_model_of_one_lead_is_none_of_twelve(path: Path) -> None:
    with pytest.raises(InputError, match="no model of the superclasses"):
        load_twelve(path)


def test_other_recordings_than_those_of_the_run_are_refused(run: SuperclassRun, tmp_path: Path) -> None:
    other = ten_seconds()
    other.leads[0, 0, 0] += 1
    with pytest.raises(CheckFailedError, match="have changed since the run"):
        export_run(run, other, tmp_path, "0.1")
