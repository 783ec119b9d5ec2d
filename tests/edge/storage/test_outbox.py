"""The outbox: messages are on disk before they are sent, and removed once confirmed; alarms come first."""

from __future__ import annotations

import logging
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from ecg.errors import InputError
from ecg.protocol.message import Message, Urgency
from edge.storage.outbox import Outbox

if TYPE_CHECKING:
    from pathlib import Path

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


def test_an_outbox_of_the_last_version_is_migrated(tmp_path: Path) -> None:
    with Outbox(tmp_path, max_bytes=LARGE) as outbox:
        outbox.put([event(1)])
    with closing(sqlite3.connect(tmp_path / "outbox.sqlite")) as database, database:
        database.execute("DROP INDEX expiring")
        database.execute("ALTER TABLE message DROP COLUMN expires_s")
    with Outbox(tmp_path, max_bytes=LARGE) as outbox:
        outbox.put([strip(1)])
        assert payloads(outbox) == [b"event 1", b"strip 1"]


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


def full(outbox: Outbox) -> None:
    """Let SQLite find no room for another page, as on a full disk."""
    (pages,) = outbox._database.execute("PRAGMA page_count").fetchone()
    outbox._database.execute(f"PRAGMA max_page_count = {pages}")


def room(outbox: Outbox) -> None:
    outbox._database.execute("PRAGMA max_page_count = 1000000")


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
    with Outbox(tmp_path, max_bytes=LARGE), pytest.raises(InputError, match="in use by another ecg-edge"):
        Outbox(tmp_path, max_bytes=LARGE)


def test_a_directory_that_cannot_be_created_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"storage\.directory"):
        Outbox(tmp_path / "file" / "below", max_bytes=LARGE)


def test_a_damaged_file_is_renamed_and_monitoring_continues(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "outbox.sqlite").write_bytes(b"no database " * 1000)
    with Outbox(tmp_path, max_bytes=LARGE) as outbox, caplog.at_level(logging.ERROR):
        outbox.put([event(1)])
        assert payloads(outbox) == [b"event 1"]
    assert len(list(tmp_path.glob("outbox.damaged-*.sqlite"))) == 1
