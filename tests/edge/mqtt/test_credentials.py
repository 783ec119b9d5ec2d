"""The credentials that `make-credentials` creates, and the client's log lines about wrong ones."""

from __future__ import annotations

import logging
import shutil
import stat
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from edge.config import MqttSettings
from edge.mqtt.client import MqttClient
from edge.mqtt.credentials import credential_path
from edge.storage.outbox import Outbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# paho leaves the socket of a failed handshake to the collector
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
def connect(
    shipped_broker: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> Iterator[Callable[..., MqttClient]]:
    """Give a function that starts the client of pi-1, with what the settings say otherwise."""
    caplog.set_level(logging.INFO)
    with Outbox(tmp_path / "storage", max_bytes=1_000_000) as outbox:
        clients: list[MqttClient] = []

        def start(**otherwise: Any) -> MqttClient:
            settings = {
                "host": "127.0.0.1",
                "port": shipped_broker.port,
                "tls": True,
                "ca_file": shipped_broker.ca_file,
                "username": "pi-1",
                "password_file": shipped_broker.password_file("pi-1"),
            }
            clients.append(MqttClient(MqttSettings(**(settings | otherwise)), "pi-1", outbox))
            clients[-1].start()
            return clients[-1]

        yield start
        for client in clients:
            client.stop(2.0)


def complaint(client: MqttClient, caplog: pytest.LogCaptureFixture, wait_until: Callable[..., None]) -> str:
    """The one line that is logged of a broker that cannot be used."""

    def lines() -> list[str]:
        return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]

    wait_until(lines)
    assert not client.connected.is_set()
    (line,) = lines()
    assert "\n" not in line
    return line


def test_a_device_connects_with_its_new_credentials(
    connect: Callable[..., MqttClient], wait_until: Callable[..., None]
) -> None:
    wait_until(connect().connected.is_set)
    wait_until(connect(host="localhost").connected.is_set)


def test_a_wrong_password_is_one_log_line(
    connect: Callable[..., MqttClient], caplog: pytest.LogCaptureFixture, wait_until: Any, shipped_broker: Any
) -> None:
    client = connect(password_file=shipped_broker.password_file("pi-2"))
    line = complaint(client, caplog, wait_until)
    assert "it does not authorise this monitor: check mqtt.username and mqtt.password_file" in line


def test_a_wrong_ca_is_one_log_line(
    connect: Callable[..., MqttClient], caplog: pytest.LogCaptureFixture, wait_until: Any, tmp_path: Path
) -> None:
    other = tmp_path / "other.crt"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=other", "-keyout", "/dev/null"]
    subprocess.run([*command, "-out", str(other)], check=True, capture_output=True)
    line = complaint(connect(ca_file=str(other)), caplog, wait_until)
    assert "its certificate cannot be verified" in line
    assert "mqtt.ca_file must be the broker's CA" in line


@pytest.mark.parametrize(
    ("since", "until", "otherwise", "trouble"),
    [
        pytest.param(
            *("20200101000000Z", "20210101000000Z", {}),
            "its certificate has expired: renew it at the broker, or set this machine's clock",
            id="expired",
        ),
        pytest.param(
            *("20900101000000Z", "20910101000000Z", {}),
            "its certificate is not valid yet: set this machine's clock",
            id="clock in the past",
        ),
        pytest.param(
            *("20200101000000Z", "20900101000000Z", {"host": "localhost"}),
            "its certificate is for another name: set mqtt.host to the name in it",
            id="another name",
        ),
    ],
)
def test_a_wrong_broker_certificate_is_one_log_line(
    *,
    connect: Callable[..., MqttClient],
    caplog: pytest.LogCaptureFixture,
    wait_until: Any,
    shipped_broker: Any,
    mosquitto: Any,
    since: str,
    until: str,
    otherwise: dict[str, str],
    trouble: str,
) -> None:
    mosquitto.stop()
    sign(shipped_broker.made, since, until)
    mosquitto.start()
    assert trouble in complaint(connect(**otherwise), caplog, wait_until)


def sign(made: Path, start: str, end: str) -> None:
    """Have the CA that was made sign the broker's key anew, for another time."""
    certificate = made / "broker" / "server.crt"
    extensions = made / "extensions"
    extensions.write_text("subjectAltName = IP:127.0.0.1\n")
    (made / "index").touch()
    (made / "ca.conf").write_text(
        f"[ca]\ndefault_ca = it\n[it]\ndatabase = {made}/index\nnew_certs_dir = {made}\npolicy = any\n"
        "default_md = sha256\nrand_serial = yes\n[any]\ncommonName = supplied\n"
    )
    request = made / "request"
    key = ["-key", str(made / "broker" / "server.key")]
    subprocess.run(["openssl", "req", "-new", "-subj", "/CN=other", *key, "-out", request], check=True)
    authority = ["-cert", made / "ca.crt", "-keyfile", made / "ca.key", "-config", made / "ca.conf"]
    times = ["-startdate", start, "-enddate", end, "-extfile", extensions]
    command = ["openssl", "ca", "-batch", "-notext", *authority, *times, "-in", request, "-out", certificate]
    subprocess.run(command, check=True, capture_output=True)


def test_existing_files_are_overwritten_only_on_request(make_credentials: Callable[..., Any], tmp_path: Path) -> None:
    made = tmp_path / "credentials"
    assert make_credentials("broker", "localhost").returncode == 0
    assert make_credentials("user", "pi-1").returncode == 0
    before = {path: path.read_bytes() for path in made.rglob("*") if path.is_file()}
    for again in (("broker", "localhost"), ("user", "pi-1")):
        answer = make_credentials(*again)
        assert answer.returncode == 2
        assert "exists already" in answer.stderr
        assert {path: path.read_bytes() for path in made.rglob("*") if path.is_file()} == before
    assert make_credentials("--renew", "user", "pi-1").returncode == 0
    assert make_credentials("--renew", "broker", "localhost").returncode == 0
    changed = {path.name for path, content in before.items() if path.read_bytes() != content}
    assert changed == {"password", "passwords", "server.crt", "server.key"}  # the CA stays: the monitors know it
    assert len((made / "broker" / "passwords").read_text().splitlines()) == 1


def test_only_the_owner_can_read_secrets(make_credentials: Callable[..., Any], tmp_path: Path) -> None:
    make_credentials("broker", "localhost")
    make_credentials("user", "pi-1")
    made = tmp_path / "credentials"
    for secret in ("ca.key", "broker/server.key", "broker/passwords", "users/pi-1/password"):
        assert stat.S_IMODE((made / secret).stat().st_mode) == 0o600
    assert stat.S_IMODE(made.stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["+", "#", "a/b", "a:b", "", "a\nb:c"])
def test_a_user_whose_name_would_be_a_wildcard_or_another_line_is_refused(
    make_credentials: Callable[..., Any], tmp_path: Path, name: str
) -> None:
    make_credentials("broker", "localhost")
    assert make_credentials("user", name).returncode == 2
    assert not (tmp_path / "credentials" / "broker" / "passwords").exists()


def test_openssl_accepts_the_certificate(make_credentials: Callable[..., Any], tmp_path: Path) -> None:
    make_credentials("broker", "broker.local", "192.168.1.10", "fd00::1")
    made = tmp_path / "credentials"
    openssl = shutil.which("openssl")
    assert openssl is not None
    for check in (["-verify_hostname", "broker.local"], ["-verify_ip", "192.168.1.10"], ["-verify_ip", "fd00::1"]):
        command = [openssl, "verify", "-x509_strict", "-purpose", "sslserver", *check]
        subprocess.run([*command, "-CAfile", made / "ca.crt", made / "broker" / "server.crt"], check=True)


def test_a_bare_name_is_a_systemd_credential_or_a_file_of_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    assert credential_path("/a/ca.crt") == Path("/a/ca.crt")
    assert credential_path("ca.crt") == Path("/etc/ecg-edge/credentials/ca.crt")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", "/run/credentials/ecg-edge.service")
    assert credential_path("ca.crt") == Path("/run/credentials/ecg-edge.service/mqtt_ca.crt")
    assert credential_path("./ca.crt") == Path("ca.crt")
