"""The journal: alarms and commands, one line each, with priorities."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from ecg.alarms.active import ActiveAlarm
from ecg.alarms.kinds import PRIORITIES, AlarmKind, AlarmState
from ecg.alarms.notices import AlarmNotice
from ecg.protocol.commands import Answer, Command
from edge.config import SimulatorSettings, SourceSettings
from edge.service.alarm_log import AlarmLog
from edge.service.command_log import CommandLog

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def log(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.LogCaptureFixture]:
    monkeypatch.setattr(logging.getLogger("edge"), "propagate", True)
    with caplog.at_level(logging.INFO, "edge"):
        yield caplog


def lines(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    return [(record.levelname, record.getMessage()) for record in caplog.records]


def happens(kind: AlarmKind, state: AlarmState, **values: Any) -> None:
    fields = {"uuid": "a-b", "onset": NOW, "evidence": {}} | values
    alarm = ActiveAlarm(kind=kind, priority=PRIORITIES[kind], state=state, **fields)
    AlarmLog().take([AlarmNotice(time=NOW, alarm=alarm, snoozed_until=None)])


def test_the_life_of_an_alarm_is_a_line_for_each_step_but_updates(caplog: pytest.LogCaptureFixture) -> None:
    happens(AlarmKind.ASYSTOLE, AlarmState.OPENED)
    happens(AlarmKind.ASYSTOLE, AlarmState.UPDATED)
    happens(AlarmKind.ASYSTOLE, AlarmState.ESCALATED, escalations=2)
    happens(AlarmKind.ASYSTOLE, AlarmState.ACKNOWLEDGED, acknowledged_by="nurse\n<0>forged")
    happens(AlarmKind.ASYSTOLE, AlarmState.CLOSED, evidence={"reason": "over"})
    name = "asystole (high priority, a-b)"
    assert lines(caplog) == [
        ("CRITICAL", f"Alarm opened: {name} since 2024-05-01T12:00:00.000Z."),
        ("CRITICAL", f"Alarm escalated: {name}, 2 times so far."),
        ("INFO", f"Alarm acknowledged: {name} by 'nurse\\n<0>forged'."),
        ("INFO", f"Alarm closed: {name}, reason: over."),
    ]


@pytest.mark.parametrize(("kind", "level"), [(AlarmKind.PAUSE, "WARNING"), (AlarmKind.ELECTRODE_OFF, "INFO")])
def test_the_level_says_the_priority(kind: AlarmKind, level: str, caplog: pytest.LogCaptureFixture) -> None:
    happens(kind, AlarmState.OPENED)
    assert [each for each, _ in lines(caplog)] == [level]


def test_what_the_patient_said_stays_out_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    happens(AlarmKind.PATIENT_EVENT, AlarmState.OPENED, evidence={"text": "chest pain"})
    assert "chest pain" not in caplog.text


def test_commands_are_logged_and_a_flood_of_them_is_counted(caplog: pytest.LogCaptureFixture) -> None:
    found = CommandLog()
    for verb in ("status", "snooze", *["ack"] * 20):
        command = Command(verb=verb, payload=b"", source="mqtt", received_s=0.0)
        found.tell(command, Answer(ok=True, text="Done,\nand so on."))
    refused = Command(verb="nosuch", payload=b"", source="local", received_s=0.0)
    for _ in range(3):
        found.tell(refused, Answer(ok=False, text="There is no such command."))
    assert lines(caplog)[0] == ("INFO", "Command taken (mqtt): snooze: Done,\\nand so on.")
    assert len(lines(caplog)) == 11
    assert lines(caplog)[-1] == ("WARNING", "A command (local) was refused: There is no such command.")


@pytest.mark.usefixtures("shipped_model")
def test_the_journal_gets_alarms_and_commands_with_their_priorities(
    *, mosquitto: Any, listen: Any, configure: Any, launch: Any, wait_until: Any
) -> None:
    listener = listen()
    simulator = SimulatorSettings(scenario="normal:15,asystole:6000", speed=10.0)
    config = configure(mosquitto.port, SourceSettings(kind="simulator", simulator=simulator))
    daemon = launch(config, {"JOURNAL_STREAM": "8:1"})
    wait_until(lambda: "<2>Alarm opened: asystole" in daemon.log)
    wait_until(lambda: any(event["kind"] == "asystole" for event in listener.bodies("event")))
    listener.command("ack", {"by": "nurse"})
    wait_until(lambda: "<6>Command taken (mqtt): ack: Acknowledged: asystole." in daemon.log)
    assert "<6>Alarm acknowledged: asystole" in daemon.log
