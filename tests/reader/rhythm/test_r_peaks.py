"""R peaks: each heartbeat once, whichever leads there are."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from reader.rhythm import r_peaks
from reader.twelve_leads import LEADS, TwelveLeads
from tests.support.twelve_leads import R_TIMES_S, RATE_HZ, normal_ecg


def found_s(ecg: TwelveLeads) -> list[float]:
    return [float(index / ecg.rate_hz) for index in r_peaks(ecg)]


@pytest.mark.parametrize("rate_hz", [100, 250, 500, 1000])
def test_each_beat_is_found_once_from_the_first_on(rate_hz: int) -> None:
    assert found_s(normal_ecg(rate_hz=rate_hz)) == pytest.approx(R_TIMES_S, abs=0.012)


@pytest.mark.parametrize("lead", [lead for lead in LEADS if lead != "aVL"])  # whose QRS complex is below 0.15 mV
def test_one_lead_is_enough(lead: str) -> None:
    ecg = normal_ecg()
    alone = np.full_like(ecg.samples_mv, np.nan)
    alone[LEADS.index(lead)] = ecg.lead_mv(lead)
    assert found_s(replace(ecg, samples_mv=alone, recorded=(lead,))) == pytest.approx(R_TIMES_S, abs=0.05)


def test_leads_that_cannot_be_read_do_not_matter() -> None:
    ecg = normal_ecg()
    samples_mv = ecg.samples_mv.copy()
    bad = [LEADS.index(lead) for lead in ("V2", "V3", "V4", "V5")]
    samples_mv[bad] += np.random.default_rng(2).normal(0, 2.0, samples_mv[bad].shape)
    assert found_s(replace(ecg, samples_mv=samples_mv)) == pytest.approx(R_TIMES_S, abs=0.012)


def test_beats_behind_lost_samples_are_found_where_they_are() -> None:
    ecg = normal_ecg()
    samples_mv = ecg.samples_mv.copy()
    samples_mv[:, round(3.2 * RATE_HZ) : round(4.1 * RATE_HZ)] = np.nan
    expected = [at for at in R_TIMES_S if not 3.0 < at < 4.2]
    found = found_s(replace(ecg, samples_mv=samples_mv))
    assert found == pytest.approx(expected, abs=0.012)


def test_nothing_is_found_without_a_signal() -> None:
    empty = TwelveLeads(samples_mv=np.full((12, 5000), np.nan), rate_hz=Fraction(500), recorded=())
    assert r_peaks(empty).size == 0
    flat = TwelveLeads(samples_mv=np.zeros((12, 5000)), rate_hz=Fraction(500), recorded=LEADS)
    assert r_peaks(flat).size == 0


def test_stretches_of_little_more_than_a_second_are_no_obstacle() -> None:
    ecg = normal_ecg()
    samples_mv = ecg.samples_mv.copy()
    for start_s in np.arange(1.15, 9.0, 1.3):
        samples_mv[:, round(start_s * RATE_HZ) : round((start_s + 0.15) * RATE_HZ)] = np.nan
    assert all(0 <= index < ecg.length for index in r_peaks(replace(ecg, samples_mv=samples_mv)))
