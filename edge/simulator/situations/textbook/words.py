"""Short names of what situations expect."""

from typing import Final

from ecg.alarms.kinds import AlarmKind
from edge.simulator.situations.conducted import Sinus
from edge.simulator.situations.expectation import Expectation
from edge.simulator.situations.expected_beats import Beats, HeartRate, Labels
from edge.simulator.situations.situation import Phase

__all__ = ["ARREST", "FAST", "FIBRILLATION", "SLOW", "VENTRICULAR", "calm", "seen", "sinus"]

ARREST: Final = (AlarmKind.ASYSTOLE,)
FAST: Final = (AlarmKind.EXTREME_TACHYCARDIA, AlarmKind.TACHYCARDIA)
FIBRILLATION: Final = (AlarmKind.VENTRICULAR_FLUTTER, AlarmKind.VENTRICULAR_TACHYCARDIA)
SLOW: Final = (AlarmKind.ASYSTOLE, AlarmKind.EXTREME_BRADYCARDIA)
VENTRICULAR: Final = (AlarmKind.VENTRICULAR_TACHYCARDIA, AlarmKind.VENTRICULAR_FLUTTER)


def sinus(length_s: float = 30.0) -> Phase:
    """Sinus rhythm before something happens."""
    return Phase("sinus", length_s, Sinus())


def seen(phase: str, *, found: float = 0.97) -> tuple[Expectation, ...]:
    """All beats are found, and the rate is told."""
    return (Beats(phase, found=found), HeartRate(phase))


def calm(phase: str, *, found: float = 0.97, ventricular: float = 0.02) -> tuple[Expectation, ...]:
    """As `seen`, and next to no beat is called ventricular."""
    return (*seen(phase, found=found), Labels(phase, ("V",), at_most=ventricular))
