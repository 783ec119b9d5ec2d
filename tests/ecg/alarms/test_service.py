"""The board: acknowledgements, snoozes, escalation, and what a restart leaves of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg.alarms.active import Board, BoardState, Notice
from ecg.alarms.kinds import PRIORITIES, AlarmEvent, AlarmKind, AlarmState, Priority
from ecg.alarms.settings import AlarmSettings

START = datetime(2024, 5, 1, 12, tzinfo=UTC)
SETTINGS = AlarmSettings(escalate_min=2.0, snooze_max_min=60.0)


def utc(now_s: float) -> datetime:
    return START + timedelta(seconds=now_s)


def put(board: Board, kind: AlarmKind, state: AlarmState, *, now_s: float = 0.0, onset: int = 0) -> Notice | None:
    event = AlarmEvent(onset, kind, PRIORITIES[kind], state, onset, {"beats": 5})
    return board.take(event, uuid=f"{kind}-{onset}", onset=utc(now_s), onset_index=onset, time=utc(now_s))


def opened(*kinds: AlarmKind) -> Board:
    board = Board(SETTINGS)
    for kind in kinds:
        put(board, kind, AlarmState.OPENED)
    board.tick(0.0, utc(0.0))
    return board


def escalations(board: Board, *, from_s: float, to_s: float) -> list[tuple[float, int]]:
    """Tick each second; give when something was raised again, and its count."""
    raised = []
    for now_s in range(int(from_s), int(to_s) + 1):
        for notice in board.tick(float(now_s), utc(now_s)):
            assert notice.alarm.state is AlarmState.ESCALATED
            raised.append((now_s, notice.alarm.escalations))
    return raised


def restarted(board: Board) -> Board:
    """Write the state as the daemon does, and read it back."""
    return Board(SETTINGS, msgspec.json.decode(msgspec.json.encode(board.state), type=BoardState))


def test_a_high_alarm_that_nobody_acknowledges_is_raised_again_and_again_with_a_count() -> None:
    board = opened(AlarmKind.ASYSTOLE, AlarmKind.PAUSE, AlarmKind.BIGEMINY)
    assert escalations(board, from_s=0, to_s=500) == [(120, 1), (240, 2), (360, 3), (480, 4)]


def test_an_acknowledged_alarm_neither_escalates_nor_sounds_and_is_still_to_be_seen() -> None:
    board = opened(AlarmKind.ASYSTOLE)
    (notice,) = board.acknowledge(board.alarms, utc(10))
    assert notice.alarm.state is AlarmState.ACKNOWLEDGED
    assert notice.alarm.acknowledged == utc(10)
    assert board.audible is None
    assert board.visible is Priority.HIGH
    assert escalations(board, from_s=10, to_s=500) == []


def test_an_acknowledgement_is_told_once() -> None:
    board = opened(AlarmKind.ASYSTOLE)
    assert len(board.acknowledge(board.alarms, utc(10))) == 1
    assert board.acknowledge(board.alarms, utc(20)) == []


def test_a_new_episode_is_not_acknowledged_by_the_old_one() -> None:
    board = opened(AlarmKind.ASYSTOLE)
    board.acknowledge(board.alarms, utc(10))
    closed = put(board, AlarmKind.ASYSTOLE, AlarmState.CLOSED, now_s=20)
    assert closed.alarm.acknowledged == utc(10)
    assert board.alarms == []
    assert put(board, AlarmKind.ASYSTOLE, AlarmState.OPENED, now_s=30, onset=10_800).alarm.acknowledged is None
    assert board.audible is Priority.HIGH


def test_a_snoozed_kind_is_told_as_such_and_is_silent_until_the_end_of_the_snooze() -> None:
    board = opened(AlarmKind.ASYSTOLE)
    snooze = board.snooze(AlarmKind.ASYSTOLE, 300, now_s=0.0, time=utc(0))
    assert snooze is not None
    assert snooze.until == utc(300)
    assert put(board, AlarmKind.ASYSTOLE, AlarmState.UPDATED, now_s=5).snoozed_until == utc(300)
    assert board.audible is None
    assert board.visible is Priority.HIGH
    # The time to the next escalation begins anew.
    assert escalations(board, from_s=0, to_s=425) == [(420, 1)]
    assert board.snoozes == []
    assert board.audible is Priority.HIGH


def test_a_snooze_is_never_longer_than_the_settings_allow_and_0_ends_it() -> None:
    board = Board(SETTINGS)
    snooze = board.snooze(AlarmKind.PAUSE, 1e9, now_s=0.0, time=utc(0))
    assert snooze is not None
    assert snooze.until == utc(3600)
    assert board.snooze(AlarmKind.PAUSE, 0, now_s=1.0, time=utc(1)) is None
    assert board.snoozes == []


def test_muting_silences_the_buzzer_and_nothing_else_until_a_high_alarm_is_raised() -> None:
    board = opened(AlarmKind.PAUSE)
    board.snooze(None, 600, now_s=0.0, time=utc(0))
    assert board.audible is None
    assert put(board, AlarmKind.PAUSE, AlarmState.UPDATED).snoozed_until is None
    put(board, AlarmKind.ASYSTOLE, AlarmState.OPENED)
    assert board.audible is Priority.HIGH
    assert board.snoozes == []
    board.snooze(None, 600, now_s=0.0, time=utc(0))
    assert escalations(board, from_s=0, to_s=120) == [(120, 1)]
    assert board.audible is Priority.HIGH


@given(st.lists(st.tuples(st.sampled_from([None, *AlarmKind]), st.floats(0, 1e6), st.floats(0, 1e4)), max_size=20))
def test_every_snooze_ends_by_itself(snoozes: list[tuple[AlarmKind | None, float, float]]) -> None:
    board, now_s = Board(SETTINGS), 0.0
    for kind, duration_s, pause_s in snoozes:
        board.snooze(kind, duration_s, now_s=now_s, time=utc(now_s))
        now_s += pause_s
        board.tick(now_s, utc(now_s))
    board.tick(now_s + 3600, utc(now_s + 3600))
    assert board.snoozes == []


def test_acknowledgement_and_snooze_survive_a_restart() -> None:
    board = opened(AlarmKind.ASYSTOLE, AlarmKind.PAUSE)
    board.acknowledge([board.alarms[0]], utc(10))
    board.snooze(AlarmKind.PAUSE, 300, now_s=10.0, time=utc(10))
    after = restarted(board)
    after.tick(5000.0, utc(100))  # another monotonic clock
    assert [(alarm.uuid, alarm.acknowledged) for alarm in after.alarms] == [
        ("asystole-0", utc(10)),
        ("pause-0", None),
    ]
    assert [snooze.until for snooze in after.snoozes] == [utc(310)]
    after.tick(5211.0, utc(311))
    assert after.snoozes == []


@pytest.mark.parametrize("jump_s", [-1e8, -1000.0, 0.0, 1e8])
def test_a_snooze_ends_after_a_restart_however_the_clock_was_set(jump_s: float) -> None:
    board = Board(SETTINGS)
    board.snooze(AlarmKind.PAUSE, 300, now_s=0.0, time=utc(0))
    after = restarted(board)
    after.tick(0.0, utc(jump_s))
    after.tick(300.0, utc(jump_s + 300))
    assert after.snoozes == []


def test_an_alarm_whose_cause_is_still_there_after_a_restart_goes_on_as_the_same() -> None:
    board = opened(AlarmKind.ASYSTOLE)
    board.acknowledge(board.alarms, utc(10))
    after = restarted(board)
    after.tick(0.0, utc(20))
    notice = put(after, AlarmKind.ASYSTOLE, AlarmState.OPENED, now_s=30, onset=99)
    assert (notice.alarm.uuid, notice.alarm.state) == ("asystole-0", AlarmState.UPDATED)
    assert notice.alarm.onset == utc(0)
    assert notice.alarm.onset_index == 99  # of this session
    assert notice.alarm.acknowledged == utc(10)
    assert after.tick(500.0, utc(520)) == []


def test_an_alarm_whose_cause_is_not_seen_after_a_restart_is_closed() -> None:
    after = restarted(opened(AlarmKind.PAUSE))
    assert after.tick(0.0, utc(20)) == []
    assert len(after.alarms) == 1
    (notice,) = after.tick(120.0, utc(140))
    assert notice.alarm.state is AlarmState.CLOSED
    assert notice.alarm.evidence == {"reason": "restart"}
    assert after.alarms == []


def test_the_revision_grows_with_each_change_and_with_nothing_else() -> None:
    board = opened(AlarmKind.ASYSTOLE)
    before = board.revision
    board.tick(1.0, utc(1))
    assert board.revision == before
    for change in (
        lambda: board.snooze(AlarmKind.PAUSE, 60, now_s=1.0, time=utc(1)),
        lambda: board.tick(61.0, utc(61)),
        lambda: board.tick(120.0, utc(120)),
        lambda: board.acknowledge(board.alarms, utc(121)),
        lambda: put(board, AlarmKind.ASYSTOLE, AlarmState.CLOSED),
    ):
        change()
        assert board.revision > before
        before = board.revision


def test_what_two_watchers_tell_of_is_one_alarm_and_closes_with_the_last() -> None:
    board = opened(AlarmKind.NO_SAMPLES)
    notice = put(board, AlarmKind.NO_SAMPLES, AlarmState.OPENED, onset=9)
    assert notice is not None
    assert (notice.alarm.state, notice.alarm.uuid) == (AlarmState.UPDATED, "no_samples-0")
    assert put(board, AlarmKind.NO_SAMPLES, AlarmState.CLOSED) is None
    assert board.alarms
    assert put(board, AlarmKind.NO_SAMPLES, AlarmState.CLOSED, onset=9) is not None
    assert not board.alarms


def test_it_is_known_who_acknowledged() -> None:
    board = opened(AlarmKind.ASYSTOLE)
    board.acknowledge(board.alarms, utc(10), by="nurse")
    assert restarted(board).alarms[0].acknowledged_by == "nurse"
