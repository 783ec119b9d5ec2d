"""Mistakes in a document in plain words: what msgspec says of types and places, for people who write the document."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["TYPE_NAMES", "in_words"]

TYPE_NAMES: Final = {
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "null": "null",
    "object": "an object",
    "array": "a list",
    "datetime": "a time",
}
"""Types of msgspec's messages."""

_LIMITS: Final = ((" of length <= ", " of at most {} characters"), (" of length >= ", " of at least {} characters"))
_COMPARISONS: Final = ((">= ", "of {} or more"), ("<= ", "of {} or less"), ("> ", "over {}"), ("< ", "under {}"))


def in_words(message: str) -> str:
    """Put a message of `msgspec.ValidationError` into words, the key in front: "id: expected a text or null, got 3"."""
    said, _, place = message.partition(" - at ")
    for sign, words in _LIMITS:
        said = re.sub(rf"{re.escape(sign)}(\d+)", words.format(r"\1"), said)
    for sign, words in _COMPARISONS:
        said = re.sub(rf"{re.escape(sign)}([\d.e+-]+)", words.format(r"\1"), said)
    said = re.sub(r"`([^`]*)`", lambda quoted: _type_in_words(quoted[1]), said)
    said = said[:1].lower() + said[1:]
    key = place.strip("`").removeprefix("$").lstrip(".")
    return f"{key}: {said}" if key else said


def _type_in_words(types: str) -> str:
    return " or ".join(TYPE_NAMES.get(each, each) for each in types.split(" | "))
