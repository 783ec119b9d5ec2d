"""When the monitor was last known to be running, and how long ago that is."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Final

from ecg.alarms.active import Alive
from edge.storage.age_clock import boot_id

__all__ = ["alive_now", "away_s"]

_CLOCK: Final[int] = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Counts while the machine sleeps as well; only Linux has it."""


def alive_now() -> Alive:
    """The present moment."""
    return Alive(wall=datetime.now(UTC), boot_id=boot_id(), boottime_s=time.clock_gettime(_CLOCK))


def away_s(before: Alive | None, now: Alive, *, clock_set: bool | None) -> float | None:
    """Time between two moments; None if it cannot be known.

    Within one start of the machine its own clock decides. A wall clock that says more than that is believed: a machine
    that was frozen counts no time. Over a start of the machine only the wall clock knows, if a time server has set it.

    Args:
        before: the earlier moment; None: not known.
        now: the later one.
        clock_set: whether the wall clock is known to be right.
    """
    if before is None:
        return None
    wall_s = (now.wall - before.wall).total_seconds()
    if before.boot_id and before.boot_id == now.boot_id:
        boottime_s = now.boottime_s - before.boottime_s
        return max(boottime_s, wall_s) if boottime_s >= 0 else None
    return wall_s if clock_set and wall_s >= 0 else None
