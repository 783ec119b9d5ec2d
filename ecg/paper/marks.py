"""What the annotations of a recording put on paper: letters above beats, tags, and stretches without an electrode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecg.alarms.kinds import AlarmState
from ecg.formats.alarm_note import AlarmNote
from ecg.formats.wfdb.annotations import BEAT_SYMBOLS, NOTE
from ecg.formats.wfdb.events import ELECTRODE_OFF, ELECTRODE_ON, QUALITY
from ecg.paper.drawing import PALE_INK, Colour
from ecg.paper.wording import COLOURS, NOT_CLASSIFIED, alarm_name, rhythm_name
from ecg.samples import UNCLASSIFIED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ecg.formats.wfdb.annotations import Annotation

__all__ = ["BeatMark", "Marks", "TagMark", "marks_of"]


@dataclass(frozen=True, slots=True)
class BeatMark:
    """A letter above a beat."""

    sample: int
    letter: str


@dataclass(frozen=True, slots=True)
class TagMark:
    """A tag at a sample."""

    sample: int
    text: str
    colour: Colour


@dataclass(frozen=True, slots=True)
class Marks:
    """All marks of a recording.

    Attributes:
        beats: in order.
        tags: in order.
        electrode_off: stretches, in samples.
    """

    beats: tuple[BeatMark, ...]
    tags: tuple[TagMark, ...]
    electrode_off: tuple[range, ...]


def marks_of(annotations: Sequence[Annotation], length: int, clock: Callable[[int], str]) -> Marks:
    """Read the annotations of a recording.

    Args:
        annotations: in order.
        length: samples of the recording.
        clock: gives the time of day of a sample.
    """
    beats, tags, electrode_off = [], [], []
    off_since: int | None = None
    for each in annotations:
        note = AlarmNote.parse(each.aux) if each.symbol == NOTE else None
        if each.symbol in BEAT_SYMBOLS:
            beats.append(BeatMark(each.sample, _letter(each)))
        elif note is not None and (note.state != AlarmState.UPDATED or note.words):
            tags.append(TagMark(each.sample, _alarm(note, clock(each.sample)), COLOURS.get(note.priority, PALE_INK)))
        elif each.symbol == NOTE and each.aux == ELECTRODE_OFF:
            off_since = each.sample if off_since is None else off_since
        elif each.symbol == NOTE and each.aux == ELECTRODE_ON:
            if off_since is not None:
                electrode_off.append(range(off_since, each.sample))
            off_since = None
        elif each.symbol == "+":
            rhythm = rhythm_name(each.aux.strip("\0").removeprefix("("))
            tags.append(TagMark(each.sample, f"Rhythm: {rhythm}", PALE_INK))
        elif note is None and each.symbol != QUALITY:
            tags.append(TagMark(each.sample, each.aux or each.symbol, PALE_INK))
    if off_since is not None:
        electrode_off.append(range(off_since, length))
    return Marks(tuple(beats), tuple(tags), tuple(electrode_off))


def _letter(beat: Annotation) -> str:
    return NOT_CLASSIFIED if beat.aux == UNCLASSIFIED else beat.symbol


def _alarm(note: AlarmNote, clock: str) -> str:
    text = f"{alarm_name(note.kind)} {note.state} {clock}"
    return f"{text}: {note.words}" if note.words else text
