"""What the monitor told in a play, and what would have been right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from ecg.alarms.kinds import PRIORITIES, AlarmKind, Priority
from ecg.samples import UNCLASSIFIED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ecg.events import Rhythm
    from edge.simulator.situations.strip import TrueBeat

__all__ = [
    "Alarmed",
    "Beats",
    "ClosedAsOver",
    "Expectation",
    "HeartRate",
    "Labels",
    "MayBeTold",
    "NoHeartRate",
    "NotTold",
    "Opens",
    "RhythmTold",
    "Span",
    "Telling",
    "ToldAlarm",
    "ToldBeat",
    "ToldVitals",
    "Truth",
    "check",
    "is_accurate",
]

SETTLING_S: Final = 12.0
"""After this long in a new rhythm the rate, which is the mean of the last 8 intervals, is the rhythm's own."""
MATCH_S: Final = 0.15
"""A told R peak as near as this to a true one is the same beat (ANSI/AAMI EC57:2012, 4.3)."""
LINGERS_S: Final = 10.0
"""An alarm of the phase before may open so long after its end: labels and rates come late."""
LATE_S: Final = 2.2
"""So long after a beat its interval is in the rate at the latest: search-back finds it after 1.66 intervals."""
RATE_SHARE, RATE_BPM = 0.10, 5.0
"""Accuracy of the heart rate: within 10 % or 5 bpm, whichever is more (IEC 60601-2-27, 201.12.1.101.15)."""

_HIGH: Final = frozenset(kind for kind, priority in PRIORITIES.items() if priority is Priority.HIGH)


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


class Expectation(Protocol):
    """Something that must be told, or must not be, in a phase."""

    @property
    def phase(self) -> str:
        """Name of the phase; empty: the whole play."""
        ...

    @property
    def sentence(self) -> str:
        """What is expected, for a person."""
        ...

    @property
    def allows(self) -> tuple[AlarmKind, ...]:
        """High alarms that are no mistake in the phase."""
        ...

    def complaints(self, told: Telling, truth: Truth) -> Iterator[str]:
        """What was wrong."""
        ...


def check(right: Sequence[Expectation], told: Telling, truth: Truth) -> list[str]:
    """What was wrong in a play; empty: all was told right.

    High alarms that no expectation of their phase, or of the phase just before, allows are wrong in each situation.
    """
    complaints = [complaint for each in right for complaint in each.complaints(told, truth)]
    for alarm in told.alarms:
        if alarm.kind not in _HIGH:
            continue
        allowed: set[AlarmKind] = set()
        for each in right:
            phase = truth.phase(each.phase)
            if phase.start_s <= alarm.opened_s < phase.end_s + LINGERS_S:
                allowed.update(each.allows)
        if alarm.kind not in allowed:
            complaints.append(f"{alarm.kind} opened at {_at(alarm.opened_s, truth)}: false")
    return complaints


def _at(time_s: float, truth: Truth) -> str:
    """A moment in words: seconds of the stream, and of its phase."""
    phase = next((phase for phase in truth.phases if time_s in phase), truth.phases[-1])
    return f"{time_s:.1f} s ({time_s - phase.start_s:.1f} s of {phase.name})"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _words(kinds: Sequence[AlarmKind]) -> str:
    return " or ".join(kind.value for kind in kinds)


@dataclass(frozen=True, slots=True)
class Alarmed:
    """From `within_s` after the phase began to its end one of the alarms is open at each moment."""

    phase: str
    kinds: tuple[AlarmKind, ...]
    within_s: float
    until_s: float | None = None

    @property
    def sentence(self) -> str:
        """What is expected."""
        when = f"opens within {self.within_s:g} s and stays open" if self.within_s else "stays open"
        return f"{_words(self.kinds)} {when}"

    @property
    def allows(self) -> tuple[AlarmKind, ...]:
        """These alarms."""
        return self.kinds

    def complaints(self, told: Telling, truth: Truth) -> Iterator[str]:
        """Moments without one of the alarms."""
        phase = truth.phase(self.phase)
        mine = sorted(
            (
                (alarm.opened_s, alarm.closed_s if alarm.closed_s is not None else float("inf"), alarm)
                for alarm in told.alarms
                if alarm.kind in self.kinds
            ),
            key=lambda each: each[0],
        )
        covered_s = phase.start_s + self.within_s
        last: ToldAlarm | None = None
        for opened_s, closed_s, alarm in mine:
            if opened_s > covered_s or covered_s >= phase.end_s:
                break
            if closed_s > covered_s:
                covered_s, last = closed_s, alarm
        if covered_s >= phase.end_s:
            return
        later = next((each for each in mine if each[0] > covered_s and each[0] < phase.end_s), None)
        if last is None:
            then = f"; {later[2].kind} at {_at(later[0], truth)}" if later else ""
            yield f"no {_words(self.kinds)} {self.within_s:g} s after the start of {phase.name}{then}"
        else:
            yield f"{last.kind} closed as {last.reason} at {_at(covered_s, truth)}" + (
                f"; {later[2].kind} at {_at(later[0], truth)}" if later else ""
            )


@dataclass(frozen=True, slots=True)
class Opens:
    """One of the alarms opens in the phase within `within_s`, or is open already."""

    phase: str
    kinds: tuple[AlarmKind, ...]
    within_s: float

    @property
    def sentence(self) -> str:
        """What is expected."""
        return f"{_words(self.kinds)} opens within {self.within_s:g} s"

    @property
    def allows(self) -> tuple[AlarmKind, ...]:
        """These alarms."""
        return self.kinds

    def complaints(self, told: Telling, truth: Truth) -> Iterator[str]:
        """None of them opened."""
        phase = truth.phase(self.phase)
        mine = [alarm for alarm in told.alarms if alarm.kind in self.kinds]
        if not any(
            alarm.opened_s < phase.start_s + self.within_s
            and (alarm.closed_s is None or alarm.closed_s > phase.start_s)
            for alarm in mine
        ):
            late = next((alarm for alarm in mine if alarm.opened_s > phase.start_s), None)
            then = f"; {late.kind} at {_at(late.opened_s, truth)}" if late else ""
            yield f"no {_words(self.kinds)} within {self.within_s:g} s of {phase.name}{then}"


@dataclass(frozen=True, slots=True)
class MayBeTold:
    """High alarms that may be told in a phase, and need not be."""

    phase: str
    kinds: tuple[AlarmKind, ...]

    @property
    def sentence(self) -> str:
        """What is expected."""
        return f"{_words(self.kinds)} may be told"

    @property
    def allows(self) -> tuple[AlarmKind, ...]:
        """These alarms."""
        return self.kinds

    def complaints(self, told: Telling, truth: Truth) -> Iterator[str]:  # noqa: ARG002 - nothing is wrong
        """None."""
        return iter(())


@dataclass(frozen=True, slots=True)
class NotTold:
    """None of these alarms opens in the phase (high ones are wrong in any case)."""

    phase: str
    kinds: tuple[AlarmKind, ...]

    @property
    def sentence(self) -> str:
        """What is expected."""
        return f"no {_words(self.kinds)}"

    @property
    def allows(self) -> tuple[AlarmKind, ...]:
        """None."""
        return ()

    def complaints(self, told: Telling, truth: Truth) -> Iterator[str]:
        """Those that opened."""
        phase = truth.phase(self.phase)
        for alarm in told.alarms:
            if alarm.kind in self.kinds and alarm.opened_s in phase:
                yield f"{alarm.kind} opened at {_at(alarm.opened_s, truth)}: false"


@dataclass(frozen=True, slots=True)
class ClosedAsOver:
    """None of these alarms is open any more `within_s` after the phase began."""

    phase: str
    kinds: tuple[AlarmKind, ...]
    within_s: float

    @property
    def sentence(self) -> str:
        """What is expected."""
        return f"{_words(self.kinds)} is over within {self.within_s:g} s"

    @property
    def allows(self) -> tuple[AlarmKind, ...]:
        """None."""
        return ()

    def complaints(self, told: Telling, truth: Truth) -> Iterator[str]:
        """Those that were still open."""
        due_s = truth.phase(self.phase).start_s + self.within_s
        for alarm in told.alarms:
            if alarm.kind in self.kinds and alarm.opened_s < due_s and (alarm.closed_s or float("inf")) > due_s:
                yield f"{alarm.kind} of {_at(alarm.opened_s, truth)} still open at {_at(due_s, truth)}"


@dataclass(frozen=True, slots=True)
class HeartRate:
    """Each heart rate that is told is accurate, and `told` of the vitals have one.

    Attributes:
        phase: of the play.
        told: smallest share of the vitals with a rate.
        settling_s: from the start of the phase on, for the mean of the last intervals.
        times: as often the standard's 10 % or 5 bpm; in a disturbed recording one false beat may slip in.
    """

    phase: str
    told: float = 0.9
    settling_s: float = SETTLING_S
    times: int = 1

    @property
    def sentence(self) -> str:
        """What is expected."""
        sentence = f"heart rate within {_percent(self.times * RATE_SHARE)} or {self.times * RATE_BPM:g} bpm"
        return sentence if self.told else f"{sentence}, or none"

    @property
    def allows(self) -> tuple[AlarmKind, ...]:
        """None."""
        return ()

    def complaints(self, told: Telling, truth: Truth) -> Iterator[str]:
        """False rates, and too many missing ones."""
        phase = truth.phase(self.phase)
        start_s = phase.start_s + self.settling_s
        vitals = [each for each in told.vitals if start_s <= each.time_s < phase.end_s]
        wrong: list[str] = []
        for each in vitals:
            rate_bpm = each.heart_rate_bpm
            if rate_bpm is None:
                continue
            # A beat is known a little after it came: the rate without the last beats is right too.
            true_bpm = [truth.bpm(each.time_s - late_s) for late_s in (0.2, 0.7, LATE_S)]
            if not any(is_accurate(rate_bpm, bpm, self.times) for bpm in true_bpm):
                true = "none" if true_bpm[0] is None else f"{true_bpm[0]:.0f}"
                wrong.append(f"{rate_bpm:.0f} for {true} at {_at(each.time_s, truth)}")
        if wrong:
            yield f"heart rate {wrong[0]}" + (f" and {len(wrong) - 1} more times" if wrong[1:] else "")
        known = sum(each.heart_rate_bpm is not None for each in vitals)
        if vitals and known < self.told * len(vitals):
            yield f"heart rate told in {known} of {len(vitals)} vitals of {phase.name or 'the play'}"


def is_accurate(rate_bpm: float, true_bpm: float | None, times: int = 1) -> bool:
    """Whether a heart rate is as near to the true one as the standard asks for, or `times` as far."""
    return true_bpm is not None and abs(rate_bpm - true_bpm) <= times * max(RATE_SHARE * true_bpm, RATE_BPM)


@dataclass(frozen=True, slots=True)
class NoHeartRate:
    """No heart rate is told from `after_s` on: there is none."""

    phase: str
    after_s: float = 8.0

    @property
    def sentence(self) -> str:
        """What is expected."""
        return f"no heart rate from second {self.after_s:g} on"

    @property
    def allows(self) -> tuple[AlarmKind, ...]:
        """None."""
        return ()

    def complaints(self, told: Telling, truth: Truth) -> Iterator[str]:
        """Rates that were told."""
        phase = truth.phase(self.phase)
        rates = [
            (each.time_s, each.heart_rate_bpm)
            for each in told.vitals
            if phase.start_s + self.after_s <= each.time_s < phase.end_s and each.heart_rate_bpm is not None
        ]
        if rates:
            yield f"heart rate {rates[0][1]:.0f} at {_at(rates[0][0], truth)} without a beat, {len(rates)} times"


@dataclass(frozen=True, slots=True)
class Beats:
    """So large a share of the true beats is found, and of those told at most `extra` is none.

    Attributes:
        phase: of the play.
        found: smallest share of the true beats.
        extra: largest share of those told.
        settling_s: from the start of the phase on.
        near_s: how near to the true R peak one is told.
    """

    phase: str
    found: float = 0.97
    extra: float = 0.03
    settling_s: float = 4.0
    near_s: float = MATCH_S

    @property
    def sentence(self) -> str:
        """What is expected."""
        where = "" if self.near_s == MATCH_S else f" within {1000 * self.near_s:.0f} ms"
        return f"{_percent(self.found)} of the beats found{where}, at most {_percent(self.extra)} invented"

    @property
    def allows(self) -> tuple[AlarmKind, ...]:
        """None."""
        return ()

    def complaints(self, told: Telling, truth: Truth) -> Iterator[str]:
        """Too many missed or invented."""
        phase = truth.phase(self.phase)
        start_s, end_s = phase.start_s + self.settling_s, phase.end_s - 2
        told_s = [beat.time_s for beat in told.beats if start_s <= beat.time_s < end_s]
        true_s = [beat.time_s for beat in truth.beats if start_s <= beat.time_s < end_s]
        all_told_s, all_true_s = [beat.time_s for beat in told.beats], [beat.time_s for beat in truth.beats]
        missed = [at_s for at_s in true_s if not _near(at_s, all_told_s, self.near_s)]
        extra = [at_s for at_s in told_s if not _near(at_s, all_true_s, self.near_s)]
        if len(missed) > (1 - self.found) * len(true_s) + 1e-9:
            yield f"{len(missed)} of {len(true_s)} beats of {phase.name} missed, first at {_at(missed[0], truth)}"
        if len(extra) > self.extra * max(len(told_s), 1) + 1e-9:
            yield f"{len(extra)} of {len(told_s)} beats of {phase.name} invented, first at {_at(extra[0], truth)}"


def _near(at_s: float, others_s: Sequence[float], near_s: float) -> bool:
    return any(abs(at_s - other_s) <= near_s for other_s in others_s)


@dataclass(frozen=True, slots=True)
class Labels:
    """Share of the phase's labelled beats that have one of the labels."""

    phase: str
    labels: tuple[str, ...]
    at_least: float = 0.0
    at_most: float = 1.0
    settling_s: float = 1.0

    @property
    def sentence(self) -> str:
        """What is expected."""
        name = "/".join(self.labels)
        least, most = _percent(self.at_least), _percent(self.at_most)
        if self.at_least and self.at_most < 1:
            return f"{least} to {most} of the beats {name}"
        return f"at least {least} of the beats {name}" if self.at_least else f"at most {most} of the beats {name}"

    @property
    def allows(self) -> tuple[AlarmKind, ...]:
        """None."""
        return ()

    def complaints(self, told: Telling, truth: Truth) -> Iterator[str]:
        """A share outside its limits."""
        phase = truth.phase(self.phase)
        labels = [
            beat.label
            for beat in told.beats
            if phase.start_s + self.settling_s <= beat.time_s < phase.end_s - 0.5 and beat.label != UNCLASSIFIED
        ]
        count = sum(label in self.labels for label in labels)
        share = count / len(labels) if labels else 0.0
        if not self.at_least <= share <= self.at_most:
            yield f"{count} of {len(labels)} beats of {phase.name} are {'/'.join(self.labels)}"


@dataclass(frozen=True, slots=True)
class RhythmTold:
    """One of the rhythms is told within `within_s` of the phase."""

    phase: str
    rhythms: tuple[Rhythm, ...]
    within_s: float

    @property
    def sentence(self) -> str:
        """What is expected."""
        return f"rhythm {' or '.join(self.rhythms)} within {self.within_s:g} s"

    @property
    def allows(self) -> tuple[AlarmKind, ...]:
        """None."""
        return ()

    def complaints(self, told: Telling, truth: Truth) -> Iterator[str]:
        """It was not told."""
        phase = truth.phase(self.phase)
        changes = [(at_s, rhythm) for at_s, rhythm in told.rhythms if at_s < phase.start_s + self.within_s]
        seen = [rhythm for at_s, rhythm in changes if at_s >= phase.start_s] + [rhythm for _, rhythm in changes[-1:]]
        if not any(rhythm in self.rhythms for rhythm in seen):
            yield f"rhythm {' or '.join(self.rhythms)} not told within {self.within_s:g} s of {phase.name}"
