"""Technical alarms of the machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge.config import HostSettings
from edge.service.host_alarms import HostAlarms
from edge.service.host_readings import HostReadings

if TYPE_CHECKING:
    from ecg.alarms.kinds import AlarmEvent

Story = list[tuple[float, str, str]]


def watched(readings: dict[float, HostReadings], *, until_s: int = 300) -> Story:
    """Look once a second, each reading standing until the next; give (s, kind, state)."""
    watch = HostAlarms(HostSettings(), no_samples_s=2.0)
    story: Story = []
    now = HostReadings()
    for second in range(until_s):
        now = readings.get(second, now)
        story += told(watch.check(second, now))
    return story


def told(events: list[AlarmEvent]) -> Story:
    return [(event.index / 360, event.kind.value, event.state.value) for event in events]


def test_unknown_readings_are_no_alarm() -> None:
    assert watched({}) == []


def test_nearly_full_storage_is_an_alarm_with_hysteresis() -> None:
    story = watched(
        {
            10: HostReadings(storage_free_mb=150),
            20: HostReadings(storage_free_mb=220),  # over the threshold, and not clearly
            30: HostReadings(storage_free_mb=199),
            40: HostReadings(storage_free_mb=251),
        }
    )
    assert story == [(15, "storage_nearly_full", "opened"), (45, "storage_nearly_full", "closed")]


def test_a_short_lack_of_storage_is_no_alarm() -> None:
    assert watched({10: HostReadings(storage_free_mb=10), 13: HostReadings(storage_free_mb=1000)}) == []


def test_failed_storage_is_an_alarm_at_once_with_its_cause() -> None:
    watch = HostAlarms(HostSettings(), no_samples_s=2.0)
    events = [
        event
        for second in range(60)
        for event in watch.storage(second, "no space left" if 10 <= second < 20 or second == 22 else None)
    ]
    assert told(events) == [(10, "storage_failed", "opened"), (28, "storage_failed", "closed")]
    assert events[0].evidence == {"cause": "no space left"}


@pytest.mark.parametrize(
    "gone", [HostReadings(battery_percent=10, battery_charging=True), HostReadings(battery_percent=26), HostReadings()]
)
def test_a_low_battery_is_an_alarm_until_it_charges_or_is_full_enough_or_gone(gone: HostReadings) -> None:
    story = watched({10: HostReadings(battery_percent=15, battery_charging=False), 30: gone})
    assert story == [(15, "battery_low", "opened"), (35, "battery_low", "closed")]


def test_a_low_battery_with_unknown_charging_is_an_alarm() -> None:
    assert watched({10: HostReadings(battery_percent=15)}) == [(15, "battery_low", "opened")]


def test_a_clock_that_is_not_set_is_an_alarm_after_a_minute() -> None:
    story = watched({0: HostReadings(clock_set=False), 100: HostReadings(clock_set=True)})
    assert story == [(60, "clock_not_set", "opened"), (105, "clock_not_set", "closed")]
    assert watched({0: HostReadings(clock_set=False), 50: HostReadings(clock_set=True)}) == []


def test_silence_is_an_alarm_whose_onset_is_the_last_samples() -> None:
    watch = HostAlarms(HostSettings(), no_samples_s=2.0)
    story: Story = []
    for tenth in range(300):
        now_s = tenth / 10
        events = watch.samples(now_s, last_s=min(now_s, 10.0) if now_s < 20 else now_s)
        if events and not story:
            assert events[0].onset_index == 10 * 360
            assert events[0].priority == "medium"
        story += told(events)
    assert story == [(12, "no_samples", "opened"), (25, "no_samples", "closed")]


def test_a_failed_source_is_an_alarm_with_its_cause_that_stays_open() -> None:
    watch = HostAlarms(HostSettings(), no_samples_s=2.0)
    watch.check(0, HostReadings(storage_free_mb=1))
    watch.check(5, HostReadings(storage_free_mb=1))
    (event,) = watch.failed(5.1, "the front end is gone")
    assert event.state == "opened"
    assert event.evidence == {"cause": "the front end is gone"}
    assert told(watch.finish(11.0, failed=True)) == [(11, "storage_nearly_full", "closed")]


def test_an_end_in_order_closes_everything() -> None:
    watch = HostAlarms(HostSettings(), no_samples_s=2.0)
    watch.samples(10.0, last_s=0.0)
    assert told(watch.finish(11.0, failed=False)) == [(11, "no_samples", "closed")]


def test_an_end_without_notice_is_an_alarm_at_the_next_start_and_closes() -> None:
    watch = HostAlarms(HostSettings(), no_samples_s=2.0)
    (event,) = watch.restarted(0.0)
    assert event.state == "opened"
    assert "started again" in str(event.evidence["cause"])
    assert told(watch.samples(4.9, last_s=4.8)) == []
    assert told(watch.samples(5.0, last_s=4.9)) == [(5, "no_samples", "closed")]


def test_a_failure_right_after_such_a_start_stays_open_with_its_own_cause() -> None:
    watch = HostAlarms(HostSettings(), no_samples_s=2.0)
    watch.restarted(0.0)
    (event,) = watch.failed(1.0, "the front end is gone")
    assert (event.state, event.evidence) == ("updated", {"cause": "the front end is gone"})
    assert told(watch.samples(20.0, last_s=20.0)) == []
    assert told(watch.finish(21.0, failed=True)) == []
