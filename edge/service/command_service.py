"""What the daemon does beside the stream: alarms of the machine, commands, escalation, and keeping it all on disk."""

from __future__ import annotations

import logging
import time
from collections import deque
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ecg.alarms.kinds import AlarmKind
from ecg.errors import InputError
from ecg.protocol.commands import Ack, Command, Mark, Mute, SelftestRequest, Snooze, StatusRequest, StripRequest
from ecg.protocol.message import rfc3339
from ecg.samples import SAMPLE_RATE_HZ
from edge.annunciator.pins import open_annunciator
from edge.control_socket import ControlSocket
from edge.service import host_readings as readings
from edge.service.command_dispatch import Handler, carry_out
from edge.service.host_alarms import MachineWatch
from edge.storage.strips import requested_strip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ecg.alarms.kinds import AlarmEvent, Evidence
    from ecg.protocol.encoder import Encoder
    from ecg.protocol.message import Message
    from ecg.protocol.status import SelfCheck, Status
    from edge.config import Settings
    from edge.mqtt.client import MqttClient
    from edge.storage.outbox import Outbox

__all__ = ["ALARMS", "PERIODS", "Desk"]

ALARMS: Final = "alarms"
PERIODS: Final = "periods"
RUNNING: Final = "running"
"""Names in the store: the board's state, the hour and the day that are not over, whether the monitor runs."""

WORK_S: Final = 0.05
"""How often there is a look at what is due, at most."""

READINGS_S: Final = 10.0
"""Storage and battery change slowly."""

COMMANDS_AT_ONCE: Final = 50
"""Between two blocks; more wait, so that a flood of them never holds up the watching."""

LOG_S: Final = 1.0
"""One line about refused commands in so long."""

_log = logging.getLogger(__name__)


class Desk:
    """Called by the daemon's main thread between blocks of samples.

    Args:
        settings: the whole tree.
        encoder: has the board.
        client: takes the messages, and brings the commands.
        outbox: keeps what must be known after a restart.
        mark: puts the patient's event into the stream.
        recording_fault: why the recording stands still; None while it does not.
        status: tells how things are.
        selftest: tests what can be tested meanwhile.

    Attributes:
        readings: the last look at the machine.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        encoder: Encoder,
        client: MqttClient,
        outbox: Outbox,
        mark: Callable[[Evidence], None],
        recording_fault: Callable[[], str | None],
        status: Callable[[], Status],
        selftest: Callable[[], SelfCheck],
    ) -> None:
        self._encoder = encoder
        self._client = client
        self._outbox = outbox
        self._mark_stream = mark
        self._recording_fault = recording_fault
        self._read_status = status
        self._test = selftest
        self._storage = settings.storage
        self._directory = Path(settings.storage.directory)
        self._machine = MachineWatch(settings.host, no_samples_s=settings.rhythm.no_samples_s)
        self._control = ControlSocket(self._directory)
        self._annunciator = open_annunciator(settings.annunciator)
        self._began_s = time.monotonic()
        self._due_s = self._began_s
        self._readings_due_s = self._began_s
        self.readings = readings.read(self._directory)
        self._kept: dict[str, int] = {}  # revision of what is on disk, by name
        self._own: deque[Command] = deque()
        self._log_due_s = 0.0
        self._unlogged = 0
        self._handlers: dict[str, Handler[Any]] = {
            "ack": Handler(Ack, self._ack),
            "snooze": Handler(Snooze, self._snooze),
            "mute": Handler(Mute, self._mute),
            "mark": Handler(Mark, self._mark),
            "status": Handler(StatusRequest, self._status),
            "selftest": Handler(SelftestRequest, self._selftest),
            "strip": Handler(StripRequest, self._strip),
        }

    def press_button(self) -> None:
        """The patient's button was pressed; may be called from any thread."""
        self._own.append(Command(verb="mark", payload=b"", source="button", received_s=time.monotonic()))

    def open(self) -> None:
        """Publish the board as the start found it; an end without notice of the run before is an alarm."""
        self._encoder.tick(time.monotonic(), datetime.now(UTC))
        self.publish([self._encoder.alarms()])
        if self._outbox.state(RUNNING, bool):
            _log.warning("The monitor had stopped without notice: it was killed, hung, or without power.")
            self._tell(self._machine.restarted(time.monotonic() - self._began_s))
        self._outbox.put([], {RUNNING: True})

    def tell_model_refused(self, cause: str, substitute: str) -> None:
        """The chosen model was refused at the start, and another one is in use."""
        self._tell(self._machine.model_refused(time.monotonic() - self._began_s, cause, substitute))

    def work(self, *, heard_s: float) -> None:
        """Do what is due; the last samples came at `heard_s` on the monotonic clock."""
        now_s = time.monotonic()
        if now_s < self._due_s:
            return
        self._due_s = now_s + WORK_S
        self._tell(self._machine.samples(now_s - self._began_s, last_s=heard_s - self._began_s))
        fault = self._outbox.fault or self._recording_fault()
        self._tell(self._machine.storage(now_s - self._began_s, fault))
        if now_s >= self._readings_due_s:
            self._readings_due_s = now_s + READINGS_S
            self._outbox.retry()
            self.readings = readings.read(self._directory)
            self._tell(self._machine.look(now_s - self._began_s, self.readings))
        self._serve()
        self._control.poll(self.answer)
        self.publish(self._encoder.tick(now_s, datetime.now(UTC)))
        if self._annunciator is not None:
            self._annunciator.show(audible=self._encoder.board.audible, visible=self._encoder.board.visible)

    def finish(self, failure: Exception | None) -> None:
        """The monitor stops; `failure` is why it cannot go on, if it does not stop in order."""
        self._control.close()
        if self._annunciator is not None:
            self._annunciator.close()
        now_s = time.monotonic() - self._began_s
        if failure is not None:
            self._tell(self._machine.failed(now_s, str(failure) or repr(failure)))
        self._tell(self._machine.finish(now_s, failed=failure is not None))
        self._outbox.put([], {RUNNING: False})

    def publish(self, messages: Iterable[Message]) -> None:
        """Hand messages over, and in one piece with them what has changed of what must be known after a restart.

        So a power cut leaves no alarm that a caregiver was told of and this monitor knows nothing about.
        """
        board, periods = self._encoder.board, self._encoder.periods
        state: dict[str, object] = {}
        if board.revision != self._kept.get(ALARMS, 0):
            self._kept[ALARMS] = board.revision
            state[ALARMS] = board.state
        if periods.revision != self._kept.get(PERIODS, 0):
            self._kept[PERIODS] = periods.revision
            state[PERIODS] = periods.open_periods
        self._client.send(*messages, state=state)

    def answer(self, command: Command) -> bytes:
        """Carry out a command; give the answer as JSON, and publish it where one over MQTT is waited for."""
        time_utc = datetime.now(UTC)
        answer = carry_out(command, self._handlers, now_s=time.monotonic(), time=time_utc)
        if not answer.ok:
            self._log_refusal(command, answer.text)
        reply = self._encoder.reply(command, answer, time_utc)
        if command.source == "mqtt":
            self._client.send(reply)
        return reply.payload

    def _serve(self) -> None:
        for _ in range(COMMANDS_AT_ONCE):
            command = self._own.popleft() if self._own else self._client.next_command()
            if command is None:
                break
            self.answer(command)

    def _tell(self, events: list[AlarmEvent]) -> None:
        for event in events:
            self.publish(self._encoder.machine(event, self._utc))

    def _utc(self, index: int) -> datetime:
        """Give the moment of an index of the machine's clock."""
        age_s = time.monotonic() - self._began_s - index / SAMPLE_RATE_HZ
        return datetime.now(UTC) - timedelta(seconds=age_s)

    def _ack(self, request: Ack, command: Command) -> tuple[str, dict[str, Any]]:
        active = self._encoder.board.alarms
        found = [
            alarm
            for alarm in active
            if request.uuid in {None, alarm.uuid} and (request.kind is None or request.kind is alarm.kind)
        ]
        if not found:
            raise InputError("ack: no such alarm is active; see the topic alarms for those that are")
        now = datetime.now(UTC)
        notices = self._encoder.board.acknowledge(found, now, by=request.by or command.source)
        if notices:
            self.publish(self._encoder.notices(notices, now))
        names = ", ".join(alarm.kind.value for alarm in found)
        return f"Acknowledged: {names}.", {"alarms": [alarm.uuid for alarm in found]}

    def _snooze(self, request: Snooze, _command: Command) -> tuple[str, dict[str, Any]]:
        return self._silence(request.kind, request.minutes, request.kind.value)

    def _mute(self, request: Mute, _command: Command) -> tuple[str, dict[str, Any]]:
        return self._silence(None, request.minutes, "the buzzer")

    def _silence(self, kind: AlarmKind | None, minutes: float, name: str) -> tuple[str, dict[str, Any]]:
        board = self._encoder.board
        if 60 * minutes > board.max_snooze_s:
            raise InputError(f"{minutes:g} minutes are too long; at most {board.max_snooze_s / 60:g} are taken")
        now = datetime.now(UTC)
        snooze = board.snooze(kind, 60 * minutes, now_s=time.monotonic(), time=now)
        self.publish(self._encoder.notices([], now))
        if snooze is None:
            return f"No longer silent: {name}.", {}
        until = rfc3339(snooze.until)
        return f"Silent until {until}: {name}.", {"until": until}

    def _mark(self, request: Mark, command: Command) -> tuple[str, dict[str, Any]]:
        evidence: Evidence = {"source": command.source, "pressed": rfc3339(datetime.now(UTC))}
        if request.text is not None:
            evidence["text"] = request.text
        self._mark_stream(evidence)
        uuids = [alarm.uuid for alarm in self._encoder.board.alarms if alarm.kind is AlarmKind.PATIENT_EVENT]
        return "Marked.", {"alarms": uuids}

    def _status(self, _request: StatusRequest, _command: Command) -> tuple[str, dict[str, Any]]:
        status = self._read_status()
        text = "Watching." if status.watching else f"Not watching: {status.trouble}."
        return text, {"status": status}

    def _selftest(self, _request: SelftestRequest, _command: Command) -> tuple[str, dict[str, Any]]:
        found = self._test()
        return found.text, msgspec.structs.asdict(found)

    def _strip(self, request: StripRequest, _command: Command) -> tuple[str, dict[str, Any]]:
        strip = requested_strip(
            self._storage, event=request.event, start=request.start, end=request.end, last_s=request.last_s
        )
        message = self._encoder.strip(strip)
        self._client.send(message)
        return f"Published as {message.topic}.", {"topic": message.topic}

    def _log_refusal(self, command: Command, text: str) -> None:
        now_s = time.monotonic()
        if now_s < self._log_due_s:
            self._unlogged += 1
            return
        more = f" ({self._unlogged} more since the last such line)" if self._unlogged else ""
        _log.warning("A command (%s) was refused: %s%s", command.source, ascii(text)[1:-1], more)
        self._log_due_s = now_s + LOG_S
        self._unlogged = 0
