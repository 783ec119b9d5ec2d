"""The daemon: the I/O around the pipeline. Starts, feeds, supervises, stops.

Threads: the source reads and hands blocks over, the main thread runs the pipeline and writes the outbox, the MQTT
client delivers, the recorder writes the recording. Each may stand still without holding up the one before it.
"""

from __future__ import annotations

import logging
import platform
import signal
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import msgspec
import numpy as np

from ecg.alarms.active import Board, BoardState
from ecg.alarms.kinds import AlarmEvent, AlarmState
from ecg.errors import EcgEdgeError, HardwareError
from ecg.events import Vitals
from ecg.formats.wfdb.events import annotation_of
from ecg.protocol.encoder import Encoder
from ecg.protocol.payloads import Info, MachineState
from ecg.protocol.status import Status
from ecg.samples import SAMPLE_RATE_HZ, UNCLASSIFIED, Beat, Gap
from ecg.summary.periods import Period, Periods
from edge import __version__
from edge.annunciator.button import open_button
from edge.frontends import open_source
from edge.frontends.feed import Arrival, Feed
from edge.frontends.pacing import paced
from edge.frontends.timebase import TimeBase, UtcLine
from edge.model_store import load_chosen
from edge.model_store.startup import end_unconfirmed_trial
from edge.mqtt import homeassistant
from edge.mqtt.client import MqttClient
from edge.pipeline import Pipeline
from edge.service import systemd
from edge.service.command_service import ALARMS, PERIODS, Desk
from edge.service.self_check import self_check
from edge.service.status import broker_of, not_watching, recording_of, rounded_mb
from edge.storage.outbox import Outbox
from edge.storage.recorder import FaultKind, Recorder
from edge.storage.segment import Origin
from edge.storage.strips import StripCutter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecg.alarms.kinds import Evidence
    from ecg.events import Event
    from ecg.protocol.message import Message
    from ecg.protocol.status import SelfCheck
    from ecg.source import Source
    from edge.config import Settings
    from edge.inference import TFLiteClassifier
    from edge.storage.strips import Strip

__all__ = ["Monitor", "run"]

VITALS_S = 5.0
"""How often it is said that no samples come: as often as vitals would come."""

POLL_S = 0.5
"""How soon a stop or a silence is noticed while no samples come."""

STOP_S = 8.0
"""For the last messages; with the rest of the shutdown within the 10 s that a container runtime allows."""

RECORDING_STOP_S = 1.0
"""For the end of the recording, which is written meanwhile."""

MACHINE_S = 30.0
"""How often it is told how the machine is."""

TOLD_HOME_ASSISTANT = "homeassistant"
"""Name in the store: the topics on which Home Assistant was told of this device, now or before."""

RECOVERY_S = 600.0
"""A front end that has delivered nothing for so long may need more than its driver's own attempts: the watchdog is fed
no more, and systemd starts everything anew."""

INFO_S = 60.0
RATE_CHANGE = 50e-6
"""Once a minute the measured sample rate is looked at, and told again when it moved by more than 50 ppm."""

_log = logging.getLogger(__name__)


def run(settings: Settings) -> None:
    """Watch until the source ends or SIGTERM or SIGINT comes.

    Raises:
        EcgEdgeError: something cannot be started, or the source failed; what was detected is out before.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _frame: _stop_once(stop, received))
    source = open_source(settings.source)
    chosen = load_chosen(settings.model)
    directory = Path(settings.storage.directory)
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
    signal.signal(received, signal.SIG_DFL)  # who asks a second time does not want to wait


class Monitor:
    """One run of the monitor: a source, the pipeline, the way out.

    Args:
        settings: the whole tree.
        source: where samples come from.
        classifier: labels the beats.
        client: takes the messages; started already, and stopped at the end of the run.
        outbox: the client's; also keeps what must be known after a restart.
        stop: ends the run in order.
        model_fault: why the classifier is not the one that was chosen; None if it is.
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
        self._settings = settings
        self._source = source
        self._classifier = classifier
        self._model_fault = model_fault
        self._stop = stop
        # A front end has no speed: it delivers in its own time.
        speed: float | None = getattr(getattr(settings.source, settings.source.kind), "speed", None)
        self._speed = 1.0 if speed is None else speed
        self._pipeline = Pipeline(rate_hz=source.rate_hz, settings=settings, classifier=classifier)
        self._timebase = TimeBase(speed=self._speed or 1.0)
        self._began = source.start_utc or datetime.now(UTC)
        session = uuid4()
        board = Board(settings.alarms, outbox.state(ALARMS, BoardState))
        periods = Periods(outbox.state(PERIODS, list[Period]))
        self._encoder = Encoder(settings.device.id, self._utc, session, board=board, periods=periods)
        self._recorder: Recorder | None = None
        if settings.storage.recording:
            origin = Origin(settings.device.id, source.name, str(session), source.rate_hz)
            self._recorder = Recorder(settings.storage, origin, live=bool(self._speed))
        self._client = client
        self._outbox = outbox
        self._desk = Desk(
            settings,
            encoder=self._encoder,
            client=client,
            outbox=outbox,
            mark=self._mark,
            recording_fault=self._recording_fault,
            status=self._status,
            selftest=self._selftest,
        )
        self._button = open_button(settings.button, self.press_button)
        self._self_check: SelfCheck | None = None
        self._strips = StripCutter(
            rate_hz=source.rate_hz,
            before_s=settings.storage.strip_before_s,
            after_s=settings.storage.strip_after_s,
            utc_of_index=self._utc,
        )
        blocks = source.blocks()
        if speed:
            blocks = paced(blocks, rate_hz=source.rate_hz, speed=self._speed, stop=stop)
        self._feed = Feed(blocks, live=bool(self._speed), stop=stop)
        self._failure: Exception | None = None  # of the pipeline, which cannot go on then
        self._began_s = self._heard_s = self._delivered_s = time.monotonic()
        self._given_up = False
        self._machine_due_s = self._began_s
        self._lost_s = 0.0
        self._labelled_beats = 0
        self._vitals: Vitals | None = None
        self._silence_told_s: float | None = None
        self._fault: str | None = None
        self._info_due_s = self._heard_s + INFO_S
        self._rate_told_hz: float | None = None
        self._watchdog_s = systemd.watchdog_interval_s()
        self._watchdog_due_s = self._heard_s

    def run(self) -> None:
        """Watch until the source ends or `stop` is set, then send what is left and say goodbye.

        Raises:
            EcgEdgeError: the source failed.
        """
        self._timebase.arrived(0, monotonic_s=time.monotonic(), wall_s=time.time())
        self._client.send(self._encoder.info(self._info(), datetime.now(UTC)))
        self._tell_home_assistant()
        self._desk.open()
        if self._model_fault is not None:
            self._desk.tell_model_refused(self._model_fault, self._classifier.describe())
        if self._recorder is not None:
            self._recorder.start()
        self._feed.start()
        systemd.notify("READY=1")
        _log.info("Watching %s with %s.", self._source.name, self._classifier.describe())
        try:
            while not (self._stop.is_set() or self._feed.ended):
                arrival = self._feed.next(POLL_S)
                if arrival is not None:
                    self._take(arrival)
                elif not self._feed.ended:
                    self._watch_silence()
                self._desk.work(heard_s=self._heard_s)
                self._tell_machine()
            _log.info("Stopping." if self._stop.is_set() else "The source has ended.")
        except Exception as error:
            self._failure = error
            raise
        finally:
            self._finish()
        self._raise_failure()

    def press_button(self) -> None:
        """The patient's event button was pressed; may be called from any thread."""
        self._desk.press_button()

    def _finish(self) -> None:
        """Send what is still in flight, then `offline`."""
        systemd.notify("STOPPING=1")
        self._stop.set()
        if self._button is not None:
            self._button.close()
        if self._failure is None:
            self._publish(self._pipeline.finish())
        self._send_strips(self._strips.finish())
        if self._recorder is not None:
            self._recorder.finish()
        self._client.send(*self._encoder.flush())
        self._desk.finish(self._failure or self._feed.error)
        if self._client.stop(STOP_S):
            _log.info("Everything is delivered.")
        if self._recorder is not None:
            self._recorder.wait(RECORDING_STOP_S)

    def _raise_failure(self) -> None:
        error = self._feed.error
        if isinstance(error, EcgEdgeError):
            raise error
        if isinstance(error, OSError):
            raise HardwareError(f"{self._source.name} delivers no more: {error.strerror or error}") from error
        if error is not None:
            raise error

    def _take(self, arrival: Arrival) -> None:
        self._heard_s = arrival.monotonic_s
        if self._silence_told_s is not None:
            _log.warning("Samples are coming again.")
            self._silence_told_s = None
        block = arrival.block
        if np.isfinite(block.samples_mv).any():
            self._delivered_s = arrival.monotonic_s
        if block.fault != self._fault:
            self._fault = block.fault
            systemd.notify(f"STATUS={block.fault or 'Watching.'}")
        end_index = round((block.first_index + len(block.samples_mv)) * SAMPLE_RATE_HZ / self._source.rate_hz)
        self._timebase.arrived(end_index, monotonic_s=arrival.monotonic_s, wall_s=arrival.wall_s)
        if self._recorder is not None:
            self._recorder.record(block, self._line)
        self._strips.push(block)
        self._publish(self._pipeline.push(block))
        self._send_strips(self._strips.due())
        now_s = time.monotonic()
        if now_s >= self._info_due_s:
            self._info_due_s = now_s + INFO_S
            self._tell_rate()
        self._feed_watchdog(now_s)

    def _feed_watchdog(self, now_s: float) -> None:
        """A sign of life, only for a block that went through the whole pipeline.

        A fault block is one too: the driver is alive, the alarm is out, and a restart would help it no more than its
        own attempts do. A hung thread, a silent source, and a driver that gets nowhere give none.
        """
        if self._watchdog_s is None or now_s < self._watchdog_due_s:
            return
        self._watchdog_due_s = now_s + self._watchdog_s
        if now_s - self._delivered_s < RECOVERY_S:
            systemd.notify("WATCHDOG=1")
        elif not self._given_up:
            self._given_up = True
            _log.error("%s has delivered nothing for %.0f s: starting anew.", self._source.name, RECOVERY_S)

    def _watch_silence(self) -> None:
        """Say that no samples come, in the log once and in the vitals again and again: there is nothing else to say."""
        now_s = time.monotonic()
        if now_s - self._heard_s < self._settings.rhythm.no_samples_s:
            return
        if self._silence_told_s is None:
            _log.error("No samples come from %s: the heart is not being watched.", self._source.name)
            systemd.notify("STATUS=No samples come from the front end.")
        elif now_s - self._silence_told_s < VITALS_S:
            return
        self._silence_told_s = now_s
        self._client.send(self._encoder.no_samples(datetime.now(UTC)))

    def _mark(self, evidence: Evidence) -> None:
        self._publish(self._pipeline.mark(evidence))

    def _publish(self, events: list[Event]) -> None:
        annotations = []
        messages = []
        for event in events:
            if isinstance(event, Gap):
                self._lost_s += event.length / SAMPLE_RATE_HZ
            elif isinstance(event, Vitals):
                self._vitals = event
            elif isinstance(event, Beat):
                self._labelled_beats += event.label != UNCLASSIFIED
            uuid = self._encoder.uuid(event) if isinstance(event, AlarmEvent) else ""
            messages += self._encoder.encode(event)
            if isinstance(event, AlarmEvent) and event.state is AlarmState.OPENED:
                self._strips.want(uuid, event)
            annotation = annotation_of(event, self._source.rate_hz, uuid=uuid)
            if annotation is not None:
                annotations.append(annotation)
        self._desk.publish(messages)
        if self._recorder is not None:
            self._recorder.annotate(annotations)

    def _recording_fault(self) -> str | None:
        fault = self._recorder.fault if self._recorder is not None else None
        return fault.text if fault is not None and fault.kind is FaultKind.RECORDING_STOPPED else None

    def _send_strips(self, strips: Iterable[Strip]) -> None:
        for strip in strips:
            self._client.send(self._encoder.strip(strip))

    @property
    def _line(self) -> UtcLine:
        if self._speed:
            return self._timebase.line
        # As fast as possible: arrival times mean nothing, and the recording keeps its own time.
        return UtcLine(0, self._began.timestamp(), 1 / SAMPLE_RATE_HZ)

    def _utc(self, index: int) -> datetime:
        return self._line.utc(index)

    def _rate_hz(self) -> float | None:
        ratio = self._timebase.rate_ratio if self._speed else None
        return None if ratio is None else float(self._source.rate_hz) * ratio

    def _tell_rate(self) -> None:
        rate_hz = self._rate_hz()
        told_hz = self._rate_told_hz
        if rate_hz is not None and (told_hz is None or abs(rate_hz / told_hz - 1) > RATE_CHANGE):
            self._rate_told_hz = rate_hz
            self._client.send(self._encoder.info(self._info(), datetime.now(UTC)))

    def _tell_machine(self) -> None:
        now_s = time.monotonic()
        if now_s >= self._machine_due_s:
            self._machine_due_s = now_s + MACHINE_S
            self._client.send(self._encoder.machine_state(self._machine_state(), datetime.now(UTC)))

    def _tell_home_assistant(self) -> None:
        messages = homeassistant.announcements(
            self._settings.homeassistant,
            self._settings.device.id,
            self._info(),
            has_battery=self._desk.readings.battery_percent is not None,
            told=self._outbox.state(TOLD_HOME_ASSISTANT, list[str]) or [],
        )
        self._client.send(*messages, state={TOLD_HOME_ASSISTANT: [message.topic for message in messages]})

    def _machine_state(self) -> MachineState:
        readings = self._desk.readings
        return MachineState(
            uptime_s=round(time.monotonic() - self._began_s),
            lost_s=round(self._lost_s, 3),
            recording=recording_of(self._recorder, readings).state,
            undelivered=self._client.waiting,
            battery_percent=readings.battery_percent,
            battery_charging=readings.battery_charging,
            temperature_c=readings.temperature_c,
            storage_free_mb=rounded_mb(readings.storage_free_mb),
            clock_set=readings.clock_set,
            selftest=None if self._self_check is None else "passed" if self._self_check.passed else "failed",
        )

    def _selftest(self) -> SelfCheck:
        """Test what can be tested without a look away from the heart."""
        self._self_check = self_check(
            self._status(),
            classifier=self._classifier,
            outbox=self._outbox,
            clock_set=self._desk.readings.clock_set,
        )
        self._machine_due_s = time.monotonic()  # the machine's state tells of it at once
        return self._self_check

    def _status(self) -> Status:
        """Answer who asks how things are."""
        client, encoder, now = self._client, self._encoder, datetime.now(UTC)
        trouble = not_watching(
            self._vitals,
            silent_s=time.monotonic() - self._heard_s,
            no_samples_s=self._settings.rhythm.no_samples_s,
            fault=self._fault,
        )
        return Status(
            watching=trouble is None,
            trouble=trouble,
            front_end_fault=self._fault,
            labelled_beats=self._labelled_beats,
            broker=broker_of(client),
            recording=recording_of(self._recorder, self._desk.readings),
            vitals=_raw(encoder.last_vitals),
            event=_raw(encoder.last_event),
            alarms=msgspec.Raw(encoder.alarms().payload),
            info=msgspec.Raw(encoder.info(self._info(), now).payload),
            machine=msgspec.Raw(encoder.machine_state(self._machine_state(), now).payload),
            today=_raw(encoder.today()),
        )

    def _info(self) -> Info:
        card = self._classifier.card
        return Info(
            version=__version__,
            python=platform.python_version(),
            source=self._source.name,
            nominal_rate_hz=float(self._source.rate_hz),
            rate_hz=self._rate_hz(),
            model=card.name,
            model_version=card.version,
            model_sha256=card.flatbuffer_sha256,
            model_file=self._classifier.file_name,
            model_signed_by=self._classifier.signed_by,
            labels=self._classifier.labels,
        )


def _raw(message: Message | None) -> msgspec.Raw | None:
    return None if message is None else msgspec.Raw(message.payload)
