"""A run that learns from one lead: what it leaves, its teacher, and the learning curve."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest

from converter.training.superclass_curve import WHOLE, curve, table
from converter.training.superclass_run import SuperclassRun
from converter.training.superclass_settings import DEFAULTS, LABELS, Variation
from converter.training.superclasses import train, trained_on
from converter.training.teacher import Teacher, read_teacher
from converter.zoo.residual import Network
from ecg.errors import InputError
from reader.twelve_leads import LEADS

if TYPE_CHECKING:
    from pathlib import Path

    from converter.datasets.twelve_leads import TwelveLeadSet
    from converter.training.superclass_settings import SuperclassSettings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept:DeprecationWarning")


def small(model: str) -> SuperclassSettings:
    """The settings of a model, made quick."""
    return msgspec.structs.replace(
        DEFAULTS[model],
        epochs=4,
        batch=16,
        parts=2,
        average_decay=0.5,
        network=Network(stem=8, widths=(8, 8), heights=4),
        variation=Variation(samples=60),
    )


def test_a_run_of_one_lead_tells_how_it_does_by_each_lead(infarctions: TwelveLeadSet, tmp_path: Path) -> None:
    settings = small("lead-ii")
    found = train(settings, infarctions, trained_on({}, infarctions), tmp_path)
    assert 0 <= found["told_auc"]["MI"][0] <= 1
    assert set(found["told_auc_by_lead"]) == {*LEADS, "II, not named"}
    assert found["told_auc_by_lead"]["II"]["MI"] == pytest.approx(found["told_auc"]["MI"][0])
    assert train(settings, infarctions, trained_on({}, infarctions), tmp_path) == found


def test_a_model_of_twelve_leads_teaches_one_of_one_and_ends_a_learning_curve(
    infarctions: TwelveLeadSet, tmp_path: Path
) -> None:
    settings, data = small("twelve-lead"), trained_on({}, infarctions)
    whole = train(settings, infarctions, data, tmp_path / "twelve-lead")

    teacher = read_teacher(tmp_path / "twelve-lead")
    assert teacher.says.shape == (90, len(LABELS))
    taught = trained_on({}, infarctions, teacher)
    pupil = msgspec.structs.replace(small("lead-ii"), epochs=1)
    train(pupil, infarctions, taught, tmp_path / "lead-ii", teacher)
    assert SuperclassRun(tmp_path / "lead-ii").trained_on().teacher == teacher.digest
    other = Teacher(teacher.ecg_id, 1 - teacher.says)
    with pytest.raises(InputError, match="other settings or on other data"):
        train(pupil, infarctions, trained_on({}, infarctions, other), tmp_path / "lead-ii", other)

    shares = (0.5, 1.0)
    found = curve(settings, infarctions, data, tmp_path, whole=tmp_path / "twelve-lead", shares=shares, least_steps=1)
    assert [point["recordings"] for point in found["points"]] == [40, 80]
    assert found["points"][1]["unseen_auc"] == whole["unseen_auc"]
    assert found["whole"]["recordings"] == WHOLE
    low, high = np.array(found["whole"]["unseen_auc"]["mean"])[1:]
    assert 0 <= low <= high <= 1
    shown = table(found, "learning curve")
    assert len(shown.rows) == 3
    assert all(len(row) == len(shown.columns) for row in shown.rows)
