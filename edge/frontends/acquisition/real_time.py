"""Real-time priority and locked memory for this process, as far as the system allows."""

from __future__ import annotations

import ctypes
import os

__all__ = ["request_real_time_priority"]

PRIORITY = 50
"""Of 1 to 99 in SCHED_FIFO: above all ordinary processes, equal to the kernel's interrupt threads (50)."""

MCL_CURRENT = 1
"""mlockall(2): lock what is mapped now. Future mappings stay unlocked: hitting a limit later would end the process."""


def request_real_time_priority() -> list[str]:
    """Request SCHED_FIFO and locked memory; returns a warning for each that the system refuses."""
    warnings = []
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PRIORITY))
    except OSError as error:
        warnings.append(
            f"no real-time priority for the sampling ({error.strerror}): on a busy host samples may be lost "
            f"(they are counted); allow it with LimitRTPRIO={PRIORITY} in the service's unit or rtprio in limits.conf"
        )
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mlockall(MCL_CURRENT):
        warnings.append(
            f"the memory of the sampling is not locked ({os.strerror(ctypes.get_errno())}): swapping may lose samples "
            "(they are counted); allow it with LimitMEMLOCK=64M in the service's unit"
        )
    return warnings
