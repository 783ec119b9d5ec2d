"""Publishes notices over MQTT and saves the state of the alarms with them."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ecg.alarms.snoozes import UNKEPT_S
from ecg.protocol.encoder import encode
from ecg.summary.summaries import Summary
from edge.service.alive import alive_now

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
    told of and this monitor does not know. The state says when it was saved, and is saved with each summary and while
    anything is alarmed or silenced at least each `UNKEPT_S`: the next start then knows how long nobody was watching,
    and what is left of a snooze.

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
        self._saved_s = time.monotonic()

    def take(self, notices: Sequence[Notice]) -> None:
        """Publish notices."""
        alarms = self._alarms
        state: dict[str, object] = {}
        if alarms.revision != self._saved_alarms or any(isinstance(notice, Summary) for notice in notices):
            state |= self._alarms_state()
        if alarms.periods_revision != self._saved_periods:
            self._saved_periods = alarms.periods_revision
            state[PERIODS] = alarms.open_periods
        self._client.send(*[encode(notice, self._device_id) for notice in notices], state=state)

    def keep_alive(self) -> None:
        """Save the state anew if that is due; call it often, also while no samples come."""
        if time.monotonic() - self._saved_s >= UNKEPT_S and (self._alarms.alarms or self._alarms.snoozes):
            self._client.send(state=self._alarms_state())

    def _alarms_state(self) -> dict[str, object]:
        self._saved_alarms = self._alarms.revision
        self._saved_s = time.monotonic()
        return {ALARMS: replace(self._alarms.state, alive=alive_now())}
