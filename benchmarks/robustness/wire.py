"""A tap on the wire between the daemon and its broker: what was published, and when the broker confirmed it."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field

__all__ = ["Published", "Tap"]

CONNECT, PUBLISH, PUBACK = 1, 3, 4
FAILURE = 0x80
"""MQTT 5 reason codes from here on are refusals."""


@dataclass(slots=True)
class Published:
    """A PUBLISH of the daemon; `confirmed_s` is the moment of its PUBACK, s since 1970 UTC, None before."""

    topic: str
    payload: bytes
    sent_s: float
    confirmed_s: float | None = None


@dataclass(slots=True)
class _Connection:
    daemon: socket.socket
    broker: socket.socket
    version: int = 5
    open: dict[int, Published] = field(default_factory=dict)


class Tap:
    """Listens on a loopback port and passes everything on to the broker's.

    Attributes:
        port: where the daemon is to connect.
        published: every PUBLISH, in the order in which it passed.
        connects: how many connections reached the broker.
    """

    def __init__(self, broker_port: int) -> None:
        self.published: list[Published] = []
        self.connects = 0
        self._broker_port = broker_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def confirmed(self, ending: str) -> list[Published]:
        """What the broker confirmed on topics with this ending, in the order of sending."""
        return [each for each in list(self.published) if each.confirmed_s is not None and each.topic.endswith(ending)]

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                daemon, _ = self._listener.accept()
                try:
                    broker = socket.create_connection(("127.0.0.1", self._broker_port))
                except OSError:
                    daemon.close()
                    continue
                self.connects += 1
                connection = _Connection(daemon, broker)
                for up in (True, False):
                    threading.Thread(target=self._pass_on, args=(connection, up), daemon=True).start()

    def _pass_on(self, connection: _Connection, up: bool) -> None:
        source, target = (connection.daemon, connection.broker) if up else (connection.broker, connection.daemon)
        held = bytearray()
        with suppress(OSError):
            source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while data := source.recv(65536):
                held += data
                while (packet := _packet(held)) is not None:
                    self._note(connection, *packet, up=up)
                target.sendall(data)
        for end in (connection.daemon, connection.broker):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _note(self, connection: _Connection, head: int, body: bytes, *, up: bool) -> None:
        kind = head >> 4
        if up and kind == CONNECT:
            connection.version = body[6]  # after the length and the name of the protocol, "MQTT"
        elif up and kind == PUBLISH:
            end = 2 + int.from_bytes(body[:2], "big")
            topic, qos = body[2:end].decode(), head >> 1 & 3
            identifier = int.from_bytes(body[end : end + 2], "big")
            end += 2 if qos else 0
            if connection.version == 5:
                length, end = _variable(body, end)
                end += length
            published = Published(topic, bytes(body[end:]), time.time())
            if qos:
                connection.open[identifier] = published
            self.published.append(published)
        elif not up and kind == PUBACK and (len(body) < 3 or body[2] < FAILURE):
            published_before = connection.open.pop(int.from_bytes(body[:2], "big"), None)
            if published_before is not None:
                published_before.confirmed_s = time.time()


def _variable(data: bytes | bytearray, start: int) -> tuple[int, int]:
    """Read a variable byte integer (MQTT 5, 1.5.5); give it and where it ends."""
    value = shift = 0
    while True:
        byte = data[start]
        value |= (byte & 0x7F) << shift
        start, shift = start + 1, shift + 7
        if not byte & 0x80:
            return value, start


def _packet(held: bytearray) -> tuple[int, bytes] | None:
    """Take the first packet, if it is whole; give its first byte and what follows the length."""
    try:
        length, start = _variable(held, 1)
    except IndexError:
        return None
    if len(held) < start + length:
        return None
    head, body = held[0], bytes(held[start : start + length])
    del held[: start + length]
    return head, body
