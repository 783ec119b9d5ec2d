"""Fixtures for all tests: recordings, the daemon as a process of its own, a Mosquitto, a small disk."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import settings
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from edge.config import DeviceSettings, MqttSettings, Settings, SourceSettings, StorageSettings, render
from edge.inference.classifier import shipped_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


SLOWNESS = float(os.environ.get("ECG_EDGE_TEST_SLOWNESS") or 1)
"""Of this machine, a small or an emulated one: a test waits so much longer, hypothesis tries so much less."""

settings.register_profile("ecg-edge", deadline=None, max_examples=max(5, round(100 / SLOWNESS)))  # busy is no failure
settings.load_profile("ecg-edge")

RECORDINGS = Path(os.environ.get("ECG_EDGE_RECORDINGS") or Path(__file__).parents[1] / "recordings")


DATABASES = ("mitdb", "svdb", "vfdb")


@pytest.fixture(scope="session")
def recordings() -> Path:
    """The folder that holds mitdb/, svdb/ and vfdb/; tests that need it skip without it."""
    missing = [name for name in DATABASES if not any((RECORDINGS / name).glob("*.hea"))]
    if missing:
        pytest.skip(f"no {', '.join(missing)} in {RECORDINGS}: name the folder that holds them in ECG_EDGE_RECORDINGS")
    return RECORDINGS


@pytest.fixture
def shipped_model() -> Path:
    """Give the model that ships."""
    return shipped_path()


PATIENCE_S = 20.0
DEVICE = "bed-3"


def wait_until(condition: Callable[[], object], *, timeout_s: float = PATIENCE_S) -> None:
    """Wait for something that is to happen soon; a test fails here if it does not."""
    deadline_s = time.monotonic() + timeout_s * SLOWNESS
    while not condition():
        assert time.monotonic() < deadline_s, "waited in vain"
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Mosquitto:
    """A mosquitto process that can be stopped and started again on the same port."""

    def __init__(self, program: str, folder: Path) -> None:
        self.port = free_port()
        self._program = program
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.configure("allow_anonymous true")

    def configure(self, *lines: str) -> None:
        common = [f"listener {self.port} 127.0.0.1", "persistence true", f"persistence_location {self._folder}/"]
        if os.geteuid() == 0:
            common.append("user root")  # else it becomes a user who cannot read this folder
        (self._folder / "mosquitto.conf").write_text("\n".join([*common, *lines, ""]))

    def start(self) -> None:
        command = [self._program, "-c", str(self._folder / "mosquitto.conf")]
        with (self._folder / "mosquitto.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        wait_until(self._answers)

    def stop(self, number: int = signal.SIGTERM) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


class Listener:
    """A caregiver's client: keeps every message under `ecg/`, also what came while the broker or itself was away."""

    def __init__(self, port: int, **credentials: str) -> None:
        self.messages: list[paho.MQTTMessage] = []
        self._ready = False
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=f"listener-{id(self)}", protocol=MQTTProtocolVersion.MQTTv5
        )
        if credentials:
            self._client.username_pw_set(**credentials)
        self._client.on_connect = lambda client, *_: client.subscribe("ecg/#", qos=1)
        self._client.on_subscribe = lambda *_: setattr(self, "_ready", True)
        self._client.on_message = lambda _client, _data, message: self.messages.append(message)
        keep = Properties(PacketTypes.CONNECT)
        keep.SessionExpiryInterval = 600
        self._client.connect("127.0.0.1", port, clean_start=False, properties=keep)
        self._client.loop_start()
        wait_until(lambda: self._ready)

    def payloads(self, topic: str) -> list[bytes]:
        return [message.payload for message in list(self.messages) if message.topic == topic]

    def bodies(self, name: str) -> list[dict[str, Any]]:
        """Give the JSON of what came below the daemon's root."""
        return [json.loads(payload) for payload in self.payloads(f"ecg/{DEVICE}/{name}")]

    def command(self, verb: str, payload: bytes | dict[str, Any] = b"", *, retain: bool = False, **values: Any) -> None:
        """Give the daemon a command; `values` are MQTT 5 properties."""
        properties = Properties(PacketTypes.PUBLISH)
        for name, value in values.items():
            setattr(properties, name, value)
        data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        self._client.publish(f"ecg/{DEVICE}/cmd/{verb}", data, qos=1, retain=retain, properties=properties)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


class Daemon:
    """A process of `ecg-edge run`."""

    def __init__(self, config: Path, log: Path, environment: dict[str, str] | None = None) -> None:
        self._log = log
        with log.open("ab") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "edge.cli", "run", str(config)], stderr=stderr, env=environment
            )

    @property
    def log(self) -> str:
        return self._log.read_text()

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(20)


@pytest.fixture
def configure(tmp_path: Path) -> Callable[..., Path]:
    """Give a function that writes a settings file for a broker's port, a source, and further sections."""

    def write(port: int, source: SourceSettings, **sections: Any) -> Path:
        settings = Settings(
            device=DeviceSettings(id=DEVICE),
            source=source,
            mqtt=MqttSettings(host="127.0.0.1", port=port),
            storage=StorageSettings(directory=str(tmp_path / "storage")),
            **sections,
        )
        path = tmp_path / "edge.toml"
        path.write_text(render(settings))
        return path

    return write


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Callable[..., Daemon]]:
    daemons: list[Daemon] = []

    def start(config: Path, environment: dict[str, str] | None = None) -> Daemon:
        daemons.append(Daemon(config, tmp_path / f"daemon-{len(daemons)}.log", environment))
        return daemons[-1]

    yield start
    for daemon in daemons:
        daemon.process.kill()
        daemon.process.wait()


@pytest.fixture(name="wait_until")
def wait_until_fixture() -> Callable[..., None]:
    """Give `wait_until(condition, timeout_s=...)`."""
    return wait_until


PAGE = 4096  # what a file on a tmpfs takes at least


class SmallDisk:
    """A disk of 512 pages, mounted for one test."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def only_free(self, pages: int) -> Iterator[None]:
        """Fill the disk up to so many pages."""
        ballast = self.path / "ballast"
        state = os.statvfs(self.path)
        try:
            ballast.write_bytes(bytes((state.f_bavail - pages) * state.f_frsize))
        except OSError as error:  # the monitor wrote meanwhile: it is as full as can be
            if error.errno != errno.ENOSPC:
                raise
        yield
        ballast.unlink()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """A small disk that can be filled; needs the right to mount one."""
    path = tmp_path / "disk"
    path.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={512 * PAGE}", "tmpfs", str(path)]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
    yield SmallDisk(path)
    subprocess.run(["umount", "--lazy", str(path)], check=True)


@pytest.fixture
def closed_port() -> int:
    """Give a loopback port on which nothing listens."""
    return free_port()


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    """A broker that is running and lets anybody in."""
    program = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
    if program is None:
        pytest.skip("mosquitto is not installed (Debian package mosquitto)")
    folder = tmp_path / "mosquitto"
    folder.mkdir()
    broker = Mosquitto(program, folder)
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def listen(mosquitto: Mosquitto) -> Iterator[Callable[[], Listener]]:
    """Give a function that connects one more caregiver to the broker."""
    listeners: list[Listener] = []

    def connect(**credentials: str) -> Listener:
        listeners.append(Listener(mosquitto.port, **credentials))
        return listeners[-1]

    yield connect
    for listener in listeners:
        listener.close()


def rounded_digest(*arrays: np.ndarray) -> str:
    """SHA-256, 16 digits, of arrays in steps of a millionth: the same on processors that round their last bit apart."""
    whole = hashlib.sha256()
    for values in arrays:
        steps = values if values.dtype.kind in "biuU" else np.rint(values.astype(np.float64) * 1e6)
        whole.update(str(values.shape).encode())
        whole.update(",".join(map(str, steps.ravel().tolist())).encode())
    return whole.hexdigest()[:16]


@pytest.fixture(name="rounded_digest")
def rounded_digest_fixture() -> Callable[..., str]:
    """Give `rounded_digest(*arrays)`: what must not change by a millionth is held by such digests."""
    return rounded_digest
