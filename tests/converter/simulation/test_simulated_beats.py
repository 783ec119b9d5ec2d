"""Beats in simulated rhythms: labelled as they were made, of beats of the patient, and the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest

from converter.datasets.beats import AS_RECORDED, BeatSet
from converter.simulation.simulated_beats import BEATS, PATIENTS, normal_beats, simulated_beats
from ecg.errors import InputError
from edge.inference.inputs import RHYTHM_FEATURES, RHYTHM_SCALES

COUNT = 700


def signal(symbol: np.ndarray, record: str = "svdb/800") -> BeatSet:
    """Beats 0.8 s apart, each with a height of its own."""
    count = len(symbol)
    shape = np.exp(-0.5 * ((np.arange(259) - 99) / 5.0) ** 2)
    height = 1 + 0.001 * np.arange(count)
    waveform = np.repeat((height[:, np.newaxis] * shape)[:, :, np.newaxis], 2, axis=2)
    return BeatSet(
        {"waveform": waveform.astype(np.float32), "rhythm": np.zeros((count, len(RHYTHM_FEATURES)), np.float32)},
        symbol,
        288 * np.arange(count, dtype=np.int64),
        np.full(count, record),
        np.zeros(count, dtype=np.int64),
        np.full(count, AS_RECORDED),
    )


def test_only_normal_beats_after_normal_ones_are_used() -> None:
    symbol = np.array(["N", "N", "N", "V"] * 200)
    found = normal_beats(signal(symbol))
    assert found is not None
    windows, rr_s = found
    assert windows.shape == (400, 259)  # the second and the third of each three
    np.testing.assert_allclose(rr_s, 0.8)
    assert normal_beats(signal(symbol[:200])) is None


def test_simulated_patients_are_built_as_the_monitor_would_build_them() -> None:
    beats = BeatSet.join([signal(np.full(COUNT, "N")), signal(np.full(100, "N"), "svdb/801")])
    made = simulated_beats(beats, 1)
    assert 0.85 * PATIENTS * BEATS < len(made) < PATIENTS * BEATS
    assert set(made.record.tolist()) == {"svdb/800"}  # the other has too few
    assert set(made.symbol.tolist()) <= {"N", "A"}
    assert {name: values.shape[1:] for name, values in made.inputs.items()} == {
        "waveform": (259, 2),
        "rhythm": (len(RHYTHM_FEATURES),),
    }
    assert np.count_nonzero(np.diff(made.index) <= 0) == PATIENTS - 1  # where the next patient begins


def test_the_same_seed_makes_the_same_patients() -> None:
    beats = signal(np.full(COUNT, "N"))
    assert simulated_beats(beats, 3).digest() == simulated_beats(beats, 3).digest()
    assert simulated_beats(beats, 3).digest() != simulated_beats(beats, 4).digest()


def test_beats_s_come_before_the_slow_interval_has_passed() -> None:
    beats = BeatSet.join([signal(np.full(COUNT, "N"), f"svdb/{800 + number}") for number in range(12)])
    made = simulated_beats(beats, 1)
    middle, spread = RHYTHM_SCALES["ln_rr_before_to_slow"]
    before = middle + spread * made.inputs["rhythm"][:, RHYTHM_FEATURES.index("ln_rr_before_to_slow")]
    is_ectopic = made.symbol == "A"
    assert 0.05 < is_ectopic.mean() < 0.4
    assert np.median(before[is_ectopic]) < -0.15
    assert abs(np.median(before[~is_ectopic])) < 0.15


def test_too_few_normal_beats_are_refused_with_the_way_out() -> None:
    with pytest.raises(InputError, match="set simulated_share to 0"):
        simulated_beats(signal(np.full(100, "N")), 1)
