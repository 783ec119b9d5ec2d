"""A progress bar over recordings, on a terminal."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ecg.progress import Progress

__all__ = ["record_progress"]


@contextmanager
def record_progress(records: Sequence[str]) -> Iterator[Progress | None]:
    """Show the progress over `records` on stderr. Without a terminal, yield None and show nothing."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console  # noqa: PLC0415 - slow to import, and scripts do not need it
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = (TextColumn("{task.description:>12}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(records[0], total=len(records))
        seen: list[str] = []

        def show(record: str, *, done: int, total: int | None) -> None:
            if not seen or seen[-1] != record:
                seen.append(record)
            share = done / total if total else 0.0
            bar.update(task, description=record, completed=len(seen) - 1 + min(share, 1.0))

        yield show
