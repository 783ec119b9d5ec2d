"""The part of the recording that command-line options select: by times, by a duration, or by an event."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ecg.errors import InputError
from edge.cli.durations import parse_duration_s
from edge.storage.excerpt import event_span, recording_end
from edge.storage.recorder import recording_folder

if TYPE_CHECKING:
    from edge.config import StorageSettings

__all__ = ["span"]


def span(storage: StorageSettings, *, start: str, end: str, last: str, event: str) -> tuple[datetime, datetime]:
    """The selected start and end, UTC. An option that was not given is empty.

    Raises:
        InputError: no option, options that contradict each other, or a value that cannot be parsed.
    """
    if sum(map(bool, (start or end, last, event))) != 1:
        raise InputError("select a part of the recording with --from and --to, with --last, or with --event")
    folder = recording_folder(storage)
    if event:
        return event_span(folder, event, before_s=storage.strip_before_s, after_s=storage.strip_after_s)
    if last:
        newest = recording_end(folder)
        return _before(newest, last), newest
    if not start:
        raise InputError("--to needs --from")
    first, until = _parse_time("--from", start), _parse_time("--to", end) if end else recording_end(folder)
    if first >= until:
        raise InputError(f"--from {first:%Y-%m-%dT%H:%M:%S} is not before --to {until:%Y-%m-%dT%H:%M:%S}")
    return first, until


def _parse_time(option: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"{option}: {text!r} is not a time; write it like 2026-05-01T12:00:00, in UTC") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _before(end: datetime, text: str) -> datetime:
    try:
        return end - timedelta(seconds=parse_duration_s(text, "--last"))
    except OverflowError:
        raise InputError("--last: longer than any recording; write it like 30s, 10min or 2h") from None
