"""A synthetic ECG as a source, so that an installation can be tried without a patient.

A heart that beats by a scenario (`heart`), its waves (`beat_shapes`), and what a real recording adds: baseline wander
and QRS heights that follow the breath, slow electrode drift, mains hum, broadband noise; on request fibrillatory waves
of the atria or the ventricles, muscle and motion artefact, an electrode that falls off, and lost samples.
"""

from __future__ import annotations

from collections import deque
from fractions import Fraction
from itertools import takewhile
from math import pi
from typing import TYPE_CHECKING

import numpy as np

from ecg.samples import FloatArray, SampleBlock
from edge.simulator.beat_shapes import AFTER_S, BEFORE_S, beat_mv
from edge.simulator.heart import RESPIRATION_HZ, SimulatedBeat, heart_beats
from edge.simulator.scenarios import Kind, Step, parse_scenario, timeline

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Simulator"]

RATE_HZ = 500
"""As the ADS1292 delivers, so that the resampler has its real work."""

BLOCK_S = 5

RAIL_MV = 5.0
"""What the amplifier shows without an electrode: the end of the +-5 mV that IEC 60601-2-47 asks a recorder to cover."""

WANDER_MV, DRIFT_MV, MAINS_MV, MAINS_HZ = 0.08, 0.05, 0.004, 50.0
BREATH_ON_QRS = 0.05
"""Share by which breathing changes the height of the waves, through the turning of the heart's axis."""

FIBRILLATION_MV, FIBRILLATION_HZ = 0.07, 6.2
"""Fibrillatory waves: 4 to 9 Hz; their frequency and height wander."""

VENTRICULAR_WAVES = ((0.45, 4.4, 1.6, 0.31), (0.20, 5.9, 1.1, 0.19))
"""Ventricular fibrillation: mV, Hz, and how far (rad) and how often (Hz) the phase of each wave wanders."""

MUSCLE_MV, MOTION_MV = 0.45, 0.6
"""RMS of the artefacts of a `noise` step: unusable on purpose."""

FADE_S = 0.5
"""Over which fibrillatory waves and artefacts come and go."""


class Simulator:
    """A synthetic lead II without end, always the same for the same arguments."""

    rate_hz = Fraction(RATE_HZ)
    start_utc = None
    length = None

    def __init__(
        self, *, scenario: str = "demo", heart_rate_bpm: float = 72.0, noise_uv: float = 15.0, seed: int = 1
    ) -> None:
        """Prepare a scenario.

        Args:
            scenario: its name, or its steps like `normal:30,pvc:20`; it is played in a loop.
            heart_rate_bpm: mean sinus rate of the steps that do not set their own.
            noise_uv: broadband noise, RMS.
            seed: of all that is random.

        Raises:
            InputError: no such scenario.
        """
        self.name = f"simulator {scenario}"
        self._steps = parse_scenario(scenario)
        self._heart_rate_bpm = heart_rate_bpm
        self._noise_mv = noise_uv / 1000
        self._seed = seed

    def beats(self, duration_s: float) -> list[SimulatedBeat]:
        """The truth: the beats of the first `duration_s`, those that no sample shows left out."""
        heart = heart_beats(self._steps, rate_bpm=self._heart_rate_bpm, seed=self._seed)
        return [beat for beat in takewhile(lambda beat: beat.time_s < duration_s, heart) if beat.visible]

    def blocks(self) -> Iterator[SampleBlock]:
        """The samples in blocks of at most 5 s, cut where a step begins."""
        recorder = _Recorder(
            heart_beats(self._steps, rate_bpm=self._heart_rate_bpm, seed=self._seed), self._noise_mv, self._seed
        )
        for step in timeline(self._steps):
            start, end = round(step.start_s * RATE_HZ), round(step.end_s * RATE_HZ)
            for first in range(start, end, BLOCK_S * RATE_HZ):
                last = min(first + BLOCK_S * RATE_HZ, end)
                samples_mv = recorder.samples_mv(first, last, step)
                if step.kind is Kind.ELECTRODE_OFF:
                    yield SampleBlock(first, np.full(last - first, RAIL_MV), electrode_off=True)
                elif step.kind is not Kind.LOST:
                    yield SampleBlock(first, samples_mv, electrode_off=False)


class _Recorder:
    """Adds up the voltages at the electrodes."""

    def __init__(self, heart: Iterator[SimulatedBeat], noise_mv: float, seed: int) -> None:
        self._heart = heart
        self._beats: deque[SimulatedBeat] = deque()
        self._noise_mv = noise_mv
        self._rng = np.random.default_rng([seed, 2])
        self._phases = self._rng.uniform(0, 2 * pi, 8)
        self._motion_hz = self._rng.uniform(0.6, 6.0, 12)
        self._motion_phases = self._rng.uniform(0, 2 * pi, 12)

    def samples_mv(self, first: int, last: int, step: Step) -> FloatArray:
        """Voltages of samples `first` to `last`, shape (last - first,), mV; each call goes on where the last ended."""
        times_s = np.arange(first, last) / RATE_HZ
        breath = np.sin(2 * pi * RESPIRATION_HZ * times_s)
        samples_mv: FloatArray = self._waves(first, last, times_s) * (1 + BREATH_ON_QRS * breath)
        samples_mv += WANDER_MV * np.sin(2 * pi * RESPIRATION_HZ * times_s + self._phases[0])
        samples_mv += DRIFT_MV * np.sin(2 * pi * 0.037 * times_s + self._phases[1])
        samples_mv += DRIFT_MV * np.sin(2 * pi * 0.0113 * times_s + self._phases[2])
        samples_mv += MAINS_MV * np.sin(2 * pi * MAINS_HZ * times_s + self._phases[3])
        white: FloatArray = self._rng.standard_normal(last - first)
        samples_mv += self._noise_mv * white
        fade = np.clip(np.minimum(times_s - step.start_s, step.end_s - times_s) / FADE_S, 0, 1)
        if step.kind is Kind.AF:
            samples_mv += fade * self._fibrillation(times_s)
        elif step.kind is Kind.VF:
            samples_mv += fade * self._ventricular_fibrillation(times_s)
        elif step.kind is Kind.NOISE:
            samples_mv += fade * (MUSCLE_MV * white + self._motion(times_s))
        return samples_mv

    def _waves(self, first: int, last: int, times_s: FloatArray) -> FloatArray:
        while not self._beats or self._beats[-1].time_s < times_s[-1] + BEFORE_S:
            self._beats.append(next(self._heart))
        while self._beats[0].time_s < times_s[0] - AFTER_S:
            self._beats.popleft()
        samples_mv = np.zeros(last - first)
        for beat in self._beats:
            start = max(round((beat.time_s - BEFORE_S) * RATE_HZ), first) - first
            end = min(round((beat.time_s + AFTER_S) * RATE_HZ), last) - first
            if start < end:
                samples_mv[start:end] += beat_mv(beat, times_s[start:end])
        return samples_mv

    def _fibrillation(self, times_s: FloatArray) -> FloatArray:
        """Sawtooth-like waves of wandering frequency and height (Stridh and Sornmo 2001): a tone with two harmonics."""
        angle = 2 * pi * FIBRILLATION_HZ * times_s + 1.3 * np.sin(2 * pi * 0.23 * times_s + self._phases[4])
        height = FIBRILLATION_MV * (1 + 0.3 * np.sin(2 * pi * 0.11 * times_s + self._phases[5]))
        waves: FloatArray = height * (np.sin(angle) + np.sin(2 * angle) / 2 + np.sin(3 * angle) / 3)
        return waves

    def _ventricular_fibrillation(self, times_s: FloatArray) -> FloatArray:
        """Two waves of wandering frequency, which now add up and now cancel."""
        waves = np.zeros(len(times_s))
        for phase, (height_mv, rate_hz, wander_rad, wander_hz) in zip(self._phases[6:], VENTRICULAR_WAVES, strict=True):
            wander = wander_rad * np.sin(2 * pi * wander_hz * times_s + phase)
            waves += height_mv * np.sin(2 * pi * rate_hz * times_s + wander)
        return waves

    def _motion(self, times_s: FloatArray) -> FloatArray:
        """Electrodes that move on the skin: much power where the QRS and the T wave have theirs."""
        angles = 2 * pi * self._motion_hz[:, None] * times_s[None, :] + self._motion_phases[:, None]
        motion: FloatArray = MOTION_MV * np.sqrt(2 / len(self._motion_hz)) * np.sin(angles).sum(axis=0)
        return motion
