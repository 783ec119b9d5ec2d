"""Which part of the recording a person asks for: times, lengths of time, an event."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ecg.errors import InputError
from edge.cli.durations import seconds_of
from edge.storage.recorder import recording_folder
from edge.storage.recording import around_event, end_of

if TYPE_CHECKING:
    from edge.config import StorageSettings

__all__ = ["span"]


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
    try:
        return end - timedelta(seconds=seconds_of(text, "--last"))
    except OverflowError:
        raise InputError("--last: longer than any recording; write it like 30s, 10min or 2h") from None
