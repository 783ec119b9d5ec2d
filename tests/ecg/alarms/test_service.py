"""The alarm service: acknowledgements, snoozes, escalation, and what a restart leaves of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg.alarms.active import AlarmServiceState
from ecg.alarms.kinds import PRIORITIES, AlarmEvent, AlarmKind, AlarmState, Priority
from ecg.alarms.notices import ActiveAlarmsNotice, AlarmNotice
from ecg.alarms.service import AlarmService
from ecg.alarms.settings import AlarmSettings

START = datetime(2024, 5, 1, 12, tzinfo=UTC)
SESSION = UUID(int=1)
SETTINGS = AlarmSettings(escalate_min=2.0, snooze_max_min=60.0)


def utc(now_s: float) -> datetime:
    return START + timedelta(seconds=now_s)


def put(
    service: AlarmService, kind: AlarmKind, state: AlarmState, *, now_s: float = 0.0, onset: int = 0
) -> AlarmNotice | None:
    """What is told of the alarm; None where nothing is."""
    event = AlarmEvent(onset, kind, PRIORITIES[kind], state, onset, {"beats": 5})
    return changed(service.take(event, onset=utc(now_s), onset_index=onset, time=utc(now_s)))


def changed(told: list[AlarmNotice | ActiveAlarmsNotice]) -> AlarmNotice | None:
    """The one alarm that something happened to; the set of active alarms is told behind it."""
    if not told:
        return None
    notice, active = told
    assert isinstance(notice, AlarmNotice)
    assert isinstance(active, ActiveAlarmsNotice)
    return notice


def fresh() -> AlarmService:
    return AlarmService(SETTINGS, SESSION)


def opened(*kinds: AlarmKind) -> AlarmService:
    service = fresh()
    for kind in kinds:
        put(service, kind, AlarmState.OPENED)
    service.tick(0.0, utc(0.0))
    return service


def now(service: AlarmService) -> ActiveAlarmsNotice:
    return service.active_alarms(unchanged_since=START)


def escalations(service: AlarmService, *, from_s: float, to_s: float) -> list[tuple[float, int]]:
    """Tick each second; give when something was raised again, and its count."""
    raised = []
    for now_s in range(int(from_s), int(to_s) + 1):
        for notice in service.tick(float(now_s), utc(now_s)):
            if isinstance(notice, AlarmNotice):
                assert notice.alarm.state is AlarmState.ESCALATED
                raised.append((now_s, notice.alarm.escalations))
    return raised


def restarted(service: AlarmService, *, away_s: float | None = 5.0) -> AlarmService:
    """Write the state as the daemon does, and read it back in the next session."""
    state = msgspec.json.decode(msgspec.json.encode(service.state), type=AlarmServiceState)
    return AlarmService(SETTINGS, UUID(int=2), state=state, away_s=away_s)


def test_a_high_alarm_that_nobody_acknowledges_is_raised_again_and_again_with_a_count() -> None:
    service = opened(AlarmKind.ASYSTOLE, AlarmKind.PAUSE, AlarmKind.BIGEMINY)
    assert escalations(service, from_s=0, to_s=500) == [(120, 1), (240, 2), (360, 3), (480, 4)]


def test_an_acknowledged_alarm_neither_escalates_nor_sounds_and_is_still_to_be_seen() -> None:
    service = opened(AlarmKind.ASYSTOLE)
    notice = changed(service.acknowledge(service.alarms, utc(10)))
    assert notice is not None
    assert notice.alarm.state is AlarmState.ACKNOWLEDGED
    assert notice.alarm.acknowledged == utc(10)
    assert now(service).audible is None
    assert now(service).visible is Priority.HIGH
    assert escalations(service, from_s=10, to_s=500) == []


def test_an_acknowledgement_is_told_once() -> None:
    service = opened(AlarmKind.ASYSTOLE)
    assert changed(service.acknowledge(service.alarms, utc(10))) is not None
    assert service.acknowledge(service.alarms, utc(20)) == []


def test_a_new_episode_is_not_acknowledged_by_the_old_one() -> None:
    service = opened(AlarmKind.ASYSTOLE)
    service.acknowledge(service.alarms, utc(10))
    closed = put(service, AlarmKind.ASYSTOLE, AlarmState.CLOSED, now_s=20)
    assert closed.alarm.acknowledged == utc(10)
    assert service.alarms == []
    assert put(service, AlarmKind.ASYSTOLE, AlarmState.OPENED, now_s=30, onset=10_800).alarm.acknowledged is None
    assert now(service).audible is Priority.HIGH


def test_a_snoozed_kind_is_told_as_such_and_is_silent_until_the_end_of_the_snooze() -> None:
    service = opened(AlarmKind.ASYSTOLE)
    snooze, _ = service.snooze(AlarmKind.ASYSTOLE, 300, now_s=0.0, time=utc(0))
    assert snooze is not None
    assert snooze.until == utc(300)
    assert put(service, AlarmKind.ASYSTOLE, AlarmState.UPDATED, now_s=5).snoozed_until == utc(300)
    assert now(service).audible is None
    assert now(service).visible is Priority.HIGH
    # The time to the next escalation begins anew.
    assert escalations(service, from_s=0, to_s=425) == [(420, 1)]
    assert service.snoozes == []
    assert now(service).audible is Priority.HIGH


def test_a_snooze_is_never_longer_than_the_settings_allow_and_0_ends_it() -> None:
    service = fresh()
    snooze, _ = service.snooze(AlarmKind.PAUSE, 1e9, now_s=0.0, time=utc(0))
    assert snooze is not None
    assert snooze.until == utc(3600)
    assert service.snooze(AlarmKind.PAUSE, 0, now_s=1.0, time=utc(1))[0] is None
    assert service.snoozes == []


def test_muting_silences_the_buzzer_and_nothing_else_until_a_high_alarm_is_raised() -> None:
    service = opened(AlarmKind.PAUSE)
    service.snooze(None, 600, now_s=0.0, time=utc(0))
    assert now(service).audible is None
    assert put(service, AlarmKind.PAUSE, AlarmState.UPDATED).snoozed_until is None
    put(service, AlarmKind.ASYSTOLE, AlarmState.OPENED)
    assert now(service).audible is Priority.HIGH
    assert service.snoozes == []
    service.snooze(None, 600, now_s=0.0, time=utc(0))
    assert escalations(service, from_s=0, to_s=120) == [(120, 1)]
    assert now(service).audible is Priority.HIGH


@given(st.lists(st.tuples(st.sampled_from([None, *AlarmKind]), st.floats(0, 1e6), st.floats(0, 1e4)), max_size=20))
def test_every_snooze_ends_by_itself(snoozes: list[tuple[AlarmKind | None, float, float]]) -> None:
    service, now_s = fresh(), 0.0
    for kind, duration_s, pause_s in snoozes:
        service.snooze(kind, duration_s, now_s=now_s, time=utc(now_s))
        now_s += pause_s
        service.tick(now_s, utc(now_s))
    service.tick(now_s + 3600, utc(now_s + 3600))
    assert service.snoozes == []


def test_acknowledgement_and_snooze_survive_a_restart() -> None:
    service = opened(AlarmKind.ASYSTOLE, AlarmKind.PAUSE)
    service.acknowledge([service.alarms[0]], utc(10))
    service.snooze(AlarmKind.PAUSE, 300, now_s=10.0, time=utc(10))
    after = restarted(service)
    after.tick(5000.0, utc(100))  # another monotonic clock
    assert [(alarm.uuid, alarm.acknowledged) for alarm in after.alarms] == [
        (service.alarms[0].uuid, utc(10)),
        (service.alarms[1].uuid, None),
    ]
    assert [snooze.until for snooze in after.snoozes] == [utc(310)]
    after.tick(5211.0, utc(311))
    assert after.snoozes == []


@pytest.mark.parametrize("jump_s", [-1e8, -1000.0, 0.0, 1e8])
def test_a_snooze_ends_after_a_restart_however_the_clock_was_set(jump_s: float) -> None:
    service = fresh()
    service.snooze(AlarmKind.PAUSE, 300, now_s=0.0, time=utc(0))
    after = restarted(service)
    after.tick(0.0, utc(jump_s))
    after.tick(300.0, utc(jump_s + 300))
    assert after.snoozes == []


def test_an_alarm_whose_cause_is_still_there_after_a_restart_goes_on_as_the_same() -> None:
    service = opened(AlarmKind.ASYSTOLE)
    service.acknowledge(service.alarms, utc(10))
    after = restarted(service)
    after.tick(0.0, utc(20))
    notice = put(after, AlarmKind.ASYSTOLE, AlarmState.OPENED, now_s=30, onset=99)
    assert notice is not None
    assert (notice.alarm.uuid, notice.alarm.state) == (service.alarms[0].uuid, AlarmState.UPDATED)
    assert notice.alarm.onset == utc(0)
    assert notice.alarm.onset_index == 99  # of this session
    assert notice.alarm.acknowledged == utc(10)
    assert after.tick(500.0, utc(520)) == []


def test_an_alarm_whose_cause_is_not_seen_after_a_restart_is_closed() -> None:
    after = restarted(opened(AlarmKind.PAUSE))
    assert after.tick(0.0, utc(20)) == []
    assert len(after.alarms) == 1
    notice = changed(after.tick(120.0, utc(140)))
    assert notice is not None
    assert notice.alarm.state is AlarmState.CLOSED
    assert notice.alarm.evidence == {"reason": "restart"}
    assert after.alarms == []


def test_the_revision_grows_with_each_change_and_with_nothing_else() -> None:
    service = opened(AlarmKind.ASYSTOLE)
    before = service.revision
    service.tick(1.0, utc(1))
    assert service.revision == before
    for change in (
        lambda: service.snooze(AlarmKind.PAUSE, 60, now_s=1.0, time=utc(1)),
        lambda: service.tick(61.0, utc(61)),
        lambda: service.tick(120.0, utc(120)),
        lambda: service.acknowledge(service.alarms, utc(121)),
        lambda: put(service, AlarmKind.ASYSTOLE, AlarmState.CLOSED),
    ):
        change()
        assert service.revision > before
        before = service.revision


def test_what_two_watchers_tell_of_is_one_alarm_and_closes_with_the_last() -> None:
    service = opened(AlarmKind.NO_SAMPLES)
    notice = put(service, AlarmKind.NO_SAMPLES, AlarmState.OPENED, onset=9)
    assert notice is not None
    assert (notice.alarm.state, notice.alarm.uuid) == (AlarmState.UPDATED, service.alarms[0].uuid)
    assert put(service, AlarmKind.NO_SAMPLES, AlarmState.CLOSED) is None
    assert service.alarms
    assert put(service, AlarmKind.NO_SAMPLES, AlarmState.CLOSED, onset=9) is not None
    assert not service.alarms


def test_it_is_known_who_acknowledged() -> None:
    service = opened(AlarmKind.ASYSTOLE)
    service.acknowledge(service.alarms, utc(10), by="nurse")
    assert restarted(service).alarms[0].acknowledged_by == "nurse"


def test_an_alarm_keeps_its_uuid_and_its_first_onset_for_its_whole_life() -> None:
    service = fresh()
    told = [
        put(service, AlarmKind.PAUSE, state, now_s=now_s)
        for now_s, state in enumerate((AlarmState.OPENED, AlarmState.UPDATED, AlarmState.CLOSED))
    ]
    assert len({notice.alarm.uuid for notice in told if notice is not None}) == 1
    assert [notice.alarm.onset for notice in told if notice is not None] == [utc(0)] * 3


def test_two_sessions_never_share_an_alarm() -> None:
    services = [AlarmService(SETTINGS, UUID(int=number)) for number in (1, 2)]
    for service in services:
        put(service, AlarmKind.PAUSE, AlarmState.OPENED)
    assert services[0].alarms[0].uuid != services[1].alarms[0].uuid


def test_what_was_told_never_changes_afterwards() -> None:
    service = opened(AlarmKind.PAUSE)
    before = now(service)
    put(service, AlarmKind.ASYSTOLE, AlarmState.OPENED)
    service.snooze(AlarmKind.PAUSE, 60, now_s=0.0, time=utc(0))
    assert [alarm.kind for alarm in before.alarms] == [AlarmKind.PAUSE]
    assert before.snoozes == ()
    assert before.audible is Priority.MEDIUM


def test_the_state_that_the_version_before_wrote_is_read() -> None:
    """Version 0.1.0 left out what was None."""
    written = (
        b'{"alarms":[{"uuid":"a-b","kind":"asystole","priority":"high","state":"acknowledged",'
        b'"onset":"2024-05-01T12:00:00Z","onset_index":7200,"evidence":{"threshold_s":4.0},'
        b'"acknowledged":"2024-05-01T12:00:10Z","acknowledged_by":"nurse"},'
        b'{"uuid":"c-d","kind":"battery_low","priority":"low","state":"opened","onset":"2024-05-01T11:00:00Z",'
        b'"evidence":{}}],"snoozes":[{"kind":null,"until":"2024-05-01T12:30:00Z","granted_s":1800.0}]}'
    )
    state = msgspec.json.decode(written, type=AlarmServiceState)
    service = AlarmService(SETTINGS, SESSION, state=state)
    assert [(alarm.uuid, alarm.onset_index, alarm.acknowledged_by) for alarm in service.alarms] == [
        ("a-b", 7200, "nurse"),
        ("c-d", None, None),
    ]
    assert [snooze.kind for snooze in service.snoozes] == [None]


@pytest.mark.parametrize("run_s", [20, 600, 1200])
@pytest.mark.parametrize("away_s", [None, 5.0])
def test_a_snooze_ends_when_its_length_was_watched_whatever_the_clock_says_at_each_boot(
    run_s: int, away_s: float | None
) -> None:
    service = opened(AlarmKind.VENTRICULAR_TACHYCARDIA)
    service.snooze(AlarmKind.VENTRICULAR_TACHYCARDIA, 3600, now_s=100.0, time=utc(0))
    watched_s = 0
    while watched_s < 3600:
        service = restarted(service, away_s=away_s)
        for second in range(0, run_s, 10):
            service.tick(50.0 + second, utc(second - 600))  # each boot begins in the past
        watched_s += run_s
    service.tick(50.0 + run_s, utc(run_s - 600))
    assert service.snoozes == []


def test_what_is_left_of_a_snooze_goes_on_after_a_restart() -> None:
    service = fresh()
    service.snooze(AlarmKind.PAUSE, 3600, now_s=0.0, time=utc(0))
    service.tick(1200.0, utc(1200))
    service = restarted(service, away_s=100.0)
    service.tick(0.0, utc(0))  # the clock is wrong
    (snooze,) = service.snoozes
    assert snooze.until == utc(2300)
    service.tick(2299.0, utc(2299))
    assert service.snoozes
    service.tick(2300.0, utc(2300))
    assert service.snoozes == []
