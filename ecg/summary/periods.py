"""Hours and days, in UTC, added up from minutes."""

# The types of the fields must be there at runtime: what keeps a period over a restart reads them.
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from ecg.summary.summaries import Summary, summarise
from ecg.summary.tally import MinuteSummary, Tally

__all__ = ["Period", "Periods"]

LENGTHS: Final[dict[Literal["hour", "day"], timedelta]] = {"hour": timedelta(hours=1), "day": timedelta(days=1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """An hour or day that is not over yet, as it is kept over a restart.

    Attributes:
        name: `hour` or `day`.
        start: in UTC.
        tally: of its minutes up to now, with moments in ms since 1970 UTC.
    """

    name: Literal["hour", "day"]
    start: datetime
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

    def add(self, minute: MinuteSummary, utc_of_index: Callable[[int], datetime]) -> list[Summary]:
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
            period.tally.fibrillation += minute.atrial_fibrillation_before
        return over

    @property
    def unfinished(self) -> list[Summary]:
        """What is open, as far as it is known."""
        return [_summary(period) for period in self._open.values()]

    def finish(self) -> list[Summary]:
        """Give what is open: no more will come."""
        summaries = self.unfinished
        self._open.clear()
        return summaries


def _floor(moment: datetime, length: timedelta) -> datetime:
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + (moment - midnight) // length * length


def _summary(period: Period) -> Summary:
    return summarise(
        period.name,
        start=period.start,
        end=period.start + LENGTHS[period.name],
        tally=period.tally,
        utc=lambda unix_ms: datetime.fromtimestamp(unix_ms / 1000, UTC),
    )
