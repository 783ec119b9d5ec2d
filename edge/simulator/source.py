"""A synthetic ECG as a source, so that an installation can be tried without a patient.

A heart that beats by a scenario (`heart`), its waves (`beat_shapes`), and what a real recording adds: baseline wander
and QRS heights that follow the breath, slow electrode drift, mains hum, broadband noise; on request fibrillatory waves
of the atria or the ventricles, muscle and motion artefact, an electrode that falls off, and lost samples.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from fractions import Fraction
from itertools import takewhile
from math import pi
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.samples import FloatArray, SampleBlock
from edge.simulator.beat_shapes import AFTER_S, BEFORE_S, beat_mv
from edge.simulator.heart import HEART, SimulatedBeat, heart_beats
from edge.simulator.scenarios import Kind, Step, parse_scenario, timeline

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ELECTRODES", "ElectrodeParameters", "Simulator"]

RATE_HZ: Final = 500
"""As the ADS1292 delivers, so that the resampler has its real work."""

BLOCK_S: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ElectrodeParameters:
    """The numbers of what electrodes pick up beside the beats.

    Attributes:
        rail_mv: what the amplifier shows without an electrode: the end of the +-5 mV that IEC 60601-2-47 asks for.
        wander_mv: amplitude of the baseline wander with the breath.
        breath_on_qrs: share by which breathing changes the height of the waves, as it turns the heart's axis.
        drift_mv: amplitude of each of the slow drifts of the electrodes; `drift_hz` are their frequencies.
        mains_mv, mains_hz: amplitude and frequency of the hum.
        atrial_mv, atrial_hz: height and frequency of fibrillatory waves of the atria, 4 to 9 Hz. The phase wanders by
            `atrial_phase` (rad, Hz), the height by `atrial_height` (share, Hz).
        ventricular_waves: of ventricular fibrillation: mV, Hz, and how far (rad) and how often (Hz) the phase wanders.
        muscle_mv, motion_mv: RMS of the artefacts of a `noise` step: unusable on purpose.
        motion_hz: range of the frequencies that motion is made of, and `motion_tones` is their number.
        fade_s: over which fibrillatory waves and artefacts come and go.
    """

    rail_mv: float = 5.0
    wander_mv: float = 0.08
    breath_on_qrs: float = 0.05
    drift_mv: float = 0.05
    drift_hz: tuple[float, float] = (0.037, 0.0113)
    mains_mv: float = 0.004
    mains_hz: float = 50.0
    atrial_mv: float = 0.07
    atrial_hz: float = 6.2
    atrial_phase: tuple[float, float] = (1.3, 0.23)
    atrial_height: tuple[float, float] = (0.3, 0.11)
    ventricular_waves: tuple[tuple[float, float, float, float], ...] = ((0.45, 4.4, 1.6, 0.31), (0.20, 5.9, 1.1, 0.19))
    muscle_mv: float = 0.45
    motion_mv: float = 0.6
    motion_hz: tuple[float, float] = (0.6, 6.0)
    motion_tones: int = 12
    fade_s: float = 0.5


ELECTRODES: Final = ElectrodeParameters()


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
                    yield SampleBlock(first, np.full(last - first, ELECTRODES.rail_mv), electrode_off=True)
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
        self._motion_hz = self._rng.uniform(*ELECTRODES.motion_hz, ELECTRODES.motion_tones)
        self._motion_phases = self._rng.uniform(0, 2 * pi, ELECTRODES.motion_tones)

    def samples_mv(self, first: int, last: int, step: Step) -> FloatArray:
        """Voltages of samples `first` to `last`, shape (last - first,), mV; each call goes on where the last ended."""
        times_s = np.arange(first, last) / RATE_HZ
        own = ELECTRODES
        breath = np.sin(2 * pi * HEART.respiration_hz * times_s)
        samples_mv: FloatArray = self._waves(first, last, times_s) * (1 + own.breath_on_qrs * breath)
        samples_mv += own.wander_mv * np.sin(2 * pi * HEART.respiration_hz * times_s + self._phases[0])
        for drift_hz, phase in zip(own.drift_hz, self._phases[1:3], strict=True):
            samples_mv += own.drift_mv * np.sin(2 * pi * drift_hz * times_s + phase)
        samples_mv += own.mains_mv * np.sin(2 * pi * own.mains_hz * times_s + self._phases[3])
        white: FloatArray = self._rng.standard_normal(last - first)
        samples_mv += self._noise_mv * white
        fade = np.clip(np.minimum(times_s - step.start_s, step.end_s - times_s) / own.fade_s, 0, 1)
        if step.kind is Kind.AF:
            samples_mv += fade * self._atrial_fibrillation(times_s)
        elif step.kind is Kind.VF:
            samples_mv += fade * self._ventricular_fibrillation(times_s)
        elif step.kind is Kind.NOISE:
            samples_mv += fade * (own.muscle_mv * white + self._motion(times_s))
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

    def _atrial_fibrillation(self, times_s: FloatArray) -> FloatArray:
        """Sawtooth-like waves of wandering frequency and height (Stridh and Sornmo 2001): a tone with two harmonics."""
        own = ELECTRODES
        (far_rad, often_hz), (share, height_hz) = own.atrial_phase, own.atrial_height
        angle = 2 * pi * own.atrial_hz * times_s + far_rad * np.sin(2 * pi * often_hz * times_s + self._phases[4])
        height = own.atrial_mv * (1 + share * np.sin(2 * pi * height_hz * times_s + self._phases[5]))
        waves: FloatArray = height * (np.sin(angle) + np.sin(2 * angle) / 2 + np.sin(3 * angle) / 3)
        return waves

    def _ventricular_fibrillation(self, times_s: FloatArray) -> FloatArray:
        """Two waves of wandering frequency, which now add up and now cancel."""
        waves = np.zeros(len(times_s))
        own = ELECTRODES.ventricular_waves
        for phase, (height_mv, rate_hz, wander_rad, wander_hz) in zip(self._phases[6:], own, strict=True):
            wander = wander_rad * np.sin(2 * pi * wander_hz * times_s + phase)
            waves += height_mv * np.sin(2 * pi * rate_hz * times_s + wander)
        return waves

    def _motion(self, times_s: FloatArray) -> FloatArray:
        """Electrodes that move on the skin: much power where the QRS and the T wave have theirs."""
        angles = 2 * pi * self._motion_hz[:, None] * times_s[None, :] + self._motion_phases[:, None]
        motion: FloatArray = ELECTRODES.motion_mv * np.sqrt(2 / len(self._motion_hz)) * np.sin(angles).sum(axis=0)
        return motion
