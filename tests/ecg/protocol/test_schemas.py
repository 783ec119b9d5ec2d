"""The JSON Schemas say what really goes over the wire: messages of replays and of a daemon, commands and answers."""

from __future__ import annotations

import json
from itertools import takewhile
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from ecg.protocol.schemas import COMMANDS, MESSAGES, command_schemas, message_schemas
from edge.config import Settings, SimulatorSettings, SourceSettings
from edge.service.replay import replay
from edge.simulator.source import Simulator

if TYPE_CHECKING:
    from pathlib import Path

SCENARIO = "normal:15,vt:9,asystole:8,normal:35"


def closed(schema: dict[str, Any]) -> Draft202012Validator:
    """A validator that takes no field that the schema does not name: what is sent, is described."""
    parts = {name: {**part, **_closed(part)} for name, part in schema.get("$defs", {}).items()}
    return Draft202012Validator({**schema, **_closed(schema), "$defs": parts})


def _closed(part: dict[str, Any]) -> dict[str, Any]:
    return {"additionalProperties": False} if "properties" in part else {}


VALIDATORS = {name: closed(schema) for name, schema in message_schemas().items()}


def name_of(topic: str) -> str:
    return topic.split("/")[2]


def faults(topic: str, payload: Any) -> list[str]:
    found = VALIDATORS[name_of(topic)].iter_errors(payload)
    return [f"{topic} {error.json_path}: {error.message}" for error in found]


def replayed(record: Path, folder: Path) -> list[dict[str, Any]]:
    replay([record], settings=Settings(), classifier=None, events=folder / "events.jsonl")
    return [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]


def test_the_schemas_are_schemas() -> None:
    for schema in [*message_schemas().values(), *command_schemas().values()]:
        Draft202012Validator.check_schema(schema)
        assert schema["type"] == "object"


def test_messages_of_a_simulated_replay_are_as_the_schemas_say(tmp_path: Path) -> None:
    blocks = takewhile(lambda block: block.first_index < 67 * 500, Simulator(scenario=SCENARIO).blocks())
    np.savetxt(tmp_path / "sim.csv", np.concatenate([each.samples_mv for each in blocks]), header="rate_hz: 500")
    lines = replayed(tmp_path / "sim.csv", tmp_path)
    assert {name_of(line["topic"]) for line in lines} == {"vitals", "beats", "event", "alarms", "summary"}
    assert not [fault for line in lines for fault in faults(line["topic"], line["payload"])]


@pytest.mark.recordings
def test_messages_of_a_recording_are_as_the_schemas_say(recordings: Path, tmp_path: Path) -> None:
    lines = replayed(recordings / "mitdb" / "207", tmp_path)
    assert len(lines) > 500
    assert not [fault for line in lines for fault in faults(line["topic"], line["payload"])]


@pytest.mark.usefixtures("shipped_model")
def test_messages_and_answers_of_a_daemon_are_as_the_schemas_say(
    *, mosquitto: Any, listen: Any, configure: Any, launch: Any, wait_until: Any
) -> None:
    listener = listen()
    simulator = SimulatorSettings(scenario=SCENARIO, speed=10.0)
    launch(configure(mosquitto.port, SourceSettings(kind="simulator", simulator=simulator)))
    wait_until(lambda: any("/strip/" in message.topic for message in list(listener.messages)))
    asked = {
        "ack": {"by": "nurse"},
        "snooze": {"kind": "pause", "minutes": 1},
        "mute": {"minutes": 1},
        "mark": {"text": "dizzy"},
        "status": {"id": "7"},
        "selftest": {},
        "strip": {"last_s": 3},
    }
    assert asked.keys() == COMMANDS.keys()
    for verb, payload in asked.items():
        assert not list(Draft202012Validator(command_schemas()[verb]).iter_errors(payload))
        listener.command(verb, payload)
    listener.command("dance")
    wait_until(lambda: len(listener.bodies("reply")) > len(asked))
    # A strip is cut on a thread of its own: its answer may come after those of later commands.
    (refusal,) = [reply["text"] for reply in listener.bodies("reply") if reply["command"] == "dance"]
    assert refusal == f"There is no command 'dance'; there are {', '.join(COMMANDS)}."
    wait_until(lambda: {"summary", "machine"} <= {name_of(message.topic) for message in list(listener.messages)})
    messages = [message for message in list(listener.messages) if name_of(message.topic) in MESSAGES]
    assert {name_of(message.topic) for message in messages} == set(MESSAGES)
    assert not [fault for each in messages for fault in faults(each.topic, json.loads(each.payload))]


@pytest.mark.parametrize(
    "change",
    [{"heart_rate_bpm": None}, {"rhythm": "SINUS"}, {"schema": "vitals/0"}, {"time": "yesterday"}, {"quality": 1.5}],
)
def test_what_is_never_sent_is_refused(change: dict[str, Any]) -> None:
    good = {"schema": "vitals/1", "device": "bed-3", "time": "2026-05-01T12:00:00.000Z", "faults": []}
    assert VALIDATORS["vitals"].is_valid(good)
    assert not VALIDATORS["vitals"].is_valid(good | change)


def test_a_command_with_a_mistake_is_refused() -> None:
    snooze = Draft202012Validator(command_schemas()["snooze"])
    assert snooze.is_valid({"kind": "pause", "minutes": 0})
    for mistake in ({"kind": "pause"}, {"kind": "paws", "minutes": 1}, {"kind": "pause", "minutes": -1}, {"mute": 1}):
        assert not snooze.is_valid(mistake)
