"""The life of one alarm: it waits, opens, outlasts a short absence, and closes; each call tells what happened."""

from __future__ import annotations

from ecg.alarms.episode import AlarmEpisode
from ecg.alarms.kinds import AlarmKind, AlarmState, Reason
from ecg.timing import NEVER


def test_it_opens_after_its_hold_time_and_closes_after_the_cause_is_gone() -> None:
    alarm = AlarmEpisode(AlarmKind.TACHYCARDIA, close_after=100, hold=50)
    assert alarm.present(10, 0, {"beats": 1}) == []
    assert alarm.deadline == 50
    (opened,) = alarm.run(50)
    assert (opened.state, opened.index, opened.onset_index) == (AlarmState.OPENED, 50, 0)
    assert opened.evidence == {"beats": 1}
    assert alarm.absent(360) == []
    assert alarm.deadline == 460
    assert alarm.run(459) == []
    (closed,) = alarm.run(460)
    assert (closed.state, closed.onset_index) == (AlarmState.CLOSED, 0)
    assert closed.evidence == {"reason": "over", "duration_s": 1.0}
    assert alarm.deadline == NEVER


def test_what_comes_back_in_time_is_the_same_episode() -> None:
    alarm = AlarmEpisode(AlarmKind.PAUSE, close_after=100)
    assert [event.state for event in alarm.present(10, 5, {})] == [AlarmState.OPENED]
    alarm.absent(20)
    assert not alarm.is_present
    assert alarm.present(110, 100, {}) == []
    assert (alarm.is_present, alarm.onset) == (True, 5)


def test_a_cause_that_goes_within_the_hold_time_is_forgotten() -> None:
    alarm = AlarmEpisode(AlarmKind.POOR_SIGNAL, close_after=100, hold=50)
    alarm.present(0, 0, {})
    assert alarm.absent(20) == []
    assert alarm.present(60, 60, {}) == []
    assert alarm.deadline == 110


def test_what_can_no_longer_be_seen_closes_sooner_with_its_reason() -> None:
    alarm = AlarmEpisode(AlarmKind.ATRIAL_FIBRILLATION, close_after=1000, unseen_after=36)
    alarm.present(0, 0, {})
    alarm.absent(360, Reason.ELECTRODE_OFF)
    (closed,) = alarm.run(396)
    assert closed.evidence == {"reason": "electrode_off", "duration_s": 1.0}


def test_a_silent_alarm_tells_nothing() -> None:
    alarm = AlarmEpisode(AlarmKind.ASYSTOLE, close_after=100)
    told = [alarm.update(5, {}), alarm.absent(6), alarm.close(7, Reason.OVER), alarm.run(1000)]
    assert told == [[], [], [], []]


def test_no_episode_begins_before_the_end_of_the_one_before() -> None:
    alarm = AlarmEpisode(AlarmKind.PAUSE, close_after=100)
    alarm.present(500, 400, {})
    alarm.close(600, Reason.SUPERSEDED)
    (opened,) = alarm.present(700, 550, {})
    assert opened.onset_index == 600
