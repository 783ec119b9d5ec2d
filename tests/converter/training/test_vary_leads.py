"""Recordings are varied as the settings say, the same for the same source of chance."""

from __future__ import annotations

import numpy as np
import pytest

from converter.training.superclass_settings import Variation
from converter.training.turn_heart import turn
from converter.training.vary_leads import Examples, vary
from reader.classify.heights import DEVIATIONS, HEIGHTS, HIGHEST, TYPICAL_MV
from reader.classify.preparation import prepare
from reader.twelve_leads import LEADS

STILL = Variation(
    samples=1000,
    warp_sigma=0,
    gain_sigma=0,
    noise=0,
    baseline=0,
    lead_dropout=0,
    time_mask=0,
    heights_dropout=0,
    heights_sigma=0,
)


@pytest.fixture
def examples() -> Examples:
    """Forty recordings of limb leads that obey Einthoven's law, and of chest leads; the labels are at random."""
    rng = np.random.default_rng(1)
    prepared = []
    for _ in range(40):
        one, two = rng.standard_normal((2, 1000)).cumsum(axis=1) / 20
        limbs = [one, two, two - one, -(one + two) / 2, one - two / 2, two - one / 2]
        prepared.append(prepare(np.array([*limbs, *rng.standard_normal((6, 1000))]), 100, is_calibrated=True))
    targets = (rng.random((40, 6)) < 0.3).astype(np.float32)
    leads, heights = (np.stack([getattr(each, name) for each in prepared]) for name in ("leads", "heights"))
    return Examples(leads=leads, heights=heights, targets=targets)


def changed(variation: Variation, examples: Examples, seed: int = 3) -> Examples:
    """Vary with a source of chance of its own."""
    return vary(examples, variation, np.random.default_rng(seed))


def test_without_variation_recordings_stay_as_they_are(examples: Examples) -> None:
    same = changed(STILL, examples)
    assert np.allclose(same.leads, examples.leads, atol=0.05)  # the last sample is reached from its neighbour
    assert np.array_equal(same.heights, examples.heights)
    assert np.array_equal(same.targets, examples.targets)


def test_the_same_chance_varies_alike_and_leaves_the_originals(examples: Examples) -> None:
    before = examples.leads.copy()
    all_kinds = Variation(mixed=0.5, turned=0.5, paper=0.2)
    first, second, third = (changed(all_kinds, examples, seed) for seed in (1, 1, 2))
    assert np.array_equal(first.leads, second.leads)
    assert not np.array_equal(first.leads, third.leads)
    assert first.leads.shape == (40, 600, 12)
    assert np.array_equal(examples.leads, before)
    assert all(np.isfinite(each).all() for each in (first.leads, first.heights, first.targets))


def test_mixed_recordings_have_mixed_labels(examples: Examples) -> None:
    mixed = changed(Variation(mixed=1.0), examples).targets
    assert ((mixed > 0.01) & (mixed < 0.99)).any()
    assert mixed.sum() == pytest.approx(examples.targets.sum(), rel=0.3)


def test_lost_leads_take_their_heights_along(examples: Examples) -> None:
    varied = changed(Variation(lead_dropout=1.0, heights_dropout=0, time_mask=0), examples)
    lost = ~varied.leads.any(axis=1)
    assert ((lost.sum(axis=1) >= 1) & (lost.sum(axis=1) <= 6)).all()
    assert not varied.heights[:, HIGHEST][lost].any()
    assert varied.heights[:, HIGHEST][~lost].all()


def test_paper_shows_a_quarter_of_each_lead(examples: Examples) -> None:
    shown = changed(Variation(paper=1.0, lead_dropout=0, time_mask=0), examples).leads != 0
    assert np.allclose(shown.mean(axis=1), 0.25, atol=0.01)
    assert (shown.sum(axis=2) == 3).mean() > 0.99


def test_a_heart_that_does_not_turn_changes_nothing(examples: Examples) -> None:
    leads, heights = turn(examples.leads, examples.heights, np.zeros((40, 3)))
    assert np.abs(leads - examples.leads).max() < 1e-4
    assert np.abs(heights - examples.heights).max() < 1e-4


def test_a_heart_that_turns_obeys_einthoven_and_keeps_its_lost_heights_lost(examples: Examples) -> None:
    heights = examples.heights.copy()
    heights[0] = 0.0
    leads, turned = turn(examples.leads, heights, np.full((40, 3), 0.3))
    assert not turned[0].any()
    assert turned.shape == (40, HEIGHTS)
    in_mv = leads * (TYPICAL_MV * np.exp(turned[:, DEVIATIONS]))[:, np.newaxis]
    one, two, three = (in_mv[1:, :, LEADS.index(lead)] for lead in ("I", "II", "III"))
    assert np.abs(one + three - two).max() < 0.02 * np.abs(two).max()
