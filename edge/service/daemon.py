"""The daemon: assembles the parts of the monitor around the pipeline, runs them and stops them.

Threads: the source reads blocks, the main thread runs the pipeline, the outbox and the recorder write to the disk, the
MQTT client delivers. Each thread may block without delaying the one before it.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from ecg.alarms.active import AlarmServiceState
from ecg.alarms.service import AlarmService
from ecg.errors import EcgEdgeError, HardwareError
from ecg.notices import VitalsNotice
from ecg.summary.periods import Period
from edge.annunciator.button import open_button
from edge.annunciator.pins import open_annunciator
from edge.frontends import open_source
from edge.frontends.playback import play_at_speed
from edge.frontends.source_thread import SourceThread
from edge.model_store import load_selected
from edge.model_store.startup import end_unconfirmed_trial
from edge.mqtt import homeassistant
from edge.mqtt.client import MqttClient
from edge.service import systemd
from edge.service.alarm_log import AlarmLog
from edge.service.alive import alive_now, away_s
from edge.service.command_service import CommandService
from edge.service.device_info import DeviceInfo
from edge.service.host import Host
from edge.service.host_readings import HostReader, read_host
from edge.service.listeners import Listeners
from edge.service.opening_times import OpeningTimes
from edge.service.publisher import ALARMS, PERIODS, Publisher
from edge.service.self_test import SelfTest
from edge.service.status import LastNotices, StatusService
from edge.service.stream import Stream
from edge.service.supervision import Supervision
from edge.storage.outbox import Outbox
from edge.storage.recorder import Recorder
from edge.storage.segment import Origin

if TYPE_CHECKING:
    from ecg.source import Source
    from edge.config import Settings
    from edge.frontends.source_thread import Arrival
    from edge.inference import TFLiteClassifier

__all__ = ["Monitor", "run"]

POLL_S: Final = 0.5
"""Longest wait for a block, so that a stop or a silence is noticed while no samples arrive."""

HOUSEKEEPING_S: Final = 0.05
"""Shortest time between two rounds of host checks, commands and alarm timers."""

STOP_S: Final = 8.0
"""For the last messages. The whole shutdown must fit into the 10 s that a container runtime allows."""

RECORDING_STOP_S: Final = 1.0
"""For the end of the recording, which is written at the same time as the last messages."""

_log = logging.getLogger(__name__)


def run(settings: Settings) -> None:
    """Run the monitor until the source ends or SIGTERM or SIGINT arrives.

    Raises:
        EcgEdgeError: a part cannot be started, or the source failed (after everything detected was sent).
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _frame: _stop_once(stop, received))
    source = open_source(settings.source)
    chosen = load_selected(settings.model)
    directory = settings.storage.folder
    max_bytes = round(settings.storage.outbox_max_mb * 1e6)
    with Outbox(directory, max_bytes=max_bytes) as outbox:
        birth_topic = homeassistant.birth_topic(settings.homeassistant)
        client = MqttClient(settings.mqtt, settings.device.id, outbox, birth_topic=birth_topic)
        monitor = Monitor(settings, source, chosen.classifier, client, outbox, stop=stop, model_fault=chosen.fault)
        client.start()
        end_unconfirmed_trial(settings.model, chosen, stop)
        monitor.run()


def _stop_once(stop: threading.Event, received: int) -> None:
    stop.set()
    signal.signal(received, signal.SIG_DFL)  # a second signal ends the process at once


class Monitor:
    """One run of the monitor: creates its parts and calls each in turn.

    Args:
        settings: all settings.
        source: source of the samples.
        classifier: labels the beats.
        client: sends the messages; already started, and stopped at the end of the run.
        outbox: the client's outbox; also keeps the state for a restart.
        stop: when set, the run ends in order.
        model_fault: why the classifier is not the selected model; None if it is.
    """

    def __init__(
        self,
        settings: Settings,
        source: Source,
        classifier: TFLiteClassifier,
        client: MqttClient,
        outbox: Outbox,
        *,
        stop: threading.Event,
        model_fault: str | None = None,
    ) -> None:
        self._source = source
        self._classifier = classifier
        self._model_fault = model_fault
        self._client = client
        self._outbox = outbox
        self._stop = stop
        # Only replay and simulator have a speed; a front end delivers in real time.
        speed: float | None = getattr(getattr(settings.source, settings.source.kind), "speed", None)
        stream_speed = 1.0 if speed is None else speed
        session = uuid4()
        recorder: Recorder | None = None
        if settings.storage.recording:
            origin = Origin(settings.device.id, source.name, str(session), source.rate_hz)
            recorder = Recorder(settings.storage, origin, live=bool(stream_speed))
        kept = outbox.state(ALARMS, AlarmServiceState)
        reader = HostReader(lambda: read_host(settings.storage.folder))
        absence_s = away_s(None if kept is None else kept.alive, alive_now(), clock_set=reader.readings.clock_set)
        self._alarms = AlarmService(
            settings.alarms,
            session,
            state=kept,
            away_s=absence_s,
            open_periods=outbox.state(PERIODS, list[Period]),
        )
        last_notices = LastNotices()
        self._annunciator = open_annunciator(settings.annunciator)
        opening_times = OpeningTimes(saved_s=time.monotonic() - (absence_s or 0.0))
        self._publisher = Publisher(settings.device.id, self._alarms, client)
        self._listeners = Listeners(
            *([] if self._annunciator is None else [self._annunciator]),  # first: the outbox may wait for a slow disk
            AlarmLog(),
            last_notices,
            opening_times,
            self._publisher,
        )
        self._stream = Stream(
            settings,
            source,
            classifier,
            speed=stream_speed,
            alarms=self._alarms,
            listeners=self._listeners,
            recorder=recorder,
        )
        self._supervision = Supervision(source.name, no_samples_s=settings.rhythm.no_samples_s)
        self._host = Host(
            settings,
            reader=reader,
            alarms=self._alarms,
            listeners=self._listeners,
            outbox=outbox,
            recorder=recorder,
        )
        self._device_info = DeviceInfo(settings, source, classifier, self._stream, client)
        self._status = StatusService(
            device_id=settings.device.id,
            alarms=self._alarms,
            stream=self._stream,
            supervision=self._supervision,
            host=self._host,
            device_info=self._device_info,
            client=client,
            recorder=recorder,
            last_notices=last_notices,
            self_test=SelfTest(classifier, outbox),
        )
        self._commands = CommandService(
            settings,
            alarms=self._alarms,
            stream=self._stream,
            status=self._status,
            opening_times=opening_times,
            listeners=self._listeners,
            client=client,
        )
        self._button = open_button(settings.button, self.press_button)
        blocks = source.blocks()
        if speed:
            blocks = play_at_speed(blocks, rate_hz=source.rate_hz, speed=speed, stop=stop)
        self._source_thread = SourceThread(blocks, live=bool(stream_speed), stop=stop)
        self._housekeeping_due_s = time.monotonic()

    def run(self) -> None:
        """Run until the source ends or `stop` is set, then send the remaining messages and disconnect.

        Raises:
            EcgEdgeError: the source failed.
        """
        self._open()
        failure: Exception | None = None  # an error in the pipeline, which cannot continue
        try:
            while not (self._stop.is_set() or self._source_thread.ended):
                arrival = self._source_thread.next(POLL_S)
                if arrival is not None:
                    self._process(arrival)
                elif not self._source_thread.ended and self._supervision.empty_vitals_due():
                    self._listeners.tell([VitalsNotice(time=datetime.now(UTC), vitals=None)])
                self._do_housekeeping()
            _log.info("Stopping." if self._stop.is_set() else "The source has ended.")
        except Exception as error:
            failure = error
            raise
        finally:
            self._finish(failure)
        self._raise_failure()

    def press_button(self) -> None:
        """The patient's event button was pressed; may be called from any thread."""
        self._commands.press_button()

    def _open(self) -> None:
        """Publish the states before the first sample, and start the source."""
        self._stream.begin(monotonic_s=time.monotonic(), wall_s=time.time())
        self._device_info.publish()
        self._device_info.publish_discovery(self._outbox, has_battery=self._host.readings.battery_percent is not None)
        left = self._alarms.tick(time.monotonic(), datetime.now(UTC))  # what is too old to be carried on
        self._listeners.tell(left or [self._alarms.active_alarms(unchanged_since=self._stream.utc(0))])
        self._host.start()
        if self._model_fault is not None:
            self._host.model_refused(self._model_fault, self._classifier.describe())
        self._source_thread.start()
        systemd.notify("READY=1")
        _log.info("Watching %s with %s.", self._source.name, self._classifier.describe())

    def _process(self, arrival: Arrival) -> None:
        self._supervision.block_arrived(arrival)
        self._stream.take(arrival)
        self._device_info.publish_change()
        self._supervision.feed_watchdog()

    def _do_housekeeping(self) -> None:
        """Check the host, serve commands, run alarm timers, and send the host's state when due."""
        now_s = time.monotonic()
        if now_s >= self._housekeeping_due_s:
            self._housekeeping_due_s = now_s + HOUSEKEEPING_S
            self._host.check(last_block_s=self._supervision.last_block_s)
            self._commands.serve()
            self._listeners.tell(self._alarms.tick(now_s, datetime.now(UTC)))
            self._publisher.keep_alive()
        message = self._status.due_host_message()
        if message is not None:
            self._client.send(message)

    def _finish(self, failure: Exception | None) -> None:
        """Stop every part; send the remaining messages, then `offline`."""
        systemd.notify("STOPPING=1")
        self._stop.set()
        if self._button is not None:
            self._button.close()
        self._stream.finish(failed=failure is not None)
        self._commands.close()
        if self._annunciator is not None:
            self._annunciator.close()
        self._host.finish(failure or self._source_thread.error)
        if self._client.stop(STOP_S):
            _log.info("Everything is delivered.")
        self._stream.wait_recorded(RECORDING_STOP_S)

    def _raise_failure(self) -> None:
        error = self._source_thread.error
        if isinstance(error, EcgEdgeError):
            raise error
        if isinstance(error, OSError):
            raise HardwareError(f"{self._source.name} delivers no more samples: {error.strerror or error}") from error
        if error is not None:
            raise error
