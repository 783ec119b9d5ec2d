"""Real-time priority while samples are counted."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from edge.frontends.acquisition.real_time import request_real_time_priority

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["real_time_priority"]


@contextmanager
def real_time_priority() -> Iterator[list[str]]:
    """Run with the acquisition's priority; yields a warning for each request that the system refused."""
    refused = request_real_time_priority()
    try:
        yield refused
    finally:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
