"""A clock for lifetimes: it counts seconds, survives restarts, and nobody can set it.

UTC cannot measure an age. A Pi without a battery-backed clock starts in the past and jumps when a time server answers.
"""

from __future__ import annotations

import time
from pathlib import Path

import msgspec

__all__ = ["AgeClock", "SavedAge", "boot_id"]

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
"""Linux: a new one at each boot (man 5 proc). The monotonic clock counts from the boot."""


class SavedAge(msgspec.Struct, frozen=True):
    """A reading of the clock, to continue from at the next start.

    Attributes:
        age_s: the reading.
        monotonic_s: the monotonic clock at that moment.
        boot: id of the boot that the monotonic clock counts from.
    """

    age_s: float
    monotonic_s: float
    boot: str


class AgeClock:
    """Continues from a saved reading. The time while the machine was off is unknown and is not counted.

    Args:
        saved: the last reading; None: the clock starts at 0.

    Attributes:
        ahead_s: this clock minus the monotonic clock.
    """

    def __init__(self, saved: SavedAge | None) -> None:
        now_s = time.monotonic()
        self._boot = boot_id()
        self.ahead_s = -now_s
        if saved is not None:
            same_boot = saved.boot == self._boot and 0 <= saved.monotonic_s <= now_s
            self.ahead_s = saved.age_s - (saved.monotonic_s if same_boot else now_s)

    @property
    def now_s(self) -> float:
        """The present reading."""
        return time.monotonic() + self.ahead_s

    def save(self) -> SavedAge:
        """The present reading, to be saved."""
        now_s = time.monotonic()
        return SavedAge(now_s + self.ahead_s, now_s, self._boot)


def boot_id() -> str:
    """Which start of the machine this is; empty where the system does not tell."""
    try:
        return BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""
