"""Reading rhythms and alarms out of annotation files, the reference's and the monitor's."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from converter.evaluation.records import ATRIAL_FIBRILLATION, VENTRICULAR_ARRHYTHMIA, Alarm, read_finding, read_truth
from ecg.alarms.kinds import AlarmEvent, AlarmKind, AlarmState, Priority
from ecg.events import Rhythm, RhythmChange
from ecg.formats.wfdb.annotations import Annotation, write_annotations
from ecg.formats.wfdb.events import annotation_of, annotations_of
from ecg.samples import Beat

if TYPE_CHECKING:
    from pathlib import Path

S = 360


def test_each_rhythm_lasts_until_the_next_and_the_last_one_to_the_end(tmp_path: Path) -> None:
    entries = [
        Annotation(10, "+", "(N"),
        Annotation(250, "N"),
        Annotation(500, "+", "(AFIB\0"),
        Annotation(750, "[", ""),
        Annotation(1000, "]", ""),
        Annotation(1250, "+", "(VFL"),
    ]
    write_annotations(tmp_path / "r.atr", entries)
    truth = read_truth(tmp_path / "r", name="r", duration_s=8.0, rate_hz=250)
    ratio = S / 250
    assert truth.episodes(ATRIAL_FIBRILLATION) == [(500 * ratio, 1250 * ratio)]
    assert truth.episodes(VENTRICULAR_ARRHYTHMIA) == [(1250 * ratio, 8 * S)]
    assert truth.ventricular_episodes == [(750 * ratio, 1000 * ratio + 1), (1250 * ratio, 8 * S)]
    assert truth.has_beats
    assert truth.has_rhythms


def test_a_database_of_beats_alone_has_no_rhythms(tmp_path: Path) -> None:
    write_annotations(tmp_path / "r.atr", [Annotation(250, "N")])
    truth = read_truth(tmp_path / "r", name="r", duration_s=8.0, rate_hz=250)
    assert not truth.has_rhythms
    assert truth.ventricular_episodes == []


def test_what_the_monitor_tells_comes_back_from_its_annotation_file(tmp_path: Path) -> None:
    def told(index: int, kind: AlarmKind, state: AlarmState, onset: int) -> AlarmEvent:
        return AlarmEvent(index, kind, Priority.HIGH, state, onset)

    events = [
        Beat(100, "N", None, 0.9, 1.0, 1.0),
        RhythmChange(150, Rhythm.NORMAL),
        told(5 * S, AlarmKind.ASYSTOLE, AlarmState.OPENED, S),
        RhythmChange(5 * S, Rhythm.ASYSTOLE),
        told(6 * S, AlarmKind.ASYSTOLE, AlarmState.UPDATED, S),
        told(9 * S, AlarmKind.ASYSTOLE, AlarmState.CLOSED, S),
        told(12 * S, AlarmKind.ASYSTOLE, AlarmState.OPENED, 10 * S),
    ]
    write_annotations(tmp_path / "r.edge", annotations_of(events, Fraction(360)))
    finding = read_finding(tmp_path / "r", name="r", duration_s=20.0, rate_hz=360)
    assert finding.alarms == (
        Alarm("asystole", "high", S, 5 * S, 9 * S),
        Alarm("asystole", "high", 10 * S, 12 * S, 20 * S),  # never closed
    )
    assert finding.rhythms == (("N", 150, 5 * S + 1), ("ASYS", 5 * S + 1, 20 * S))
    assert finding.beats.index.tolist() == [100]


@pytest.mark.parametrize("name", ["", "0b0ed5d8-6a4c-5f43-9bd6-1d0b4a0f0c5e"])
def test_an_alarm_with_a_uuid_or_of_before_the_first_sample_is_read(name: str, tmp_path: Path) -> None:
    def told(index: int, state: AlarmState) -> Annotation:
        event = AlarmEvent(index, AlarmKind.ASYSTOLE, Priority.HIGH, state, -S)
        annotation = annotation_of(event, Fraction(360), uuid=name)
        assert annotation is not None
        return annotation

    write_annotations(tmp_path / "r.edge", [told(3 * S, AlarmState.OPENED), told(9 * S, AlarmState.CLOSED)])
    finding = read_finding(tmp_path / "r", name="r", duration_s=20.0, rate_hz=360)
    assert finding.alarms == (Alarm("asystole", "high", -S, 3 * S, 9 * S),)
