"""What a network is shown of one lead."""

from __future__ import annotations

import numpy as np

from reader.classify.heights import HEIGHTS, NAMES
from reader.classify.one_lead import ABOUT, about, one_lead
from reader.twelve_leads import LEADS


def told(row: np.ndarray) -> dict[str, float]:
    return dict(zip(ABOUT, row.tolist(), strict=True))


def test_it_is_told_the_heights_of_that_lead_and_which_it_is() -> None:
    heights = np.arange(2 * HEIGHTS, dtype=np.float32).reshape(2, HEIGHTS)
    first, second = map(told, about(heights, np.array([1, 6]), np.array([True, True])))
    assert first["highest"] == NAMES.index("II highest")
    assert first["lowest"] == NAMES.index("II lowest")
    assert first["ln deviation"] == NAMES.index("II ln deviation")
    assert second["highest"] == HEIGHTS + NAMES.index("V1 highest")
    assert (first["is II"], first["is V1"]) == (1, 0)
    assert (second["is II"], second["is V1"]) == (0, 1)


def test_a_lead_that_nobody_named_is_none_of_the_twelve() -> None:
    row = told(about(np.ones((1, HEIGHTS), np.float32), np.array([1]), np.array([False]))[0])
    assert not any(row[f"is {lead}"] for lead in LEADS)
    assert row["highest"] == 1


def test_lost_heights_stay_lost() -> None:
    row = told(about(np.zeros((1, HEIGHTS), np.float32), np.array([4]), np.array([True]))[0])
    assert {name: value for name, value in row.items() if value} == {"is aVL": 1.0}


def test_its_shape_is_that_lead_alone() -> None:
    leads = np.random.default_rng(1).standard_normal((3, 50, 12)).astype(np.float32)
    number = np.array([0, 1, 11])
    inputs = one_lead(leads, np.zeros((3, HEIGHTS), np.float32), number, np.ones(3, dtype=bool))
    assert inputs["lead"].shape == (3, 50, 1)
    assert inputs["lead"].dtype == np.float32
    for recording, lead in enumerate(number):
        np.testing.assert_allclose(np.sinh(inputs["lead"][recording, :, 0]), leads[recording, :, lead], atol=1e-5)
