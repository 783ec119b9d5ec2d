"""A minute, an hour or a day as it is told: its moments in UTC, its counts in a tally."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from ecg.summary.tally import Extreme, MinuteSummary, Tally

__all__ = ["PeriodName", "Summary", "minute_summary", "summarise"]

PeriodName = Literal["minute", "hour", "day"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A stretch of time that is over, or as far as it is known.

    Attributes:
        name: `minute`, `hour` or `day`.
        start, end: of the stretch, in UTC.
        tally: what it amounts to; nobody adds to it any more.
        slowest_at, fastest_at, longest_at: the moments of the tally's extremes, in UTC; None where it has none.
    """

    name: PeriodName
    start: datetime
    end: datetime
    tally: Tally
    slowest_at: datetime | None
    fastest_at: datetime | None
    longest_at: datetime | None


def summarise(
    name: PeriodName, *, start: datetime, end: datetime, tally: Tally, utc: Callable[[int], datetime]
) -> Summary:
    """Give the summary of a stretch as its tally stands now; `utc` gives the moment of a tally's extreme."""

    def at(extreme: Extreme | None) -> datetime | None:
        return None if extreme is None else utc(extreme.moment)

    return Summary(
        name=name,
        start=start,
        end=end,
        tally=deepcopy(tally),
        slowest_at=at(tally.slowest),
        fastest_at=at(tally.fastest),
        longest_at=at(tally.longest),
    )


def minute_summary(minute: MinuteSummary, utc_of_index: Callable[[int], datetime]) -> Summary:
    """Give a minute of stream time in UTC."""
    return summarise(
        "minute",
        start=utc_of_index(minute.index),
        end=utc_of_index(minute.index + minute.tally.duration),
        tally=minute.tally,
        utc=utc_of_index,
    )
