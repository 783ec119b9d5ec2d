"""What long work over recordings calls to tell how far it is."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Progress"]


class Progress(Protocol):
    """Called after each block."""

    def __call__(self, record: str, *, done: int, total: int | None) -> None:
        """Tell how far a record is.

        Args:
            record: its name.
            done: samples that have passed.
            total: samples that it has; None where that is not known beforehand.
        """
