"""The text of an alarm in an annotation file. It is written and parsed only here.

Example: `high asystole opened, onset 12.3 s, event 0b0ed5d8-6a4c-5f43-9bd6-1d0b4a0f0c5e`. The parts are priority, kind,
state, onset in seconds of the stream, and the UUID of the event. Replays write no UUID. What the patient said about an
event of theirs follows as `, words dizzy`; the format of annotation files cuts it off after 255 bytes in all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from ecg.formats.words import one_line
from ecg.samples import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from ecg.alarms.kinds import AlarmEvent

__all__ = ["ONSET", "AlarmNote"]

ONSET = ", onset "
"""A part of every note. A file without it has none."""

_NOTE = re.compile(
    rf"(?P<priority>\w+) (?P<kind>\w+) (?P<state>\w+){ONSET}(?P<onset_s>-?\d+\.\d) s(?:, event (?P<uuid>[^\s,]+))?"
    r"(?:, words (?P<words>.*))?",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class AlarmNote:
    """One change of an alarm.

    Attributes:
        priority: value of a `Priority`.
        kind: value of an `AlarmKind`. Files of other versions may contain other kinds.
        state: value of an `AlarmState`.
        onset_s: onset in seconds of the stream, rounded to 0.1 s; negative if it lies before the first sample.
        uuid: UUID of the event; empty if there is none.
        words: what the patient said, in one line of printable characters; empty if nothing.
    """

    priority: str
    kind: str
    state: str
    onset_s: float
    uuid: str = ""
    words: str = ""

    @classmethod
    def of(cls, event: AlarmEvent, uuid: str = "") -> Self:
        """Make the note of an event."""
        onset_s = round(event.onset_index / SAMPLE_RATE_HZ, 1)
        words = one_line(str(event.evidence.get("text") or ""))
        return cls(event.priority.value, event.kind.value, event.state.value, onset_s, uuid, words)

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Parse the text of a note. None if it is not about an alarm."""
        match = _NOTE.fullmatch(text)
        if match is None:
            return None
        uuid, words = match["uuid"] or "", (match["words"] or "").rstrip("\N{REPLACEMENT CHARACTER}")
        return cls(match["priority"], match["kind"], match["state"], float(match["onset_s"]), uuid, words)

    @property
    def text(self) -> str:
        """The text of the note."""
        text = f"{self.priority} {self.kind} {self.state}{ONSET}{self.onset_s:.1f} s"
        if self.uuid:
            text += f", event {self.uuid}"
        return f"{text}, words {self.words}" if self.words else text
