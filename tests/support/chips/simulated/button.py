"""A simulated push button between a pulled-up line and ground, whose contacts bounce."""

from __future__ import annotations

from collections import deque

BOUNCES_MS = (0.0, 0.7, 1.5, 3.0, 5.5)
"""After a change the level is what it will be, is not, is ... and stays."""


class SimulatedButton:
    """Time is given with each call."""

    def __init__(self) -> None:
        self.is_high = True
        self._to_come: deque[tuple[int, bool]] = deque()
        self._edges: list[tuple[int, int]] = []
        self._number = 0

    def move(self, now_ns: int, *, down: bool, bounces_ms: tuple[float, ...] = BOUNCES_MS) -> None:
        """Press or release it."""
        self.advance(now_ns)
        for n, ms in enumerate(bounces_ms):
            self._to_come.append((now_ns + round(ms * 1e6), down is bool(n % 2)))

    def advance(self, now_ns: int) -> None:
        while self._to_come and self._to_come[0][0] <= now_ns:
            ns, is_high = self._to_come.popleft()
            if self.is_high and not is_high:
                self._number += 1
                self._edges.append((self._number, ns))
            self.is_high = is_high

    def take_edges(self, now_ns: int) -> list[tuple[int, int]]:
        """Falling edges, (number, ns), since the last call."""
        self.advance(now_ns)
        edges, self._edges = self._edges, []
        return edges
