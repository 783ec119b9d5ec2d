"""Progress on standard error, so that standard output stays a program's to read: bars, or a line each minute."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.progress import Progress

__all__ = ["bars", "track"]

Item = TypeVar("Item")

LINE_INTERVAL_S: Final = 60.0
"""Interval of the lines where standard error is no terminal."""


@contextmanager
def bars() -> Iterator[Progress]:
    """A rich progress display for several bars at once."""
    from rich.console import Console  # noqa: PLC0415 - only where a long task runs
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        if console.is_terminal:
            yield progress
            return
        with _lines(progress):
            yield progress


@contextmanager
def _lines(progress: Progress) -> Iterator[None]:
    """Write a line on standard error each minute, for a log file."""
    done = threading.Event()
    start_s = time.monotonic()

    def write() -> None:
        while not done.wait(LINE_INTERVAL_S):
            steps = [
                f"{task.description} {task.completed:.0f}/{task.total or 0:.0f} {task.fields['note']}".rstrip()
                for task in progress.tasks
            ]
            sys.stderr.write(f"{(time.monotonic() - start_s) / 60:.0f} min: {'; '.join(steps)}\n")
            sys.stderr.flush()

    thread = threading.Thread(target=write, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def track(items: Sequence[Item], description: str) -> Iterator[Item]:
    """Hand out `items` one by one under a progress bar."""
    with bars() as progress:
        task = progress.add_task(description, total=len(items), note="")
        for item in items:
            yield item
            progress.advance(task)
