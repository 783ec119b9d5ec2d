"""Which of the models that ship reads an ECG."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from reader.classify import classify
from reader.twelve_leads import LEADS, TwelveLeads

CHEST = LEADS[6:]


def ecg(*present: str, is_lead_known: bool = True) -> TwelveLeads:
    """Ten seconds of beats in these leads."""
    time_s = np.arange(2500) / 250
    beats = np.sum([np.exp(-0.5 * ((time_s - at_s) / 0.02) ** 2) for at_s in np.arange(0.5, 10, 0.8)], axis=0)
    samples_mv = np.linspace(0.5, 1.5, 12)[:, np.newaxis] * beats
    samples_mv[[lead not in present for lead in LEADS]] = np.nan
    return TwelveLeads(samples_mv=samples_mv, rate_hz=Fraction(250), recorded=present, is_lead_known=is_lead_known)


@pytest.mark.parametrize(
    ("present", "model"),
    [
        (LEADS, "twelve-lead"),
        (CHEST, "twelve-lead"),
        (CHEST[1:], "lead-ii"),
        (("II",), "lead-ii"),
        (("V3",), "lead-ii"),
    ],
)
def test_six_leads_are_enough_for_the_model_of_twelve(present: tuple[str, ...], model: str) -> None:
    found = classify(ecg(*present))
    assert found.model.partition(" ")[0] == model
    assert found.superclasses is not None
    assert all(0 <= probability <= 1 for probability in found.superclasses.values())


def test_a_lead_that_nobody_named_is_read_too() -> None:
    found = classify(ecg("II", is_lead_known=False))
    assert found.superclasses is not None
    assert found.superclasses != classify(ecg("II")).superclasses
