"""A broker with the shipped settings, access list and credentials."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from firmware_config import DIRECTORY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

USERS = ("pi-1", "pi-2", "caregiver", "homeassistant", "stranger")
SECOND_CAREGIVER = "ward-phone"


@dataclass(frozen=True, slots=True)
class ShippedBroker:
    """A broker on a port of the loopback, and the folder of `make-credentials`."""

    port: int
    made: Path

    @property
    def ca_file(self) -> str:
        return str(self.made / "ca.crt")

    def password_file(self, user: str) -> str:
        return str(self.made / "users" / user / "password")


@pytest.fixture
def make_credentials(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Give a function that runs the script on the folder `credentials`."""
    for program in ("openssl", "mosquitto_passwd"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed (Debian packages openssl and mosquitto)")

    def make(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(DIRECTORY / "make-credentials"), "-d", str(tmp_path / "credentials"), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    return make


@pytest.fixture
def shipped_broker(mosquitto: Any, make_credentials: Callable[..., Any], tmp_path: Path) -> ShippedBroker:
    """A broker as `firmware_config/mosquitto.conf` sets it up, but for its port and the folder of its files."""
    make_credentials("broker", "localhost", "127.0.0.1")
    for user in USERS:
        assert make_credentials("user", user).returncode == 0
    assert make_credentials("caregiver", SECOND_CAREGIVER).returncode == 0
    made = tmp_path / "credentials"
    shipped = (DIRECTORY / "mosquitto.conf").read_text()
    for there, here in (
        ("/etc/mosquitto/certs/", f"{made}/broker/"),
        ("/etc/mosquitto/passwords", f"{made}/broker/passwords"),
        ("/etc/mosquitto/ecg-edge.acl", f"{made}/broker/ecg-edge.acl"),
    ):
        assert there in shipped
        shipped = shipped.replace(there, here)
    mosquitto.stop()
    mosquitto.configure(*(line for line in shipped.splitlines() if not line.startswith(("listener", "persistence "))))
    mosquitto.start()
    return ShippedBroker(mosquitto.port, made)
