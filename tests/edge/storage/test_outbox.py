"""The outbox: messages are on disk before they are sent, and removed once confirmed; alarms come first."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ecg.errors import HardwareError
from ecg.protocol.message import Message, Urgency
from edge.storage.age_clock import AgeClock, SavedAge
from edge.storage.outbox import Outbox
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

LARGE = 1_000_000


def event(number: int) -> Message:
    return Message("ecg/a/event", b"event %d" % number, qos=1, durable=True, urgency=Urgency.ALARM)


def summary(number: int) -> Message:
    return Message("ecg/a/summary/minute", b"summary %d" % number, qos=1, durable=True)


def strip(number: int, *, expiry_s: int = 86400) -> Message:
    return Message(
        "ecg/a/strip/uuid", b"strip %d" % number, qos=1, durable=True, urgency=Urgency.BULK, expiry_s=expiry_s
    )


def payloads(outbox: Outbox) -> list[bytes]:
    return [pending.payload for pending in outbox.next(10_000)]


def test_alarms_come_before_summaries_each_in_order(tmp_path: Path) -> None:
    with Outbox(tmp_path, max_bytes=LARGE) as outbox:
        outbox.put([summary(1), event(1)])
        outbox.put([summary(2), event(2)])
        assert payloads(outbox) == [b"event 1", b"event 2", b"summary 1", b"summary 2"]


def test_unconfirmed_messages_are_there_after_a_restart(tmp_path: Path) -> None:
    with Outbox(tmp_path, max_bytes=LARGE) as outbox:
        outbox.put([event(1), event(2), event(3)])
        outbox.remove([outbox.next(1)[0].id])
    with Outbox(tmp_path, max_bytes=LARGE) as outbox:
        assert payloads(outbox) == [b"event 2", b"event 3"]
        assert len(outbox) == 2


def test_messages_in_flight_are_not_given_twice(tmp_path: Path) -> None:
    with Outbox(tmp_path, max_bytes=LARGE) as outbox:
        outbox.put([event(1), event(2), event(3)])
        in_flight = {pending.id for pending in outbox.next(2)}
        assert [pending.payload for pending in outbox.next(2, excluding=in_flight)] == [b"event 3"]


def test_an_alarm_that_comes_later_overtakes_summaries_not_yet_sent(tmp_path: Path) -> None:
    with Outbox(tmp_path, max_bytes=LARGE) as outbox:
        outbox.put([summary(number) for number in range(100)])
        in_flight = {pending.id for pending in outbox.next(5)}
        outbox.put([event(1)])
        assert outbox.next(1, excluding=in_flight)[0].payload == b"event 1"


def test_a_full_outbox_drops_the_oldest_summaries_first_and_says_how_many(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Outbox(tmp_path, max_bytes=10_000) as outbox, caplog.at_level(logging.ERROR):
        outbox.put([event(number) for number in range(10)])
        outbox.put([summary(number) for number in range(400)])
        kept = payloads(outbox)
        assert kept[:10] == [b"event %d" % number for number in range(10)]
        assert kept[-1] == b"summary 399"
        dropped = 410 - len(kept)
        assert dropped > 0
        assert kept[10] == b"summary %d" % dropped
        assert f"dropped 0 strips, {dropped} summaries and 0 alarm messages" in caplog.text


def test_strips_are_sent_last_and_dropped_first(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Outbox(tmp_path, max_bytes=10_000) as outbox, caplog.at_level(logging.ERROR):
        outbox.put([strip(1), summary(1), event(1)])
        assert payloads(outbox) == [b"event 1", b"summary 1", b"strip 1"]
        outbox.put([strip(number) for number in range(2, 200)])
        kept = payloads(outbox)
        assert kept[:2] == [b"event 1", b"summary 1"]
        assert kept[-1] == b"strip 199"
        assert f"dropped {201 - len(kept)} strips, 0 summaries and 0 alarm messages" in caplog.text


def test_expired_messages_are_not_sent_and_others_have_their_remaining_time(tmp_path: Path) -> None:
    with Outbox(tmp_path, max_bytes=LARGE) as outbox:
        outbox.put([strip(1, expiry_s=-5), strip(2, expiry_s=1000), event(1)])
        alarm, fresh = outbox.next(10)
        assert (alarm.payload, alarm.expiry_s) == (b"event 1", None)
        assert fresh.payload == b"strip 2"
        assert fresh.expiry_s is not None
        assert 900 < fresh.expiry_s <= 1000
        assert len(outbox) == 3
        outbox.put([event(2)])  # the next message clears what has expired
        assert len(outbox) == 3


OLD_SCHEMA = """
CREATE TABLE state (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE message (id INTEGER PRIMARY KEY AUTOINCREMENT, urgent INTEGER NOT NULL, topic TEXT NOT NULL,
    payload BLOB NOT NULL, bytes INTEGER NOT NULL);
CREATE INDEX sending ON message (urgent DESC, id, bytes);
INSERT INTO message (urgent, topic, payload, bytes) VALUES (1, 'ecg/a/event', CAST('event 1' AS BLOB), 100);
INSERT INTO state VALUES ('alarms', CAST('[1]' AS BLOB));
"""

OLD_EXPIRY = """
ALTER TABLE message ADD COLUMN expires_s REAL;
CREATE INDEX expiring ON message (expires_s) WHERE expires_s IS NOT NULL;
INSERT INTO message (urgent, topic, payload, bytes, expires_s)
    VALUES (-1, 'ecg/a/strip/uuid', CAST('strip 1' AS BLOB), 100, 1000);
"""


@pytest.mark.parametrize("script", [OLD_SCHEMA, OLD_SCHEMA + OLD_EXPIRY], ids=["without expiry", "0.1.0"])
def test_an_outbox_of_an_older_version_is_migrated(script: str, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "outbox.sqlite")) as database, database:
        database.executescript(script)
    with Outbox(tmp_path, max_bytes=LARGE) as outbox:
        outbox.put([strip(2)])
        assert outbox.state("alarms", list[int]) == [1]
        # Its expiry in UTC lies in 1970 or in 2040, as its clock was set: the strip gets a day from now.
        assert payloads(outbox) == [b"event 1", *([b"strip 1"] if "uuid" in script else []), b"strip 2"]
        assert all(80_000 < pending.expiry_s <= 86_400 for pending in outbox.next(9) if pending.expiry_s is not None)


def test_alarms_are_dropped_last(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Outbox(tmp_path, max_bytes=2_000) as outbox, caplog.at_level(logging.ERROR):
        outbox.put([summary(1), *(event(number) for number in range(100))])
        kept = payloads(outbox)
        assert b"summary 1" not in kept
        assert kept[-1] == b"event 99"
        assert "dropped 0 strips, 1 summaries" in caplog.text


def test_the_size_limit_holds_over_a_restart(tmp_path: Path) -> None:
    for first in range(0, 500, 50):
        with Outbox(tmp_path, max_bytes=5_000) as outbox:
            outbox.put([summary(number) for number in range(first, first + 50)])
            assert sum(len(payload) for payload in payloads(outbox)) < 5_000
            assert payloads(outbox)[-1] == b"summary %d" % (first + 49)


def database_of(outbox: Outbox) -> sqlite3.Connection:
    assert outbox._file is not None
    return outbox._file.database


def full(outbox: Outbox) -> None:
    """Let SQLite find no room for another page, as on a full disk."""
    (pages,) = database_of(outbox).execute("PRAGMA page_count").fetchone()
    database_of(outbox).execute(f"PRAGMA max_page_count = {pages}")


def room(outbox: Outbox) -> None:
    database_of(outbox).execute("PRAGMA max_page_count = 1000000")


def big(number: int) -> Message:
    return Message("ecg/a/event", b"event %d " % number + b"." * 10_000, qos=1, durable=True, urgency=Urgency.ALARM)


def numbers(outbox: Outbox) -> list[int]:
    return [int(pending.payload.split()[1]) for pending in outbox.next(10_000)]


def test_on_a_full_disk_messages_wait_in_order_in_memory_and_are_written_later(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    with Outbox(tmp_path, max_bytes=LARGE) as outbox:
        outbox.put([event(1), summary(1)])
        full(outbox)
        outbox.put([big(2)])
        outbox.put([big(3)])
        assert outbox.fault is not None
        assert len(outbox) == 4
        assert numbers(outbox) == [1, 2, 3, 1]  # the alarms in memory go before the summary on disk
        in_flight = [pending.id for pending in outbox.next(2)]
        room(outbox)
        outbox.retry()
        assert outbox.fault is None
        assert [pending.payload[:7] for pending in outbox.next(1, excluding=in_flight)] == [b"event 3"]  # none twice
        outbox.remove(in_flight)
    with Outbox(tmp_path, max_bytes=LARGE) as outbox:
        assert numbers(outbox) == [3, 1]
    assert caplog.text.count("cannot be written") == 1
    assert "2 messages that waited are on disk" in caplog.text


def test_messages_confirmed_from_memory_are_not_written(tmp_path: Path) -> None:
    with Outbox(tmp_path, max_bytes=LARGE) as outbox:
        full(outbox)
        outbox.put([big(1), big(2)])
        outbox.remove([outbox.next(1)[0].id])
        room(outbox)
        outbox.retry()
        assert numbers(outbox) == [2]
        assert len(outbox) == 1


def test_full_memory_keeps_the_alarms(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Outbox(tmp_path, max_bytes=100_000_000) as outbox:
        full(outbox)
        outbox.put([big(1)])
        outbox.put(
            [Message("ecg/a/strip/uuid", bytes(40_000), qos=1, durable=True, urgency=Urgency.BULK) for _ in range(200)]
        )
        assert len(outbox) < 120
        assert outbox.next(1)[0].topic == "ecg/a/event"
    assert "0 summaries and 0 alarm messages" in caplog.text


def test_messages_survive_a_kill(tmp_path: Path) -> None:
    writer = (
        "import sys, pathlib, time\n"
        "from ecg.protocol.message import Message, Urgency\n"
        "from edge.storage.outbox import Outbox\n"
        "outbox = Outbox(pathlib.Path(sys.argv[1]), max_bytes=1_000_000)\n"
        "outbox.put([Message('ecg/a/event', b'last words', qos=1, durable=True, urgency=Urgency.ALARM)])\n"
        "print('written', flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", writer, str(tmp_path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"written\n"
        process.send_signal(signal.SIGKILL)
    with Outbox(tmp_path, max_bytes=LARGE) as outbox:
        assert payloads(outbox) == [b"last words"]


def test_a_second_monitor_on_the_same_directory_is_refused(tmp_path: Path) -> None:
    with Outbox(tmp_path, max_bytes=LARGE), pytest.raises(HardwareError, match="in use by another ecg-edge"):
        Outbox(tmp_path, max_bytes=LARGE)


def test_a_folder_that_cannot_be_created_means_memory_until_it_can(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "file" / "below"
    folder.parent.write_text("")
    with Outbox(folder, max_bytes=LARGE) as outbox:
        assert outbox.fault is not None
        outbox.put([summary(1), event(1), strip(1)], {"alarms": [1]})
        assert payloads(outbox) == [b"event 1", b"summary 1", b"strip 1"]
        assert outbox.state("alarms", list[int]) == [1]
        outbox.remove([outbox.next(1)[0].id])
        assert payloads(outbox) == [b"summary 1", b"strip 1"]
        folder.parent.unlink()
        outbox.retry()
        assert outbox.fault is None
    with Outbox(folder, max_bytes=LARGE) as outbox:
        assert payloads(outbox) == [b"summary 1", b"strip 1"]
        assert outbox.state("alarms", list[int]) == [1]
    assert caplog.text.count("cannot be written") == 1


def test_an_outbox_that_cannot_be_opened_is_read_and_sent_nevertheless(tmp_path: Path) -> None:
    with Outbox(tmp_path, max_bytes=LARGE) as outbox:
        outbox.put([event(1), event(2)], {"alarms": [1]})
    (tmp_path / "outbox.sqlite-wal").mkdir()  # SQLite cannot open the file, also as root
    with Outbox(tmp_path, max_bytes=LARGE) as outbox:
        assert outbox.fault is not None
        assert outbox.state("alarms", list[int]) == [1]
        outbox.put([event(3)], {"alarms": [2]})
        assert payloads(outbox) == [b"event 1", b"event 2", b"event 3"]
        outbox.remove([pending.id for pending in outbox.next(2)])
        assert payloads(outbox) == [b"event 3"]
        (tmp_path / "outbox.sqlite-wal").rmdir()
        outbox.retry()
        assert outbox.fault is None
        assert payloads(outbox) == [b"event 3"]
    with Outbox(tmp_path, max_bytes=LARGE) as outbox:
        assert payloads(outbox) == [b"event 3"]
        assert outbox.state("alarms", list[int]) == [2]


def test_a_damaged_file_is_renamed_and_monitoring_continues(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "outbox.sqlite").write_bytes(b"no database " * 1000)
    with Outbox(tmp_path, max_bytes=LARGE) as outbox, caplog.at_level(logging.ERROR):
        outbox.put([event(1)])
        assert payloads(outbox) == [b"event 1"]
        assert "was damaged" in (outbox.take_incident() or "")
        assert outbox.take_incident() is None
    assert len(list(tmp_path.glob("outbox.damaged-*.sqlite"))) == 1


def test_any_damaged_page_is_survived_and_what_can_be_read_is_saved(tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    with Outbox(whole, max_bytes=LARGE) as outbox:
        outbox.put([big(number) for number in range(5)] + [event(number) for number in range(5, 400)])
        outbox.put([], {"alarms": [1]})
    content = (whole / "outbox.sqlite").read_bytes()
    saved = []
    for page in range(0, len(content), 4096):
        folder = tmp_path / str(page)
        folder.mkdir()
        (folder / "outbox.sqlite").write_bytes(content[:page] + b"\xa5" * 4096 + content[page + 4096 :])
        with Outbox(folder, max_bytes=LARGE) as outbox:
            outbox.put([event(1000)])
            assert outbox.fault is None
            found = numbers(outbox)
            assert found[-1] == 1000
            assert found == sorted(found)
            saved.append(len(found) - 1)
        with Outbox(folder, max_bytes=LARGE) as outbox:  # whole again
            assert outbox.take_incident() is None
            assert len(outbox) == len(found)
    assert min(saved) > 250, saved  # all but those on the page itself
    assert max(saved) == 400, saved


def test_a_page_that_proves_damaged_while_running_is_survived_too(tmp_path: Path) -> None:
    with Outbox(tmp_path, max_bytes=LARGE) as outbox:
        outbox.put([event(number) for number in range(400)], {"alarms": [1]})
    with Outbox(tmp_path, max_bytes=LARGE) as outbox:
        content = (tmp_path / "outbox.sqlite").read_bytes()
        database_of(outbox).execute("PRAGMA cache_size = 0")
        database_of(outbox).execute("PRAGMA shrink_memory")
        (tmp_path / "outbox.sqlite").write_bytes(content[:8192] + b"\xa5" * (len(content) - 8192))
        outbox.put([event(1000)])
        for _ in range(3):
            outbox.remove([pending.id for pending in outbox.next(1)])
            outbox.put([event(1001)], {"alarms": [2]})
        assert outbox.fault is None
        assert 1001 in numbers(outbox)
        assert outbox.state("alarms", list[int]) == [2]
    with Outbox(tmp_path, max_bytes=LARGE) as outbox:
        assert 1001 in numbers(outbox)
        assert outbox.state("alarms", list[int]) == [2]


def test_a_folder_deleted_while_running_is_told_and_made_anew(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    with Outbox(folder, max_bytes=LARGE) as outbox:
        outbox.put([event(1), strip(1)], {"alarms": [1], "hour": [2]})
        shutil.rmtree(folder)
        outbox.put([event(2)], {"alarms": [3]})
        assert "deleted or replaced" in (outbox.take_incident() or "")
        assert outbox.fault is None
        assert payloads(outbox) == [b"event 1", b"event 2", b"strip 1"]
    with Outbox(folder, max_bytes=LARGE) as outbox:
        assert payloads(outbox) == [b"event 1", b"event 2", b"strip 1"]
        assert outbox.state("alarms", list[int]) == [3]
        assert outbox.state("hour", list[int]) == [2]


@pytest.mark.parametrize(
    "make",
    [Path.mkdir, os.mkfifo, lambda path: path.symlink_to("/nowhere/at/all")],
    ids=["folder", "pipe", "dangling link"],
)
def test_what_is_no_file_is_put_aside_and_told(make: Callable[[Path], None], tmp_path: Path) -> None:
    for number in range(5):  # more than are kept
        make(tmp_path / "outbox.sqlite")
        with Outbox(tmp_path, max_bytes=LARGE) as outbox:
            assert "no regular file" in (outbox.take_incident() or "")
            outbox.put([event(number)])
        with Outbox(tmp_path, max_bytes=LARGE) as outbox:
            assert payloads(outbox) == [b"event %d" % number]
            assert outbox.take_incident() is None
        (tmp_path / "outbox.sqlite").unlink()


def test_a_journal_deleted_while_running_is_told_and_a_kill_loses_nothing(tmp_path: Path) -> None:
    folder, copy = tmp_path / "state", tmp_path / "copy"
    with Outbox(folder, max_bytes=LARGE) as outbox:
        outbox.put([event(1), strip(1)], {"alarms": [1]})
        (folder / "outbox.sqlite-wal").unlink()
        outbox.put([event(2)], {"alarms": [3]})
        assert "deleted or replaced" in (outbox.take_incident() or "")
        assert outbox.fault is None
        assert payloads(outbox) == [b"event 1", b"event 2", b"strip 1"]
        shutil.copytree(folder, copy)  # what a kill leaves
        assert outbox.take_incident() is None
    with Outbox(copy, max_bytes=LARGE) as outbox:
        assert payloads(outbox) == [b"event 1", b"event 2", b"strip 1"]
        assert outbox.state("alarms", list[int]) == [3]


def test_nobody_waits_for_a_slow_disk_and_messages_are_sent_from_memory(tmp_path: Path) -> None:
    with Outbox(tmp_path, max_bytes=LARGE) as outbox:
        outbox.put([event(1)])
        outbox.remove([outbox.next(1)[0].id])
        with outbox._disk:  # as while a commit takes long
            began_s = time.monotonic()
            for number in range(2, 12):
                outbox.put([event(number)], {"alarms": [number]})
            sent = outbox.next(3)
            outbox.remove([pending.id for pending in sent])
            assert [pending.payload for pending in sent] == [b"event 2", b"event 3", b"event 4"]
            assert outbox.next(1)[0].payload == b"event 5"
            assert outbox.state("alarms", list[int]) == [11]
            assert len(outbox) == 7
            assert outbox.is_slow
            assert time.monotonic() - began_s < 3  # one wait of 0.5 s, not ten
        wait_until(lambda: not outbox.is_slow)
        assert numbers(outbox) == list(range(5, 12))
    with Outbox(tmp_path, max_bytes=LARGE) as outbox:
        assert numbers(outbox) == list(range(5, 12))


@pytest.mark.parametrize("step_s", [400 * 86400, -400 * 86400])
def test_a_clock_that_is_set_expires_nothing(step_s: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = time.time
    with Outbox(tmp_path, max_bytes=LARGE) as outbox:
        monkeypatch.setattr(time, "time", lambda: right() - step_s)
        outbox.put([strip(1)])
        monkeypatch.setattr(time, "time", right)
        outbox.put([event(1)])
        assert payloads(outbox) == [b"event 1", b"strip 1"]
    with Outbox(tmp_path, max_bytes=LARGE) as outbox:
        expiry_s = outbox.next(2)[1].expiry_s
        assert expiry_s is not None
        assert 86_000 < expiry_s <= 86_400


def test_ages_continue_over_a_restart_and_over_a_boot() -> None:
    clock = AgeClock(None)
    assert 0 <= clock.now_s < 10
    saved = clock.save()
    same_boot = SavedAge(saved.age_s, saved.monotonic_s - 100 if saved.monotonic_s > 100 else 0, saved.boot)
    assert AgeClock(same_boot).now_s > clock.now_s
    assert 5000 <= AgeClock(SavedAge(5000, saved.monotonic_s + 1e6, "another boot")).now_s < 5010


def test_only_the_owner_may_read_the_outbox(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        with Outbox(tmp_path / "state", max_bytes=LARGE) as outbox:
            outbox.put([event(1)])
            assert {file.stat().st_mode & 0o777 for file in (tmp_path / "state").iterdir()} == {0o600}
            assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700
    finally:
        os.umask(before)
