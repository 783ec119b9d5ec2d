"""Receives commands from MQTT, the control socket and the patient's button, carries them out and answers them."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec

from ecg.alarms.kinds import AlarmKind, Priority
from ecg.errors import InputError
from ecg.protocol.commands import Ack, Answer, Command, Mark, Mute, SelftestRequest, Snooze, StatusRequest, StripRequest
from ecg.protocol.encoder import reply_message
from ecg.protocol.message import rfc3339
from edge.control_socket import ControlSocket
from edge.service.command_budget import CommandBudget
from edge.service.command_dispatch import Handler, carry_out, given_s
from edge.service.command_log import CommandLog
from edge.service.strip_requests import WAITING_MAX, StripRequests

if TYPE_CHECKING:
    from ecg.alarms.kinds import Evidence
    from ecg.alarms.service import AlarmService
    from edge.config import Settings
    from edge.mqtt.client import MqttClient
    from edge.service.listeners import Listeners
    from edge.service.opening_times import OpeningTimes
    from edge.service.status import StatusService
    from edge.service.stream import Stream

__all__ = ["CommandService"]

Run: TypeAlias = Callable[[Any, Command], tuple[str, dict[str, Any]]]

COMMANDS_AT_ONCE: Final = 50
"""Most commands between two blocks; more wait, so that a flood of commands never delays the monitoring."""


class CommandService:
    """Serves commands on the daemon's main thread, between blocks of samples.

    Args:
        settings: the device's id and the recording's folder.
        alarms: acknowledges and snoozes alarms.
        stream: takes the patient's events.
        status: answers `status` and `selftest`.
        opening_times: knows since when each alarm is open.
        listeners: told what a command changed.
        client: source of the commands, and way out for the answers.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        alarms: AlarmService,
        stream: Stream,
        status: StatusService,
        opening_times: OpeningTimes,
        listeners: Listeners,
        client: MqttClient,
    ) -> None:
        self._device_id = settings.device.id
        self._alarms = alarms
        self._stream = stream
        self._status = status
        self._opening_times = opening_times
        self._listeners = listeners
        self._client = client
        self._socket = ControlSocket(settings.storage.folder)
        self._presses: deque[Command] = deque()
        self._log = CommandLog()
        self._budget = CommandBudget()
        self._strips = StripRequests(settings, client)
        self._handlers: dict[str, Handler[Any]] = {
            "ack": Handler(Ack, self._acknowledge),
            "snooze": Handler(Snooze, self._limited(self._snooze)),
            "mute": Handler(Mute, self._limited(self._mute)),
            "mark": Handler(Mark, self._limited(self._mark)),
            "status": Handler(StatusRequest, self._tell_status),
            "selftest": Handler(SelftestRequest, self._limited(self._selftest)),
            "strip": Handler(StripRequest, self._refuse_strip),
        }

    def press_button(self) -> None:
        """The patient's button was pressed; may be called from any thread."""
        self._presses.append(Command(verb="mark", payload=b"", source="button", received_s=time.monotonic()))

    def serve(self) -> None:
        """Carry out the commands that have arrived."""
        for _ in range(COMMANDS_AT_ONCE):
            command = self._presses.popleft() if self._presses else self._client.next_command()
            if command is None:
                break
            self.answer(command)
        self._socket.poll(self.answer)
        for command, answer in self._strips.answers():
            self._reply(command, answer)

    def answer(self, command: Command) -> bytes:
        """Carry out a command; its answer as JSON. The answer to a command from MQTT is also published.

        Strips are cut on another thread, so the answer to a request for one from MQTT comes later.
        """
        if command.verb == "strip" and self._strips.request(command):
            return self._being_cut(command)
        return self._reply(command, carry_out(command, self._handlers, now_s=time.monotonic(), time=datetime.now(UTC)))

    def _limited(self, run: Run) -> Run:
        """A handler's function within the budget; `ack` and `status` change nothing where they are repeated."""

        def spend_and_run(request: Any, command: Command) -> tuple[str, dict[str, Any]]:
            self._budget.spend(command)
            return run(request, command)

        return spend_and_run

    def _being_cut(self, command: Command) -> bytes:
        """The answer over the control socket, which does not wait. Over MQTT the answer comes with the strip."""
        answer = Answer(ok=True, text="The strip is being cut, and is published as a message.")
        return reply_message(command, answer, datetime.now(UTC), self._device_id).payload

    def _reply(self, command: Command, answer: Answer) -> bytes:
        self._log.tell(command, answer)
        reply = reply_message(command, answer, datetime.now(UTC), self._device_id)
        if command.source == "mqtt":
            self._client.send(reply)
        return reply.payload

    def close(self) -> None:
        """Close the control socket and cut no more strips."""
        self._socket.close()
        self._strips.close()

    def _acknowledge(self, request: Ack, command: Command) -> tuple[str, dict[str, Any]]:
        found = [
            alarm
            for alarm in self._alarms.alarms
            if request.uuid in {None, alarm.uuid} and (request.kind is None or request.kind is alarm.kind)
        ]
        if not found:
            raise InputError("ack: no such alarm is active; see the topic alarms for those that are")
        time_utc = datetime.now(UTC)
        at_s = given_s(command, request, now_s=time.monotonic(), time=time_utc)
        # Who names an alarm by its UUID has been told of it.
        known = [alarm for alarm in found if request.uuid or self._opening_times.was_open(alarm.uuid, at_s)]
        younger = ", ".join(alarm.kind.value for alarm in found if alarm not in known)
        if not known:
            raise InputError(f"ack: {younger} opened after this was given; look at the alarm, then send it again")
        self._stream.acknowledge(known)
        self._listeners.tell(self._alarms.acknowledge(known, time_utc, by=request.by or command.source))
        text = f"Acknowledged: {', '.join(alarm.kind.value for alarm in known)}."
        if younger:
            text += f" Not acknowledged, as it opened after this was given: {younger}."
        return text, {"alarms": [alarm.uuid for alarm in known]}

    def _snooze(self, request: Snooze, _command: Command) -> tuple[str, dict[str, Any]]:
        return self._silence(request.kind, request.minutes, request.kind.value)

    def _mute(self, request: Mute, command: Command) -> tuple[str, dict[str, Any]]:
        at_s = given_s(command, request, now_s=time.monotonic(), time=datetime.now(UTC))
        for alarm in self._alarms.alarms:
            # A high alarm ends a mute; one that was on its way meanwhile comes too late.
            is_high = alarm.priority is Priority.HIGH and not alarm.acknowledged
            if request.minutes and is_high and not self._opening_times.was_open(alarm.uuid, at_s):
                raise InputError(f"mute: {alarm.kind.value} opened after this was given; look at the alarm first")
        return self._silence(None, request.minutes, "the buzzer")

    def _silence(self, kind: AlarmKind | None, minutes: float, name: str) -> tuple[str, dict[str, Any]]:
        max_snooze_s = self._alarms.max_snooze_s
        if 60 * minutes > max_snooze_s:
            raise InputError(f"{minutes:g} minutes are too long; at most {max_snooze_s / 60:g} are taken")
        snooze, notice = self._alarms.snooze(kind, 60 * minutes, now_s=time.monotonic(), time=datetime.now(UTC))
        self._listeners.tell([notice])
        if snooze is None:
            return f"No longer silent: {name}.", {}
        until = rfc3339(snooze.until)
        return f"Silent until {until}: {name}.", {"until": until}

    def _mark(self, request: Mark, command: Command) -> tuple[str, dict[str, Any]]:
        evidence: Evidence = {"source": command.source, "pressed": rfc3339(datetime.now(UTC))}
        if request.text is not None:
            evidence["text"] = request.text
        self._stream.mark(evidence)
        uuids = [alarm.uuid for alarm in self._alarms.alarms if alarm.kind is AlarmKind.PATIENT_EVENT]
        return "Marked.", {"alarms": uuids}

    def _tell_status(self, _request: StatusRequest, _command: Command) -> tuple[str, dict[str, Any]]:
        status = self._status.status()
        text = "Watching." if status.watching else f"Not watching: {status.trouble}."
        return text, {"status": status}

    def _selftest(self, _request: SelftestRequest, _command: Command) -> tuple[str, dict[str, Any]]:
        found = self._status.self_check()
        return found.text, msgspec.structs.asdict(found)

    def _refuse_strip(self, _request: StripRequest, _command: Command) -> tuple[str, dict[str, Any]]:
        raise InputError(f"strip: {WAITING_MAX} others are waiting to be cut; try again later")
