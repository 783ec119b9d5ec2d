"""What goes on as the same alarm after a restart, and what is a new one that nobody knows of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest

from ecg.alarms.active import AlarmServiceState
from ecg.alarms.kinds import PRIORITIES, AlarmEvent, AlarmKind, AlarmState, Priority, Reason
from ecg.alarms.notices import ActiveAlarmsNotice, AlarmNotice
from ecg.alarms.service import AlarmService
from ecg.alarms.settings import AlarmSettings

START = datetime(2024, 5, 1, 12, tzinfo=UTC)
RATE = 360


def utc(now_s: float) -> datetime:
    return START + timedelta(seconds=now_s)


def event(kind: AlarmKind, state: AlarmState, onset_s: float) -> AlarmEvent:
    index = round(onset_s * RATE)
    return AlarmEvent(index, kind, PRIORITIES[kind], state, index)


def told(notices: list[AlarmNotice | ActiveAlarmsNotice]) -> list[tuple[str, str]]:
    """What happened, and the reason if an alarm was closed."""
    alarms = [notice.alarm for notice in notices if isinstance(notice, AlarmNotice)]
    return [(alarm.state.value, alarm.evidence.get("reason", "")) for alarm in alarms]


def after_restart(kind: AlarmKind, *, away_s: float | None) -> AlarmService:
    """An alarm was acknowledged, and the monitor was away."""
    before = AlarmService(AlarmSettings(), UUID(int=1))
    before.take(event(kind, AlarmState.OPENED, 10), onset=utc(10), onset_index=3600, time=utc(14))
    before.acknowledge(before.alarms, utc(20), by="night nurse")
    state = msgspec.json.decode(msgspec.json.encode(before.state), type=AlarmServiceState)
    return AlarmService(AlarmSettings(), UUID(int=2), state=state, away_s=away_s)


def opens(service: AlarmService, kind: AlarmKind, onset_s: float) -> list[AlarmNotice | ActiveAlarmsNotice]:
    opened = event(kind, AlarmState.OPENED, onset_s)
    uuid = service.uuid(opened)
    notices = service.take(opened, onset=utc(onset_s), onset_index=opened.onset_index, time=utc(onset_s))
    assert service.alarms[-1].uuid == uuid
    return notices


def normal(service: AlarmService, *, from_s: float, to_s: float) -> list[tuple[str, str]]:
    """The rhythm is normal, which is told at its begin and with the vitals each 5 s."""
    notices = service.see_rhythm(round(from_s * RATE), utc(from_s), normal=True)
    for now_s in range(5, round(to_s) + 1, 5):
        if now_s >= from_s:
            notices += service.see_rhythm(now_s * RATE, utc(now_s), normal=True)
    return told(notices)


@pytest.mark.parametrize("away_s", [None, 120.1, 36_000.0, -1.0])
@pytest.mark.parametrize("kind", [AlarmKind.ASYSTOLE, AlarmKind.ELECTRODE_OFF])
def test_what_is_too_old_is_closed_at_the_start_and_the_next_one_is_new(kind: AlarmKind, away_s: float | None) -> None:
    service = after_restart(kind, away_s=away_s)
    old = service.alarms[0].uuid
    assert told(service.tick(0.0, utc(100))) == [("closed", "restart")]
    assert told(opens(service, kind, 1.0)) == [("opened", "")]
    assert service.alarms[0].uuid != old
    assert service.alarms[0].acknowledged is None


def test_the_old_one_is_closed_also_where_the_new_one_is_told_first() -> None:
    service = after_restart(AlarmKind.ASYSTOLE, away_s=None)
    notices = opens(service, AlarmKind.ASYSTOLE, 1.0)
    assert told(notices) == [("closed", "restart"), ("opened", "")]
    assert isinstance(notices[-1], ActiveAlarmsNotice)
    assert notices[-1].audible is Priority.HIGH


def test_a_standstill_after_two_beats_is_another_one() -> None:
    service = after_restart(AlarmKind.ASYSTOLE, away_s=3.0)
    service.tick(0.0, utc(30))
    assert service.see_beat(RATE, utc(1)) == []
    assert told(service.see_beat(2 * RATE, utc(2))) == [("closed", "restart")]
    assert told(opens(service, AlarmKind.ASYSTOLE, 2.0)) == [("opened", "")]
    assert service.alarms[0].acknowledged is None


@pytest.mark.parametrize("kind", [AlarmKind.VENTRICULAR_TACHYCARDIA, AlarmKind.VENTRICULAR_FLUTTER, AlarmKind.PAUSE])
def test_an_arrhythmia_that_begins_after_normal_rhythm_is_another_one(kind: AlarmKind) -> None:
    service = after_restart(kind, away_s=3.0)
    assert normal(service, from_s=3, to_s=10) == []
    assert told(opens(service, kind, 8.0)) == [("closed", "restart"), ("opened", "")]
    assert service.alarms[0].acknowledged is None


def test_normal_rhythm_for_half_a_minute_ends_it() -> None:
    service = after_restart(AlarmKind.VENTRICULAR_TACHYCARDIA, away_s=3.0)
    assert normal(service, from_s=3, to_s=60) == [("closed", "restart")]
    assert service.alarms == []


@pytest.mark.parametrize(
    ("kind", "onset_s"),
    [
        (AlarmKind.VENTRICULAR_TACHYCARDIA, 2.3),
        (AlarmKind.BRADYCARDIA, 0.8),
        (AlarmKind.ATRIAL_FIBRILLATION, 10.0),
        (AlarmKind.FREQUENT_PVCS, 55.0),
        (AlarmKind.ELECTRODE_OFF, 55.0),
    ],
)
def test_what_passed_for_normal_at_first_goes_on_as_the_same(kind: AlarmKind, onset_s: float) -> None:
    service = after_restart(kind, away_s=3.0)
    service.tick(0.0, utc(0))
    normal(service, from_s=2.2, to_s=20)
    assert told(opens(service, kind, onset_s)) == [("updated", "")]
    assert service.alarms[0].acknowledged_by == "night nurse"


def test_fibrillation_after_half_a_minute_of_normal_rhythm_is_another_one() -> None:
    service = after_restart(AlarmKind.ATRIAL_FIBRILLATION, away_s=3.0)
    normal(service, from_s=3, to_s=60)
    assert told(opens(service, AlarmKind.ATRIAL_FIBRILLATION, 40.0)) == [("closed", "restart"), ("opened", "")]


def test_each_press_of_the_patient_is_news() -> None:
    service = after_restart(AlarmKind.PATIENT_EVENT, away_s=3.0)
    assert told(opens(service, AlarmKind.PATIENT_EVENT, 5.0)) == [("closed", "restart"), ("opened", "")]


def test_an_alarm_that_goes_on_is_carried_no_more() -> None:
    service = after_restart(AlarmKind.ASYSTOLE, away_s=3.0)
    service.tick(0.0, utc(0))
    assert told(opens(service, AlarmKind.ASYSTOLE, 1.0)) == [("updated", "")]
    assert normal(service, from_s=3, to_s=100) == []
    assert service.tick(500.0, utc(500)) == []


def test_normal_rhythm_that_another_one_interrupts_begins_anew() -> None:
    service = after_restart(AlarmKind.VENTRICULAR_TACHYCARDIA, away_s=3.0)
    assert normal(service, from_s=3, to_s=25) == []
    assert service.see_rhythm(26 * RATE, utc(26), normal=False) == []
    assert service.see_rhythm(40 * RATE, utc(40), normal=True) == []
    assert service.alarms


def test_a_high_alarm_whose_end_cannot_be_seen_after_the_restart_stays_as_unseen() -> None:
    service = after_restart(AlarmKind.ASYSTOLE, away_s=3.0)
    for now_s in range(0, 700, 5):
        notices = service.see_signal(now_s * RATE, utc(now_s), unseen=Reason.ELECTRODE_OFF)
        assert told(notices) == ([("updated", "")] if now_s == 5 else [])
        closed = told(service.tick(now_s, utc(now_s)))
        assert closed == ([("closed", "restart")] if now_s == 600 + 120 else [])
        if now_s == 5:
            (alarm,) = service.alarms
            assert (alarm.unseen_since, alarm.evidence["unseen"]) == (utc(5), "electrode_off")


def test_one_that_somebody_knows_of_is_closed_in_the_end() -> None:
    service = after_restart(AlarmKind.ASYSTOLE, away_s=3.0)
    closed = [now_s for now_s in range(0, 1500, 5) if service.tick(now_s, utc(now_s))]
    assert closed == [120 + 600]


def test_one_that_nobody_knows_of_waits_for_the_signal() -> None:
    before = AlarmService(AlarmSettings(escalate_min=60), UUID(int=1))
    before.take(event(AlarmKind.ASYSTOLE, AlarmState.OPENED, 10), onset=utc(10), onset_index=3600, time=utc(14))
    service = AlarmService(AlarmSettings(escalate_min=60), UUID(int=2), state=before.state, away_s=3.0)
    for now_s in range(0, 2000, 5):
        service.see_signal(now_s * RATE, utc(now_s), unseen=Reason.POOR_SIGNAL)
        assert told(service.tick(now_s, utc(now_s))) == []
    closed = []
    for now_s in range(2000, 2500, 5):
        service.see_signal(now_s * RATE, utc(now_s), unseen=None)
        closed += [now_s] * len(told(service.tick(now_s, utc(now_s))))
    assert closed == [2120]
    assert service.alarms == []


def test_what_is_seen_again_after_the_restart_is_unseen_no_more() -> None:
    service = after_restart(AlarmKind.ASYSTOLE, away_s=3.0)
    service.tick(0.0, utc(0))
    for now_s in (0, 5, 10):
        service.see_signal(now_s * RATE, utc(now_s), unseen=Reason.ELECTRODE_OFF)
    assert service.alarms[0].unseen_since is not None
    assert told(opens(service, AlarmKind.ASYSTOLE, 15.0)) == [("updated", "")]
    assert service.alarms[0].unseen_since is None
    assert service.alarms[0].acknowledged_by == "night nurse"
