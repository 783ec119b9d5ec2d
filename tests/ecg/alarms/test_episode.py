"""The life of one alarm: it waits, opens, outlasts a short absence, and closes; each call tells what happened."""

from __future__ import annotations

import pytest

from ecg.alarms.episode import LONGEST_UNSEEN_S, AlarmEpisode
from ecg.alarms.kinds import PRIORITIES, AlarmKind, AlarmState, Priority, Reason
from ecg.timing import NEVER, samples_of


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


HIGH = [kind for kind in AlarmKind if PRIORITIES[kind] is Priority.HIGH]
UNSEEN = [Reason.POOR_SIGNAL, Reason.ELECTRODE_OFF, Reason.NO_SAMPLES]


@pytest.mark.parametrize("kind", HIGH)
@pytest.mark.parametrize("reason", UNSEEN)
def test_a_high_alarm_that_nobody_can_see_stays_open_and_says_so(kind: AlarmKind, reason: Reason) -> None:
    alarm = AlarmEpisode(kind, close_after=1000, unseen_after=100)
    alarm.present(0, 0, {"beats": 5})
    assert alarm.absent(360, reason) == []
    (told,) = alarm.run(alarm.deadline)
    assert (told.index, told.state, told.unseen_since) == (460, AlarmState.UPDATED, 360)
    assert told.evidence == {"beats": 5, "unseen": reason.value}
    assert (alarm.is_open, alarm.is_present, alarm.is_unseen) == (True, False, True)
    assert alarm.deadline == NEVER


def test_one_that_comes_back_in_time_tells_nothing_and_later_that_it_is_seen_again() -> None:
    alarm = AlarmEpisode(AlarmKind.ASYSTOLE, close_after=100)
    alarm.present(0, 0, {})
    alarm.absent(360, Reason.POOR_SIGNAL)
    assert alarm.present(400, 400, {}) == []
    alarm.absent(500, Reason.POOR_SIGNAL)
    alarm.run(600)
    (again,) = alarm.present(900, 800, {"silence_s": 5.0})
    assert (again.state, again.unseen_since, again.evidence) == (AlarmState.UPDATED, None, {"silence_s": 5.0})
    assert alarm.is_present


def test_it_is_over_only_when_that_was_seen_for_the_closing_time() -> None:
    """What was seen of its end counts, however often the sight of it was lost in between."""
    alarm = AlarmEpisode(AlarmKind.VENTRICULAR_TACHYCARDIA, close_after=100)
    alarm.present(0, 0, {})
    now = 360
    for _ in range(3):
        assert alarm.absent(now, Reason.ELECTRODE_OFF) == []
        now += 60
        assert alarm.absent(now) == []
        now += 30
    assert alarm.absent(now, Reason.ELECTRODE_OFF) == []
    alarm.absent(now + 60)
    (closed,) = alarm.run(alarm.deadline)
    assert closed.index == now + 60 + 10
    assert closed.evidence == {"reason": "over", "duration_s": 1.0}


def test_what_is_seen_again_in_between_begins_the_closing_time_anew() -> None:
    alarm = AlarmEpisode(AlarmKind.VENTRICULAR_TACHYCARDIA, close_after=100)
    alarm.present(0, 0, {})
    alarm.absent(360)
    alarm.absent(450, Reason.POOR_SIGNAL)
    alarm.present(460, 460, {})
    alarm.absent(500)
    assert alarm.deadline == 600


def test_one_that_somebody_knows_of_is_closed_after_ten_minutes_unseen() -> None:
    for first in ("unseen", "acknowledged"):
        alarm = AlarmEpisode(AlarmKind.ASYSTOLE, close_after=100)
        alarm.present(0, 0, {})
        if first == "acknowledged":
            alarm.acknowledge(50)
        alarm.absent(360, Reason.ELECTRODE_OFF)
        alarm.run(460)
        if first == "unseen":
            alarm.acknowledge(1000)
        end = (360 if first == "acknowledged" else 1000) + samples_of(LONGEST_UNSEEN_S)
        assert alarm.deadline == end
        (closed,) = alarm.run(end)
        assert closed.evidence["reason"] == "electrode_off"


def test_an_acknowledgement_of_before_does_not_close_the_next_episode() -> None:
    alarm = AlarmEpisode(AlarmKind.ASYSTOLE, close_after=100)
    alarm.present(0, 0, {})
    alarm.acknowledge(50)
    alarm.absent(100)
    alarm.run(200)
    alarm.present(300, 300, {})
    alarm.absent(400, Reason.ELECTRODE_OFF)
    alarm.run(500)
    assert alarm.deadline == NEVER


def test_the_reason_that_held_last_is_told() -> None:
    alarm = AlarmEpisode(AlarmKind.TACHYCARDIA, close_after=1000, unseen_after=100)
    alarm.present(0, 0, {})
    alarm.absent(360)
    alarm.absent(400, Reason.POOR_SIGNAL)
    alarm.absent(420, Reason.ELECTRODE_OFF)
    (closed,) = alarm.run(alarm.deadline)
    assert (closed.index, closed.evidence["reason"]) == (500, "electrode_off")
    alarm.present(600, 600, {})
    alarm.absent(700, Reason.POOR_SIGNAL)
    alarm.absent(750)
    (closed,) = alarm.run(alarm.deadline)
    assert (closed.index, closed.evidence["reason"]) == (1750, "over")


def test_contact_that_comes_and_goes_is_no_flood() -> None:
    alarm = AlarmEpisode(AlarmKind.ASYSTOLE, close_after=samples_of(5))
    alarm.present(0, 0, {})
    told = []
    for number in range(600):
        told += alarm.run(samples_of(5 * number))
        told += alarm.absent(samples_of(5 * number), UNSEEN[number % 2])
    assert len(told) == 1
    told += alarm.run(samples_of(5 * 600 + 60))
    assert [each.evidence["unseen"] for each in told] == ["poor_signal", "electrode_off"]
