"""Expectations of alarms: which opens when, which stays, which is false."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.simulator.situations.expectation import NamesNoAlarm, moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ecg.alarms.kinds import AlarmKind
    from edge.simulator.situations.telling import Telling, ToldAlarm, Truth

__all__ = ["Alarmed", "ClosedAsOver", "MayBeTold", "NotTold", "Opens"]


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
            then = f"; {later[2].kind} at {moment(later[0], truth)}" if later else ""
            yield f"no {_words(self.kinds)} {self.within_s:g} s after the start of {phase.name}{then}"
        else:
            yield f"{last.kind} closed as {last.reason} at {moment(covered_s, truth)}" + (
                f"; {later[2].kind} at {moment(later[0], truth)}" if later else ""
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
            then = f"; {late.kind} at {moment(late.opened_s, truth)}" if late else ""
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
class NotTold(NamesNoAlarm):
    """None of these alarms opens in the phase (high ones are wrong in any case)."""

    phase: str
    kinds: tuple[AlarmKind, ...]

    @property
    def sentence(self) -> str:
        """What is expected."""
        return f"no {_words(self.kinds)}"

    def complaints(self, told: Telling, truth: Truth) -> Iterator[str]:
        """Those that opened."""
        phase = truth.phase(self.phase)
        for alarm in told.alarms:
            if alarm.kind in self.kinds and alarm.opened_s in phase:
                yield f"{alarm.kind} opened at {moment(alarm.opened_s, truth)}: false"


@dataclass(frozen=True, slots=True)
class ClosedAsOver(NamesNoAlarm):
    """None of these alarms is open any more `within_s` after the phase began."""

    phase: str
    kinds: tuple[AlarmKind, ...]
    within_s: float

    @property
    def sentence(self) -> str:
        """What is expected."""
        return f"{_words(self.kinds)} is over within {self.within_s:g} s"

    def complaints(self, told: Telling, truth: Truth) -> Iterator[str]:
        """Those that were still open."""
        due_s = truth.phase(self.phase).start_s + self.within_s
        for alarm in told.alarms:
            if alarm.kind in self.kinds and alarm.opened_s < due_s and (alarm.closed_s or float("inf")) > due_s:
                yield f"{alarm.kind} of {moment(alarm.opened_s, truth)} still open at {moment(due_s, truth)}"


def _words(kinds: Sequence[AlarmKind]) -> str:
    return " or ".join(kind.value for kind in kinds)
