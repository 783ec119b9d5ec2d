"""Virtual time."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class VirtualClock:
    """A clock that passes only when somebody waits.

    Attributes:
        late_ns: how long after the moment that it waited for a program gets to run: the scheduler's jitter.
    """

    def __init__(self) -> None:
        self.late_ns: Callable[[], float] = lambda: 0.0
        self._now_ns = 1_000_000_000_000
        self._planned: list[tuple[int, Callable[[], object]]] = []

    def now_ns(self) -> int:
        return self._now_ns

    def plan(self, ns: int, what: Callable[[], object]) -> None:
        """Schedule an action at a time; actions run in order."""
        self._planned.append((ns, what))

    def sleep(self, seconds: float) -> None:
        self._pass_until(self._now_ns + seconds * 1e9)

    def sleep_until(self, ns: float) -> None:
        self._pass_until(max(self._now_ns, ns) + self.late_ns())

    def _pass_until(self, ns: float) -> None:
        until_ns = max(self._now_ns, round(ns))
        while self._planned and self._planned[0][0] <= until_ns:
            self._now_ns, what = self._planned.pop(0)
            what()
        self._now_ns = until_ns
