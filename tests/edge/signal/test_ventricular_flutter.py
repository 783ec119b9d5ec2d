"""Waves without separate beats are told from heartbeats, noise and silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.signal.filters import BEAT_DELAY, FilterBank
from edge.signal.quantisation import to_steps
from edge.signal.resampler import Resampler
from edge.signal.ventricular_flutter import PERIOD, WINDOW, VentricularFlutterMeter
from edge.simulator.source import Simulator

if TYPE_CHECKING:
    from ecg.samples import FloatArray, VentricularWaves

SECONDS = 12
TIME_S = np.arange(SECONDS * 360) / 360
RNG = np.random.default_rng(5)
HISS = 0.01 * RNG.normal(size=len(TIME_S))
CERTAIN = 2.2  # log-odds of 9 to 1


def judge(samples_mv: FloatArray, cuts: list[int] | None = None) -> list[VentricularWaves]:
    """All judgements of a signal at 360 Hz, cut into blocks."""
    filters = FilterBank(first_index=0)
    meter = VentricularFlutterMeter(filters, first_index=0)
    judgements = []
    due = PERIOD
    start = 0
    for stop in [*sorted(cuts or []), len(samples_mv)]:
        filters.push(to_steps(samples_mv[start:stop]))
        start = stop
        while due <= stop:
            judgements.append(meter.judge(due))
            due += PERIOD
    return [each for each in judgements if each is not None]


def simulated(scenario: str, *, seed: int = 1) -> FloatArray:
    """Twelve seconds of the simulator, from ten seconds on, at 360 Hz."""
    simulator = Simulator(scenario=f"{scenario}:60", seed=seed)
    resampler = Resampler(rate_hz=simulator.rate_hz)
    blocks = simulator.blocks()
    steps = np.concatenate([resampler.push(to_steps(next(blocks).samples_mv)) for _ in range(5)])
    return steps[10 * 360 : 22 * 360] / to_steps(np.ones(1))


def beats(rate_bpm: float, *, width_s: float, p_wave_mv: float = 0.1) -> FloatArray:
    """QRS complexes of one width, P waves before and T waves after them."""
    rr_s = 60 / rate_bpm
    phase = (TIME_S - 0.4) % rr_s
    phase = np.where(phase > rr_s / 2, phase - rr_s, phase)
    waves = 1.2 * np.exp(-((phase / width_s) ** 2)) - 0.3 * np.exp(-(((phase - 3 * width_s) / width_s) ** 2))
    waves += 0.25 * np.exp(-(((phase - 0.45 * rr_s) / 0.05) ** 2))
    return waves + p_wave_mv * np.exp(-(((phase + 0.16) / 0.02) ** 2))


def wandering(rate_hz: float, *, height_mv: float, wander_rad: float) -> FloatArray:
    """A wave whose frequency and height wander, as in fibrillation."""
    angle = 2 * np.pi * rate_hz * TIME_S + wander_rad * np.sin(2 * np.pi * 0.4 * TIME_S)
    return height_mv * (1 + 0.4 * np.sin(2 * np.pi * 0.3 * TIME_S)) * np.sin(angle)


FLUTTER = {
    "flutter at 300 a minute": 0.8 * np.sin(2 * np.pi * 5 * TIME_S),
    "coarse fibrillation": wandering(4.5, height_mv=0.4, wander_rad=2.0)
    + wandering(6.5, height_mv=0.1, wander_rad=1.0),
    "fine fibrillation": wandering(6.0, height_mv=0.15, wander_rad=1.0),
    "fast ventricular tachycardia": beats(190, width_s=0.07, p_wave_mv=0.0),
    "fibrillation upside down": -wandering(4.5, height_mv=0.4, wander_rad=2.0),
    "fibrillation on a wandering baseline": wandering(4.5, height_mv=0.4, wander_rad=1.0)
    + 0.8 * np.sin(2 * np.pi * 0.25 * TIME_S),
    "fibrillation with mains hum": wandering(4.5, height_mv=0.4, wander_rad=1.0)
    + 0.15 * np.sin(2 * np.pi * 50 * TIME_S),
}

OTHER = {
    "sinus rhythm": beats(70, width_s=0.015),
    "sinus tachycardia": beats(150, width_s=0.015),
    "wide beats of a bundle branch block": beats(80, width_s=0.04),
    "an inverted lead": -beats(75, width_s=0.015),
    "low beats on high baseline wander": 0.4 * beats(70, width_s=0.015) + 1.5 * np.sin(2 * np.pi * 0.3 * TIME_S),
    "mains hum alone": 0.5 * np.sin(2 * np.pi * 50 * TIME_S),
    "muscle noise alone": 0.3 * RNG.normal(size=len(TIME_S)),
    "beats in muscle noise": beats(80, width_s=0.015) + 0.15 * RNG.normal(size=len(TIME_S)),
    "P waves without QRS": 0.25 * np.exp(-(((TIME_S % 0.8 - 0.4) / 0.025) ** 2)),
    "baseline wander alone": 1.5 * np.sin(2 * np.pi * 0.3 * TIME_S),
}


@pytest.mark.parametrize("name", FLUTTER)
def test_flutter_and_fibrillation_are_certain(name: str) -> None:
    judgements = judge(FLUTTER[name] + HISS)
    assert np.mean([each.log_odds for each in judgements]) > CERTAIN
    assert all(each.log_odds > 0 for each in judgements)


@pytest.mark.parametrize("name", OTHER)
def test_heartbeats_and_noise_are_far_from_certain(name: str) -> None:
    judgements = judge(OTHER[name] + HISS)
    assert all(each.log_odds < CERTAIN / 2 for each in judgements)


@pytest.mark.parametrize(
    "scenario", ["normal", "pvc", "bigeminy", "couplet", "pac", "af", "brady", "tachy", "pause", "asystole"]
)
def test_no_other_rhythm_of_the_simulator_is_flutter(scenario: str) -> None:
    assert all(each.log_odds < 0 for each in judge(simulated(scenario)))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_fibrillation_of_the_simulator_is_certain(seed: int) -> None:
    assert np.mean([each.log_odds for each in judge(simulated("vf", seed=seed))]) > CERTAIN


@pytest.mark.parametrize("rate_bpm", [150.0, 240.0, 330.0])
def test_the_rate_is_that_of_the_waves(rate_bpm: float) -> None:
    for judgement in judge(0.5 * np.sin(2 * np.pi * rate_bpm / 60 * TIME_S)):
        assert judgement.rate_bpm == pytest.approx(rate_bpm, abs=5)
        assert judgement.height_mv == pytest.approx(1.0, abs=0.05)


def test_steep_waves_are_told_by_their_fundamental() -> None:
    steep = np.sign(np.sin(2 * np.pi * 3.3 * TIME_S)) * np.abs(np.sin(2 * np.pi * 3.3 * TIME_S)) ** 0.2
    shaken = 0.25 * np.sin(2 * np.pi * 3.3 * TIME_S) + 0.25 * np.sin(2 * np.pi * 13.2 * TIME_S)
    for samples_mv in (0.5 * steep, shaken):
        for judgement in judge(samples_mv):
            assert judgement.rate_bpm == pytest.approx(60 * 3.3, abs=8)


def test_a_signal_too_low_to_be_judged_is_never_flutter() -> None:
    judgements = judge(0.05 * np.sin(2 * np.pi * 5 * TIME_S))
    assert judgements
    assert all(each.log_odds == -np.inf and each.rate_bpm is None for each in judgements)


def test_nothing_is_judged_before_there_are_four_seconds() -> None:
    judgements = judge(FLUTTER["flutter at 300 a minute"])
    assert judgements[0].index == -(-(WINDOW + BEAT_DELAY) // PERIOD) * PERIOD


@settings(max_examples=25)
@given(st.lists(st.integers(0, len(TIME_S)), max_size=12))
def test_the_cutting_into_blocks_changes_nothing(cuts: list[int]) -> None:
    signal = FLUTTER["coarse fibrillation"] + HISS
    assert judge(signal, cuts) == judge(signal)
