"""For how long the monitor was away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ecg.alarms.active import Alive
from edge.service.alive import alive_now, away_s

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


def alive(boot_id: str, boottime_s: float, wall_s: float) -> Alive:
    return Alive(wall=NOON + timedelta(seconds=wall_s), boot_id=boot_id, boottime_s=boottime_s)


@pytest.mark.parametrize(
    ("before", "now", "clock_set", "expected_s"),
    [
        (alive("a", 100, 0), alive("a", 130, 30), None, 30),
        (alive("a", 100, 0), alive("a", 130, -9_000), None, 30),  # the clock was set back
        (alive("a", 100, 0), alive("a", 130, 36_000), None, 36_000),  # frozen, or set forward: in doubt it is long
        (alive("a", 100, 0), alive("a", 90, 5), True, None),
        (alive("a", 100, 0), alive("b", 20, 45), True, 45),
        (alive("a", 100, 0), alive("b", 20, 45), None, None),
        (alive("a", 100, 0), alive("b", 20, 45), False, None),
        (alive("a", 100, 0), alive("b", 20, -45), True, None),
        (alive("", 100, 0), alive("", 120, 20), None, None),
        (None, alive("b", 20, 45), True, None),
    ],
)
def test_the_clock_that_cannot_be_set_decides_and_doubt_is_none(
    before: Alive | None, now: Alive, *, clock_set: bool | None, expected_s: float | None
) -> None:
    assert away_s(before, now, clock_set=clock_set) == expected_s


def test_two_moments_of_this_machine_are_close() -> None:
    found = away_s(alive_now(), alive_now(), clock_set=None)
    assert found is not None
    assert 0 <= found < 60
