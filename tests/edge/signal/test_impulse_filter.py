"""Pacing pulses are told and taken out, false samples are lost, and what a heart does stays as it is."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest

from edge.signal.impulse_filter import ImpulseFilter
from edge.signal.quantisation import from_steps, to_steps

if TYPE_CHECKING:
    from ecg.samples import FloatArray

DENSE = 40
"""Parts of a sample with which the front ends' filters are computed."""


class Filtered(NamedTuple):
    """What came out: mV, NaN where lost, and the pulses' indices."""

    samples_mv: FloatArray
    pulses: list[int]


def filtered(samples_mv: FloatArray, rate_hz: float, cuts: list[int] | None = None) -> Filtered:
    impulses = ImpulseFilter(rate_hz)
    edges = [0, *(cuts or []), len(samples_mv)]
    out = [part for start, stop in itertools.pairwise(edges) for part in impulses.push(start, samples_mv[start:stop])]
    out += impulses.flush()
    assert [part.first_index for part in out] == np.cumsum([0, *(len(part.steps) for part in out[:-1])]).tolist()
    pulses = [pulse for part in out for pulse in part.pulses]
    return Filtered(from_steps(np.concatenate([part.steps for part in out])), pulses)


def quiet_mv(seconds: float, rate_hz: float, seed: int = 1) -> FloatArray:
    """No heart: the breath, and noise."""
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    noise = 0.008 * np.random.default_rng(seed).normal(size=len(time_s))
    return np.asarray(0.05 * np.sin(1.6 * time_s) + noise)


def pulses_mv(
    seconds: float, rate_hz: int, at_s: list[float], *, height_mv: float, width_s: float, tail_s: float = 0.0
) -> FloatArray:
    """Pulses and their tails at the electrodes, `DENSE` values a sample."""
    time_s = np.arange(round(seconds * rate_hz * DENSE)) / rate_hz / DENSE
    voltage = np.zeros(len(time_s))
    tail_mv = -np.sign(height_mv) * min(abs(height_mv) / 8, 2.0)
    for start_s in at_s:
        voltage[(time_s >= start_s) & (time_s < start_s + width_s)] += height_mv
        if tail_s:
            after = time_s >= start_s + width_s
            voltage[after] += tail_mv * np.exp(-(time_s[after] - start_s - width_s) / tail_s)
    return voltage


def sinc3(voltage: FloatArray) -> FloatArray:
    """As an ADS1292 samples: the mean over a sample, three times."""
    for _ in range(3):
        voltage = np.convolve(voltage, np.ones(DENSE) / DENSE)[: len(voltage)]
    return voltage[::DENSE]


def low_pass_40_hz(voltage: FloatArray, rate_hz: int) -> FloatArray:
    """As a board with an AD8232: Butterworth of the second order."""
    d = 2 * np.pi * 40 / np.sqrt(2)
    times_s = np.arange(0, 0.06, 1 / rate_hz / DENSE)
    response = 2 * d * np.exp(-d * times_s) * np.sin(d * times_s) / rate_hz / DENSE
    return np.convolve(np.clip(voltage, -15, 15), response)[: len(voltage)][::DENSE]


AT_S = [2.0, 2.8503, 3.7011, 4.5509, 5.4018, 6.2514, 7.1021]


@pytest.mark.parametrize("width_s", [0.0002, 0.0005, 0.002])
@pytest.mark.parametrize("height_mv", [-400.0, -10.0, 5.0, 100.0])
@pytest.mark.parametrize("tail_s", [0.0, 0.004, 0.025, 0.1])
def test_pulses_and_their_tails_are_taken_out_behind_a_sinc_filter(
    *, width_s: float, height_mv: float, tail_s: float
) -> None:
    pulses = sinc3(pulses_mv(9, 500, AT_S, height_mv=height_mv, width_s=width_s, tail_s=tail_s))
    quiet = quiet_mv(9, 500)
    found = filtered(quiet + pulses, 500)
    assert np.abs(found.samples_mv - quiet).max() < 0.17
    assert np.array(found.pulses) / 500 == pytest.approx(np.array(AT_S), abs=0.012)


@pytest.mark.parametrize("height_mv", [-100.0, 10.0])
@pytest.mark.parametrize("tail_s", [0.0, 0.025, 0.1])
def test_pulses_without_capture_are_taken_out_behind_a_low_pass_of_40_hz(height_mv: float, tail_s: float) -> None:
    pulses = low_pass_40_hz(pulses_mv(9, 360, AT_S, height_mv=height_mv, width_s=0.001, tail_s=tail_s), 360)
    quiet = quiet_mv(9, 360)
    found = filtered(quiet + pulses, 360)
    assert np.abs(found.samples_mv - quiet).max() < 0.15
    assert len(found.pulses) == len(AT_S)


def test_a_pulse_beyond_the_range_is_taken_out_and_nothing_of_it_is_lost() -> None:
    pulses = low_pass_40_hz(pulses_mv(9, 360, AT_S, height_mv=700, width_s=0.002), 360)
    quiet = quiet_mv(9, 360)
    samples_mv = quiet + pulses
    samples_mv[samples_mv > 1.4] = np.nan
    assert np.isnan(samples_mv).sum() > 15
    found = filtered(samples_mv, 360)
    assert np.abs(found.samples_mv - quiet).max() < 0.3
    assert len(found.pulses) == len(AT_S)


@pytest.mark.parametrize("delay_s", [0.0, 0.03, 0.06])
def test_a_complex_that_was_captured_keeps_its_shape(delay_s: float) -> None:
    time_s = np.arange(9 * 500) / 500
    heart = quiet_mv(9, 500)
    for at_s in AT_S:
        heart += 1.2 * np.exp(-(((time_s - at_s - delay_s - 0.06) / 0.025) ** 2))
    found = filtered(heart + sinc3(pulses_mv(9, 500, AT_S, height_mv=10, width_s=0.0005)), 500)
    assert len(found.pulses) == len(AT_S)
    assert np.abs(found.samples_mv - heart).max() < 0.1


def test_a_smeared_pulse_that_begins_a_complex_is_told_and_stays() -> None:
    time_s = np.arange(9 * 360) / 360
    heart = quiet_mv(9, 360)
    for at_s in AT_S:
        heart += 1.2 * np.exp(-(((time_s - at_s - 0.09) / 0.02) ** 2))
    samples_mv = heart + low_pass_40_hz(pulses_mv(9, 360, AT_S, height_mv=10, width_s=0.0005), 360)
    found = filtered(samples_mv, 360)
    assert len(found.pulses) == len(AT_S)
    assert np.array_equal(found.samples_mv, from_steps(to_steps(samples_mv)))


@pytest.mark.parametrize("rate_hz", [250, 360, 500, 1000])
@pytest.mark.parametrize("off_mv", [-0.6, 1.0, 50.0, -400.0])
def test_a_single_false_sample_is_lost_and_its_neighbours_stay(rate_hz: int, off_mv: float) -> None:
    samples_mv = quiet_mv(9, rate_hz)
    expected = samples_mv.copy()
    for index in (2 * rate_hz, 4 * rate_hz + 1, 7 * rate_hz + 3):
        samples_mv[index] += off_mv
        expected[index] = np.nan
    found = filtered(samples_mv, rate_hz)
    assert np.array_equal(found.samples_mv, from_steps(to_steps(expected)), equal_nan=True)
    assert found.pulses == []


@pytest.mark.parametrize("off_mv", [(50.0, -50.0), (20.0, 3.0), (2.0, -30.0)])
def test_two_false_samples_are_lost(off_mv: tuple[float, float]) -> None:
    samples_mv = quiet_mv(6, 500)
    samples_mv[1500:1502] += off_mv
    found = filtered(samples_mv, 500)
    assert np.flatnonzero(np.isnan(found.samples_mv)).tolist() == [1500, 1501]


def qrs_mv(rate_hz: int, *, sigma_s: float, height_mv: float, phase_s: float) -> FloatArray:
    """R waves, each with a small Q and S wave as narrow as itself."""
    time_s = np.arange(9 * rate_hz) / rate_hz
    waves = quiet_mv(9, rate_hz)
    for at_s in AT_S:
        for share, middle in ((1.0, 0.0), (-0.1, -2.6), (-0.2, 2.6)):
            waves += share * height_mv * np.exp(-(((time_s - at_s - phase_s) / sigma_s - middle) ** 2) / 2)
    return waves


@pytest.mark.parametrize("rate_hz", [128, 250, 360, 500, 1000])
@pytest.mark.parametrize("height_mv", [-5.0, 0.3, 1.0, 5.0])
def test_the_narrowest_complex_of_a_child_stays_as_it_is(rate_hz: int, height_mv: float) -> None:
    for phase_s in (0.0, 0.0007, 0.0013):  # 40 ms from the beginning of Q to the end of S
        samples_mv = qrs_mv(rate_hz, sigma_s=0.0062, height_mv=height_mv, phase_s=phase_s)
        found = filtered(samples_mv, rate_hz)
        assert np.array_equal(found.samples_mv, from_steps(to_steps(samples_mv)))
        assert found.pulses == []


def test_what_comes_out_does_not_depend_on_the_blocks() -> None:
    dice = np.random.default_rng(4)
    for rate_hz in (250, 360, 500):
        voltage = pulses_mv(9, rate_hz, AT_S, height_mv=30, width_s=0.001, tail_s=0.03)
        samples_mv = quiet_mv(9, rate_hz) + sinc3(voltage)
        samples_mv[dice.integers(0, len(samples_mv), 6)] += 20
        samples_mv[dice.integers(0, len(samples_mv), 20)] = np.nan
        whole = filtered(samples_mv, rate_hz)
        for cuts in (list(range(1, len(samples_mv))), sorted(dice.integers(0, len(samples_mv), 50).tolist())):
            again = filtered(samples_mv, rate_hz, cuts)
            assert again.pulses == whole.pulses
            assert np.array_equal(again.samples_mv, whole.samples_mv, equal_nan=True)
