"""Passes notices to their listeners: the MQTT publisher, the status, buzzer and LED, the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecg.notices import Notice

__all__ = ["Listener", "Listeners"]


class Listener(Protocol):
    """Takes notices on the daemon's main thread, and must return quickly."""

    def take(self, notices: Sequence[Notice]) -> None:
        """Take notices, in their order."""


class Listeners:
    """Passes notices to every listener.

    Args:
        listeners: called in this order.
    """

    def __init__(self, *listeners: Listener) -> None:
        self._listeners = listeners

    def tell(self, notices: Sequence[Notice]) -> None:
        """Pass the notices of one step on, together."""
        for listener in self._listeners:
            listener.take(notices)
