"""Damages files of bytes and reads what is left of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from ecg.errors import InputError
from ecg.formats.registry import open_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["damaged", "read_or_refused"]


def damaged(original: bytes) -> st.SearchStrategy[bytes]:
    """The bytes cut short, with some of them changed, or with a stretch of others in their place."""

    def change(changes: Sequence[tuple[int, int]], cut: int) -> bytes:
        content = bytearray(original[:cut])
        for place, value in changes:
            if content:
                content[place % len(content)] = value
        return bytes(content)

    places = st.integers(0, max(0, len(original) - 1))
    return st.builds(
        change,
        st.lists(st.tuples(st.one_of(places, st.integers(0, 255)), st.integers(0, 255)), max_size=8),
        st.one_of(st.just(len(original)), st.integers(0, len(original))),
    )


def read_or_refused(path: Path) -> str:
    """Read a file to its end. Whatever is wrong with it is one line, which is returned."""
    try:
        reader = open_file(path)
        assert "\n" not in reader.understood
        for block in reader.blocks():
            assert block.samples_mv.shape[0] == len(reader.leads)
            assert 0 < block.samples_mv.shape[1] <= 1 << 17
    except InputError as error:
        assert "\n" not in str(error)  # noqa: PT017 (both ways are right)
        assert "; " in str(error)  # noqa: PT017 - the way out
        return str(error)
    return ""
