"""Simulated patients: whole, of all kinds, and the same for the same seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from converter.simulation.patients import Underlying, simulate

if TYPE_CHECKING:
    from collections.abc import Callable


@settings(deadline=None)
@given(st.integers(0, 2**32))
def test_a_simulated_patient_is_whole(seed: int) -> None:
    patient = simulate(np.random.default_rng(seed), 300)
    assert patient.rr_s.shape == patient.is_ectopic.shape == patient.underlying.shape
    assert abs(len(patient.rr_s) - 300) <= 45
    assert patient.rr_s.min() >= 0.2
    assert not patient.is_ectopic[patient.underlying >= Underlying.BLOCKED].any()


def test_the_same_seed_makes_the_same_patient_and_all_kinds_come() -> None:
    first, second = (simulate(np.random.default_rng(7), 300) for _ in range(2))
    np.testing.assert_array_equal(first.rr_s, second.rr_s)
    kinds = np.concatenate([simulate(np.random.default_rng(seed), 50).underlying for seed in range(200)])
    assert set(kinds.tolist()) == {int(kind) for kind in Underlying}


def test_the_same_seed_makes_the_same_patients_in_each_version(rounded_digest: Callable[..., str]) -> None:
    """The interval network that ships learned from these very draws."""
    patients = [simulate(np.random.default_rng(seed), 300) for seed in range(60)]
    arrays = [array for own in patients for array in (own.rr_s, own.is_ectopic, own.underlying)]
    assert rounded_digest(*arrays) == "943fcf17f4699379"
