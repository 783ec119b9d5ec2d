"""From the pipeline's events to notices."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np

from ecg.alarms.kinds import AlarmEvent, AlarmKind, AlarmState, Priority
from ecg.alarms.notices import ActiveAlarmsNotice, AlarmNotice
from ecg.alarms.service import AlarmService
from ecg.alarms.settings import AlarmSettings
from ecg.events import RhythmChange, Vitals
from ecg.notices import BeatsNotice, VitalsNotice
from ecg.samples import Beat, Gap
from ecg.summary.tally import MinuteSummary, Tally
from edge.service.reporter import Reporter

START = datetime(2024, 5, 1, 12, tzinfo=UTC)


def utc(index: int) -> datetime:
    return START + timedelta(seconds=index / 360)


def reporter() -> Reporter:
    return Reporter(AlarmService(AlarmSettings(), UUID(int=1)), utc)


def test_beats_are_reported_with_the_next_vitals() -> None:
    stream = reporter()
    first, second = Beat(360, "V", None, 0.9, 0.8, -1.2), Beat(720, "unclassified", 1000.0, None, None, None)
    assert stream.report(first) == []
    assert stream.report(second) == []
    vitals = Vitals(900, 60.0, None, 0.9, (), None)
    assert stream.report(vitals) == [
        BeatsNotice(beats=((utc(360), first), (utc(720), second))),
        VitalsNotice(time=utc(900), vitals=vitals),
    ]
    assert stream.flush() == []


def test_beats_after_the_last_vitals_are_reported_at_the_end() -> None:
    stream = reporter()
    beat = Beat(360, "V", None, 0.9, 0.8, -1.2)
    stream.report(beat)
    assert stream.flush() == [BeatsNotice(beats=((utc(360), beat),))]


def test_gaps_and_rhythm_changes_have_no_notice_of_their_own() -> None:
    assert reporter().report(Gap(0, 10)) == []
    assert reporter().report(RhythmChange(0, None)) == []


def test_an_alarm_keeps_its_uuid_and_its_first_onset_although_the_clock_drifts() -> None:
    drift = [timedelta(0)]
    stream = Reporter(AlarmService(AlarmSettings(), UUID(int=1)), lambda index: utc(index) + drift[0])
    alarms = []
    for state, index in ((AlarmState.OPENED, 720), (AlarmState.UPDATED, 1000), (AlarmState.CLOSED, 2000)):
        notice, active = stream.report(
            AlarmEvent(index, AlarmKind.PAUSE, Priority.MEDIUM, state, 360, {"rr_ms": 2600.0})
        )
        assert isinstance(notice, AlarmNotice)
        assert isinstance(active, ActiveAlarmsNotice)
        assert notice.time == utc(index) + drift[0]
        alarms.append(notice.alarm)
        drift[0] = timedelta(milliseconds=40)
    assert [alarm.state for alarm in alarms] == [AlarmState.OPENED, AlarmState.UPDATED, AlarmState.CLOSED]
    assert {alarm.uuid for alarm in alarms} == {alarms[0].uuid}
    assert {alarm.onset for alarm in alarms} == {utc(360)}


def test_the_set_of_alarms_follows_what_opens_and_closes() -> None:
    stream = reporter()

    def active_after(kind: AlarmKind, state: AlarmState) -> set[AlarmKind]:
        (*_, active) = stream.report(AlarmEvent(720, kind, Priority.MEDIUM, state, 360, {}))
        assert isinstance(active, ActiveAlarmsNotice)
        return {alarm.kind for alarm in active.alarms}

    assert active_after(AlarmKind.PAUSE, AlarmState.OPENED) == {AlarmKind.PAUSE}
    assert active_after(AlarmKind.ASYSTOLE, AlarmState.OPENED) == {AlarmKind.PAUSE, AlarmKind.ASYSTOLE}
    assert active_after(AlarmKind.PAUSE, AlarmState.CLOSED) == {AlarmKind.ASYSTOLE}


def test_evidence_may_hold_numpy_numbers() -> None:
    evidence = {"rate_bpm": np.float64(31.5), "beats": np.int64(5), "rr_ms": [np.float64(800.0)], "unknown": None}
    (notice, _) = reporter().report(AlarmEvent(0, AlarmKind.PAUSE, Priority.LOW, AlarmState.OPENED, 0, evidence))
    assert isinstance(notice, AlarmNotice)
    assert notice.alarm.evidence == {"rate_bpm": 31.5, "beats": 5, "rr_ms": [800.0], "unknown": None}
    assert [type(notice.alarm.evidence[name]) for name in ("rate_bpm", "beats")] == [float, int]


def test_an_hour_and_a_day_are_reported_when_they_end() -> None:
    alarms = AlarmService(AlarmSettings(), UUID(int=1))
    stream = Reporter(alarms, utc)

    def minute(number: int) -> MinuteSummary:
        return MinuteSummary(number * 21_600, Tally(duration=21_600, good=21_600, beats={"N": 70, "V": 2}))

    told = [notice for number in range(61) for notice in stream.report(minute(number))]
    (hour,) = [notice for notice in told if getattr(notice, "name", "") == "hour"]
    assert (hour.start, hour.end) == (START, START + timedelta(hours=1))
    assert hour.tally.beats == {"N": 4200, "V": 120}
    assert alarms.today is not None
    assert alarms.today.tally.beats == {"N": 4270, "V": 122}
    assert [summary.name for summary in alarms.finish_periods()] == ["hour", "day"]


def test_an_alarm_keeps_the_moment_from_which_on_it_cannot_be_seen() -> None:
    stream = reporter()
    told = []
    for state, unseen_since in ((AlarmState.OPENED, None), (AlarmState.UPDATED, 900), (AlarmState.UPDATED, None)):
        event = AlarmEvent(1000, AlarmKind.ASYSTOLE, Priority.HIGH, state, 720, {}, unseen_since)
        told += [each for each in stream.report(event) if isinstance(each, AlarmNotice)]
    assert [each.alarm.unseen_since for each in told] == [None, utc(900), None]
