"""The shapes of a patient's beats: how they are told apart, which of them is the usual one, what the detector asks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg.samples import BEAT_BEFORE, BEAT_SAMPLES, FloatArray
from edge.signal.beat_morphology import FILING, BeatMorphology, BeatShape, MeasuredBeat, qrs_width_s

TIME = np.arange(BEAT_SAMPLES) - BEAT_BEFORE
NARROW = 1.2 * np.exp(-((TIME / 5) ** 2)) + 0.2 * np.exp(-(((TIME - 90) / 18) ** 2))
WIDE = 1.5 * np.exp(-((TIME / 22) ** 2)) - 0.5 * np.exp(-(((TIME - 80) / 25) ** 2))
OTHER_NARROW = -NARROW


class Patient:
    """Beats one after the other."""

    def __init__(self) -> None:
        self.morphology = BeatMorphology()
        self.time_s = 0.0

    def beat(self, window_mv: FloatArray, rr_s: float, detected: FloatArray | None = None) -> MeasuredBeat:
        measured = self.morphology.measure(window_mv, rr_s, detected)
        self.time_s += rr_s
        self.shape: BeatShape = self.morphology.add(measured, self.time_s)
        return measured

    def beats(self, window_mv: FloatArray, rr_s: float, number: int) -> MeasuredBeat:
        for _ in range(number):
            measured = self.beat(window_mv, rr_s)
        return measured


def settled() -> Patient:
    patient = Patient()
    patient.beats(NARROW, 0.85, 80)
    return patient


def test_measuring_leaves_no_trace() -> None:
    one, other = settled(), settled()
    for _ in range(5):
        other.morphology.measure(WIDE, 0.4)
    for patient in (one, other):
        patient.beats(WIDE, 0.4, 3)
    assert one.beat(NARROW, 0.8).to_usual == other.beat(NARROW, 0.8).to_usual
    assert one.shape.count == other.shape.count


def test_beats_of_one_shape_are_filed_together_whatever_their_level() -> None:
    patient = settled()
    first = patient.shape
    assert patient.beat(NARROW + 0.4, 0.8).shape is first
    assert patient.beat(WIDE, 0.5).shape is None
    assert patient.beat(1.02 * WIDE, 0.5).shape is not None


def test_a_beat_twice_the_size_is_another_shape_and_still_the_usual_beat() -> None:
    measured = settled().beat(2 * NARROW, 0.85)
    assert measured.shape is None
    assert measured.is_usual


@pytest.mark.parametrize("rate_bpm", [120, 150, 180, 220])
def test_a_tachycardia_of_wide_beats_never_becomes_what_is_usual(rate_bpm: float) -> None:
    patient = settled()
    assert patient.beats(WIDE, 60 / rate_bpm, 400).to_usual < 0.9
    assert patient.shape.came_fast_alone
    assert patient.morphology.may_be_ventricular(patient.shape)
    assert patient.beat(NARROW, 0.85).is_usual


def test_nor_where_the_detector_missed_some_of_its_first_beats() -> None:
    patient = settled()
    for rr_s in (0.4, 0.8, 0.8, 0.4, 0.8, *[0.4] * 200):
        measured = patient.beat(WIDE, rr_s)
    assert not measured.is_usual


def test_a_bundle_branch_that_blocks_becomes_what_is_usual_after_six_beats() -> None:
    patient = settled()
    assert not patient.beats(WIDE, 0.85, 6).is_usual
    assert patient.beat(WIDE, 0.85).is_usual
    assert not patient.beat(NARROW, 0.85).is_usual


def test_a_narrow_tachycardia_of_another_axis_becomes_what_is_usual() -> None:
    patient = settled()
    assert patient.beats(OTHER_NARROW, 0.35, 8).is_usual


def test_in_bigeminy_from_the_first_beat_the_narrow_one_is_usual_whichever_came_first() -> None:
    for order in ((NARROW, 1.1, WIDE, 0.5), (WIDE, 0.5, NARROW, 1.1)):
        patient = Patient()
        for _ in range(30):
            patient.beat(order[0], order[1])
            patient.beat(order[2], order[3])
        assert patient.beat(NARROW, 1.1).is_usual
        assert not patient.beat(WIDE, 0.5).is_usual


def test_the_first_beat_may_be_an_artefact() -> None:
    patient = Patient()
    patient.beat(5 * WIDE, 0.8)
    patient.beats(NARROW, 0.8, 2)
    assert patient.beat(NARROW, 0.8).is_usual


def test_shapes_are_bounded_and_the_usual_one_outlives_noise() -> None:
    patient = settled()
    rng = np.random.default_rng(1)
    for _ in range(100):
        patient.beat(rng.standard_normal(BEAT_SAMPLES), 0.5)
    assert patient.beat(NARROW, 0.85).is_usual
    assert patient.beat(NARROW, 0.85).shape is not None


def test_the_detector_asks_for_the_likeness_with_any_shape_that_is_borne_out() -> None:
    patient, units = Patient(), np.eye(8)
    assert patient.morphology.likeness(units[0]) is None
    for number in range(FILING.borne_out):
        assert patient.morphology.likeness(units[0]) is None, number
        patient.beat(NARROW, 0.85, units[0])
    for _ in range(FILING.borne_out):
        patient.beat(WIDE, 0.5, units[1])
    patient.beat(OTHER_NARROW, 0.8, units[2])
    between = (units[0] + 0.5 * units[1]) / np.sqrt(1.25)
    assert patient.morphology.likeness(units[0]) == pytest.approx(1.0)
    assert patient.morphology.likeness(between) == pytest.approx(1 / np.sqrt(1.25))
    assert patient.morphology.likeness(units[2]) == pytest.approx(0.0)
    assert patient.morphology.likeness(None) is None


def test_width_is_that_of_the_qrs_complex() -> None:
    assert 0.01 < qrs_width_s(NARROW) < 0.06 < qrs_width_s(WIDE)
    assert qrs_width_s(np.zeros(BEAT_SAMPLES)) == 0.0


@given(st.lists(st.tuples(st.sampled_from((0.0, 1e-9, 1.0, 50.0)), st.floats(0.1, 3)), max_size=40))
def test_whatever_comes_correlations_stay_correlations(beats: list[tuple[float, float]]) -> None:
    patient = Patient()
    for gain, rr_s in beats:
        measured = patient.beat(gain * WIDE, rr_s)
        assert -1.001 <= measured.to_usual <= 1.001
        assert measured.to_nearest is None or -1.001 <= measured.to_nearest <= 1.001
