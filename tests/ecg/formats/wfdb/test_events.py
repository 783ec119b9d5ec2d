"""Events as MIT annotations."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

import pytest

from ecg.alarms.kinds import AlarmEvent, AlarmKind, AlarmState, Priority
from ecg.events import Rhythm, RhythmChange, Vitals
from ecg.formats.alarm_note import AlarmNote
from ecg.formats.wfdb.annotations import Annotation
from ecg.formats.wfdb.events import annotation_of, annotations_of, recorded_annotation
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


def test_the_recording_tells_a_beat_without_a_class_from_one_of_class_q() -> None:
    assert recorded_annotation(beat(360, "unclassified"), Fraction(360)) == Annotation(360, "Q", "unclassified")
    assert recorded_annotation(beat(360, "Q"), Fraction(360)) == Annotation(360, "Q")


@pytest.mark.parametrize(
    ("quality", "faults", "electrodes", "text"),
    [
        (0.9, (), "on", "good signal"),
        (0.2, ("mains", "muscle"), None, "poor signal: mains, muscle"),
        (0.2, (), None, "poor signal: noise"),
        (None, (), None, "signal not judged"),
        (0.9, (), "off", "electrode off"),
    ],
)
def test_the_recording_keeps_the_quality_of_the_signal(
    quality: float | None, faults: tuple[str, ...], electrodes: Literal["on", "off"] | None, text: str
) -> None:
    vitals = Vitals(720, 60.0, None, quality, faults, electrodes)
    assert recorded_annotation(vitals, Fraction(180)) == Annotation(360, "~", text)
    assert annotation_of(vitals, Fraction(180)) is None
