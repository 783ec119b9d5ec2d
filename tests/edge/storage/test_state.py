"""The state for a restart is committed together with the messages about its change."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ecg.protocol.message import Message
from edge.storage.outbox import Outbox

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

LARGE = 1_000_000
EVENT = Message("ecg/a/event", b"opened", qos=1, durable=True)


def test_a_value_is_there_after_a_restart(tmp_path: Path) -> None:
    with Outbox(tmp_path, max_bytes=LARGE) as outbox:
        outbox.put([], {"alarms": {"a": 1}})
        outbox.put([], {"alarms": {"a": 2}, "hour": [1, 2]})
    with Outbox(tmp_path, max_bytes=LARGE) as outbox:
        assert outbox.state("alarms", dict[str, int]) == {"a": 2}
        assert outbox.state("hour", list[int]) == [1, 2]
        assert outbox.state("day", list[int]) is None


def test_a_value_that_cannot_be_decoded_counts_as_absent(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Outbox(tmp_path, max_bytes=LARGE) as outbox:
        outbox.put([], {"alarms": "of another version"})
        assert outbox.state("alarms", dict[str, int]) is None
    assert "starts empty" in caplog.text


def test_a_value_and_its_message_are_committed_together(tmp_path: Path) -> None:
    with Outbox(tmp_path, max_bytes=LARGE) as outbox:
        outbox._file.database.execute(
            "CREATE TRIGGER bad BEFORE INSERT ON state BEGIN SELECT RAISE(ABORT, 'broken'); END"
        )
        outbox.put([EVENT], {"alarms": ["a"]})
        assert outbox.fault == "broken"
        assert outbox._file.database.execute("SELECT COUNT(*) FROM message").fetchone() == (0,)
        outbox._file.database.execute("DROP TRIGGER bad")
        outbox.retry()
        assert outbox.fault is None
    with Outbox(tmp_path, max_bytes=LARGE) as outbox:
        assert outbox.state("alarms", list[str]) == ["a"]
        assert [pending.payload for pending in outbox.next(10)] == [b"opened"]


def test_a_failing_disk_is_logged_once_and_recovers(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    with Outbox(tmp_path, max_bytes=LARGE) as outbox:
        pages = outbox._file.database.execute("PRAGMA page_count").fetchone()[0]
        outbox._file.database.execute(f"PRAGMA max_page_count = {pages}")  # SQLITE_FULL, as on a full disk
        for _ in range(3):
            outbox.put([], {"alarms": "x" * 100_000})
        assert caplog.text.count("cannot be written") == 1
        outbox.put([], {"alarms": "short"})
        assert caplog.text.count("can be written again") == 1
    with Outbox(tmp_path, max_bytes=LARGE) as outbox:
        assert outbox.state("alarms", str) == "short"
