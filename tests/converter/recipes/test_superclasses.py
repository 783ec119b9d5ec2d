"""A model of the superclasses from recordings to the reader's answer, by the commands that people use."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest

from converter.datasets.superclasses import CLASSES
from converter.recipes import MODELS, recipe_for_task, recipe_of
from ecg.errors import InputError
from reader.classify import classify
from reader.classify.model import load
from reader.twelve_leads import LEADS, TwelveLeads

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")

SETTINGS = """
model = "twelve-lead"
epochs = 2
batch = 16
parts = 2
[network]
stem = 8
widths = [8, 8]
"""
COUNT = 90


def beats_mv(rng: np.random.Generator, *, is_wide: bool) -> np.ndarray:
    """Ten seconds of twelve leads of one dipole at 100 Hz."""
    time_s = np.arange(1000) / 100
    at_s = np.arange(rng.uniform(0.2, 0.8), 10, 0.8)[:, np.newaxis]
    wave = np.exp(-0.5 * ((time_s - at_s) / (0.06 if is_wide else 0.02)) ** 2).sum(axis=0)
    second = np.exp(-0.5 * ((time_s - at_s - 0.25) / 0.05) ** 2).sum(axis=0)
    mixture = rng.uniform(-1, 1, (12, 2)) @ np.array([wave, 0.3 * second])
    return mixture + 0.01 * rng.standard_normal((12, 1000))


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Ninety standardised recordings in folds 1 to 9; wide complexes are conduction disturbances."""
    monkeypatch.setenv("ECG_EDGE_DATA", str(tmp_path / "data"))
    folder = tmp_path / "ptbxl_more"
    folder.mkdir()
    rng = np.random.default_rng(2)
    signals = np.stack([beats_mv(rng, is_wide=number % 2 == 0) for number in range(COUNT)])
    signals = (signals - signals.mean(axis=2, keepdims=True)) / signals.std(axis=2, keepdims=True)
    np.save(folder / "signals.npy", np.rint(250 * signals.transpose(0, 2, 1)).astype(np.int16))
    (folder / "order.csv").write_text("\n".join(["ecg_id", *(str(number) for number in range(COUNT)), ""]))
    rows = []
    for number in range(COUNT):
        shows = {
            "CD": number % 2 == 0,
            "NORM": number % 2 == 1,
            "MI": number % 3 == 0,
            "HYP": number % 4 == 0,
            "STTC": number % 5 == 0,
        }
        flags = ",".join(str(int(shows[name])) for name in CLASSES)
        rows.append(f"{number},{number}.0,{1 + number // 10},{flags}")
    head = f"ecg_id,patient_id,strat_fold,{','.join(CLASSES)}"
    (folder / "superclasses.csv").write_text("\n".join([head, *rows, ""]))
    return folder


def test_train_export_and_read(data: Path, tmp_path: Path) -> None:
    from converter import backend

    backend.load(1)
    recipe = recipe_of("twelve-lead")
    (tmp_path / "settings.toml").write_text(SETTINGS)
    settings = recipe.settings("twelve-lead", tmp_path / "settings.toml", {"seed": 3})
    trained = recipe.train(settings, [str(data)], tmp_path / "run")
    assert set(trained.results["told_auc"]) == {*CLASSES, "MI-or-STTC", "mean"}
    assert recipe.train(settings, [str(data)], tmp_path / "run").results == trained.results  # nothing is done twice
    with pytest.raises(InputError, match="holds a run with other settings"):
        recipe.train(recipe.settings("twelve-lead", None, {}), [str(data)], tmp_path / "run")

    path = recipe.export(tmp_path / "run", tmp_path / "models", "0.1.0", [str(data)])
    model = load(path)
    assert "MI-or-STTC" in path.with_suffix(".md").read_text()
    assert model.card.answers is not None
    assert model.card.answers.examples == 10
    judged = recipe_for_task("twelve-lead").evaluate(path, [str(data)]).figures
    assert judged["answers"]["CD"]["auc"] == model.card.answers.answers["CD"].auc
    ecg = TwelveLeads(
        samples_mv=beats_mv(np.random.default_rng(7), is_wide=False), rate_hz=Fraction(100), recorded=LEADS
    )
    found = classify(ecg, model)
    assert found.superclasses is not None
    assert list(found.superclasses) == list(CLASSES)
    assert found.model == "twelve-lead 0.1.0"
    assert all(0 <= each <= 1 for each in found.superclasses.values())
    noise = TwelveLeads(
        samples_mv=np.random.default_rng(1).standard_normal((12, 5000)), rate_hz=Fraction(500), recorded=LEADS
    )
    assert "noise, or no ECG" in (classify(noise, model).abstained or "")
    nothing = TwelveLeads(samples_mv=np.full((12, 5000), np.nan), rate_hz=Fraction(500), recorded=())
    assert classify(nothing, model).superclasses is None
    assert classify(nothing, model).abstained == "no lead has a signal for half of the time"
    few = ecg.samples_mv.copy()
    few[3:] = np.nan
    assert "leads without a signal" in (
        classify(TwelveLeads(samples_mv=few, rate_hz=Fraction(100), recorded=LEADS[:3]), model).abstained or ""
    )
    short = TwelveLeads(samples_mv=ecg.samples_mv[:, :300], rate_hz=Fraction(100), recorded=LEADS)
    assert classify(short, model).abstained == "only 3.0 s of signal"


def test_a_setting_that_a_model_does_not_have_is_refused() -> None:
    with pytest.raises(InputError, match="--protocol says nothing to twelve-lead"):
        recipe_of("twelve-lead").settings("twelve-lead", None, {"protocol": "random"})


def test_every_model_of_the_zoo_has_its_settings() -> None:
    for name in MODELS:
        assert recipe_of(name).settings(name, None, {}).model == name
