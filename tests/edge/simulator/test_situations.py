"""Textbook situations: the same dice draw the same play, and what is said of it is what was drawn."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from ecg.errors import InputError
from edge.simulator.opening import length_s, open_simulator
from edge.simulator.situations import FAMILIES, SITUATIONS, Situation, compose
from edge.simulator.situations.expected_beats import HeartRate
from edge.simulator.situations.front_ends import AD8232, ADS1292, Pulse
from edge.simulator.source import Simulator

EACH = pytest.mark.parametrize("situation", SITUATIONS.values(), ids=SITUATIONS)


def test_there_are_sixty_situations_and_no_name_is_used_twice() -> None:
    assert len(SITUATIONS) == sum(len(family) for family in FAMILIES.values()) >= 60


@EACH
def test_a_situation_names_its_sources_and_expects_something_of_each_phase_that_it_names(situation: Situation) -> None:
    assert situation.sources
    assert situation.right
    phases = {phase.name for phase in situation.phases}
    assert len(phases) == len(situation.phases)
    assert {each.phase for each in situation.right} <= phases | {""}
    assert all(each.sentence for each in situation.right)


@EACH
def test_the_same_dice_draw_the_same_play_and_others_another_one(situation: Situation) -> None:
    first, again, other = (compose(situation, seed=5, play=play) for play in (0, 0, 1))
    np.testing.assert_array_equal(first.samples_mv, again.samples_mv)
    assert first.truth == again.truth
    assert len(first.samples_mv) != len(other.samples_mv) or not np.array_equal(first.samples_mv, other.samples_mv)


@EACH
def test_the_true_beats_are_in_order_and_within_the_play_and_no_two_coincide(situation: Situation) -> None:
    for play in range(3):
        times_s = [beat.time_s for beat in compose(situation, play=play).truth.beats]
        assert all(later - earlier > 0.2 for earlier, later in pairwise(times_s))
        assert all(0 < time_s < situation.length_s + 0.5 for time_s in times_s)


@EACH
def test_a_rate_is_expected_only_where_there_is_a_true_one(situation: Situation) -> None:
    truth = compose(situation, play=2).truth
    for each in situation.right:
        if isinstance(each, HeartRate):
            phase = truth.phase(each.phase)
            bpm = truth.bpm(phase.end_s)
            assert bpm is not None
            assert 10 < bpm < 270


def test_blocks_carry_every_sample_once_and_say_where_the_electrode_is_off() -> None:
    play = compose(SITUATIONS["electrode_off"])
    blocks = list(play.blocks())
    np.testing.assert_array_equal(np.concatenate([block.samples_mv for block in blocks]), play.samples_mv)
    off = sum(len(block.samples_mv) for block in blocks if block.electrode_off)
    assert off == round(15 * play.rate_hz)


def test_a_true_beat_stands_where_the_signal_is_steepest() -> None:
    quiet = replace(SITUATIONS["sinus"].traits, noise_mv=(0.001, 0.001), wander_mv=(0, 0))
    play = compose(replace(SITUATIONS["sinus"], traits=quiet), play=3)
    slopes = np.abs(np.diff(play.samples_mv))
    rate_hz = float(play.rate_hz)
    for beat in play.truth.beats[2:-2]:
        first = round((beat.time_s - 0.3) * rate_hz)
        steepest_s = (first + int(np.argmax(slopes[first : first + round(0.6 * rate_hz)]))) / rate_hz
        assert abs(steepest_s - beat.time_s) < 0.08


def test_a_pulse_of_one_millisecond_is_six_milliseconds_wide_behind_a_sinc3_filter() -> None:
    seen = ADS1292.record(np.zeros(500), [Pulse(0.5003, 10.0, 0.001)])
    assert 3 <= np.count_nonzero(np.abs(seen) > 0.01) <= 5
    assert seen.sum() / 500 == pytest.approx(10.0 * 0.001, rel=0.05)


def test_a_pulse_of_one_millisecond_is_about_twenty_milliseconds_wide_behind_the_filter_of_an_ad8232() -> None:
    seen = AD8232.record(np.zeros(500), [Pulse(0.5003, 10.0, 0.001)])
    assert 8 <= np.count_nonzero(np.abs(seen) > 0.05 * np.abs(seen).max()) <= 20


def test_the_simulator_plays_a_situation_again_and_again_without_a_gap() -> None:
    source = open_simulator("agonal_rhythm", heart_rate_bpm=72, noise_uv=15, seed=4)
    once = round(length_s("agonal_rhythm") * source.rate_hz)
    end = 0
    for block in source.blocks():
        assert block.first_index == end
        end += len(block.samples_mv)
        if end > 2 * once:
            break


def test_what_is_a_scenario_stays_one_and_an_unknown_name_is_refused() -> None:
    assert isinstance(open_simulator("asystole", heart_rate_bpm=72, noise_uv=15, seed=1), Simulator)
    assert isinstance(open_simulator("normal:120,vt:60", heart_rate_bpm=72, noise_uv=15, seed=1), Simulator)
    with pytest.raises(InputError, match="no simulator scenario"):
        open_simulator("agonal", heart_rate_bpm=72, noise_uv=15, seed=1)
