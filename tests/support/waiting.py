"""Waiting for something that is to happen soon, and ports of this machine that nobody uses."""

from __future__ import annotations

import os
import secrets
import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PATIENCE_S", "SLOWNESS", "answers", "free_port", "wait_until"]

SLOWNESS = float(os.environ.get("ECG_EDGE_TEST_SLOWNESS") or 1)
"""Of this machine, a small or an emulated one: everybody waits so much longer, hypothesis tries so much less."""

PATIENCE_S = 20.0


def wait_until(condition: Callable[[], object], what: str = "", *, timeout_s: float = PATIENCE_S) -> None:
    """Wait for something; raises TimeoutError if it does not happen."""
    deadline_s = time.monotonic() + timeout_s * SLOWNESS
    while not condition():
        if time.monotonic() > deadline_s:
            raise TimeoutError(f"waited {timeout_s * SLOWNESS:.0f} s in vain: {what or 'it did not happen'}")
        time.sleep(0.02)


def free_port() -> int:
    """Give a loopback port on which nothing listens.

    It lies below those that the kernel gives to outgoing connections (man 7 ip, ip_local_port_range): a broker that
    stops for a while finds its port free again.
    """
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def answers(port: int) -> bool:
    """Whether something listens on a loopback port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
