"""The selection of a model store: the current model, the previous one, and the one on trial."""

from __future__ import annotations

import time
from typing import Final

import msgspec

__all__ = ["SHIPPED", "Selection", "Trial", "boot_clock_s"]

SHIPPED: Final = "shipped"
"""Name of the model that ships with the program. It needs no signature: who can alter it can alter the program."""


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """A model on trial. When the trial ends without a confirmation, the current model is used again.

    Attributes:
        model: name of the file.
        from_s, until_s: start and end on the boot clock. The clock restarts with the machine and is then before
            `from_s`, so a power cut ends a trial.
    """

    model: str
    from_s: float
    until_s: float

    @property
    def is_running(self) -> bool:
        """Whether a monitor that starts now uses the model."""
        return self.from_s <= boot_clock_s() < self.until_s


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """The models in use.

    Attributes:
        current: name of the file, or `SHIPPED`.
        previous: the model to which `rollback` goes; None: there is none.
        trial: the present trial; None: there is none.
    """

    current: str = SHIPPED
    previous: str | None = None
    trial: Trial | None = None

    @property
    def order(self) -> list[str]:
        """Names in the order in which a starting monitor tries them."""
        on_trial = [self.trial.model] if self.trial is not None and self.trial.is_running else []
        before = [self.previous] if self.previous is not None else []
        return list(dict.fromkeys([*on_trial, self.current, *before, SHIPPED]))


def boot_clock_s() -> float:
    """Time since this machine started, sleep included."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
