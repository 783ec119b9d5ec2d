"""What an annotation file says of an alarm: one line of text, written and parsed here and nowhere else.

`high asystole opened, onset 12.3 s, event 0b0ed5d8-6a4c-5f43-9bd6-1d0b4a0f0c5e`: priority, kind, state, the onset in
seconds of the stream, and the event's UUID where the stream has one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from ecg.samples import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from ecg.alarms.kinds import AlarmEvent

__all__ = ["AlarmNote"]

_NOTE = re.compile(
    r"(?P<priority>\w+) (?P<kind>\w+) (?P<state>\w+), onset (?P<onset_s>-?\d+\.\d) s(?:, event (?P<uuid>\S+))?"
)


@dataclass(frozen=True, slots=True)
class AlarmNote:
    """An alarm that opened, changed or closed, as its note holds it.

    Attributes:
        priority: value of a `Priority`.
        kind: value of an `AlarmKind`; a file of another version may name one that is not known here.
        state: value of an `AlarmState`.
        onset_s: when what it tells of began, in seconds of the stream, to a tenth; negative where that was before its
            first sample.
        uuid: names the event; empty in a replay's notes.
    """

    priority: str
    kind: str
    state: str
    onset_s: float
    uuid: str = ""

    @classmethod
    def of(cls, event: AlarmEvent, uuid: str = "") -> Self:
        """The note of an event."""
        onset_s = round(event.onset_index / SAMPLE_RATE_HZ, 1)
        return cls(event.priority.value, event.kind.value, event.state.value, onset_s, uuid)

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read a note's text; None for a note that is no alarm's."""
        match = _NOTE.fullmatch(text)
        if match is None:
            return None
        return cls(match["priority"], match["kind"], match["state"], float(match["onset_s"]), match["uuid"] or "")

    @property
    def text(self) -> str:
        """What `parse` reads."""
        text = f"{self.priority} {self.kind} {self.state}, onset {self.onset_s:.1f} s"
        return f"{text}, event {self.uuid}" if self.uuid else text
