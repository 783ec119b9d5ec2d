"""The way out of notices: encoded, and handed over with what must be known after a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecg.protocol.encoder import encode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecg.alarms.service import AlarmService
    from ecg.notices import Notice
    from edge.mqtt.client import MqttClient

__all__ = ["ALARMS", "PERIODS", "Publisher"]

ALARMS: Final = "alarms"
PERIODS: Final = "periods"
"""Names in the store: the alarms and snoozes; the hour and the day that are not over."""


class Publisher:
    """A listener that hands messages to the MQTT client.

    What has changed of what must be known after a restart is committed in one piece with the messages: a power cut
    leaves no alarm that a caregiver was told of and this monitor knows nothing about.

    Args:
        device_id: the device's pseudonym.
        alarms: whose state is kept.
        client: takes the messages.
    """

    def __init__(self, device_id: str, alarms: AlarmService, client: MqttClient) -> None:
        self._device_id = device_id
        self._alarms = alarms
        self._client = client
        self._kept_alarms = self._kept_periods = 0  # revisions of what is on disk

    def take(self, notices: Sequence[Notice]) -> None:
        """Publish what happened."""
        alarms = self._alarms
        state: dict[str, object] = {}
        if alarms.revision != self._kept_alarms:
            self._kept_alarms = alarms.revision
            state[ALARMS] = alarms.state
        if alarms.periods_revision != self._kept_periods:
            self._kept_periods = alarms.periods_revision
            state[PERIODS] = alarms.open_periods
        self._client.send(*[encode(notice, self._device_id) for notice in notices], state=state)
