"""What is right to tell: the form of an expectation, and how a telling is held against all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from ecg.alarms.kinds import PRIORITIES, AlarmKind, Priority

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from edge.simulator.situations.telling import Telling, Truth

__all__ = ["Expectation", "NamesNoAlarm", "check", "moment"]

LINGERS_S: Final = 10.0
"""An alarm of the phase before may open so long after its end: labels and rates come late."""

_HIGH: Final = frozenset(kind for kind, priority in PRIORITIES.items() if priority is Priority.HIGH)


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


class NamesNoAlarm:
    """An expectation that allows no high alarm."""

    __slots__ = ()

    @property
    def allows(self) -> tuple[AlarmKind, ...]:
        """None."""
        return ()


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
            complaints.append(f"{alarm.kind} opened at {moment(alarm.opened_s, truth)}: false")
    return complaints


def moment(time_s: float, truth: Truth) -> str:
    """A moment in words: seconds of the stream, and of its phase."""
    phase = next((phase for phase in truth.phases if time_s in phase), truth.phases[-1])
    return f"{time_s:.1f} s ({time_s - phase.start_s:.1f} s of {phase.name})"
