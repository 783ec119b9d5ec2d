"""Events as MIT annotations."""

from __future__ import annotations

from fractions import Fraction

from ecg.alarms.kinds import AlarmEvent, AlarmKind, AlarmState, Priority
from ecg.events import Rhythm, RhythmChange
from ecg.formats.alarm_note import AlarmNote
from ecg.formats.wfdb.annotations import Annotation
from ecg.formats.wfdb.events import annotation_of, annotations_of
from ecg.samples import Beat

PAUSE = AlarmEvent(900, AlarmKind.PAUSE, Priority.MEDIUM, AlarmState.OPENED, onset_index=540)


def beat(index: int, label: str) -> Beat:
    return Beat(index=index, label=label, rr_ms=None, probability=None, quality=None, r_mv=1.0)


def test_events_become_annotations_in_the_records_own_samples() -> None:
    events = [
        beat(360, "N"),
        beat(720, "V"),
        RhythmChange(720, Rhythm.ATRIAL_FIBRILLATION),
        beat(1080, "unclassified"),
        PAUSE,
        RhythmChange(1440, None),
        beat(1800, "/"),
    ]

    assert annotations_of(events, Fraction(128)) == [
        Annotation(128, "N"),
        Annotation(256, "V"),
        Annotation(257, "+", "(AFIB"),  # moved off the beat: one sample holds one annotation
        Annotation(320, '"', "medium pause opened, onset 1.5 s"),
        Annotation(384, "Q"),
        Annotation(512, "+", "(NOISE"),
        Annotation(640, "/"),
    ]


def test_an_alarms_note_names_its_event() -> None:
    annotation = annotation_of(PAUSE, Fraction(128), uuid="a-b-c")

    assert annotation is not None
    assert AlarmNote.parse(annotation.aux) == AlarmNote("medium", "pause", "opened", 1.5, "a-b-c")


def test_a_label_that_wfdb_does_not_know_is_a_beat_all_the_same() -> None:
    assert annotations_of([beat(360, "paced?"), beat(720, "a b")], Fraction(360)) == [
        Annotation(360, "Q"),
        Annotation(720, "Q"),
    ]
