"""What our events are called in a WFDB annotation file: beats, rhythm changes and alarms as MIT annotations."""

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
"""Rhythm note where the rhythm cannot be told; the MIT-BIH Malignant Ventricular Ectopy Database writes it so."""


def annotation_of(event: Event, rate_hz: Fraction, *, uuid: str = "") -> Annotation | None:
    """One event as an annotation; None for what has no place in the signal.

    A beat bears its symbol (`beat_symbol`). A rhythm change is a `+` with `(AFIB` and so on, or `(NOISE` where the
    rhythm cannot be told. Each change and closing of an alarm is a note (`AlarmNote`) at the moment of the decision.

    Args:
        event: of one stream.
        rate_hz: sampling rate of the samples of the result.
        uuid: names an alarm in its note.
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
    """The annotations of a whole stream, in order."""
    found = (annotation_of(event, rate_hz) for event in events)
    return in_order(annotation for annotation in found if annotation is not None)


def beat_symbol(beat: Beat) -> str:
    """A beat's label as its symbol; Q where it is unclassified, or the label is none of MIT's."""
    return beat.label if beat.label in BEAT_SYMBOLS else "Q"
