"""Subscribes on each connection, but not where the broker ends the connection for it: the alarms must get through."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from edge.mqtt.session import Session

__all__ = ["Subscriber"]

AGAIN_S: Final = 60.0
AGAIN_MAX_S: Final = 3600.0
"""Each further attempt waits for twice as long as the last one; meanwhile alarms are sent."""

ENDS: Final = 2
"""So many connections in a row that end at a subscription are no chance."""

_log = logging.getLogger(__name__)


class Subscriber:
    """Remembers, across connections, how often one ended at its subscriptions; used by the client's thread.

    Some brokers end the connection of a client that may not subscribe instead of refusing the subscription.

    Args:
        broker: its address, for the log.
    """

    def __init__(self, broker: str) -> None:
        self._broker = broker
        self._ends = 0
        self._due_s = 0.0

    def connected(self) -> None:
        """A connection was made."""
        again_s = min(AGAIN_MAX_S, AGAIN_S * 2.0 ** (self._ends - ENDS))
        self._due_s = time.monotonic() + (again_s if self._ends >= ENDS else 0.0)

    def subscribe(self, session: Session) -> None:
        """Subscribe if it is time, and look for the answers."""
        if not session.is_subscribed:
            if time.monotonic() >= self._due_s:
                session.subscribe()
        elif not session.is_subscribing:
            self._ends = 0

    def ended(self, session: Session) -> None:
        """A connection ended."""
        if not (session.hung_up and session.is_subscribing):
            return
        self._ends += 1
        if self._ends == ENDS:
            _log.error(
                "The broker at %s ends the connection when this monitor subscribes to its commands: alarms are sent, "
                "and commands do not arrive. Check the broker's access list.",
                self._broker,
            )
