"""What the monitor told in a play, and what was played."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecg.alarms.kinds import AlarmKind
    from ecg.events import Rhythm
    from edge.simulator.situations.strip import TrueBeat

__all__ = ["Span", "Telling", "ToldAlarm", "ToldBeat", "ToldVitals", "Truth"]


@dataclass(frozen=True, slots=True)
class ToldAlarm:
    """An alarm from its opening to its closing, in stream time.

    Attributes:
        kind: of the alarm.
        opened_s: moment of the decision.
        closed_s: likewise; None: never, before the stream ended.
        reason: why it was closed.
    """

    kind: AlarmKind
    opened_s: float
    closed_s: float | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class ToldBeat:
    """A beat with its label, at the moment of its R peak."""

    time_s: float
    label: str


@dataclass(frozen=True, slots=True)
class ToldVitals:
    """Heart rate and rhythm that were told at a moment; None: unknown."""

    time_s: float
    heart_rate_bpm: float | None
    rhythm: Rhythm | None


@dataclass(frozen=True, slots=True)
class Telling:
    """All that was told in a play."""

    alarms: tuple[ToldAlarm, ...]
    beats: tuple[ToldBeat, ...]
    vitals: tuple[ToldVitals, ...]
    rhythms: tuple[tuple[float, Rhythm | None], ...]


@dataclass(frozen=True, slots=True)
class Span:
    """A phase of a play in stream time."""

    name: str
    start_s: float
    end_s: float

    def __contains__(self, time_s: float) -> bool:
        return self.start_s <= time_s < self.end_s


@dataclass(frozen=True, slots=True)
class Truth:
    """What was played: phases and true beats."""

    phases: tuple[Span, ...]
    beats: tuple[TrueBeat, ...]

    def phase(self, name: str) -> Span:
        """The phase of this name; the whole play where the name is empty."""
        if not name:
            return Span("", self.phases[0].start_s, self.phases[-1].end_s)
        return next(phase for phase in self.phases if phase.name == name)

    def bpm(self, at_s: float) -> float | None:
        """True rate: the mean of the last 8 intervals, as the monitor means it."""
        times_s = [beat.time_s for beat in self.beats if at_s - 40 < beat.time_s <= at_s][-9:]
        return None if len(times_s) < 2 else 60 * (len(times_s) - 1) / (times_s[-1] - times_s[0])
