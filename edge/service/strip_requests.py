"""Cuts requested strips one at a time, on a thread of its own and within a budget: they never hold up the watching."""

from __future__ import annotations

import logging
import queue
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from ecg.errors import InputError
from ecg.protocol.commands import Answer, Command, StripRequest
from ecg.protocol.encoder import encode
from edge.service.command_dispatch import Handler, carry_out
from edge.storage.strips import requested_strip

if TYPE_CHECKING:
    from edge.config import Settings
    from edge.mqtt.client import MqttClient

__all__ = ["WAITING_MAX", "StripRequests"]

WAITING_MAX: Final = 5
"""Most requests that wait; a person looks at one strip at a time."""

REST_S: Final = 1.0
"""Shortest time between two strips: each is up to 0.6 MB for the outbox and the network."""

REST_SHARE: Final = 4.0
"""Rest after a strip, in units of the time that it took: cutting gets at most a fifth of a processor."""

STOP_S: Final = 1.0
"""For the strip in work when the monitor stops."""

_log = logging.getLogger(__name__)


class StripRequests:
    """The requests for strips of the recording.

    Args:
        settings: the device's id and the recording's folder.
        client: publishes the strips.
    """

    def __init__(self, settings: Settings, client: MqttClient) -> None:
        self._device_id = settings.device.id
        self._storage = settings.storage
        self._client = client
        self._handlers: dict[str, Handler[Any]] = {"strip": Handler(StripRequest, self._publish)}
        self._waiting: queue.Queue[Command] = queue.Queue(WAITING_MAX)
        self._answered: queue.SimpleQueue[tuple[Command, Answer]] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="strips", daemon=True)

    def request(self, command: Command) -> bool:
        """Queue a request; False if too many wait already."""
        if not self._thread.is_alive() and not self._stopping.is_set():
            self._thread.start()  # not before somebody wants a strip
        try:
            self._waiting.put_nowait(command)
        except queue.Full:
            return False
        return True

    def answers(self) -> list[tuple[Command, Answer]]:
        """The requests that were answered since the last call."""
        return [self._answered.get() for _ in range(self._answered.qsize())]

    def close(self) -> None:
        """Stop; what waits is not cut any more."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(STOP_S)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                command = self._waiting.get(timeout=REST_S)
            except queue.Empty:
                continue
            began_s = time.monotonic()
            try:
                answer = carry_out(command, self._handlers, now_s=began_s, time=datetime.now(UTC))
            except Exception:  # noqa: BLE001 - the recording may be damaged in any way; the next request must be served
                _log.exception("A requested strip could not be cut.")
                answer = Answer(ok=False, text="The strip could not be cut; the monitor's log says why.")
            self._answered.put((command, answer))
            if answer.ok:
                self._stopping.wait(max(REST_S, REST_SHARE * (time.monotonic() - began_s)))

    def _publish(self, request: StripRequest, _command: Command) -> tuple[str, dict[str, Any]]:
        strip = requested_strip(
            self._storage, event=request.event, start=request.start, end=request.end, last_s=request.last_s
        )
        message = encode(strip, self._device_id)
        if self._client.too_large(message):
            raise InputError(f"strip: {len(message.payload)} bytes are more than the broker takes; request less")
        if not self._stopping.is_set():
            self._client.send(message)
        return f"Published as {message.topic}.", {"topic": message.topic}
