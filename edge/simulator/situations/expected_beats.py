"""Expectations of heart rates, rhythms, beats and their labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecg.samples import UNCLASSIFIED
from edge.simulator.situations.expectation import NamesNoAlarm, moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ecg.events import Rhythm
    from edge.simulator.situations.telling import Telling, Truth

__all__ = ["Beats", "HeartRate", "Labels", "NoHeartRate", "RhythmTold", "is_accurate"]

SETTLING_S: Final = 12.0
"""After this long in a new rhythm the rate, which is the mean of the last 8 intervals, is the rhythm's own."""
MATCH_S: Final = 0.15
"""A told R peak as near as this to a true one is the same beat (ANSI/AAMI EC57:2012, 4.3)."""
LATE_S: Final = 2.2
"""So long after a beat its interval is in the rate at the latest: search-back finds it after 1.66 intervals."""
RATE_SHARE, RATE_BPM = 0.10, 5.0
"""Accuracy of the heart rate: within 10 % or 5 bpm, whichever is more (IEC 60601-2-27, 201.12.1.101.15)."""


@dataclass(frozen=True, slots=True)
class HeartRate(NamesNoAlarm):
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
                wrong.append(f"{rate_bpm:.0f} for {true} at {moment(each.time_s, truth)}")
        if wrong:
            yield f"heart rate {wrong[0]}" + (f" and {len(wrong) - 1} more times" if wrong[1:] else "")
        known = sum(each.heart_rate_bpm is not None for each in vitals)
        if vitals and known < self.told * len(vitals):
            yield f"heart rate told in {known} of {len(vitals)} vitals of {phase.name or 'the play'}"


@dataclass(frozen=True, slots=True)
class NoHeartRate(NamesNoAlarm):
    """No heart rate is told from `after_s` on: there is none."""

    phase: str
    after_s: float = 8.0

    @property
    def sentence(self) -> str:
        """What is expected."""
        return f"no heart rate from second {self.after_s:g} on"

    def complaints(self, told: Telling, truth: Truth) -> Iterator[str]:
        """Rates that were told."""
        phase = truth.phase(self.phase)
        rates = [
            (each.time_s, each.heart_rate_bpm)
            for each in told.vitals
            if phase.start_s + self.after_s <= each.time_s < phase.end_s and each.heart_rate_bpm is not None
        ]
        if rates:
            yield f"heart rate {rates[0][1]:.0f} at {moment(rates[0][0], truth)} without a beat, {len(rates)} times"


@dataclass(frozen=True, slots=True)
class RhythmTold(NamesNoAlarm):
    """One of the rhythms is told within `within_s` of the phase."""

    phase: str
    rhythms: tuple[Rhythm, ...]
    within_s: float

    @property
    def sentence(self) -> str:
        """What is expected."""
        return f"rhythm {' or '.join(self.rhythms)} within {self.within_s:g} s"

    def complaints(self, told: Telling, truth: Truth) -> Iterator[str]:
        """It was not told."""
        phase = truth.phase(self.phase)
        changes = [(at_s, rhythm) for at_s, rhythm in told.rhythms if at_s < phase.start_s + self.within_s]
        seen = [rhythm for at_s, rhythm in changes if at_s >= phase.start_s] + [rhythm for _, rhythm in changes[-1:]]
        if not any(rhythm in self.rhythms for rhythm in seen):
            yield f"rhythm {' or '.join(self.rhythms)} not told within {self.within_s:g} s of {phase.name}"


@dataclass(frozen=True, slots=True)
class Beats(NamesNoAlarm):
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
            yield f"{len(missed)} of {len(true_s)} beats of {phase.name} missed, first at {moment(missed[0], truth)}"
        if len(extra) > self.extra * max(len(told_s), 1) + 1e-9:
            yield f"{len(extra)} of {len(told_s)} beats of {phase.name} invented, first at {moment(extra[0], truth)}"


@dataclass(frozen=True, slots=True)
class Labels(NamesNoAlarm):
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


def is_accurate(rate_bpm: float, true_bpm: float | None, times: int = 1) -> bool:
    """Whether a heart rate is as near to the true one as the standard asks for, or `times` as far."""
    return true_bpm is not None and abs(rate_bpm - true_bpm) <= times * max(RATE_SHARE * true_bpm, RATE_BPM)


def _near(at_s: float, others_s: Sequence[float], near_s: float) -> bool:
    return any(abs(at_s - other_s) <= near_s for other_s in others_s)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
