"""Publishes notices over MQTT and saves the state of the alarms with them."""

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
"""Names in the saved state: the alarms and snoozes; the unfinished hour and day."""


class Publisher:
    """A listener that encodes notices and passes them to the MQTT client.

    Changed state is committed together with the messages. So after a power cut there is no alarm that a caregiver was
    told of and this monitor does not know.

    Args:
        device_id: the device's pseudonym.
        alarms: its state is saved.
        client: sends the messages.
    """

    def __init__(self, device_id: str, alarms: AlarmService, client: MqttClient) -> None:
        self._device_id = device_id
        self._alarms = alarms
        self._client = client
        self._saved_alarms = self._saved_periods = 0  # revisions of the state on disk

    def take(self, notices: Sequence[Notice]) -> None:
        """Publish notices."""
        alarms = self._alarms
        state: dict[str, object] = {}
        if alarms.revision != self._saved_alarms:
            self._saved_alarms = alarms.revision
            state[ALARMS] = alarms.state
        if alarms.periods_revision != self._saved_periods:
            self._saved_periods = alarms.periods_revision
            state[PERIODS] = alarms.open_periods
        self._client.send(*[encode(notice, self._device_id) for notice in notices], state=state)
