"""Since when an alarm is open."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from ecg.alarms.active import ActiveAlarm
from ecg.alarms.kinds import AlarmKind, AlarmState, Priority
from ecg.alarms.notices import AlarmNotice
from edge.service.opening_times import OpeningTimes

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)


def notice(uuid: str, state: AlarmState) -> AlarmNotice:
    alarm = ActiveAlarm(
        uuid=uuid, kind=AlarmKind.PAUSE, priority=Priority.MEDIUM, state=state, onset=NOW, onset_index=0, evidence={}
    )
    return AlarmNotice(time=NOW, alarm=alarm, snoozed_until=None)


def test_an_alarm_is_open_from_its_opening_on_and_an_old_one_since_the_state_was_saved() -> None:
    before_s = time.monotonic()
    opening_times = OpeningTimes(saved_s=before_s - 40)
    opening_times.take([notice("a", AlarmState.OPENED)])
    opening_times.take([notice("a", AlarmState.ESCALATED)])
    assert not opening_times.was_open("a", before_s - 0.001)
    assert opening_times.was_open("a", time.monotonic())
    assert opening_times.was_open("old", before_s - 40)
    assert not opening_times.was_open("old", before_s - 41)
