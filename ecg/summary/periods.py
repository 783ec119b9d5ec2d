"""Hours and days, in UTC, added up from minutes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import msgspec

from ecg.summary.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecg.summary.tally import MinuteSummary

__all__ = ["Period", "PeriodSummary", "Periods"]

LENGTHS: Final = {"hour": timedelta(hours=1), "day": timedelta(days=1)}


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """An hour or day that is not over yet, as it is kept over a restart.

    Attributes:
        name: `hour` or `day`.
        start: in UTC.
        tally: of its minutes up to now, with moments in ms since 1970 UTC.
    """

    name: str
    start: datetime
    tally: Tally


@dataclass(frozen=True, slots=True)
class PeriodSummary:
    """An hour or day that is over, or of which no more will come."""

    name: str
    start: datetime
    end: datetime
    tally: Tally


class Periods:
    """Adds up minutes.

    A minute belongs to the hour and the day in which it began, so that its minutes add up to each hour and its hours to
    each day. A period is given when the first minute after it comes, after a restart too; its duration tells how much
    of it the monitor ran. When the clock is set back over its start, a period may be given in two parts.

    Args:
        open_periods: what `open_periods` said before the restart.

    Attributes:
        revision: grows with each change.
    """

    def __init__(self, open_periods: list[Period] | None = None) -> None:
        self.revision = 0
        self._open = {period.name: period for period in open_periods or []}

    @property
    def open_periods(self) -> list[Period]:
        """What must be known after a restart."""
        return list(self._open.values())

    def add(self, minute: MinuteSummary, utc_of_index: Callable[[int], datetime]) -> list[PeriodSummary]:
        """Take a minute; give the periods that are over with it."""
        self.revision += 1
        began = utc_of_index(minute.index).astimezone(UTC)
        over = []
        for name, length in LENGTHS.items():
            start = _floor(began, length)
            period = self._open.get(name)
            if period is not None and period.start != start:
                over.append(_summary(period))
                period = None
            if period is None:
                period = self._open[name] = Period(name=name, start=start, tally=Tally())
            period.tally.add(minute.tally.at(lambda index: round(1000 * utc_of_index(index).timestamp())))
            period.tally.fibrillation += minute.fibrillation_before
        return over

    @property
    def unfinished(self) -> list[PeriodSummary]:
        """What is open, as far as it is known."""
        return [_summary(period) for period in self._open.values()]

    def finish(self) -> list[PeriodSummary]:
        """Give what is open: no more will come."""
        summaries = self.unfinished
        self._open.clear()
        return summaries


def _floor(moment: datetime, length: timedelta) -> datetime:
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + (moment - midnight) // length * length


def _summary(period: Period) -> PeriodSummary:
    return PeriodSummary(period.name, period.start, period.start + LENGTHS[period.name], period.tally)
