"""What the recording tells of one day, in UTC: heart rate, rhythm, quality, beats and events.

The samples are read a few seconds at a time, the annotations an hour at a time. The figures are counted by the parts
that count the monitor's own summaries.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Final

from ecg.errors import InputError
from ecg.summary.summaries import Summary, minute_summary, summarise
from ecg.summary.tally import Tally
from edge.report.session import SessionReader
from edge.storage.excerpt import parts_of
from edge.storage.past_events import PastEvent, past_events

if TYPE_CHECKING:
    from pathlib import Path

    from ecg.progress import Progress
    from edge.report.session import Stretch

__all__ = ["Day", "Minute", "day_limits", "read_day"]

DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Minute:
    """The heart rate of a minute, in bpm; None where it is unknown."""

    start: datetime
    mean_bpm: float | None
    min_bpm: float | None
    max_bpm: float | None


@dataclass(frozen=True, slots=True)
class Day:
    """A day.

    Attributes:
        date: in UTC.
        device: pseudonym of the device.
        summary: its figures.
        minutes: in order.
        rhythms: stretches by the name of their rhythm note, such as `AFIB`.
        signal: stretches by what is known of the signal: see `edge.report.session`.
        events: in order of their opening.
        complaints: what could not be read, one sentence each.
    """

    date: date
    device: str
    summary: Summary
    minutes: tuple[Minute, ...]
    rhythms: tuple[Stretch, ...]
    signal: tuple[Stretch, ...]
    events: tuple[PastEvent, ...]
    complaints: tuple[str, ...]


def day_limits(day: date) -> tuple[datetime, datetime]:
    """Beginning and end of a day."""
    start = datetime.combine(day, time(), UTC)
    return start, start + DAY


def read_day(directory: Path, day: date, *, progress: Progress | None = None) -> Day:
    """Read a day.

    Args:
        directory: folder of the recording.
        day: in UTC.
        progress: called after each hour.

    Raises:
        InputError: nothing is recorded on that day.
    """
    start, end = day_limits(day)
    parts, repeated = parts_of(directory, start, end)
    complaints = ["the clock was set back, so the same time came twice; the later pass is told"] if repeated else []
    total = Tally()
    minutes: list[Minute] = []
    rhythms: list[Stretch] = []
    signal: list[Stretch] = []
    done = 0
    for _, session in groupby(parts, key=lambda part: part.segment.info.session):
        reader = SessionReader()
        for part in session:
            try:
                reader.take(part)
            except InputError as error:
                complaints.append(str(error))
            done += 1
            if progress is not None:
                progress(str(day), done=done, total=len(parts))
        for minute in reader.finish():
            summary = minute_summary(minute, reader.utc)
            tally = summary.tally
            total.add(tally.at(lambda index, utc=reader.utc: round(1000 * utc(index).timestamp())))  # type: ignore[misc]
            total.fibrillation += minute.atrial_fibrillation_before
            bpm = tally.heart_rate_mean_bpm, tally.heart_rate_min_bpm, tally.heart_rate_max_bpm
            minutes.append(Minute(summary.start, *bpm))
        rhythms += reader.rhythms
        signal += reader.signal
    return Day(
        date=day,
        device=parts[-1].segment.info.device,
        summary=summarise(
            "day", start=start, end=end, tally=total, utc=lambda ms: datetime.fromtimestamp(ms / 1000, UTC)
        ),
        minutes=tuple(minutes),
        rhythms=tuple(rhythms),
        signal=tuple(signal),
        events=tuple(event for event in past_events(directory) if start <= event.onset < end),
        complaints=tuple(complaints),
    )
