"""Publishes facts about the device: versions, front end, model, true sample rate, and Home Assistant's discovery."""

from __future__ import annotations

import platform
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from ecg.protocol.encoder import info_message
from ecg.protocol.payloads import Info
from edge import __version__
from edge.mqtt import homeassistant

if TYPE_CHECKING:
    from ecg.source import Source
    from edge.config import Settings
    from edge.inference import TFLiteClassifier
    from edge.mqtt.client import MqttClient
    from edge.service.stream import Stream
    from edge.storage.outbox import Outbox

__all__ = ["DeviceInfo"]

DISCOVERY_TOPICS: Final = "homeassistant"
"""Name in the saved state: the topics on which this device's discovery message was published, now or earlier."""

INFO_S: Final = 60.0
RATE_CHANGE: Final = 50e-6
"""Once a minute the measured sample rate is checked, and published again if it has changed by more than 50 ppm."""


class DeviceInfo:
    """Publishes the device's facts at the start, and again when its sample rate has changed.

    Args:
        settings: the device's id and the settings of Home Assistant.
        source: the front end.
        classifier: the model in use.
        stream: measures the true sample rate.
        client: sends the messages.
    """

    def __init__(
        self, settings: Settings, source: Source, classifier: TFLiteClassifier, stream: Stream, client: MqttClient
    ) -> None:
        self._settings = settings
        self._source = source
        self._classifier = classifier
        self._stream = stream
        self._client = client
        self._due_s = time.monotonic() + INFO_S
        self._published_rate_hz: float | None = None
        self._published_paced = False

    def info(self) -> Info:
        """The present facts."""
        card = self._classifier.card
        return Info(
            version=__version__,
            python=platform.python_version(),
            source=self._source.name,
            nominal_rate_hz=float(self._source.rate_hz),
            rate_hz=self._stream.rate_hz,
            model=card.name,
            model_version=card.version,
            model_sha256=card.flatbuffer_sha256,
            model_file=self._classifier.file_name,
            model_signed_by=self._classifier.signed_by,
            labels=self._classifier.labels,
            pacemaker=self._stream.is_paced or None,
        )

    def publish(self) -> None:
        """Publish the present facts."""
        self._published_paced = self._stream.is_paced
        self._client.send(info_message(self.info(), datetime.now(UTC), self._settings.device.id))

    def publish_discovery(self, outbox: Outbox, *, has_battery: bool) -> None:
        """Publish or remove the discovery message; the outbox remembers the topics of earlier ones."""
        messages = homeassistant.discovery_messages(
            self._settings.homeassistant,
            self._settings.device.id,
            self.info(),
            has_battery=has_battery,
            earlier_topics=outbox.state(DISCOVERY_TOPICS, list[str]) or [],
        )
        self._client.send(*messages, state={DISCOVERY_TOPICS: [message.topic for message in messages]})

    def publish_change(self) -> None:
        """Publish the facts again if the sample rate changed, or a pacemaker came or went; once a minute at most."""
        now_s = time.monotonic()
        if now_s < self._due_s:
            return
        self._due_s = now_s + INFO_S
        rate_hz, published_hz = self._stream.rate_hz, self._published_rate_hz
        has_changed = rate_hz is not None and (published_hz is None or abs(rate_hz / published_hz - 1) > RATE_CHANGE)
        if has_changed or self._stream.is_paced is not self._published_paced:
            self._published_rate_hz = rate_hz
            self.publish()
