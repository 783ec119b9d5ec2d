"""Words from outside, for a line of text."""

from __future__ import annotations

__all__ = ["one_line"]


def one_line(words: str, most: int | None = None) -> str:
    """Words without line breaks and control characters, which a message or a table cannot hold.

    Args:
        words: any text.
        most: characters that are kept; None for all.
    """
    return " ".join("".join(each if each.isprintable() else " " for each in words[:most]).split())
