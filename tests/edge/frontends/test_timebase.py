"""UTC comes from a regression of arrival times against indices, never from counting."""

from __future__ import annotations

import random
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from edge.frontends.timebase import TimeBase

BOOT_S = 5000.0
WALL_S = 1_700_000_000.0


def feed(timebase: TimeBase, *, rate_hz: float, seconds: float, late_s: float = 0.0, step: int = 36) -> int:
    """Let blocks of `step` samples arrive from a front end of the given true rate, late by up to `late_s`."""
    generator = random.Random(1)
    index = 0
    while index / rate_hz < seconds:
        index += step
        moment_s = index / rate_hz + generator.random() * late_s
        timebase.arrived(index, monotonic_s=BOOT_S + moment_s, wall_s=WALL_S + moment_s)
    return index


def error_s(timebase: TimeBase, index: int, rate_hz: float) -> float:
    return timebase.utc(index).timestamp() - (WALL_S + index / rate_hz)


@given(parts_per_million=st.integers(-20_000, 20_000))
def test_an_oscillator_off_by_two_percent_does_not_shift_the_time(parts_per_million: int) -> None:
    timebase = TimeBase()
    rate_hz = 360 * (1 + parts_per_million / 1e6)
    end = feed(timebase, rate_hz=rate_hz, seconds=120, step=360)
    assert abs(error_s(timebase, end, rate_hz)) < 0.05
    assert abs(error_s(timebase, end // 2, rate_hz)) < 0.05
    assert timebase.rate_ratio is not None
    assert abs(timebase.rate_ratio * 360 / rate_hz - 1) < 1e-4


def test_jitter_of_single_blocks_hardly_matters() -> None:
    timebase = TimeBase()
    end = feed(timebase, rate_hz=361.0, seconds=300, late_s=0.08)
    assert abs(error_s(timebase, end, 361.0)) < 0.03


def test_until_the_rate_is_known_the_nominal_one_applies() -> None:
    timebase = TimeBase()
    end = feed(timebase, rate_hz=360.0, seconds=5, late_s=0.05)
    assert timebase.rate_ratio is None
    assert abs(error_s(timebase, end + 3600, 360.0)) < 0.05


def test_the_future_and_the_past_lie_on_the_same_line() -> None:
    timebase = TimeBase()
    feed(timebase, rate_hz=358.0, seconds=100)
    assert abs(error_s(timebase, 0, 358.0)) < 0.05
    assert abs(error_s(timebase, 358 * 200, 358.0)) < 0.1


def test_a_wall_clock_that_is_set_later_gives_the_new_time() -> None:
    timebase = TimeBase()
    feed(timebase, rate_hz=360.0, seconds=60)
    timebase.arrived(60 * 360 + 36, monotonic_s=BOOT_S + 60.1, wall_s=WALL_S + 3600 + 60.1)
    assert abs(error_s(timebase, 0, 360.0) - 3600) < 0.05


def test_a_pause_without_a_gap_does_not_bend_the_line() -> None:
    timebase = TimeBase()
    end = feed(timebase, rate_hz=360.0, seconds=60)
    for second in range(1, 60):
        moment_s = end / 360 + 30 + second
        timebase.arrived(end + 360 * second, monotonic_s=BOOT_S + moment_s, wall_s=WALL_S + moment_s)
    assert abs(error_s(timebase, end + 360 * 59, 360.0) - 30) < 0.05


def test_a_recording_played_faster_keeps_the_time_of_its_arrival() -> None:
    timebase = TimeBase(speed=10)
    end = feed(timebase, rate_hz=3600.0, seconds=60, step=360)
    assert abs(error_s(timebase, end, 3600.0)) < 0.05


def test_times_are_utc() -> None:
    timebase = TimeBase()
    timebase.arrived(0, monotonic_s=BOOT_S, wall_s=WALL_S)
    assert timebase.utc(0) == datetime.fromtimestamp(WALL_S, UTC)
