"""What systemd is told about the service: the sd_notify protocol, one datagram a message (man 3 sd_notify)."""

from __future__ import annotations

import os
import socket

__all__ = ["notify", "watchdog_interval_s"]


def notify(state: str) -> None:
    """Send a state like `READY=1`; does nothing where no service manager listens, and never fails."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):  # an abstract socket
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as datagram:
            datagram.connect(address)
            datagram.send(state.encode())
    except OSError:
        return  # watching goes on without it


def watchdog_interval_s() -> float | None:
    """Give how often the watchdog wants a sign of life: half of its patience; None where none is set."""
    patience_us = os.environ.get("WATCHDOG_USEC", "")
    return int(patience_us) / 2e6 if patience_us.isdigit() else None
