"""A file that appears once it is whole, and how far its writing is."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from ecg.errors import InputError
from edge.storage.files import UNFINISHED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ecg.samples import SampleBlock
    from edge.service.replay import Progress
    from edge.storage.recording import Excerpt

__all__ = ["new_file", "told"]


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Write under another name; renamed at the end, removed after an error.

    Raises:
        InputError: it cannot be written there.
    """
    unfinished = path.with_name(path.name + UNFINISHED)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with unfinished.open("wb") as file:
                yield file
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror}); choose another place") from None


def told(stretch: Excerpt, progress: Progress | None) -> Iterator[SampleBlock]:
    """The blocks of a stretch, with word of how far they are."""
    for block in stretch.blocks():
        yield block
        if progress is not None:
            progress(stretch.name, done=block.first_index + len(block.samples_mv), total=stretch.length)
