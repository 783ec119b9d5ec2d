"""Limits what a flood of commands can make the monitor send, write and compute; the watching must not wait for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecg.errors import InputError

if TYPE_CHECKING:
    from ecg.protocol.commands import Command

__all__ = ["CommandBudget"]

AT_ONCE: Final = 20
"""Most commands of one verb in a row; a person gives fewer."""

INTERVAL_S: Final = 3.0
"""Each of these later one more is taken: with the longest texts, 60 MB of messages a day at most wait in the outbox."""


class CommandBudget:
    """Counts commands by verb and source, so that a flood over MQTT leaves the patient's button alone."""

    def __init__(self) -> None:
        self._free: dict[tuple[str, str], tuple[float, float]] = {}  # commands, at a moment

    def spend(self, command: Command) -> None:
        """Take a command into account.

        Raises:
            InputError: there were too many of its kind.
        """
        key = command.verb, command.source
        free, since_s = self._free.get(key, (AT_ONCE, command.received_s))
        free = min(AT_ONCE, free + max(0.0, command.received_s - since_s) / INTERVAL_S)
        if free < 1:
            raise InputError(f"{command.verb}: too many of them came; send it again in {INTERVAL_S:.0f} s")
        self._free[key] = free - 1, max(since_s, command.received_s)
