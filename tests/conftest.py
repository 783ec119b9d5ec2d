"""Fixtures for all tests: recordings, the daemon as a process of its own, a Mosquitto, a small disk."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import settings

from edge.config import DeviceSettings, MqttSettings, Settings, SourceSettings, StorageSettings, render
from edge.inference.classifier import shipped_path
from tests.support.broker import Broker, mosquitto_program
from tests.support.caregiver import Caregiver
from tests.support.daemon import Daemon
from tests.support.disk import SmallDisk
from tests.support.waiting import SLOWNESS, free_port, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


settings.register_profile("ecg-edge", deadline=None, max_examples=max(5, round(100 / SLOWNESS)))  # busy is no failure
settings.load_profile("ecg-edge")

RECORDINGS = Path(os.environ.get("ECG_EDGE_RECORDINGS") or Path(__file__).parents[1] / "recordings")
DATABASES = ("mitdb", "svdb", "vfdb")
DEVICE = "bed-3"


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
    """Give a function that starts a daemon with a settings file."""
    daemons: list[Daemon] = []

    def start(config: Path, environment: dict[str, str] | None = None) -> Daemon:
        daemons.append(Daemon(config, tmp_path / f"daemon-{len(daemons)}.log", environment))
        return daemons[-1]

    yield start
    for daemon in daemons:
        daemon.kill()


@pytest.fixture(name="wait_until")
def wait_until_fixture() -> Callable[..., None]:
    """Give `wait_until(condition, timeout_s=...)`."""
    return wait_until


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """A small disk that can be filled; needs the right to mount one."""
    disk = SmallDisk(tmp_path / "disk")
    refusal = disk.mount()
    if refusal:
        pytest.skip(f"a small disk cannot be mounted here: {refusal}")
    yield disk
    disk.unmount()


@pytest.fixture
def closed_port() -> int:
    """Give a loopback port on which nothing listens."""
    return free_port()


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Broker]:
    """A broker that is running and lets anybody in."""
    if mosquitto_program() is None:
        pytest.skip("mosquitto is not installed (Debian package mosquitto)")
    broker = Broker(tmp_path / "mosquitto")
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def listen(mosquitto: Broker) -> Iterator[Callable[..., Caregiver]]:
    """Give a function that connects one more caregiver to the broker."""
    caregivers: list[Caregiver] = []

    def connect(**credentials: str) -> Caregiver:
        caregivers.append(Caregiver(mosquitto.port, DEVICE, **credentials))
        return caregivers[-1]

    yield connect
    for caregiver in caregivers:
        caregiver.close()


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
