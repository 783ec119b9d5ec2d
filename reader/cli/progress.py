"""A progress bar over files, on a terminal."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

__all__ = ["file_progress"]


@contextmanager
def file_progress(paths: Sequence[Path]) -> Iterator[Callable[[], None]]:
    """Give what tells that a file is done. It shows a bar on stderr; nothing without a terminal, or for one file."""
    if len(paths) < 2 or not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console  # noqa: PLC0415 - slow to import, and scripts do not need it
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = (TextColumn("{task.description:>16}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(paths[0].name, total=len(paths))
        done = 0

        def show() -> None:
            nonlocal done
            done += 1
            bar.update(task, completed=done, description=paths[min(done, len(paths) - 1)].name)

        yield show
