"""Hours and days, added up from minutes over restarts and changes of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from ecg.summary.periods import Period, Periods
from ecg.summary.tally import Extreme, MinuteSummary, Tally

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecg.summary.summaries import Summary

START = datetime(2024, 5, 1, 22, 30, 20, tzinfo=UTC)
MINUTE = 21_600


def clock(start: datetime) -> Callable[[int], datetime]:
    return lambda index: start + timedelta(seconds=index / 360)


def minute(number: int, *, beats: int = 60, longest: int = 400, before: int = 0) -> MinuteSummary:
    tally = Tally(duration=MINUTE, good=MINUTE, beats={"N": beats}, longest=Extreme(longest, number * MINUTE + 360))
    return MinuteSummary(number * MINUTE, tally, before)


def kept(periods: Periods) -> Periods:
    """Write what is open as the daemon does, and read it back."""
    return Periods(msgspec.json.decode(msgspec.json.encode(periods.open_periods), type=list[Period]))


def run(periods: Periods, start: datetime, count: int) -> list[Summary]:
    told = []
    for number in range(count):
        told += periods.add(minute(number), clock(start))
    return told


def test_a_minute_belongs_to_the_hour_in_which_it_began() -> None:
    periods = Periods()
    told = run(periods, START, 200)
    assert [(each.name, each.start.hour, each.end - each.start) for each in told] == [
        ("hour", 22, timedelta(hours=1)),
        ("hour", 23, timedelta(hours=1)),
        ("day", 0, timedelta(days=1)),
        ("hour", 0, timedelta(hours=1)),
    ]
    assert [each.tally.duration_s / 60 for each in told] == [30, 60, 90, 60]
    assert told[2].tally.beats == {"N": 90 * 60}
    assert [(each.name, each.tally.duration_s / 60) for each in periods.finish()] == [("hour", 50), ("day", 110)]
    assert periods.finish() == []


def test_a_restart_in_the_middle_loses_nothing() -> None:
    periods = Periods()
    assert run(periods, START, 10) == []
    after = kept(kept(periods))
    (hour,) = run(after, START + timedelta(minutes=20), 11)
    assert hour.tally.duration_s / 60 == 20  # and 10 minutes in which nothing was watched
    assert hour.tally.beats == {"N": 20 * 60}


def test_an_hour_that_ended_while_the_monitor_was_off_is_given_after_the_restart() -> None:
    periods = Periods()
    run(periods, START, 10)
    told = run(kept(periods), START + timedelta(days=2), 1)
    assert [(each.name, each.start.day, each.tally.duration_s / 60) for each in told] == [
        ("hour", 1, 10),
        ("day", 1, 10),
    ]


def test_moments_are_utc_and_survive_a_restart() -> None:
    periods = Periods()
    periods.add(minute(0, longest=900), clock(START))
    after = kept(periods)
    after.add(minute(0, longest=800), clock(START + timedelta(minutes=5)))
    longest = after.finish()[0].tally.longest
    assert longest is not None
    assert datetime.fromtimestamp(longest.moment / 1000, UTC) == START + timedelta(seconds=1)


def test_fibrillation_that_is_told_late_is_taken_in() -> None:
    periods = Periods()
    periods.add(minute(0), clock(START))
    periods.add(minute(1, before=7200), clock(START))
    assert periods.finish()[0].tally.atrial_fibrillation_s == 20


def test_a_clock_that_is_set_loses_no_minute() -> None:
    periods = Periods()
    told = run(periods, datetime(1970, 1, 1, tzinfo=UTC), 5)
    told += run(periods, START, 5)
    told += run(periods, START - timedelta(hours=3), 5)
    told += periods.finish()
    assert sum(each.tally.duration_s for each in told if each.name == "hour") == 15 * 60


def test_the_minutes_that_are_given_are_not_changed() -> None:
    summary = minute(0)
    periods = Periods()
    periods.add(summary, clock(START))
    periods.add(minute(1), clock(START))
    assert summary.tally == minute(0).tally
