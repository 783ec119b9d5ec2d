"""The waveforms of figures 3 and 4 of ANSI/AAMI EC13, drawn after the ten records of PhysioNet's aami-ec13."""

from __future__ import annotations

from typing import Final

from ecg.alarms.kinds import AlarmKind
from edge.simulator.situations.cycles import Cycle, Wave
from edge.simulator.situations.expected_alarms import Alarmed, MayBeTold, NotTold
from edge.simulator.situations.expected_beats import HeartRate
from edge.simulator.situations.front_ends import ADS1292
from edge.simulator.situations.patient import Traits
from edge.simulator.situations.shapes import Lobe
from edge.simulator.situations.situation import Phase, Situation
from edge.simulator.situations.textbook.sources import EC13, IEC_27
from edge.simulator.situations.textbook.words import VENTRICULAR

__all__ = ["SITUATIONS"]

_QUIET: Final = Traits(noise_mv=(0.003, 0.012), wander_mv=(0, 0.02))

_BIGEMINY: Final = Cycle(
    period_s=1.5,
    beats=(
        (0.20, "N", (Lobe(0.1, -0.13, 0.025), Lobe(0.36, 0, 0.010), Lobe(-0.09, 0.26, 0.035))),
        (0.75, "V", (Lobe(0.16, -0.036, 0.013), Lobe(-0.75, 0, 0.018), Lobe(0.26, 0.24, 0.055))),
    ),
)
_SLOW_BIGEMINY: Final = Cycle(
    period_s=4.0,
    beats=(
        (0.30, "V", (Lobe(0.86, 0, 0.024), Lobe(0.2, -0.04, 0.02), Lobe(-0.2, 0.26, 0.08))),
        (1.72, "N", (Lobe(0.07, -0.13, 0.025), Lobe(0.22, 0, 0.010), Lobe(-0.1, 0.03, 0.01), Lobe(0.12, 0.32, 0.05))),
        (2.50, "V", (Lobe(-0.6, 0, 0.02), Lobe(-0.25, 0.04, 0.02), Lobe(0.55, 0.28, 0.06))),
        (3.72, "N", (Lobe(0.07, -0.13, 0.025), Lobe(0.22, 0, 0.010), Lobe(-0.1, 0.03, 0.01), Lobe(0.12, 0.32, 0.05))),
    ),
)
_FAST_BIGEMINY: Final = Cycle(
    period_s=2.0,
    beats=(
        (0.30, "N", (Lobe(0.12, -0.025, 0.01), Lobe(-0.95, 0, 0.011), Lobe(-0.4, 0.03, 0.012), Lobe(0.1, 0.2, 0.06))),
        (0.67, "V", (Lobe(0.15, -0.026, 0.01), Lobe(-0.6, 0, 0.018), Lobe(-0.15, 0.035, 0.02), Lobe(0.12, 0.16, 0.06))),
        (1.35, "N", (Lobe(0.3, -0.03, 0.01), Lobe(-0.75, 0, 0.012), Lobe(-0.4, 0.03, 0.013), Lobe(0.1, 0.2, 0.06))),
        (1.75, "V", (Lobe(-0.45, -0.06, 0.022), Lobe(0.42, 0, 0.018), Lobe(-0.3, 0.21, 0.055))),
    ),
)
_BIDIRECTIONAL: Final = Cycle(
    period_s=2.0,
    beats=(
        (0.30, "N", (Lobe(0.1, -0.12, 0.025), Lobe(0.26, 0, 0.011), Lobe(-0.08, 0.2, 0.06))),
        (0.85, "V", (Lobe(0.5, 0, 0.034), Lobe(0.15, 0.05, 0.02), Lobe(-0.3, 0.19, 0.06))),
        (1.30, "V", (Lobe(-0.5, 0, 0.022), Lobe(-0.35, 0.05, 0.025), Lobe(0.3, 0.2, 0.06))),
    ),
)
_PULSE: Final = Cycle(
    period_s=0.75,
    beats=((0.3, "N", (Lobe(0.9, 0, 0.019), Lobe(-0.12, 0.05, 0.004))),),
    family="triangle",
    turned=False,
)
_SHARP: Final = ((0.0, 0.55), (0.08, 0.45), (0.25, 0.0), (0.42, 0.5), (0.55, 0.93), (0.65, 1.0), (0.8, 0.85), (1, 0.55))
_BROAD: Final = ((0.0, 0.5), (0.18, 0.15), (0.26, 0.1), (0.32, 0.17), (0.42, 0.0), (0.62, 0.6), (0.82, 1.0), (1, 0.5))


def _pattern(name: str, title: str, cycle: Cycle) -> Situation:
    slow = (AlarmKind.BRADYCARDIA, AlarmKind.PAUSE)
    return Situation(
        name=name,
        title=title,
        sources=(EC13, IEC_27),
        phases=(Phase("figure", 90, cycle),),
        right=(HeartRate("figure", told=0.8), NotTold("figure", slow)),
        traits=_QUIET,
    )


def _tachycardia(name: str, title: str, bpm: float, points: tuple[tuple[float, float], ...], mv: float) -> Situation:
    wave = Wave(bpm=(bpm - 3, bpm + 3), points=points, height_mv=(0.95 * mv, 1.05 * mv))
    return Situation(
        name=name,
        title=title,
        sources=(EC13, IEC_27),
        phases=(Phase("pulses", 30.5, _PULSE), Phase("tachycardia", 60, wave)),
        right=(
            HeartRate("pulses"),
            Alarmed("tachycardia", VENTRICULAR, 10),
            MayBeTold("tachycardia", (AlarmKind.EXTREME_TACHYCARDIA,)),
        ),
        traits=_QUIET,
        front_end=ADS1292,
    )


SITUATIONS: Final = (
    _pattern("ec13_3a", "Figure 3a: ventricular bigeminy, 80 a minute", _BIGEMINY),
    _pattern("ec13_3b", "Figure 3b: slow alternating ventricular bigeminy, 60 a minute", _SLOW_BIGEMINY),
    _pattern("ec13_3c", "Figure 3c: rapid alternating ventricular bigeminy, 120 a minute", _FAST_BIGEMINY),
    _pattern("ec13_3d", "Figure 3d: bidirectional systoles, 90 a minute", _BIDIRECTIONAL),
    _tachycardia("ec13_4a", "Figure 4a: ventricular tachycardia of 206 a minute, 1.2 mV", 206, _SHARP, 1.2),
    _tachycardia("ec13_4a_half", "Figure 4a at half its height", 206, _SHARP, 0.6),
    _tachycardia("ec13_4a_double", "Figure 4a at twice its height", 206, _SHARP, 2.4),
    _tachycardia("ec13_4b", "Figure 4b: ventricular tachycardia of 195 a minute, 2.1 mV", 195, _BROAD, 2.1),
    _tachycardia("ec13_4b_half", "Figure 4b at half its height", 195, _BROAD, 1.05),
    _tachycardia("ec13_4b_double", "Figure 4b at twice its height", 195, _BROAD, 4.2),
)
