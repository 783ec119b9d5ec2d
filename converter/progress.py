"""Progress bars on standard error, so that standard output stays a program's to read."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.progress import Progress

__all__ = ["bars", "track"]

Item = TypeVar("Item")


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
    with Progress(*columns, console=Console(stderr=True)) as progress:
        yield progress


def track(items: Sequence[Item], description: str) -> Iterator[Item]:
    """Hand out `items` one by one under a progress bar."""
    with bars() as progress:
        task = progress.add_task(description, total=len(items), note="")
        for item in items:
            yield item
            progress.advance(task)
