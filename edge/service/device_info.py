"""What is told of the device itself: versions, front end, model, true sample rate; Home Assistant hears of it too."""

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

TOLD_HOME_ASSISTANT: Final = "homeassistant"
"""Name in the store: the topics on which Home Assistant was told of this device, now or before."""

INFO_S: Final = 60.0
RATE_CHANGE: Final = 50e-6
"""Once a minute the measured sample rate is looked at, and told again when it moved by more than 50 ppm."""


class DeviceInfo:
    """Tells of the device at the start, and of its sample rate when it has moved.

    Args:
        settings: the device's id, and what Home Assistant is told.
        source: the front end.
        classifier: the model in use.
        stream: knows the true sample rate.
        client: takes the messages.
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
        self._rate_told_hz: float | None = None

    def info(self) -> Info:
        """The device as it is now."""
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
        )

    def tell(self) -> None:
        """Publish it."""
        self._client.send(info_message(self.info(), datetime.now(UTC), self._settings.device.id))

    def tell_home_assistant(self, outbox: Outbox, *, has_battery: bool) -> None:
        """Tell Home Assistant of the device; the outbox knows on which topics it was told before."""
        messages = homeassistant.discovery_messages(
            self._settings.homeassistant,
            self._settings.device.id,
            self.info(),
            has_battery=has_battery,
            earlier_topics=outbox.state(TOLD_HOME_ASSISTANT, list[str]) or [],
        )
        self._client.send(*messages, state={TOLD_HOME_ASSISTANT: [message.topic for message in messages]})

    def tell_rate(self) -> None:
        """Publish it once more if the sample rate has moved, once a minute at most."""
        now_s = time.monotonic()
        if now_s < self._due_s:
            return
        self._due_s = now_s + INFO_S
        rate_hz, told_hz = self._stream.rate_hz, self._rate_told_hz
        if rate_hz is not None and (told_hz is None or abs(rate_hz / told_hz - 1) > RATE_CHANGE):
            self._rate_told_hz = rate_hz
            self.tell()
