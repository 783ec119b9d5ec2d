"""Heights: what is no voltage, or none that an ECG has, is said, and still read."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from reader.intake.scale import is_flat, scale, without_stuck
from tests.support.twelve_leads import RATE_HZ, noise, normal_samples_mv

RATE = Fraction(RATE_HZ)
SAMPLES_MV = normal_samples_mv() + noise((12, 10 * RATE_HZ))


def test_millivolts_stay_as_they_are() -> None:
    found = scale(SAMPLES_MV, RATE, unit="mV")
    assert found.is_calibrated
    assert found.factor == 1
    assert not found.remark


def test_heights_in_no_known_unit_are_brought_to_those_of_an_ecg() -> None:
    found = scale(SAMPLES_MV * 204.8, RATE, unit=None)
    assert not found.is_calibrated
    assert 0.5 < np.median(np.ptp(found.samples_mv, axis=1)) < 2
    assert "--unit" in found.remark


@pytest.mark.parametrize(("factor", "unit", "wanted"), [(1000, "mV", "uV"), (0.001, "mV", "V"), (0.001, "uV", "mV")])
def test_a_wrong_unit_is_told_with_the_right_one(factor: float, unit: str, wanted: str) -> None:
    found = scale(SAMPLES_MV * factor, RATE, unit=unit)
    assert not found.is_calibrated
    assert f"({wanted} would make it" in found.remark


def test_standardised_leads_have_no_heights() -> None:
    standard = (SAMPLES_MV - SAMPLES_MV.mean(axis=1, keepdims=True)) / SAMPLES_MV.std(axis=1, keepdims=True)
    found = scale(standard, RATE, unit="mV")
    assert not found.is_calibrated
    assert "standard deviation" in found.remark


def test_leads_without_any_movement_have_no_scale() -> None:
    found = scale(np.zeros((12, 5000)), RATE, unit="mV")
    assert found.factor == 1


@pytest.mark.parametrize(
    ("samples_mv", "flat"),
    [
        (np.zeros(5000), True),
        (np.full(5000, 3.2), True),
        (np.full(5000, np.nan), True),
        (noise((5000,), sd_mv=0.0005), True),
        (SAMPLES_MV[1], False),
        (np.concatenate((np.zeros(3000), SAMPLES_MV[1, :2000])), True),
        (np.concatenate((np.full(3000, np.nan), SAMPLES_MV[1, :2000])), False),
    ],
)
def test_a_lead_that_hardly_moves_has_no_signal(samples_mv: np.ndarray, flat: bool) -> None:
    assert is_flat(samples_mv, RATE) is flat


def test_what_stays_at_one_value_for_a_second_counts_as_lost() -> None:
    lead = SAMPLES_MV[1].copy()
    lead[3 * RATE_HZ : 5 * RATE_HZ] = 5.0  # the amplifier at its rail
    lead[6 * RATE_HZ : 6 * RATE_HZ + RATE_HZ // 2] = 0.1  # half a second is no loss
    freed = without_stuck(lead, RATE)
    assert np.flatnonzero(np.isnan(freed)).tolist() == list(range(3 * RATE_HZ, 5 * RATE_HZ))
    np.testing.assert_array_equal(freed[~np.isnan(freed)], lead[~np.isnan(freed)])
