"""An MQTT broker inside this process, on a free loopback port: amqtt, which supports version 3.1.1 only."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ecg.errors import InputError, NetworkError
from ecg.extras import how_to_install

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["broker"]

START_S = 10.0


@contextmanager
def broker() -> Iterator[int]:
    """Run a broker during the context; yields its port.

    Raises:
        InputError: amqtt is not installed.
        NetworkError: it does not start.
    """
    try:
        from amqtt.broker import Broker  # noqa: PLC0415 - an extra, and only the demo needs it
    except ImportError as error:
        raise InputError(f"the demo's broker is not installed: {how_to_install('demo')}") from error
    for name in ("amqtt", "transitions", "passlib"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    port = _free_port()
    settings = {
        "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}},
        "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
    }
    loop = asyncio.new_event_loop()
    # Do not report connections that are lost at the end.
    loop.set_exception_handler(lambda _loop, _context: None)
    thread = threading.Thread(target=loop.run_forever, name="broker", daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(_start(Broker, settings), loop).result(START_S)
    except Exception as error:
        raise NetworkError(f"the demo's broker does not start: {error}") from error
    try:
        yield port
    finally:
        # Stop the loop directly: the broker's own shutdown would wait 5 s for clients that have left.
        loop.call_soon_threadsafe(loop.stop)
        thread.join(START_S)


async def _start(broker_class: Any, settings: dict[str, Any]) -> None:
    await broker_class(settings).start()  # created here because it uses the running loop


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
