"""Supervises the source and the main loop: reports silence, and feeds systemd's watchdog."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Final

import numpy as np

from edge.service import systemd

if TYPE_CHECKING:
    from edge.frontends.source_thread import Arrival

__all__ = ["Supervision"]

VITALS_S: Final = 5.0
"""Interval of the empty vitals during a silence: the usual interval of vitals."""

RECOVERY_S: Final = 600.0
"""After a front end has delivered no good sample for this long, its driver's own attempts may not be enough. The
watchdog is then no longer fed, and systemd restarts the service."""

_log = logging.getLogger(__name__)


class Supervision:
    """Supervises the source.

    Args:
        source_name: name of the front end, for the log.
        no_samples_s: silence that is reported.

    Attributes:
        fault: the fault that the front end reports; None without one.
        last_block_s: time of the last block, lost samples included, on the monotonic clock.
        no_samples_s: as given.
    """

    def __init__(self, source_name: str, *, no_samples_s: float) -> None:
        self.fault: str | None = None
        self.last_block_s = time.monotonic()
        self._source_name = source_name
        self.no_samples_s = no_samples_s
        self._last_good_s = self.last_block_s
        self._given_up = False
        self._silence_reported_s: float | None = None
        self._watchdog_s = systemd.watchdog_interval_s()
        self._watchdog_due_s = self.last_block_s

    @property
    def silent_s(self) -> float:
        """Time since the last block."""
        return time.monotonic() - self.last_block_s

    def block_arrived(self, arrival: Arrival) -> None:
        """Note that a block arrived."""
        self.last_block_s = arrival.monotonic_s
        if self._silence_reported_s is not None:
            _log.warning("Samples are coming again.")
            self._silence_reported_s = None
        block = arrival.block
        if np.isfinite(block.samples_mv).any():
            self._last_good_s = arrival.monotonic_s
        if block.fault != self.fault:
            self.fault = block.fault
            systemd.notify(f"STATUS={block.fault or 'Watching.'}")

    def feed_watchdog(self) -> None:
        """Feed systemd's watchdog after a block has passed the whole pipeline.

        A block with a fault counts too: the driver is alive, the alarm is out, and a restart would not help more than
        the driver's own attempts. A hung thread, a silent source, and a driver that does not recover stop the feeding.
        """
        now_s = time.monotonic()
        if self._watchdog_s is None or now_s < self._watchdog_due_s:
            return
        self._watchdog_due_s = now_s + self._watchdog_s
        if now_s - self._last_good_s < RECOVERY_S:
            systemd.notify("WATCHDOG=1")
        elif not self._given_up:
            self._given_up = True
            _log.error("%s has delivered nothing for %.0f s: restarting.", self._source_name, RECOVERY_S)

    def empty_vitals_due(self) -> bool:
        """Whether empty vitals are due because no block has come. Logs the silence once."""
        now_s = time.monotonic()
        if now_s - self.last_block_s < self.no_samples_s:
            return False
        if self._silence_reported_s is None:
            _log.error("No samples come from %s: the heart is not being watched.", self._source_name)
            systemd.notify("STATUS=No samples come from the front end.")
        elif now_s - self._silence_reported_s < VITALS_S:
            return False
        self._silence_reported_s = now_s
        return True
