"""Events as MIT annotations."""

from __future__ import annotations

from fractions import Fraction

from ecg.alarms.kinds import AlarmEvent, AlarmKind, AlarmState, Priority
from ecg.events import Rhythm, RhythmChange
from ecg.formats.wfdb.annotations import Annotation
from ecg.formats.wfdb.notes import annotate, event_named, mark
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

    assert annotate(events, Fraction(128)) == [
        Annotation(128, "N"),
        Annotation(256, "V"),
        Annotation(257, "+", "(AFIB"),  # moved off the beat: one sample holds one annotation
        Annotation(320, '"', "medium pause opened, onset 1.5 s"),
        Annotation(384, "Q"),
        Annotation(512, "+", "(NOISE"),
        Annotation(640, "/"),
    ]


def test_an_alarm_is_found_by_its_uuid() -> None:
    note = mark(PAUSE, Fraction(128), uuid="a-b-c")

    assert note is not None
    assert event_named(note, "a-b-c") == 1.5
    assert event_named(note, "a-b") is None


def test_a_label_that_wfdb_does_not_know_is_a_beat_all_the_same() -> None:
    assert annotate([beat(360, "paced?"), beat(720, "a b")], Fraction(360)) == [
        Annotation(360, "Q"),
        Annotation(720, "Q"),
    ]
