"""Events of the monitor as MIT annotations: beats, rhythm changes and alarms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecg.alarms.kinds import AlarmEvent
from ecg.events import Event, RhythmChange, Vitals
from ecg.formats.alarm_note import AlarmNote
from ecg.formats.wfdb.annotations import BEAT_SYMBOLS, NOTE, Annotation, in_order
from ecg.samples import GOOD_SCORE, SAMPLE_RATE_HZ, UNCLASSIFIED, Beat

if TYPE_CHECKING:
    from collections.abc import Iterable
    from fractions import Fraction

__all__ = [
    "ELECTRODE_OFF",
    "ELECTRODE_ON",
    "GOOD",
    "QUALITY",
    "UNKNOWN",
    "annotation_of",
    "annotations_of",
    "beat_symbol",
    "recorded_annotation",
]

ELECTRODE_OFF, ELECTRODE_ON = "electrode off", "electrode on"
"""Notes of a recording."""

QUALITY = "~"
"""Symbol of a change in signal quality."""

GOOD, UNKNOWN = "good signal", "signal not judged"
"""Texts of a quality annotation where the signal can be believed, and where nobody knows; any other says what is wrong.
"""

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


def recorded_annotation(event: Event, rate_hz: Fraction, *, uuid: str = "") -> Annotation | None:
    """Convert one event to an annotation of the monitor's own recording, which keeps more than a replay's.

    A beat that was not shown to the model has `unclassified` beside its Q. Vitals become an annotation of the quality,
    which says that it is good, or what is wrong. The caller drops repeats.

    Args:
        event: any event.
        rate_hz: sampling rate of the annotation's sample number.
        uuid: UUID of an alarm, for its note.
    """
    if isinstance(event, Vitals):
        return Annotation(round(event.index * rate_hz / SAMPLE_RATE_HZ), QUALITY, _quality(event))
    annotation = annotation_of(event, rate_hz, uuid=uuid)
    if annotation is not None and isinstance(event, Beat) and event.label == UNCLASSIFIED:
        return annotation._replace(aux=UNCLASSIFIED)
    return annotation


def _quality(vitals: Vitals) -> str:
    if vitals.electrodes == "off":
        return ELECTRODE_OFF
    if vitals.quality is None:
        return UNKNOWN
    return GOOD if vitals.quality >= GOOD_SCORE else "poor signal: " + (", ".join(vitals.faults) or "noise")


def annotations_of(events: Iterable[Event], rate_hz: Fraction) -> list[Annotation]:
    """Convert all events of a stream, and sort them."""
    found = (annotation_of(event, rate_hz) for event in events)
    return in_order(annotation for annotation in found if annotation is not None)


def beat_symbol(beat: Beat) -> str:
    """The symbol of a beat: its label, or Q if the label is not an MIT symbol."""
    return beat.label if beat.label in BEAT_SYMBOLS else "Q"
