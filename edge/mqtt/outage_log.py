"""Logs outages of the broker: each cause once in an outage, not at each retry, and one line when the broker is back."""

from __future__ import annotations

import logging
import time

__all__ = ["OutageLog"]

FLAPPING_COUNT = 3
"""This many short connections in a row are not chance."""

_log = logging.getLogger(__name__)


class OutageLog:
    """Logs outages without repetition.

    Args:
        broker: its address, `host:port`.

    Attributes:
        cause: cause of the present outage; None without one. May be read from any thread.
    """

    def __init__(self, broker: str) -> None:
        self.cause: str | None = None
        self._broker = broker
        self._logged: set[str] = set()
        self._away_since_s: float | None = None
        self._silent = False
        self._short_lived = 0

    def up(self, *, waiting: int) -> None:
        """A connection was made; `waiting` messages were in the outbox."""
        waited = f"; {waiting} messages waited in the outbox" if waiting else ""
        if self._away_since_s is None:
            _log.info("Connected to the broker at %s%s.", self._broker, waited)
        elif not self._silent:
            away_s = time.monotonic() - self._away_since_s
            _log.info("The broker at %s is back after %.0f s%s.", self._broker, away_s, waited)
        self._away_since_s = None
        self.cause = None

    def lost(self, cause: str, *, stable: bool, hung_up: bool) -> None:
        """A connection ended; `stable`: it was not a short one, `hung_up`: the other end closed it."""
        if stable:
            self._logged.clear()
        self._short_lived = self._short_lived + 1 if hung_up and not stable else 0
        if self._short_lived >= FLAPPING_COUNT:
            cause = "each connection ends soon after it is made: another client may use the same device.id"
        self.cause = cause
        self._away_since_s = time.monotonic()
        self._silent = cause in self._logged
        if not self._silent:
            self._logged.add(cause)
            _log.warning("The broker at %s is lost: %s. Monitoring continues; alarms wait.", self._broker, cause)

    def failed(self, cause: str) -> None:
        """An attempt to connect failed."""
        self.cause = cause
        if self._away_since_s is None:
            self._away_since_s = time.monotonic()
        if cause not in self._logged:
            self._logged.add(cause)
            self._silent = False
            _log.warning(
                "The broker at %s cannot be used: %s. Monitoring continues, alarms wait, and the client tries again.",
                self._broker,
                cause,
            )
