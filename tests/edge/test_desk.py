"""A monitor in this process: the button, and what is done when the pipeline itself fails."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from edge.config import DeviceSettings, MqttSettings, Settings, SimulatorSettings, SourceSettings, StorageSettings
from edge.daemon import Monitor
from edge.frontends import open_source
from edge.inference import load_classifier
from edge.mqtt.client import MqttClient
from edge.storage.outbox import Outbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("shipped_model")


class Run:
    """A monitor on a thread."""

    def __init__(self, settings: Settings, folder: Path, *, spoil: Callable[[Monitor], None] | None = None) -> None:
        self.error: BaseException | None = None
        self.monitor: Monitor | None = None
        self._stop = threading.Event()
        self._settings, self._folder, self._spoil = settings, folder, spoil
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def end(self) -> None:
        self._stop.set()
        self._thread.join(20)

    def _run(self) -> None:
        settings = self._settings
        with Outbox(self._folder, max_bytes=1_000_000) as outbox:
            client = MqttClient(settings.mqtt, settings.device.id, outbox)
            source = open_source(settings.source)
            monitor = Monitor(settings, source, load_classifier(), client, outbox, stop=self._stop)
            if self._spoil is not None:
                self._spoil(monitor)
            client.start()
            self.monitor = monitor
            try:
                monitor.run()
            except RuntimeError as error:
                self.error = error


@pytest.fixture
def start(mosquitto: Any, tmp_path: Path) -> Iterator[Callable[..., Run]]:
    runs: list[Run] = []

    def run(scenario: str, **options: Any) -> Run:
        settings = Settings(
            device=DeviceSettings(id="bed-3"),
            source=SourceSettings(kind="simulator", simulator=SimulatorSettings(scenario=scenario, speed=10.0)),
            mqtt=MqttSettings(host="127.0.0.1", port=mosquitto.port),
            storage=StorageSettings(directory=str(tmp_path / "storage")),
        )
        runs.append(Run(settings, tmp_path / "storage", **options))
        return runs[-1]

    yield run
    for each in runs:
        each.end()


def events(listener: Any, kind: str) -> list[dict[str, Any]]:
    return [event for event in listener.bodies("event") if event["kind"] == kind]


def test_the_button_marks_an_event(start: Callable[..., Run], listen: Any, wait_until: Any) -> None:
    listener = listen()
    run = start("normal:600")
    wait_until(lambda: listener.bodies("vitals"))
    assert run.monitor is not None
    run.monitor.press_button()
    wait_until(lambda: events(listener, "patient_event"))
    event = events(listener, "patient_event")[0]
    assert event["evidence"]["source"] == "button"
    assert event["onset_index"] > 0
    assert listener.bodies("reply") == []  # nobody asked over MQTT


def test_a_pipeline_that_fails_is_an_alarm_that_stays(start: Callable[..., Run], listen: Any, wait_until: Any) -> None:
    def spoil(monitor: Monitor) -> None:
        def fail(_block: object) -> list[Any]:
            raise RuntimeError("a mistake of ours")

        monitor._pipeline.push = fail

    listener = listen()
    run = start("normal:600", spoil=spoil)
    wait_until(lambda: listener.payloads("ecg/bed-3/status")[-1:] == [b"offline"])
    run.end()
    assert isinstance(run.error, RuntimeError)
    (event,) = events(listener, "no_samples")
    assert event["evidence"]["cause"] == "a mistake of ours"
    assert [alarm["kind"] for alarm in listener.bodies("alarms")[-1]["alarms"]] == ["no_samples"]
