"""Commands to a real daemon through a real broker: acknowledge, snooze, mute, mark, and refusals."""

from __future__ import annotations

import json
import random
import re
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from ecg.alarms.settings import AlarmSettings
from ecg.errors import ExitCode
from edge.config import HostSettings, ReplaySettings, SimulatorSettings, SourceSettings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("shipped_model")

REPLY = "ecg/bed-3/reply/nurse"
RANDOM_COMMANDS = 2_000  # 10,000 take half a minute, and were run when this was made


def simulated(scenario: str, *, speed: float = 10.0) -> SourceSettings:
    return SourceSettings(kind="simulator", simulator=SimulatorSettings(scenario=scenario, speed=speed))


def events(listener: Any, kind: str) -> list[str]:
    return [event["state"] for event in listener.bodies("event") if event["kind"] == kind]


def active(listener: Any) -> dict[str, dict[str, Any]]:
    """Give the alarms that the retained set holds now, by kind."""
    sets = listener.bodies("alarms")
    return {alarm["kind"]: alarm for alarm in sets[-1]["alarms"]} if sets else {}


@pytest.fixture
def ask(listen: Any, wait_until: Any) -> Callable[..., dict[str, Any]]:
    """Give a function that sends a command and waits for its answer."""
    listener = listen()
    count = [0]

    def give(verb: str, payload: Any = b"", **values: Any) -> dict[str, Any]:
        count[0] += 1
        mark = b"\x00%d\xff" % count[0]
        listener.command(verb, payload, ResponseTopic=REPLY, CorrelationData=mark, **values)

        def found() -> list[Any]:
            replies = [m for m in list(listener.messages) if m.topic == REPLY]
            return [m for m in replies if m.properties.CorrelationData == mark]

        wait_until(found)
        (reply,) = found()
        assert not reply.retain
        answer: dict[str, Any] = json.loads(reply.payload)
        assert (answer["schema"], answer["command"]) == ("reply/1", verb)
        return answer

    return give


def test_an_alarm_is_raised_again_until_somebody_acknowledges_it(
    *, mosquitto: Any, listen: Any, configure: Any, launch: Any, wait_until: Any, ask: Any
) -> None:
    listener = listen()
    launch(configure(mosquitto.port, simulated("normal:15,asystole:6000"), alarms=AlarmSettings(escalate_min=0.02)))
    wait_until(lambda: events(listener, "asystole").count("escalated") >= 2)
    told = [event for event in listener.bodies("event") if event["kind"] == "asystole"]
    assert told[0]["state"] == "opened"
    assert [event["escalations"] for event in told if event["state"] == "escalated"][:2] == [1, 2]
    uuid = told[0]["uuid"]
    assert {event["uuid"] for event in told} == {uuid}
    answer = ask("ack", {"uuid": uuid})
    assert answer["ok"]
    assert answer["alarms"] == [uuid]
    wait_until(lambda: "acknowledged" in active(listener)["asystole"])
    wait_until(lambda: events(listener, "asystole")[-1] == "updated")  # 10 s of asystole later, a second here
    states = events(listener, "asystole")
    assert "escalated" not in states[states.index("acknowledged") :]
    assert not ask("ack", {"uuid": "another"})["ok"]


def test_a_snoozed_kind_is_published_as_snoozed_and_does_not_escalate(
    *, mosquitto: Any, listen: Any, configure: Any, launch: Any, wait_until: Any, ask: Any
) -> None:
    listener = listen()
    launch(configure(mosquitto.port, simulated("normal:15,asystole:6000"), alarms=AlarmSettings(escalate_min=0.02)))
    wait_until(lambda: "asystole" in active(listener))
    answer = ask("snooze", {"kind": "asystole", "minutes": 5})
    assert answer["ok"]
    wait_until(lambda: active(listener)["asystole"].get("snoozed_until") == answer["until"])
    assert listener.bodies("alarms")[-1]["snoozes"] == [{"kind": "asystole", "until": answer["until"]}]
    before = events(listener, "asystole").count("escalated")
    wait_until(lambda: listener.bodies("event")[-1].get("snoozed_until"))
    assert events(listener, "asystole").count("escalated") == before
    assert ask("snooze", {"kind": "asystole", "minutes": 0})["ok"]
    wait_until(lambda: events(listener, "asystole").count("escalated") > before)


def test_acknowledgements_and_snoozes_survive_a_kill(
    *, mosquitto: Any, listen: Any, configure: Any, launch: Any, wait_until: Any, ask: Any
) -> None:
    listener = listen()
    config = configure(mosquitto.port, simulated("normal:15,electrode_off:6000"))
    first = launch(config)
    wait_until(lambda: "electrode_off" in active(listener))
    assert ask("ack", {"kind": "electrode_off"})["ok"]
    assert ask("snooze", {"kind": "pause", "minutes": 10})["ok"]
    wait_until(lambda: "acknowledged" in active(listener)["electrode_off"])
    known = active(listener)["electrode_off"]
    first.stop(signal.SIGKILL)
    sets = len(listener.bodies("alarms"))
    launch(config)
    wait_until(lambda: len(listener.bodies("alarms")) > sets)
    after = listener.bodies("alarms")[sets]
    assert [alarm["uuid"] for alarm in after["alarms"] if alarm["kind"] != "no_samples"] == [known["uuid"]]
    assert after["alarms"][0]["acknowledged"] == known["acknowledged"]
    assert [snooze["kind"] for snooze in after["snoozes"]] == ["pause"]
    # The electrode is off again in the new run: the same alarm goes on.
    wait_until(lambda: events(listener, "electrode_off")[-1] == "updated")
    assert active(listener)["electrode_off"]["uuid"] == known["uuid"]


def test_after_an_absence_of_hours_an_alarm_is_a_new_one_that_nobody_knows_of(
    *, mosquitto: Any, listen: Any, configure: Any, launch: Any, wait_until: Any, ask: Any, tmp_path: Path
) -> None:
    listener = listen()
    config = configure(mosquitto.port, simulated("electrode_off:6000"))
    first = launch(config)
    wait_until(lambda: "electrode_off" in active(listener))
    assert ask("ack", {"kind": "electrode_off"})["ok"]
    wait_until(lambda: "acknowledged" in active(listener)["electrode_off"])
    known = active(listener)["electrode_off"]
    first.stop(signal.SIGKILL)
    with closing(sqlite3.connect(tmp_path / "storage" / "outbox.sqlite")) as database, database:
        kept = json.loads(database.execute("SELECT value FROM state WHERE name = 'alarms'").fetchone()[0])
        kept["alive"]["boottime_s"] -= 36_000  # as if ten hours had passed since
        database.execute("UPDATE state SET value = ? WHERE name = 'alarms'", (json.dumps(kept).encode(),))
    launch(config)
    wait_until(lambda: events(listener, "electrode_off")[-2:] == ["closed", "opened"])
    told = [event for event in listener.bodies("event") if event["kind"] == "electrode_off"]
    assert [event["uuid"] == known["uuid"] for event in told[-2:]] == [True, False]
    assert told[-2]["evidence"]["reason"] == "restart"
    assert "acknowledged" not in told[-1]


def test_an_acknowledgement_covers_what_was_open_at_its_time_and_nothing_younger(
    *, mosquitto: Any, listen: Any, configure: Any, launch: Any, wait_until: Any, ask: Any
) -> None:
    def pressed(ago_s: float) -> dict[str, str]:
        return {"by": "Home Assistant", "time": (datetime.now(UTC) - timedelta(seconds=ago_s)).isoformat()}

    listener = listen()
    launch(configure(mosquitto.port, simulated("normal:15,asystole:6000")))
    wait_until(lambda: "asystole" in active(listener))
    uuid = active(listener)["asystole"]["uuid"]
    for payload in (pressed(50), {"kind": "asystole"} | pressed(50)):
        answer = ask("ack", payload)
        assert not answer["ok"]
        assert "asystole opened after" in answer["text"]
    assert "acknowledged" not in active(listener)["asystole"]
    late = ask("mute", {"minutes": 5, "time": pressed(50)["time"]})  # the asystole would have ended it
    assert not late["ok"]
    assert "asystole opened after" in late["text"]
    assert ask("ack", {"uuid": uuid} | pressed(50))["ok"]
    wait_until(lambda: "acknowledged" in active(listener)["asystole"])


def test_a_command_without_a_response_topic_is_answered_on_the_device_s_own(
    *, mosquitto: Any, listen: Any, configure: Any, launch: Any, wait_until: Any
) -> None:
    listener = listen()
    launch(configure(mosquitto.port, simulated("normal:600")))
    wait_until(lambda: listener.bodies("vitals"))
    listener.command("mute", {"minutes": 1, "id": "m1"})
    wait_until(lambda: listener.bodies("reply"))
    assert listener.bodies("reply")[0]["id"] == "m1"
    # Nobody can make the device write what looks like another message of it, or like a command.
    for topic in ("ecg/bed-3/event", "ecg/bed-3/cmd/ack", "homeassistant/device/bed-3/config", "$SYS/x"):
        listener.command("mute", {"minutes": 1}, ResponseTopic=topic)
    wait_until(lambda: len(listener.bodies("reply")) == 5)
    assert listener.bodies("event") == []


def test_the_patient_s_event_is_marked_on_the_device_and_over_mqtt(
    *, mosquitto: Any, listen: Any, configure: Any, launch: Any, wait_until: Any, ask: Any
) -> None:
    listener = listen()
    config = configure(mosquitto.port, simulated("normal:6000", speed=10.0))
    command = [sys.executable, "-m", "edge.cli", "mark", str(config), "--text", "dizzy", "--json"]
    too_early = subprocess.run(command, capture_output=True, text=True, check=False)
    assert too_early.returncode == ExitCode.CHECK_FAILED
    assert "no monitor runs" in too_early.stderr
    launch(config)
    wait_until(lambda: listener.bodies("vitals"))
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    wait_until(lambda: events(listener, "patient_event"))
    event = listener.bodies("event")[0]
    assert json.loads(done.stdout)["alarms"] == [event["uuid"]]
    assert event["priority"] == "medium"
    assert event["onset_index"] > 0
    assert event["evidence"]["text"] == "dizzy"
    assert event["evidence"]["source"] == "local"
    assert ask("mark")["alarms"] == [event["uuid"]] or events(listener, "patient_event").count("opened") == 2
    wait_until(lambda: events(listener, "patient_event")[-1] == "closed")


def test_a_stopped_pipeline_is_an_alarm(
    *, mosquitto: Any, listen: Any, configure: Any, launch: Any, wait_until: Any, tmp_path: Path
) -> None:
    listener = listen()
    host = HostSettings(close_s=0.5)
    launch(configure(mosquitto.port, simulated("normal:6,lost:12,normal:600", speed=3.0), host=host))
    # The machine tells of the silence while it lasts, the signal of the gap that it left: one alarm.
    wait_until(lambda: events(listener, "no_samples") == ["opened", "updated", "closed"])
    told = [event for event in listener.bodies("event") if event["kind"] == "no_samples"]
    assert len({event["uuid"] for event in told}) == 1
    assert "onset_index" not in told[0]  # no moment of the signal
    assert told[1]["evidence"]["lost_s"] == pytest.approx(12, abs=0.1)
    assert "samples_lost" not in {event["kind"] for event in listener.bodies("event")}
    recording = tmp_path / "broken"
    (tmp_path / "broken.dat").write_bytes(bytes(2 * 250 * 20))
    (tmp_path / "broken.hea").write_text("broken 1 250 5000\nbroken.dat 16 200/mV 12 0 0 77 0 ECG\n")  # sum 77: damaged
    source = SourceSettings(kind="replay", replay=ReplaySettings(record=str(recording), speed=0))
    # A source that fails leaves its alarm standing beside `offline`, and says why.
    (tmp_path / "other").mkdir()
    config = configure(mosquitto.port, source)
    config.write_text(config.read_text().replace("bed-3", "bed-4").replace("/storage", "/other"))
    assert launch(config).process.wait(20) == ExitCode.USAGE

    def left() -> list[dict[str, Any]]:
        return json.loads(listener.payloads("ecg/bed-4/alarms")[-1])["alarms"]

    wait_until(lambda: listener.payloads("ecg/bed-4/status")[-1:] == [b"offline"])
    assert [alarm["kind"] for alarm in left()] == ["no_samples"]
    assert "broken" in left()[0]["evidence"]["cause"]


def test_a_strip_of_the_recording_is_published_on_request(
    *, mosquitto: Any, listen: Any, configure: Any, launch: Any, wait_until: Any, ask: Any
) -> None:
    listener = listen()
    config = configure(mosquitto.port, simulated("normal:600"))
    config.write_text(re.sub("recording_sync_s = .*", "recording_sync_s = 0.2", config.read_text()))
    launch(config)
    wait_until(lambda: len(listener.bodies("vitals")) >= 6)
    answers: list[dict[str, Any]] = []

    def asked() -> bool:  # its first seconds may not be on the disk yet
        answers.append(ask("strip", {"last_s": 5}))
        return bool(answers[-1]["ok"])

    wait_until(asked)
    name = answers[-1]["topic"].removeprefix("ecg/bed-3/")
    wait_until(lambda: listener.bodies(name))
    assert listener.bodies(name)[0]["rate_hz"] == 500
    assert not ask("strip", {"last_s": 5, "event": "a"})["ok"]
    assert not ask("strip", {"from": "2024-05-01T12:00:00Z", "to": "2024-05-01T12:00:10Z"})["ok"]


def test_a_requested_strip_that_the_broker_does_not_take_is_refused(
    *, mosquitto: Any, listen: Any, configure: Any, launch: Any, wait_until: Any, ask: Any
) -> None:
    mosquitto.stop()
    mosquitto.configure("allow_anonymous true", "max_packet_size 20000")
    mosquitto.start()
    config = configure(mosquitto.port, simulated("normal:6000"))
    config.write_text(re.sub("recording_sync_s = .*", "recording_sync_s = 0.2", config.read_text()))
    launch(config)
    listener = listen()
    wait_until(lambda: len(listener.bodies("vitals")) >= 6)

    def refused() -> bool:  # its first seconds may not be on the disk yet
        return "more than the broker takes" in str(ask("strip", {"last_s": 20})["text"])

    wait_until(refused)
    assert listener.payloads("ecg/bed-3/status") == [b"online"]


def test_a_storm_of_requests_for_strips_is_cut_short_and_does_not_stop_the_vital_signs(
    *, mosquitto: Any, listen: Any, configure: Any, launch: Any, wait_until: Any, ask: Any
) -> None:
    listener = listen()
    config = configure(mosquitto.port, simulated("normal:6000"))
    config.write_text(re.sub("recording_sync_s = .*", "recording_sync_s = 0.2", config.read_text()))
    launch(config)
    wait_until(lambda: len(listener.bodies("vitals")) >= 6)
    for number in range(300):
        listener.command("strip", {"last_s": 5, "id": str(number)})
    wait_until(lambda: len(listener.bodies("reply")) == 300)
    vitals = len(listener.bodies("vitals"))
    replies = listener.bodies("reply")
    assert {reply["id"] for reply in replies} == {str(number) for number in range(300)}
    assert sum(reply["ok"] for reply in replies) <= 10
    assert any("try again later" in reply["text"] for reply in replies)
    wait_until(lambda: len(listener.bodies("vitals")) > vitals)
    assert ask("status")["status"]["machine"].get("lost_s", 0) == 0


def test_a_storm_of_marks_is_no_flood_of_one_alarm(
    *, mosquitto: Any, listen: Any, configure: Any, launch: Any, wait_until: Any, ask: Any
) -> None:
    listener = listen()
    launch(configure(mosquitto.port, simulated("normal:6000", speed=1.0)))
    wait_until(lambda: listener.bodies("vitals"))
    for number in range(300):
        listener.command("mark", {"text": f"text {number}", "id": str(number)})
    wait_until(lambda: len(listener.bodies("reply")) == 300)
    replies = listener.bodies("reply")
    taken = [reply["id"] for reply in replies if reply["ok"]]
    assert 20 <= len(taken) < 60
    assert all("too many" in reply["text"] for reply in replies if not reply["ok"])
    wait_until(lambda: len(events(listener, "patient_event")) == len(taken))
    told = [event for event in listener.bodies("event") if event["kind"] == "patient_event"]
    assert told[-1]["evidence"]["text"] == "; ".join(
        f"text {number}" for number in taken
    )  # none of what was taken is lost
    answer = ask("ack", {"kind": "patient_event"})
    assert answer["ok"]


def test_a_self_test_does_not_disturb_the_monitoring(
    *, mosquitto: Any, listen: Any, configure: Any, launch: Any, wait_until: Any, ask: Any
) -> None:
    listener = listen()
    launch(configure(mosquitto.port, simulated("normal:100,electrode_off:6000")))
    wait_until(lambda: listener.bodies("machine"))  # the daemon hears commands now
    answers: list[dict[str, Any]] = []

    def passes() -> bool:  # not before the signal is judged
        answers.append(ask("selftest"))
        return bool(answers[-1]["passed"])

    wait_until(passes)
    answer = answers[-1]
    assert answer["ok"]
    checks = {check["check"]: check["outcome"] for check in answer["checks"]}
    assert (checks["front end"], checks["model"], checks["storage"], checks["broker"]) == ("passed",) * 4
    assert any("test signal" in each for each in answer["not_tested"])
    wait_until(lambda: listener.bodies("machine")[-1].get("selftest") == "passed")
    wait_until(lambda: "electrode_off" in active(listener))

    def fails() -> bool:  # with the next vital signs
        answers.append(ask("selftest", {"id": "t2"}))
        return not answers[-1]["passed"]

    wait_until(fails)
    answer = answers[-1]
    assert (answer["ok"], answer["id"]) == (True, "t2")
    assert answer["text"].startswith("FAILED (front end: the heart is not being watched: an electrode is off)")


def random_payload(source: random.Random) -> bytes:
    """Bytes, JSON of all kinds, and commands with one thing wrong; none of them is a good one."""
    choice = source.randrange(4)
    if choice == 0:
        return source.randbytes(source.randrange(1, 60)).replace(b"{", b"[")
    keys = ["uuid", "kind", "minutes", "text", "time", "ids", "", "\x00", "ключ"]
    values = ["asystole", "x" * 70, "2024-05-01T12:00:00Z", -1, 1e300, 10**30, None, True, [], {}, "\n\r\t"]
    if choice == 1:
        return json.dumps(source.sample(values, 3)).encode()
    content = {source.choice(keys): source.choice(values) for _ in range(source.randrange(4))}
    return json.dumps(content | {"nonsense": source.random()}, ensure_ascii=choice == 2).encode()


def test_random_commands_change_nothing_and_get_one_answer_each(
    *, mosquitto: Any, listen: Any, configure: Any, launch: Any, wait_until: Any
) -> None:
    listener = listen()
    daemon = launch(configure(mosquitto.port, simulated("electrode_off:60000", speed=8.0)))
    wait_until(lambda: "electrode_off" in active(listener) and listener.bodies("event"))
    before = listener.bodies("alarms")[-1]
    told = len(listener.bodies("event"))
    source = random.Random(5)
    verbs = ["ack", "snooze", "mute", "mark", "strip", "selftest", "", "\u00e4", "x" * 100, "%s%n"]
    start = len(listener.messages)
    sent = 0
    while sent < RANDOM_COMMANDS:
        # A window: more would be a flood, of which the daemon may drop some.
        for _ in range(400):
            listener.command(source.choice(verbs), random_payload(source), ResponseTopic=REPLY)
        sent += 400
        wait_until(lambda: len(listener.messages) - start >= 2 * sent)  # noqa: B023 - each command is heard too
    wait_until(lambda: len(listener.payloads(REPLY)) >= sent)
    replies = [json.loads(payload) for payload in listener.payloads(REPLY)]
    assert len(replies) == RANDOM_COMMANDS
    assert not any(reply["ok"] for reply in replies)
    assert all(reply["text"].endswith(".") for reply in replies)
    assert listener.bodies("alarms")[-1] == before
    assert len(listener.bodies("event")) == told
    assert daemon.process.poll() is None
    assert "Traceback" not in daemon.log
    moments = [line.split()[0] for line in daemon.log.splitlines() if "was refused" in line]
    assert moments
    assert max(moments.count(moment) for moment in moments) <= 2  # a second on the clock is not one of the limit
