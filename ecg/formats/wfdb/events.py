"""Events of the monitor as MIT annotations: beats, rhythm changes and alarms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecg.alarms.kinds import AlarmEvent
from ecg.events import Event, RhythmChange
from ecg.formats.alarm_note import AlarmNote
from ecg.formats.wfdb.annotations import BEAT_SYMBOLS, NOTE, Annotation, in_order
from ecg.samples import SAMPLE_RATE_HZ, Beat

if TYPE_CHECKING:
    from collections.abc import Iterable
    from fractions import Fraction

__all__ = ["annotation_of", "annotations_of", "beat_symbol"]

NO_RHYTHM = "NOISE"
"""Rhythm note for an unknown rhythm, as in the MIT-BIH Malignant Ventricular Ectopy Database."""


def annotation_of(event: Event, rate_hz: Fraction, *, uuid: str = "") -> Annotation | None:
    """Convert one event to an annotation. None for vitals, gaps and summaries.

    A beat has its symbol (`beat_symbol`). A rhythm change is a `+` with a text such as `(AFIB`, or `(NOISE` if the
    rhythm is unknown. Each change of an alarm is a note (`AlarmNote`) at the moment of the decision.

    Args:
        event: any event.
        rate_hz: sampling rate of the annotation's sample number.
        uuid: UUID of an alarm, for its note.
    """
    sample = round(event.index * rate_hz / SAMPLE_RATE_HZ)
    if isinstance(event, Beat):
        return Annotation(sample, beat_symbol(event))
    if isinstance(event, RhythmChange):
        return Annotation(sample, "+", f"({NO_RHYTHM if event.rhythm is None else event.rhythm.value}")
    if isinstance(event, AlarmEvent):
        return Annotation(sample, NOTE, AlarmNote.of(event, uuid).text)
    return None


def annotations_of(events: Iterable[Event], rate_hz: Fraction) -> list[Annotation]:
    """Convert all events of a stream, and sort them."""
    found = (annotation_of(event, rate_hz) for event in events)
    return in_order(annotation for annotation in found if annotation is not None)


def beat_symbol(beat: Beat) -> str:
    """The symbol of a beat: its label, or Q if the label is not an MIT symbol."""
    return beat.label if beat.label in BEAT_SYMBOLS else "Q"
