"""A sudden regular tachycardia of wide beats is ventricular until shown otherwise."""

from __future__ import annotations

import numpy as np
import pytest

from ecg.samples import BEAT_BEFORE, BEAT_SAMPLES, FloatArray
from edge.inference.wide_tachycardia import WideTachycardia
from edge.signal.beat_morphology import BeatMorphology

TIME = np.arange(BEAT_SAMPLES) - BEAT_BEFORE
NARROW = 1.2 * np.exp(-((TIME / 5) ** 2)) + 0.2 * np.exp(-(((TIME - 90) / 18) ** 2))
WIDE = 1.5 * np.exp(-((TIME / 22) ** 2)) - 0.5 * np.exp(-(((TIME - 80) / 25) ** 2))


class Patient:
    def __init__(self, usual_mv: FloatArray = NARROW) -> None:
        self.morphology = BeatMorphology()
        self.tachycardia = WideTachycardia(self.morphology)
        self.time_s = 0.0
        for _ in range(60):
            self.beat(usual_mv, 0.85)

    def beat(self, window_mv: FloatArray, rr_s: float, *, moves: bool = False) -> bool:
        beat = self.morphology.measure(window_mv, rr_s)
        is_of_one = self.tachycardia.includes(beat, moves=moves)
        self.tachycardia.add(beat, moves=moves)
        self.time_s += rr_s
        self.morphology.add(beat, self.time_s)
        return is_of_one

    def beats(self, window_mv: FloatArray, rr_s: list[float]) -> list[bool]:
        return [self.beat(window_mv, each) for each in rr_s]


@pytest.mark.parametrize("rate_bpm", [112, 140, 180, 250])
def test_wide_beats_that_come_at_once_and_fast_are_ventricular_for_as_long_as_they_come(rate_bpm: float) -> None:
    told = Patient().beats(WIDE, [60 / rate_bpm] * 500)
    assert all(told[4:])


def test_asking_leaves_no_trace() -> None:
    one, other = Patient(), Patient()
    for _ in range(10):
        other.tachycardia.includes(other.morphology.measure(WIDE, 0.4))
    assert one.beats(WIDE, [0.4] * 6) == other.beats(WIDE, [0.4] * 6)


def test_two_premature_beats_are_no_tachycardia() -> None:
    patient = Patient()
    assert not any(patient.beats(WIDE, [0.45, 0.45]))
    assert not patient.beat(NARROW, 1.1)


def test_neither_exertion_nor_a_bundle_branch_block_is_one() -> None:
    ramp = np.linspace(0.85, 0.42, 100).tolist() + [0.42] * 100
    assert not any(Patient().beats(NARROW, ramp))
    assert not any(Patient(WIDE).beats(WIDE, ramp))


def test_a_bundle_branch_that_blocks_under_exertion_is_none() -> None:
    patient = Patient()
    patient.beats(NARROW, np.linspace(0.85, 0.5, 100).tolist() + [0.5] * 20)
    assert not any(patient.beats(WIDE, [0.5] * 100))


def test_wide_beats_at_no_fixed_interval_are_left_to_the_model() -> None:
    rng = np.random.default_rng(1)
    told = Patient().beats(WIDE, rng.uniform(0.3, 0.59, 200).tolist())
    assert sum(told) < 40


def with_turning_axis(patient: Patient, *, moves: bool = False, share: float = 1.0) -> list[bool]:
    shares, rr_s = np.tile([1.0, 0.7, -0.8, -1.1], 20), np.random.default_rng(2).choice([0.33, 0.33, 0.66], 80)
    return [patient.beat(share * each * WIDE, rr, moves=moves) for each, rr in zip(shares, rr_s.tolist(), strict=True)]


def test_wide_beats_whose_axis_turns_are_a_tachycardia_though_some_are_missed() -> None:
    assert sum(with_turning_axis(Patient())[8:]) > 60


def test_what_takes_many_shapes_while_the_baseline_moves_or_is_low_may_be_noise() -> None:
    assert sum(with_turning_axis(Patient(), moves=True)) < 30
    assert sum(with_turning_axis(Patient(), share=0.2)) < 30


def test_what_takes_many_shapes_at_no_interval_is_left_to_the_model() -> None:
    patient, rng = Patient(), np.random.default_rng(3)
    shares, rr_s = np.tile([1.0, 0.7, -0.8, -1.1], 20), rng.uniform(0.28, 0.75, 80)
    assert sum(patient.beat(each * WIDE, rr) for each, rr in zip(shares, rr_s.tolist(), strict=True)) < 15
