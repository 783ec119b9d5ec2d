"""Limb leads follow from one another, and contradict one another when a name is wrong."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from reader.intake.limb_leads import contradiction, derive
from reader.twelve_leads import LEADS, LIMB_LEADS
from tests.support.twelve_leads import RATE_HZ, noise, normal_samples_mv

CLEAN = normal_samples_mv()
NOISY = CLEAN + noise(CLEAN.shape)


@pytest.mark.parametrize("known", list(combinations(LIMB_LEADS, 2)))
def test_any_two_limb_leads_give_the_others(known: tuple[str, str]) -> None:
    samples_mv = CLEAN.copy()
    samples_mv[[LEADS.index(lead) for lead in LIMB_LEADS if lead not in known]] = np.nan
    derived = derive(samples_mv, known)
    assert sorted(derived) == sorted(set(LIMB_LEADS) - set(known))
    np.testing.assert_allclose(samples_mv, CLEAN, atol=1e-9)


@pytest.mark.parametrize("known", [(), ("I",), ("aVF",)])
def test_fewer_than_two_give_nothing(known: tuple[str, ...]) -> None:
    assert derive(CLEAN.copy(), known) == ()


def test_a_recorded_lead_is_never_overwritten() -> None:
    samples_mv = CLEAN.copy()
    samples_mv[2] = 0.0
    assert "III" not in derive(samples_mv, ("I", "II"), keep=("I", "II", "III"))
    assert not samples_mv[2].any()


def test_a_lost_sample_is_lost_in_derived_leads() -> None:
    samples_mv = CLEAN.copy()
    samples_mv[0, 100] = np.nan
    derive(samples_mv, ("I", "II"))
    assert np.isnan(samples_mv[LEADS.index("aVF"), 100])
    assert np.isfinite(samples_mv[LEADS.index("aVF"), 101])


def test_leads_as_they_are_do_not_contradict_each_other() -> None:
    assert contradiction(NOISY, LIMB_LEADS, RATE_HZ) == ""


def test_wander_of_one_lead_is_no_contradiction() -> None:
    samples_mv = NOISY.copy()
    samples_mv[1] += 0.5 * np.sin(np.arange(samples_mv.shape[1]) * 2 * np.pi * 0.2 / RATE_HZ)
    assert contradiction(samples_mv, LIMB_LEADS, RATE_HZ) == ""


@pytest.mark.parametrize("pair", [("I", "II"), ("II", "III"), ("aVR", "aVL"), ("I", "aVR")])
def test_exchanged_names_are_told(pair: tuple[str, str]) -> None:
    samples_mv = NOISY.copy()
    one, other = (LEADS.index(lead) for lead in pair)
    samples_mv[[one, other]] = samples_mv[[other, one]]
    assert f"{pair[0]} and {pair[1]} are exchanged" in contradiction(samples_mv, LIMB_LEADS, RATE_HZ)


@pytest.mark.parametrize("lead", [lead for lead in LIMB_LEADS if lead != "aVL"])  # too small to matter here
def test_a_lead_that_is_upside_down_is_told(lead: str) -> None:
    samples_mv = NOISY.copy()
    samples_mv[LEADS.index(lead)] *= -1
    assert f"{lead} is upside down" in contradiction(samples_mv, LIMB_LEADS, RATE_HZ)


def test_leads_scaled_apart_are_told_as_such() -> None:
    deviations = NOISY.std(axis=1, keepdims=True)
    assert "scaled apart" in contradiction(NOISY / deviations, LIMB_LEADS, RATE_HZ)


def test_three_leads_are_enough_to_see_it() -> None:
    samples_mv = NOISY.copy()
    samples_mv[2] *= -1
    assert "III is upside down" in contradiction(samples_mv, ("I", "II", "III"), RATE_HZ)
    assert contradiction(samples_mv, ("I", "III"), RATE_HZ) == ""
