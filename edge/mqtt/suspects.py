"""Finds the message on which a broker ends the connection, so that it does not keep all others from being delivered.

A broker may have a limit, or a rule, that it does not announce, and hang up on a message that breaks it. A message that
was unconfirmed at the end of two connections in a row is suspected, and from then on sent alone. If the connection ends
then too, the message is found guilty: it is set aside for a time, each time for longer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["Key", "Suspects"]

ASIDE_FIRST_S: Final = 30.0
ASIDE_MAX_S: Final = 3600.0
"""A message that was suspected wrongly waits half a minute; one that the broker never takes is tried each hour."""

Key: TypeAlias = int | str
"""A message: its id in the outbox, or the topic of one that is not there."""


class Suspects:
    """Remembers, across connections, which messages may have ended them; used by the client's thread.

    Attributes:
        unanswered: ids of outbox messages that a broker took and did not confirm in time; new alarms go before them.
    """

    def __init__(self) -> None:
        self.unanswered: set[int] = set()
        self._unconfirmed: set[Key] = set()  # at the end of the last connection
        self._suspected: set[Key] = set()
        self._aside: dict[Key, tuple[int, float]] = {}  # times found guilty, end of the time aside

    @property
    def suspected(self) -> Collection[Key]:
        """Messages that are sent alone, if at all."""
        return self._suspected

    def aside(self, now_s: float) -> set[Key]:
        """Messages that are not sent now; `now_s` is monotonic."""
        return {key for key, (_, until_s) in self._aside.items() if now_s < until_s}

    def connection_ended(
        self, unconfirmed: Collection[Key], *, alone: Key | None, now_s: float
    ) -> tuple[Key, int] | None:
        """The broker, or the network, ended a connection.

        Args:
            unconfirmed: messages that were sent and not confirmed.
            alone: the suspected message among them, if one was being tried.
            now_s: monotonic clock, in s.

        Returns:
            A message that was found guilty, and how often it has been.
        """
        if alone is not None:
            return alone, self.set_aside(alone, now_s)
        unconfirmed = set(unconfirmed)
        self._suspected |= unconfirmed & self._unconfirmed
        self._unconfirmed = unconfirmed
        return None

    def set_aside(self, key: Key, now_s: float) -> int:
        """Do not send a message for a time; returns how often it has been set aside."""
        times = self._aside.get(key, (0, 0.0))[0] + 1
        self._aside[key] = times, now_s + min(ASIDE_MAX_S, ASIDE_FIRST_S * 2.0 ** (times - 1))
        self._suspected.add(key)
        return times

    def clear(self, key: Key) -> None:
        """A message was confirmed, refused or dropped."""
        if isinstance(key, int):
            self.unanswered.discard(key)
        self._unconfirmed.discard(key)
        self._suspected.discard(key)
        self._aside.pop(key, None)
