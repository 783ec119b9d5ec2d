"""The callback that follows the progress of work on recordings."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Progress"]


class Progress(Protocol):
    """Called after each block."""

    def __call__(self, record: str, *, done: int, total: int | None) -> None:
        """Show the progress of a record.

        Args:
            record: name of the record.
            done: samples that are done.
            total: all samples; None if not known.
        """
