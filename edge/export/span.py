"""Which part of the recording a person asks for: times, lengths of time, an event."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from edge.errors import InputError
from edge.storage.recorder import recording_folder
from edge.storage.recording import around_event, end_of

if TYPE_CHECKING:
    from edge.config import StorageSettings

__all__ = ["span"]

_LENGTH = re.compile(r"(\d+(?:\.\d+)?)\s*(s|sec|m|min|h|d)")
_SECONDS = {"s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}


def span(storage: StorageSettings, *, start: str, end: str, last: str, event: str) -> tuple[datetime, datetime]:
    """The stretch of UTC that the options name; each of them is empty where it was not given.

    Raises:
        InputError: options that contradict one another, none at all, or what cannot be understood.
    """
    if sum(map(bool, (start or end, last, event))) != 1:
        raise InputError("which part of the recording? Give --from and --to, or --last, or --event")
    folder = recording_folder(storage)
    if event:
        return around_event(folder, event, before_s=storage.strip_before_s, after_s=storage.strip_after_s)
    if last:
        newest = end_of(folder)
        return _before(newest, last), newest
    if not start:
        raise InputError("--to without --from: where does it begin?")
    first, until = _moment("--from", start), _moment("--to", end) if end else end_of(folder)
    if first >= until:
        raise InputError(f"--from {first:%Y-%m-%dT%H:%M:%S} is not before --to {until:%Y-%m-%dT%H:%M:%S}")
    return first, until


def _moment(option: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"{option}: {text!r} is no time; write it like 2026-05-01T12:00:00, in UTC") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _before(end: datetime, text: str) -> datetime:
    match = _LENGTH.fullmatch(text.strip())
    if match is None or float(match[1]) == 0:
        raise InputError(f"--last: {text!r} is no length of time; write it like 30s, 10min or 2h")
    try:
        return end - timedelta(seconds=float(match[1]) * _SECONDS[match[2]])
    except OverflowError:
        raise InputError("--last: longer than any recording; write it like 30s, 10min or 2h") from None
