"""Do samples come, and do they pass through the whole pipeline? What the log, the vitals and systemd are told of it."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Final

import numpy as np

from edge.service import systemd

if TYPE_CHECKING:
    from edge.frontends.feed import Arrival

__all__ = ["Supervision"]

VITALS_S: Final = 5.0
"""How often it is said that no samples come: as often as vitals would come."""

RECOVERY_S: Final = 600.0
"""A front end that has delivered nothing for so long may need more than its driver's own attempts: the watchdog is fed
no more, and systemd starts everything anew."""

_log = logging.getLogger(__name__)


class Supervision:
    """Watches over the source.

    Args:
        source_name: of the front end, for the log.
        no_samples_s: silence that is told of.

    Attributes:
        fault: what the front end says is wrong; None while all is well.
        heard_s: when the last block came, lost samples included, on the monotonic clock.
        no_samples_s: as given.
    """

    def __init__(self, source_name: str, *, no_samples_s: float) -> None:
        self.fault: str | None = None
        self.heard_s = time.monotonic()
        self._source_name = source_name
        self.no_samples_s = no_samples_s
        self._delivered_s = self.heard_s
        self._given_up = False
        self._silence_told_s: float | None = None
        self._watchdog_s = systemd.watchdog_interval_s()
        self._watchdog_due_s = self.heard_s

    @property
    def silent_s(self) -> float:
        """For how long no block has come."""
        return time.monotonic() - self.heard_s

    def heard(self, arrival: Arrival) -> None:
        """A block came."""
        self.heard_s = arrival.monotonic_s
        if self._silence_told_s is not None:
            _log.warning("Samples are coming again.")
            self._silence_told_s = None
        block = arrival.block
        if np.isfinite(block.samples_mv).any():
            self._delivered_s = arrival.monotonic_s
        if block.fault != self.fault:
            self.fault = block.fault
            systemd.notify(f"STATUS={block.fault or 'Watching.'}")

    def processed(self) -> None:
        """Give systemd's watchdog a sign of life for a block that went through the whole pipeline.

        A fault block is one too: the driver is alive, the alarm is out, and a restart would help it no more than its
        own attempts do. A hung thread, a silent source, and a driver that gets nowhere give none.
        """
        now_s = time.monotonic()
        if self._watchdog_s is None or now_s < self._watchdog_due_s:
            return
        self._watchdog_due_s = now_s + self._watchdog_s
        if now_s - self._delivered_s < RECOVERY_S:
            systemd.notify("WATCHDOG=1")
        elif not self._given_up:
            self._given_up = True
            _log.error("%s has delivered nothing for %.0f s: starting anew.", self._source_name, RECOVERY_S)

    def silence_is_due(self) -> bool:
        """No block came of late; tells whether the vitals shall say so now. The log is told once."""
        now_s = time.monotonic()
        if now_s - self.heard_s < self.no_samples_s:
            return False
        if self._silence_told_s is None:
            _log.error("No samples come from %s: the heart is not being watched.", self._source_name)
            systemd.notify("STATUS=No samples come from the front end.")
        elif now_s - self._silence_told_s < VITALS_S:
            return False
        self._silence_told_s = now_s
        return True
