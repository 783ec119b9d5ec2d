"""A network between a client and a broker that loses packets or breaks on them."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING, Literal, Self

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Proxy"]

PUBLISH, PUBACK = 3, 4
"""MQTT packet types: the upper four bits of a packet's first byte."""


class Proxy:
    """Passes MQTT packets on, each as a whole; a context manager.

    Args:
        port: of the broker on this machine.

    Attributes:
        port: for the client.
        connections: number of connections so far.
        judge: says of a packet, by its direction (`up`: to the broker) and bytes, whether to pass it on, to lose it or
            to cut the connection.
    """

    def __init__(self, port: int) -> None:
        self.connections = 0
        self.judge: Callable[[str, bytes], Literal["pass", "lose", "cut"]] = lambda _way, _packet: "pass"
        self._broker = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._sockets: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def __enter__(self) -> Self:
        """Give the proxy itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close every connection."""
        for end in [self._listener, *self._sockets]:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
                broker = socket.create_connection(("127.0.0.1", self._broker))
            except OSError:
                return
            self.connections += 1
            self._sockets += [client, broker]
            for way, source, target in (("up", client, broker), ("down", broker, client)):
                self._threads.append(threading.Thread(target=self._pass_on, args=(way, source, target)))
                self._threads[-1].start()

    def _pass_on(self, way: str, source: socket.socket, target: socket.socket) -> None:
        waiting = b""
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                waiting += data
                while length := _first_packet(waiting):
                    packet, waiting = waiting[:length], waiting[length:]
                    verdict = self.judge(way, packet)
                    if verdict == "pass":
                        target.sendall(packet)
                    elif verdict == "cut":
                        raise ConnectionResetError
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def _first_packet(data: bytes) -> int:
    """Length of the first packet; 0 if it is not complete."""
    length = 0
    for count, byte in enumerate(data[1:5]):
        length |= (byte & 127) << 7 * count
        if not byte & 128:
            total = 2 + count + length
            return total if len(data) >= total else 0
    return 0
