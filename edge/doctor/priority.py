"""Real-time priority for as long as samples are counted."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from edge.frontends.acquisition.priority import raise_priority

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["priority"]


@contextmanager
def priority() -> Iterator[list[str]]:
    """The priority of the acquisition; gives what the system refused."""
    refused = raise_priority()
    try:
        yield refused
    finally:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
