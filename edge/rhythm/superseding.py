"""Which alarm supersedes which: the more telling alarm of an episode closes the lesser ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecg.alarms.kinds import AlarmKind, Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ecg.alarms.episode import AlarmEpisode
    from ecg.alarms.kinds import AlarmEvent

__all__ = ["SUPERSEDES", "is_superseded", "supersede"]

_OF_BEATS: Final = frozenset(
    {
        AlarmKind.EXTREME_BRADYCARDIA,
        AlarmKind.EXTREME_TACHYCARDIA,
        AlarmKind.BRADYCARDIA,
        AlarmKind.TACHYCARDIA,
        AlarmKind.VENTRICULAR_TACHYCARDIA,
        AlarmKind.VENTRICULAR_RUN,
        AlarmKind.ATRIAL_FIBRILLATION,
        AlarmKind.BIGEMINY,
        AlarmKind.TRIGEMINY,
    }
)
"""What beats tell of. Frequent PVCs are a count over the last hour, which no later rhythm undoes."""

SUPERSEDES: Final[Mapping[AlarmKind, frozenset[AlarmKind]]] = {
    AlarmKind.ASYSTOLE: _OF_BEATS | {AlarmKind.PAUSE, AlarmKind.VENTRICULAR_FLUTTER},
    AlarmKind.VENTRICULAR_FLUTTER: _OF_BEATS | {AlarmKind.PAUSE, AlarmKind.ASYSTOLE},
    AlarmKind.VENTRICULAR_TACHYCARDIA: frozenset(
        {AlarmKind.VENTRICULAR_RUN, AlarmKind.EXTREME_TACHYCARDIA, AlarmKind.TACHYCARDIA}
    ),
    AlarmKind.EXTREME_BRADYCARDIA: frozenset({AlarmKind.BRADYCARDIA}),
    AlarmKind.EXTREME_TACHYCARDIA: frozenset({AlarmKind.TACHYCARDIA}),
}
"""For each kind, the kinds that it closes when it opens. One exception: an asystole that is over already when it is
told closes a pause alone, for the beats have come back."""


def is_superseded(alarm: AlarmEpisode, by: AlarmKind) -> bool:
    """Whether an alarm of kind `by` takes the place of this one."""
    return alarm.kind in SUPERSEDES.get(by, ())


def supersede(alarms: Iterable[AlarmEpisode], now: int, by: AlarmKind) -> list[AlarmEvent]:
    """Close those of `alarms` that an alarm of kind `by` supersedes; `now` is the decision's 360 Hz index."""
    return [
        event
        for alarm in alarms
        if is_superseded(alarm, by)
        for event in alarm.close(now, Reason.SUPERSEDED, by=by.value)
    ]
