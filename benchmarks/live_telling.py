"""What a live monitor tells: the messages of two runs with alarms, commands, a kill and a restart, to compare versions.

    python benchmarks/live_telling.py --keep before.json       # with the code of before
    python benchmarks/live_telling.py --against before.json    # with the code of today

A broker, `ecg-edge run` on the simulator at six times real time, a caregiver. The first run is killed while alarms are
open, one of them acknowledged; the second goes on with them. The caregiver acts only while the simulator pauses (steps
`lost`, in which no sample comes), so that what is told depends on the stream and not on who was faster.

Compared is the sequence of payloads of each topic, with UUIDs numbered by their first appearance, moments left out, and
of a strip the digest of its samples. Not compared: versions; how the host is (storage, temperature, uptime, sample rate
as measured); how often `info`, `machine` and the same set of alarms are told. Hours and days are told by UTC, and so
none ends during the runs. Another tree is run with PYTHONPATH=TREE. Takes about four minutes.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import hashlib
import json
import re
import signal
import sys
import tempfile
import time
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1]))  # for `tests.support`; behind the tree that is measured

from tests.support.broker import Broker
from tests.support.caregiver import Caregiver
from tests.support.daemon import Daemon
from tests.support.waiting import wait_until

DEVICE = "bed-3"
SPEED = 6.0
FIRST = (
    "normal:24,pvc:15,vt:9,lost:60,normal:20,bigeminy:20,normal:8,asystole:9,lost:110,normal:20,af:60,normal:10,"
    "electrode_off:6,normal:12,pause:8,noise:16,normal:10,vt:9,lost:90"
)
"""Pauses during ventricular tachycardia, asystole, and ventricular tachycardia again: then the monitor is killed."""
SECOND = "vt:9,lost:60,normal:30,bigeminy:20,normal:20,lost:900"
"""Tachycardia is there after the restart, and goes on as the same alarm; what else was open is closed by it."""
QUIET_S = 2.5
"""Without a message for so long the simulator pauses: vitals come each 0.8 s."""
CARRIED_S = 180.0
"""An alarm of the run before is closed two minutes after the start."""
PATIENCE_S = 120.0
RUNS_S = 300.0

SETTINGS = """
[device]
id = "{device}"
[source]
kind = "simulator"
[source.simulator]
scenario = "{scenario}"
seed = 7
speed = {speed}
[rhythm]
no_samples_s = 600.0
[{host}]
close_s = 0.5
storage_free_mb = 1.0
[alarms]
escalate_min = 0.15
[mqtt]
host = "127.0.0.1"
port = {port}
[storage]
directory = "{storage}"
recording_sync_s = 0.2
recording_leave_free_mb = 0.0
"""

HOST_FIELDS = {
    "battery_charging",
    "battery_percent",
    "clock_set",
    "free_mb",
    "kept_mb",
    "python",
    "rate_hz",
    "storage_free_mb",
    "temperature_c",
    "undelivered",
    "uptime_s",
    "version",
}
"""Names of fields, not of a strip, whose rate is the source's."""
TOLD_BY_THE_CLOCK = ("/info", "/machine")
SET = "/alarms"
"""Of a set that changes before the monitor is connected, the last state alone is sent."""
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
BROKER = re.compile(r"127\.0\.0\.1:\d+")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class Ward:
    """A broker, a monitor and a caregiver."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._broker = Broker(folder / "broker")
        self._broker.start()
        self.caregiver = Caregiver(self._broker.port, DEVICE, topics=("ecg/#", "homeassistant/#"))

    def start(self, scenario: str) -> Daemon:
        """Start the monitor with a scenario."""
        config = self._folder / "edge.toml"
        config.write_text(
            SETTINGS.format(
                device=DEVICE,
                scenario=scenario,
                speed=SPEED,
                host=host_section(),
                port=self._broker.port,
                storage=self._folder / "storage",
            )
        )
        daemon = Daemon(config)
        daemon.wait_ready()
        return daemon

    def wait_for_a_pause(self) -> None:
        """Wait until the simulator pauses."""
        seen, since_s = -1, time.monotonic()

        def quiet() -> bool:
            nonlocal seen, since_s
            count = sum(not message.topic.endswith(TOLD_BY_THE_CLOCK) for message in list(self.caregiver.messages))
            if count != seen:
                seen, since_s = count, time.monotonic()
            return time.monotonic() > since_s + QUIET_S

        wait_until(quiet, "the simulator pauses", timeout_s=PATIENCE_S)

    def command(self, verb: str, request: dict[str, Any] | bytes | None = None) -> None:
        """Give a command, with the time at which it is given, and wait for its answer."""
        if not isinstance(request, bytes):
            request = {"time": datetime.now(UTC).isoformat(), **(request or {})}
        before = len(self.caregiver.bodies("reply"))
        self.caregiver.command(verb, request)
        wait_until(lambda: len(self.caregiver.bodies("reply")) > before, f"{verb} is answered")

    def wait_for_event(self, kind: str, state: str, *, timeout_s: float = PATIENCE_S) -> str:
        """Wait until the last event of a kind has a state; give its UUID."""

        def last() -> dict[str, Any]:
            return next((body for body in reversed(self.caregiver.bodies("event")) if body["kind"] == kind), {})

        wait_until(lambda: last().get("state") == state, f"{kind} is {state}", timeout_s=timeout_s)
        return str(last()["uuid"])

    def close(self) -> None:
        """The end."""
        self.caregiver.close()
        self._broker.stop()


def host_section() -> str:
    """Give the name of the settings of the host in the tree that is measured."""
    from edge.config import Settings  # noqa: PLC0415 - after the path is set

    return "host" if hasattr(Settings(), "host") else "technical"


def play(ward: Ward) -> None:
    """Both runs, and what the caregiver does."""
    daemon = ward.start(FIRST)
    tachycardia = ward.wait_for_event("ventricular_tachycardia", "opened")
    ward.wait_for_a_pause()
    ward.command("ack", {"kind": "ventricular_tachycardia", "by": "nurse", "id": "1"})
    ward.command("snooze", {"kind": "bigeminy", "minutes": 30})
    ward.command("mark", {"text": "dizzy"})
    ward.command("status")

    asystole = ward.wait_for_event("asystole", "escalated")
    ward.wait_for_a_pause()
    ward.command("mute", {"minutes": 5})
    ward.command("ack", {"uuid": asystole})
    ward.command("ack", {"uuid": asystole})
    ward.command("ack", {"uuid": "nobody knows it"})
    ward.command("snooze", {"kind": "asystole", "minutes": 999})
    ward.command("snooze", {"kind": "fever", "minutes": 1})
    ward.command("ack", b"{not JSON")
    ward.command("dance")
    ward.command("strip", {"event": tachycardia})
    ward.command("mute", {"minutes": 0})

    ward.wait_for_event("ventricular_tachycardia", "opened")
    ward.wait_for_a_pause()
    ward.command("ack", {"kind": "ventricular_tachycardia"})
    ward.command("status")
    daemon.stop(signal.SIGKILL)

    daemon = ward.start(SECOND)
    ward.wait_for_event("ventricular_tachycardia", "updated")
    ward.wait_for_a_pause()
    ward.command("status")
    ward.command("selftest")
    for kind in ("atrial_fibrillation", "pause"):  # not seen again
        ward.wait_for_event(kind, "closed", timeout_s=CARRIED_S)
    ward.wait_for_event("bigeminy", "opened")
    ward.wait_for_a_pause()
    ward.command("ack")
    ward.wait_for_a_pause()
    daemon.stop()
    wait_until(lambda: ward.caregiver.payloads(f"ecg/{DEVICE}/status")[-1] == b"offline", "it says goodbye")


def normalised(caregiver: Caregiver) -> dict[str, list[str]]:
    """Give what the monitor published on each topic, in order, without what differs from run to run."""
    names: dict[str, str] = {}

    def stable(text: str) -> str:
        text = UUID.sub(lambda found: names.setdefault(found[0], f"UUID {len(names) + 1}"), text)
        return MOMENT.sub("MOMENT", BROKER.sub("BROKER", text))

    told: dict[str, list[str]] = defaultdict(list)
    own = [message for message in caregiver.messages if "/cmd/" not in message.topic]
    # Alarms first: their UUIDs are numbered in the order in which they opened.
    for message in sorted(own, key=lambda message: not message.topic.endswith("/event")):
        body = comparable(message.topic, bytes(message.payload).decode())
        topic, line = stable(message.topic), stable(f"qos {message.qos}: {json.dumps(body, ensure_ascii=False)}")
        known = told[topic] if topic.endswith(TOLD_BY_THE_CLOCK) else told[topic][-1:] if topic.endswith(SET) else ()
        if line not in known:
            told[topic].append(line)
    return {topic: told[topic] for topic in sorted(told)}


def comparable(topic: str, text: str) -> Any:
    """Give a payload without what is the host's; of a strip's samples the digest."""
    if topic.endswith("/status"):  # the words `online` and `offline`
        return text
    body = json.loads(text)
    if "/strip/" in topic:
        return body | {"samples": hashlib.sha256(body["samples"].encode()).hexdigest()[:16]}
    return without_host(body, HOST_FIELDS | {"lost_s"} if topic.endswith("/machine") else HOST_FIELDS)


def without_host(value: Any, fields: set[str]) -> Any:
    """Give a value without what such fields hold."""
    if isinstance(value, list):
        return [without_host(each, fields) for each in value]
    if not isinstance(value, dict):
        return value
    return {key: "HOST" if key in fields else without_host(each, fields) for key, each in value.items()}


def wait_for_room_in_the_hour() -> None:
    """Wait for the next full hour, if it would come during the runs."""
    left_s = 3600 - time.time() % 3600
    if left_s < RUNS_S:
        print(f"waiting {left_s:.0f} s for the full hour, with which an hour would be told", flush=True)
        time.sleep(left_s + 1)


def differences(before: dict[str, list[str]], found: dict[str, list[str]]) -> list[str]:
    """Say what differs, topic by topic."""
    lines: list[str] = []
    for topic in sorted(before.keys() | found.keys()):
        old, new = before.get(topic, []), found.get(topic, [])
        if old != new:
            lines += difflib.unified_diff(old, new, f"{topic} before", f"{topic} now", n=0, lineterm="")
    return lines


def main() -> int:
    """Compare, or keep what is to be compared."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path, help="write what was told there")
    parser.add_argument("--against", type=Path, help="compare with what was told there")
    asked = parser.parse_args()
    wait_for_room_in_the_hour()
    # Away from here: `python -m` looks in the folder where it is run before it looks in PYTHONPATH.
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        ward = Ward(Path(folder))
        try:
            play(ward)
        finally:
            ward.close()
    found = normalised(ward.caregiver)
    count = f"{sum(map(len, found.values()))} messages on {len(found)} topics"
    if asked.keep is not None:
        asked.keep.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if asked.against is None:
        print(count)
        return 0
    differing = differences(json.loads(asked.against.read_text(encoding="utf-8")), found)
    print("\n".join(line[:400] for line in differing))
    print(f"{count}: {'they differ' if differing else 'identical but for UUIDs and times'}")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
