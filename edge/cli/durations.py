"""Lengths of time as people write them: 30s, 10min, 2h."""

from __future__ import annotations

import re

from ecg.errors import InputError

__all__ = ["seconds_of"]

_LENGTH = re.compile(r"(\d+(?:\.\d+)?)\s*(s|sec|m|min|h|d)")
_SECONDS = {"s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}


def seconds_of(text: str, option: str) -> float:
    """A length of time in seconds.

    Args:
        text: as it was written.
        option: of the command line that it was given to.

    Raises:
        InputError: it cannot be understood, or is nothing.
    """
    match = _LENGTH.fullmatch(text.strip())
    if match is None or float(match[1]) == 0:
        raise InputError(f"{option}: {text!r} is no length of time; write it like 30s, 10min or 2h")
    return float(match[1]) * _SECONDS[match[2]]
