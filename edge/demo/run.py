"""Runs the demonstration: starts the monitor, prints what a subscriber receives, and ends by itself."""

from __future__ import annotations

import logging
import queue
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from ecg.errors import NetworkError
from edge.config import (
    DeviceSettings,
    ModelSettings,
    MqttSettings,
    Settings,
    SimulatorSettings,
    SourceSettings,
    StorageSettings,
)
from edge.demo.broker import broker
from edge.demo.buffered_source import BufferedSource
from edge.demo.terminal_view import TerminalView
from edge.frontends import open_source
from edge.inference import load_classifier
from edge.mqtt.client import MqttClient
from edge.service import alarm_log
from edge.service.daemon import Monitor
from edge.simulator.opening import length_s
from edge.storage.outbox import Outbox

if TYPE_CHECKING:
    from edge.inference import TFLiteClassifier

__all__ = ["run_demo"]

DEVICE_ID = "demo"
CONNECT_S = 10.0
OUTBOX_BYTES = 10_000_000
OFFLINE_TIMEOUT_S = 2.0
"""For the last message, `offline`, to come back from the broker."""


def run_demo(*, speed: float, scenario: str, model: str) -> None:
    """Play a scenario once through the whole monitor and print what a subscriber receives.

    Args:
        speed: multiple of real time.
        scenario: of the simulator.
        model: a model file; empty = the shipped one.

    Raises:
        InputError: there is no such scenario or model, or the broker is not installed.
        NetworkError: the broker does not start.
    """
    duration_s = length_s(scenario)
    classifier = load_classifier(model)
    with tempfile.TemporaryDirectory(prefix="ecg-edge-demo-") as folder, broker() as port:
        settings = Settings(
            device=DeviceSettings(id=DEVICE_ID),
            source=SourceSettings(kind="simulator", simulator=SimulatorSettings(scenario=scenario, speed=speed)),
            model=ModelSettings(path=model),
            mqtt=MqttSettings(host="127.0.0.1", port=port),
            storage=StorageSettings(directory=folder, recording=False),
        )
        source = BufferedSource(open_source(settings.source), duration_s=duration_s)
        view = TerminalView(source)
        view.print_introduction(duration_s=duration_s, speed=speed, port=port, model=classifier.describe())
        _send_log_to(view)
        _run_monitor(settings, source, classifier, view, Path(folder))
        view.print_summary()


def _run_monitor(
    settings: Settings, source: BufferedSource, classifier: TFLiteClassifier, view: TerminalView, folder: Path
) -> None:
    """Run the monitor on a thread and print on this one until the monitor has published `offline`."""
    received: queue.Queue[tuple[str, bytes]] = queue.Queue()
    subscriber = _subscribe(settings.mqtt.port, received)
    stop = threading.Event()
    failures: list[BaseException] = []

    def monitor() -> None:
        try:
            with Outbox(folder, max_bytes=OUTBOX_BYTES) as outbox:
                client = MqttClient(settings.mqtt, settings.device.id, outbox)
                client.start()
                client.connected.wait(CONNECT_S)  # so that the messages begin with the first beat
                Monitor(settings, source, classifier, client, outbox, stop=stop).run()
        except BaseException as error:  # noqa: BLE001 - raised again on the main thread
            failures.append(error)

    thread = threading.Thread(target=monitor, name="monitor")
    thread.start()
    try:
        while thread.is_alive():
            _print_next_message(received, view, timeout_s=0.2)
    except KeyboardInterrupt:
        view.print_log_line("Stopping.")
    finally:
        stop.set()
        thread.join()
        while _print_next_message(received, view, timeout_s=0.0 if view.offline else OFFLINE_TIMEOUT_S):
            pass
        subscriber.disconnect()
        subscriber.loop_stop()
    if failures:
        raise failures[0]


def _print_next_message(received: queue.Queue[tuple[str, bytes]], view: TerminalView, *, timeout_s: float) -> bool:
    try:
        topic, payload = received.get(block=timeout_s > 0, timeout=timeout_s or None)
    except queue.Empty:
        return False
    name = topic.removeprefix(f"ecg/{DEVICE_ID}/")
    view.print_message(name, payload.decode() if name == "status" else msgspec.json.decode(payload))
    return True


def _subscribe(port: int, received: queue.Queue[tuple[str, bytes]]) -> paho.Client:
    """Connect as a caregiver's client would, and put the received messages into the queue."""
    subscribed = threading.Event()
    client = paho.Client(CallbackAPIVersion.VERSION2, "demo-subscriber", protocol=MQTTProtocolVersion.MQTTv311)

    def on_message(_client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        received.put((message.topic, bytes(message.payload)))

    client.on_subscribe = lambda *_: subscribed.set()
    client.on_message = on_message
    client.connect("127.0.0.1", port)
    client.subscribe(f"ecg/{DEVICE_ID}/#", qos=1)
    client.loop_start()
    if not subscribed.wait(CONNECT_S):
        raise NetworkError("the demo's broker does not answer")
    return client


class _ViewHandler(logging.Handler):
    """Prints the monitor's log lines between the messages; alarms are among the messages already."""

    def __init__(self, view: TerminalView) -> None:
        super().__init__()
        self._view = view
        self.addFilter(lambda record: record.name != alarm_log.__name__)

    def emit(self, record: logging.LogRecord) -> None:
        self._view.print_log_line(record.getMessage())


def _send_log_to(view: TerminalView) -> None:
    log = logging.getLogger("edge")
    log.handlers = [_ViewHandler(view)]
    log.setLevel(logging.INFO)
    log.propagate = False
    # That the demo's own broker supports MQTT 3.1.1 only is of no interest here.
    logging.getLogger("edge.mqtt").setLevel(logging.ERROR)
    # A terminal that cannot show braille gets question marks, not an error.
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
