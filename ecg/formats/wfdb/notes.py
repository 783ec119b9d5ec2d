"""What our events are called in a WFDB annotation file: beats, rhythm changes and alarms as MIT annotations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ecg.alarms.kinds import AlarmEvent
from ecg.events import Event, RhythmChange
from ecg.formats.wfdb.annotations import BEAT_SYMBOLS, Annotation
from ecg.samples import SAMPLE_RATE_HZ, Beat

if TYPE_CHECKING:
    from collections.abc import Iterable
    from fractions import Fraction

__all__ = ["NOTE", "annotate", "beat_symbol", "event_named", "in_order", "mark"]

NO_RHYTHM = "NOISE"
"""Rhythm note where the rhythm cannot be told; the MIT-BIH Malignant Ventricular Ectopy Database writes it so."""

NOTE = '"'
"""Symbol of a note: text that stands at a sample."""

_EVENT = re.compile(r"onset (?P<onset_s>-?[\d.]+) s, event (?P<uuid>\S+)")


def mark(event: Event, rate_hz: Fraction, *, uuid: str = "") -> Annotation | None:
    """One event as an annotation; None for what is no mark in the signal.

    A beat bears its symbol (`beat_symbol`). A rhythm change is a `+` with `(AFIB` and so on, or `(NOISE` where the
    rhythm cannot be told; each change and closing of an alarm is a `"` note at the moment of the decision, such as
    `high asystole opened, onset 12.3 s`.

    Args:
        event: of one stream.
        rate_hz: sampling rate of the samples of the result.
        uuid: names an alarm in its note, so that `event_named` finds it.
    """
    sample = round(event.index * rate_hz / SAMPLE_RATE_HZ)
    if isinstance(event, Beat):
        return Annotation(sample, beat_symbol(event))
    if isinstance(event, RhythmChange):
        return Annotation(sample, "+", f"({NO_RHYTHM if event.rhythm is None else event.rhythm.value}")
    if isinstance(event, AlarmEvent):
        onset_s = event.onset_index / SAMPLE_RATE_HZ
        text = f"{event.priority.value} {event.kind.value} {event.state.value}, onset {onset_s:.1f} s"
        return Annotation(sample, NOTE, f"{text}, event {uuid}" if uuid else text)
    return None


def beat_symbol(beat: Beat) -> str:
    """A beat's label as its symbol; Q where it is unclassified, or the label is none of MIT's."""
    return beat.label if beat.label in BEAT_SYMBOLS else "Q"


def event_named(annotation: Annotation, uuid: str) -> float | None:
    """The onset, in seconds of the stream, of the alarm of that UUID if this is a note of it."""
    match = _EVENT.search(annotation.aux)
    return float(match["onset_s"]) if match is not None and match["uuid"] == uuid else None


def in_order(annotations: Iterable[Annotation]) -> list[Annotation]:
    """Annotations in order of their samples, one a sample.

    As two annotations of one sample are out of order in MIT files, a note moves on to the next free sample; beats
    never move. Nor does a note stand at sample 0, where WFDB tools take it for one that defines the file.
    """
    taken: dict[int, Annotation] = {}
    notes = []
    for annotation in annotations:
        if annotation.symbol in BEAT_SYMBOLS:
            taken[annotation.sample] = annotation
        else:
            notes.append(annotation)
    for note in sorted(notes, key=lambda note: note.sample):
        sample = max(note.sample, 1)
        while sample in taken:
            sample += 1
        taken[sample] = note._replace(sample=sample)
    return [taken[sample] for sample in sorted(taken)]


def annotate(events: Iterable[Event], rate_hz: Fraction) -> list[Annotation]:
    """The marks of a whole stream, in order."""
    marks = (mark(event, rate_hz) for event in events)
    return in_order(annotation for annotation in marks if annotation is not None)
