"""What the log says about the broker: each cause once in an outage, not at each retry, and one line when it is back."""

from __future__ import annotations

import logging
import time

__all__ = ["OutageLog"]

FLAPPING = 3
"""So many connections in a row that ended soon are no accident."""

_log = logging.getLogger(__name__)


class OutageLog:
    """Tells of outages without repeating itself.

    Args:
        broker: how the broker is called in the log, `host:port`.

    Attributes:
        cause: of the present outage; None while there is none. May be read from any thread.
    """

    def __init__(self, broker: str) -> None:
        self.cause: str | None = None
        self._broker = broker
        self._told: set[str] = set()
        self._away_since_s: float | None = None
        self._silent = False
        self._short_lived = 0

    def up(self, *, waiting: int) -> None:
        """The connection stands, and so many messages waited for it."""
        waited = f"; {waiting} messages waited in the outbox" if waiting else ""
        if self._away_since_s is None:
            _log.info("Connected to the broker at %s%s.", self._broker, waited)
        elif not self._silent:
            away_s = time.monotonic() - self._away_since_s
            _log.info("The broker at %s is back after %.0f s%s.", self._broker, away_s, waited)
        self._away_since_s = None
        self.cause = None

    def lost(self, cause: str, *, settled: bool) -> None:
        """A connection ended; `settled`: it had held for a good while."""
        if settled:
            self._told.clear()
            self._short_lived = 0
        else:
            self._short_lived += 1
        if self._short_lived >= FLAPPING:
            cause = "each connection ends soon after it stands: another client may use the same device.id"
        self.cause = cause
        self._away_since_s = time.monotonic()
        self._silent = cause in self._told
        if not self._silent:
            self._told.add(cause)
            _log.warning("The broker at %s is lost: %s. Watching goes on; alarms wait.", self._broker, cause)

    def failed(self, cause: str) -> None:
        """No connection came about."""
        self.cause = cause
        if self._away_since_s is None:
            self._away_since_s = time.monotonic()
        if cause not in self._told:
            self._told.add(cause)
            self._silent = False
            _log.warning(
                "The broker at %s cannot be used: %s. Watching goes on, alarms wait, and it is tried again.",
                self._broker,
                cause,
            )
