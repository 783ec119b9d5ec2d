"""Who is told what happens: the way out over MQTT, the status that can be asked for, buzzer and LED."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecg.notices import Notice

__all__ = ["Listener", "Listeners"]


class Listener(Protocol):
    """Takes notices on the daemon's main thread, and returns soon."""

    def take(self, notices: Sequence[Notice]) -> None:
        """Take what happened, in its order."""


class Listeners:
    """Passes notices on.

    Args:
        listeners: told in this order.
    """

    def __init__(self, *listeners: Listener) -> None:
        self._listeners = listeners

    def tell(self, notices: Sequence[Notice]) -> None:
        """Pass what happened in one step on, in one piece."""
        for listener in self._listeners:
            listener.take(notices)
