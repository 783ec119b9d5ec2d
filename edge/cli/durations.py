"""Parses durations such as 30s, 10min or 2h, and days."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from ecg.errors import InputError

__all__ = ["parse_day", "parse_duration_s"]

_LENGTH = re.compile(r"(\d+(?:\.\d+)?)\s*(s|sec|m|min|h|d)")
_SECONDS = {"s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}


def parse_duration_s(text: str, option: str) -> float:
    """Parse a duration; the result is in seconds.

    Args:
        text: the duration.
        option: name of the command-line option, for the error.

    Raises:
        InputError: not a duration, or zero.
    """
    match = _LENGTH.fullmatch(text.strip())
    if match is None or float(match[1]) == 0:
        raise InputError(f"{option}: {text!r} is not a duration; write it like 30s, 10min or 2h")
    return float(match[1]) * _SECONDS[match[2]]


def parse_day(text: str, option: str) -> date:
    """Parse a day, in UTC: `today`, `yesterday`, or a date.

    Args:
        text: the day.
        option: name of the command-line option, for the error.

    Raises:
        InputError: not a day.
    """
    today = datetime.now(UTC).date()
    named = {"today": today, "yesterday": today - timedelta(days=1)}
    try:
        return named.get(text) or date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{option}: {text!r} is not a day; write it like 2026-05-01, today or yesterday") from None
