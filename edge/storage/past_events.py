"""The events of the past: every alarm that the recording still holds, numbered from the oldest on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from ecg.alarms.kinds import AlarmState
from ecg.errors import InputError
from ecg.formats.alarm_note import ONSET, AlarmNote
from ecg.formats.wfdb.annotations import NOTE
from edge.storage.excerpt import stored_segments

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

__all__ = ["LAST", "PastEvent", "find_event", "past_events"]

LAST: Final = "last"
"""Name of the newest event."""


@dataclass(frozen=True, slots=True)
class PastEvent:
    """An alarm in the recording.

    Attributes:
        number: from 1 on, in order of opening. It changes when the recording loses its oldest part.
        uuid: of its messages.
        kind: value of an `AlarmKind`; another version may have written another.
        priority: value of a `Priority`.
        onset: UTC of its beginning.
        opened: UTC of its opening; None if that part of the recording is deleted already.
        closed: UTC of its closing; None while it is open, and after a crash.
        words: what the patient said; empty if nothing.
    """

    number: int
    uuid: str
    kind: str
    priority: str
    onset: datetime
    opened: datetime | None = None
    closed: datetime | None = None
    words: str = ""

    @property
    def name(self) -> str:
        """The kind in words."""
        return self.kind.replace("_", " ").replace("pvcs", "PVCs")

    @property
    def duration_s(self) -> float | None:
        """From onset to closing; None while it is open, and after a crash."""
        return None if self.closed is None else (self.closed - self.onset).total_seconds()


def past_events(directory: Path) -> list[PastEvent]:
    """Read the events, the oldest first.

    Args:
        directory: folder of the recording.

    Raises:
        InputError: there is no recording.
    """
    found: dict[str, PastEvent] = {}
    for segment in stored_segments(directory):
        if not segment.mentions(ONSET):  # most hours have no alarm, and need not be decoded
            continue
        for annotation in segment.annotations():
            note = AlarmNote.parse(annotation.aux) if annotation.symbol == NOTE else None
            if note is None or not note.uuid:
                continue
            event = found.get(note.uuid)
            if event is None:
                onset = segment.utc_of_second(note.onset_s)
                event = PastEvent(len(found) + 1, note.uuid, note.kind, note.priority, onset)
            moment = segment.utc(annotation.sample)
            if note.state == AlarmState.OPENED and event.opened is None:
                event = replace(event, opened=moment)
            elif note.state == AlarmState.CLOSED:
                event = replace(event, closed=moment)
            found[note.uuid] = replace(event, words=note.words or event.words)
    return list(found.values())


def find_event(directory: Path, name: str) -> PastEvent:
    """Find one event.

    Args:
        directory: folder of the recording.
        name: `last`, a number, or a UUID.

    Raises:
        InputError: there is no such event, or no recording.
    """
    events = past_events(directory)
    if not events:
        raise InputError(f"{directory}: the recording has no event yet")
    if name == LAST:
        return events[-1]
    for event in events:
        if name.casefold() == event.uuid.casefold() or name == str(event.number):
            return event
    raise InputError(
        f"{directory}: no event {name}; give {LAST}, a number from 1 to {len(events)}, or a UUID: "
        "ecg-edge events lists them, and its oldest part may be deleted already"
    )
