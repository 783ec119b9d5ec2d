"""The log of outages: each cause once, one line when it is back, and a hint when every connection is short."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from edge.mqtt.outage_log import OutageLog

if TYPE_CHECKING:
    import pytest


def messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records]


def test_a_cause_is_logged_once_in_an_outage(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    outages = OutageLog("host:1883")
    for _ in range(5):
        outages.failed("refused")
    outages.failed("unreachable")
    outages.failed("refused")
    outages.up(waiting=3)
    assert [line.partition(".")[0] for line in messages(caplog)] == [
        "The broker at host:1883 cannot be used: refused",
        "The broker at host:1883 cannot be used: unreachable",
        "The broker at host:1883 is back after 0 s; 3 messages waited in the outbox",
    ]


def test_the_next_outage_is_logged_again(caplog: pytest.LogCaptureFixture) -> None:
    outages = OutageLog("host:1883")
    for _ in range(2):
        outages.up(waiting=0)
        outages.lost("broke", stable=True, hung_up=True)
        outages.failed("refused")
    assert len(messages(caplog)) == 4


def test_short_connections_are_logged_with_a_hint_and_not_for_ever(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    outages = OutageLog("host:1883")
    for _ in range(50):
        outages.up(waiting=0)
        outages.lost("broke", stable=False, hung_up=True)
    assert sum("device.id" in line for line in messages(caplog)) == 1
    assert len(messages(caplog)) < 6


def test_connections_that_the_monitor_gives_up_are_nobody_else_s_doing(caplog: pytest.LogCaptureFixture) -> None:
    outages = OutageLog("host:1883")
    for _ in range(10):
        outages.up(waiting=0)
        outages.lost("it confirms nothing", stable=False, hung_up=False)
    assert outages.cause == "it confirms nothing"
    assert len(messages(caplog)) == 1
