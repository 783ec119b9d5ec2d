"""Exchanged arm electrodes are suspected; so is a heart on the right; neither without reason."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from reader.intake.electrodes import doubts_about_electrodes
from reader.rhythm import tell_rhythm
from reader.rhythm.best_lead import filter_leads, judge_leads
from reader.twelve_leads import LEADS, TwelveLeads
from tests.support.twelve_leads import normal_ecg


def doubts(ecg: TwelveLeads) -> str:
    filtered = filter_leads(ecg, ecg.present)
    return doubts_about_electrodes(tell_rhythm(ecg, filtered, judge_leads(filtered)).median_beats)


def in_order(ecg: TwelveLeads, order: list[str], signs: list[int]) -> TwelveLeads:
    rows = [sign * ecg.lead_mv(lead) for lead, sign in zip(order, signs, strict=True)]
    return replace(ecg, samples_mv=np.array(rows))


def arms_exchanged(ecg: TwelveLeads) -> TwelveLeads:
    order = ["I", "III", "II", "aVL", "aVR", "aVF", *LEADS[6:]]
    return in_order(ecg, order, [-1] + [1] * 11)


def test_a_normal_ecg_raises_no_doubt() -> None:
    assert doubts(normal_ecg()) == ""


def test_exchanged_arms_are_suspected() -> None:
    assert "arm electrodes may be exchanged" in doubts(arms_exchanged(normal_ecg()))


def test_a_heart_on_the_right_is_no_exchange_of_arms() -> None:
    # V2 to V6 look at its far side: their complexes are negative, and smaller from one to the next.
    ecg = arms_exchanged(normal_ecg())
    samples_mv = ecg.samples_mv.copy()
    for place, lead in enumerate(LEADS[6:]):
        samples_mv[LEADS.index(lead)] = (1 - 0.15 * place) * ecg.lead_mv("V1") * (1 if place < 1 else 1.0)
    samples_mv[LEADS.index("V6")] = -0.4 * normal_ecg().lead_mv("V6")
    said = doubts(replace(ecg, samples_mv=samples_mv))
    assert "dextrocardia" in said
    assert "exchanged" not in said


def test_without_chest_leads_nothing_is_said() -> None:
    ecg = arms_exchanged(normal_ecg())
    samples_mv = ecg.samples_mv.copy()
    samples_mv[6:] = np.nan
    assert doubts(replace(ecg, samples_mv=samples_mv, recorded=LEADS[:6])) == ""
