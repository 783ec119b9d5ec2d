"""Which model of a store is in use, which was before it, and which is on trial."""

from __future__ import annotations

import time
from typing import Final

import msgspec

__all__ = ["SHIPPED", "Selection", "Trial", "boot_clock_s"]

SHIPPED: Final = "shipped"
"""Name of the model that came with the program. It needs no signature: whoever can alter it can alter the program."""


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """A model that is used for a short time, and for good only if it is confirmed within it.

    Attributes:
        model: name of the file.
        from_s, until_s: on the clock that counts from the machine's start. After a restart of the machine it begins
            anew, so a power cut ends a trial: the clock is then before its beginning.
    """

    model: str
    from_s: float
    until_s: float

    @property
    def is_running(self) -> bool:
        """Whether a monitor that starts now uses it."""
        return self.from_s <= boot_clock_s() < self.until_s


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """What is in use.

    Attributes:
        current: name of the file, or `SHIPPED`.
        previous: what was in use before, where `rollback` goes; None: there is nothing to go back to.
        trial: what is tried at the moment; None: nothing.
    """

    current: str = SHIPPED
    previous: str | None = None
    trial: Trial | None = None

    @property
    def order(self) -> list[str]:
        """Names in the order in which a monitor that starts now tries them."""
        on_trial = [self.trial.model] if self.trial is not None and self.trial.is_running else []
        before = [self.previous] if self.previous is not None else []
        return list(dict.fromkeys([*on_trial, self.current, *before, SHIPPED]))


def boot_clock_s() -> float:
    """The time since this machine started, sleep included."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
