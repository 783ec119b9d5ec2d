"""Logs the commands that were taken and refused: a line each, however many come."""

from __future__ import annotations

import logging
import time
from collections import deque
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ecg.protocol.commands import Answer, Command

__all__ = ["CommandLog"]

LINES: Final = 10
PERIOD_S: Final = 10.0
"""Most lines about commands taken within that time; people give fewer, and a flood must not fill the journal."""

REFUSED_S: Final = 1.0
"""Shortest time between two lines about refused commands."""

_UNLOGGED: Final = frozenset({"status"})
"""These only ask, and a screen asks again and again."""

_log = logging.getLogger(__name__)


class CommandLog:
    """Logs commands; a line that follows a flood gives the number of those without one."""

    def __init__(self) -> None:
        self._taken_s: deque[float] = deque(maxlen=LINES)
        self._refused_s = -REFUSED_S
        self._taken_unlogged = self._refused_unlogged = 0

    def tell(self, command: Command, answer: Answer) -> None:
        """Log what became of a command, or only count it."""
        now_s = time.monotonic()
        if not answer.ok:
            if now_s - self._refused_s < REFUSED_S:
                self._refused_unlogged += 1
                return
            _log.warning(
                "A command (%s) was refused: %s%s", command.source, _shown(answer.text), _more(self._refused_unlogged)
            )
            self._refused_s, self._refused_unlogged = now_s, 0
        elif command.verb not in _UNLOGGED:
            if len(self._taken_s) == LINES and now_s - self._taken_s[0] < PERIOD_S:
                self._taken_unlogged += 1
                return
            _log.info(
                "Command taken (%s): %s: %s%s",
                command.source,
                command.verb,
                _shown(answer.text),
                _more(self._taken_unlogged),
            )
            self._taken_s.append(now_s)
            self._taken_unlogged = 0


def _shown(text: str) -> str:
    """A text from outside, so that it stays one line."""
    return ascii(text)[1:-1]


def _more(count: int) -> str:
    return f" ({count} more since the last line)" if count else ""
