"""One lead of each recording, and what a teacher says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest

from converter.training.lead_examples import draw_lead, of_lead
from converter.training.superclass_settings import OneLead
from converter.training.teacher import Teacher, read_teacher
from converter.training.vary_leads import Examples
from ecg.errors import InputError
from reader.classify.heights import HEIGHTS
from reader.classify.one_lead import ABOUT

if TYPE_CHECKING:
    from pathlib import Path

IDENTITY = slice(ABOUT.index("is I"), None)


def examples(count: int = 400) -> Examples:
    """Each lead holds its own number throughout."""
    leads = np.tile(np.arange(12, dtype=np.float32), (count, 20, 1))
    return Examples(leads=leads, heights=np.zeros((count, HEIGHTS), np.float32), targets=np.eye(count, 6, dtype="f"))


def test_one_lead_of_all_is_that_lead() -> None:
    shown = of_lead(examples(3), "V2")
    np.testing.assert_allclose(shown.inputs["lead"], np.arcsinh(np.float32(7)), atol=1e-6)
    assert shown.inputs["about"][:, ABOUT.index("is V2")].tolist() == [1, 1, 1]
    assert not of_lead(examples(3), "V2", is_named=False).inputs["about"].any()
    assert len(shown.take(np.array([True, False, True]))) == 2


def test_leads_are_drawn_as_often_as_the_settings_say() -> None:
    drawn = draw_lead(examples(), OneLead(lead_ii=0.5, named=0.7), np.random.default_rng(1))
    number = np.rint(np.sinh(drawn.inputs["lead"][:, 0, 0])).astype(int)
    assert 0.45 < (number == 1).mean() < 0.65  # half of them, and a twelfth of the others
    assert set(number) == set(range(12))
    named = drawn.inputs["about"][:, IDENTITY].sum(axis=1)
    assert 0.6 < named.mean() < 0.8
    assert (drawn.inputs["about"][:, IDENTITY].argmax(axis=1) == number)[named > 0].all()
    np.testing.assert_array_equal(drawn.targets, examples().targets)


def test_what_is_taught_is_between_the_label_and_what_the_teacher_says() -> None:
    teacher = Teacher(np.array([3, 5, 9]), np.array([[0.2], [0.4], [0.8]]))
    taught = teacher.taught(np.array([9, 3]), np.array([[1.0], [0.0]], np.float32), 0.5)
    np.testing.assert_allclose(taught, [[0.9], [0.1]], atol=1e-6)


def test_a_teacher_that_does_not_know_a_recording_is_refused() -> None:
    teacher = Teacher(np.array([3, 5]), np.array([[0.2], [0.4]]))
    with pytest.raises(InputError, match="says nothing of recording 7"):
        teacher.taught(np.array([3, 7]), np.zeros((2, 1), np.float32), 0.5)


def test_a_teacher_is_read_from_its_run_and_calibrated(tmp_path: Path) -> None:
    (tmp_path / "metrics.json").write_bytes(
        msgspec.json.encode({"calibration": [{"slope": 2.0, "offset": 0.0}, {"slope": 1.0, "offset": 1.0}]})
    )
    np.savez(tmp_path / "predictions.npz", ecg_id=[8, 2], log_odds=[[0.0, -1.0], [50.0, 0.0]])
    teacher = read_teacher(tmp_path)
    assert teacher.ecg_id.tolist() == [2, 8]
    np.testing.assert_allclose(teacher.says, [[1, 1 / (1 + np.exp(-1))], [0.5, 0.5]], atol=1e-6)


def test_a_folder_without_a_finished_run_is_no_teacher(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no finished run"):
        read_teacher(tmp_path)
