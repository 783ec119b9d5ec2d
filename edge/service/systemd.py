"""Notifies systemd about the service: the sd_notify protocol, one datagram a message (man 3 sd_notify)."""

from __future__ import annotations

import os
import socket

__all__ = ["notify", "watchdog_interval_s"]


def notify(state: str) -> None:
    """Send a state such as `READY=1`; does nothing without a service manager, and never fails."""
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
        return  # the monitor works without it


def watchdog_interval_s() -> float | None:
    """Interval at which to feed the watchdog: half of its timeout; None without a watchdog."""
    timeout_us = os.environ.get("WATCHDOG_USEC", "")
    return int(timeout_us) / 2e6 if timeout_us.isdigit() else None
