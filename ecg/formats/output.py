"""How far the writing of a file is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecg.progress import Progress
    from ecg.samples import SampleBlock
    from edge.storage.recording import Excerpt

__all__ = ["told"]


def told(stretch: Excerpt, progress: Progress | None) -> Iterator[SampleBlock]:
    """The blocks of a stretch, with word of how far they are."""
    for block in stretch.blocks():
        yield block
        if progress is not None:
            progress(stretch.name, done=block.first_index + len(block.samples_mv), total=stretch.length)
