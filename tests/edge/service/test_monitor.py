"""A monitor in this process: the button, and the watchdog when a part fails or hangs."""

from __future__ import annotations

import signal
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from edge.config import DeviceSettings, MqttSettings, Settings, SimulatorSettings, SourceSettings, StorageSettings
from edge.frontends import open_source
from edge.frontends.acquisition.live import LiveSource
from edge.inference import load_classifier
from edge.mqtt.client import MqttClient
from edge.service.daemon import Monitor
from edge.storage.outbox import Outbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ecg.source import Source

pytestmark = pytest.mark.usefixtures("shipped_model")


class Run:
    """A monitor on a thread."""

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        *,
        source: Source | None = None,
        spoil: Callable[[Monitor], None] | None = None,
    ) -> None:
        self.error: BaseException | None = None
        self.monitor: Monitor | None = None
        self._stop = threading.Event()
        self._settings, self._folder, self._spoil = settings, folder, spoil
        self._source = source or open_source(settings.source)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def end(self) -> None:
        self._stop.set()
        self._thread.join(20)

    def _run(self) -> None:
        settings = self._settings
        with Outbox(self._folder, max_bytes=1_000_000) as outbox:
            client = MqttClient(settings.mqtt, settings.device.id, outbox)
            monitor = Monitor(settings, self._source, load_classifier(), client, outbox, stop=self._stop)
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

    def run(scenario: str = "normal:600", *, kind: Any = "simulator", **options: Any) -> Run:
        settings = Settings(
            device=DeviceSettings(id="bed-3"),
            source=SourceSettings(kind=kind, simulator=SimulatorSettings(scenario=scenario, speed=10.0)),
            mqtt=MqttSettings(host="127.0.0.1", port=mosquitto.port),
            storage=StorageSettings(directory=str(tmp_path / "storage")),
        )
        runs.append(Run(settings, tmp_path / "storage", **options))
        return runs[-1]

    yield run
    for each in runs:
        each.end()


class Manager:
    """What systemd would hear, its watchdog set to 0.2 s."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.settimeout(20)

    def hear(self, state: str) -> None:
        """Wait for a state that begins so."""
        while not self._socket.recv(500).decode().startswith(state):
            pass

    def is_fed(self) -> bool:
        """Whether it is fed within five times its patience."""
        self._socket.settimeout(1.0)
        until_s = time.monotonic() + 1.0
        try:
            while self._socket.recv(500) != b"WATCHDOG=1" and time.monotonic() < until_s:
                pass
        except TimeoutError:
            return False
        return time.monotonic() < until_s

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Manager]:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    monkeypatch.setenv("WATCHDOG_USEC", "200000")
    found = Manager(tmp_path / "notify")
    yield found
    found.close()


def failing_front_end() -> LiveSource:
    """A front end whose acquisition process dies again and again."""
    return LiveSource(SourceSettings(kind="ads1292"), name="front end", rate_hz=500, command=["false"])


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

        monitor._stream._pipeline.push = fail

    listener = listen()
    run = start("normal:600", spoil=spoil)
    wait_until(lambda: listener.payloads("ecg/bed-3/status")[-1:] == [b"offline"])
    run.end()
    assert isinstance(run.error, RuntimeError)
    (event,) = events(listener, "no_samples")
    assert event["evidence"]["cause"] == "a mistake of ours"
    assert [alarm["kind"] for alarm in listener.bodies("alarms")[-1]["alarms"]] == ["no_samples"]


def test_a_dead_acquisition_process_is_an_alarm_and_its_recovery_gets_time(
    start: Callable[..., Run], listen: Any, wait_until: Any, manager: Manager
) -> None:
    listener = listen()
    start(kind="ads1292", source=failing_front_end())
    wait_until(lambda: events(listener, "no_samples"))
    event = events(listener, "no_samples")[0]
    assert (event["priority"], event["state"]) == ("medium", "opened")
    assert event["evidence"]["cause"] == "the acquisition process ended with status 1"
    assert events(listener, "samples_lost") == []
    manager.hear("STATUS=the acquisition process ended with status 1")
    manager.hear("WATCHDOG=1")
    manager.hear("WATCHDOG=1")


def test_a_failed_recovery_is_left_to_systemd(
    start: Callable[..., Run], wait_until: Any, manager: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.service.supervision.RECOVERY_S", 3.0)
    start(kind="ads1292", source=failing_front_end())
    manager.hear("WATCHDOG=1")
    wait_until(lambda: not manager.is_fed())


def test_a_pipeline_that_hangs_feeds_no_watchdog(start: Callable[..., Run], wait_until: Any, manager: Manager) -> None:
    hang, go_on = threading.Event(), threading.Event()

    def spoil(monitor: Monitor) -> None:
        push = monitor._stream._pipeline.push

        def stuck(block: Any) -> list[Any]:
            if hang.is_set():
                go_on.wait()
            return push(block)

        monitor._stream._pipeline.push = stuck

    start("normal:600", spoil=spoil)
    manager.hear("WATCHDOG=1")
    manager.hear("WATCHDOG=1")
    hang.set()
    wait_until(lambda: not manager.is_fed())
    go_on.set()
    wait_until(manager.is_fed)


def test_the_next_run_reports_an_end_without_notice(
    *, mosquitto: Any, listen: Any, configure: Any, launch: Any, wait_until: Any
) -> None:
    listener = listen()
    source = SourceSettings(kind="simulator", simulator=SimulatorSettings(scenario="normal:600", speed=10.0))
    config = configure(mosquitto.port, source)
    first = launch(config)
    wait_until(lambda: listener.bodies("vitals"))
    assert first.stop() == 0
    second = launch(config)
    wait_until(lambda: len(listener.bodies("info")) >= 2)
    heard = len(listener.bodies("vitals"))
    wait_until(lambda: len(listener.bodies("vitals")) > heard)
    assert events(listener, "no_samples") == []
    second.stop(signal.SIGKILL)
    launch(config)
    wait_until(lambda: [event["state"] for event in events(listener, "no_samples")] == ["opened", "closed"])
    assert "stopped without notice" in events(listener, "no_samples")[0]["evidence"]["cause"]
