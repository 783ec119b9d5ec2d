"""Broker with the shipped access list, model, and exit codes: the doctor as a real process without hardware."""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ecg.errors import ExitCode
from ecg.model_file.container import pack
from ecg.model_file.golden import Golden
from edge.config import (
    DeviceSettings,
    ModelSettings,
    MqttSettings,
    Settings,
    SimulatorSettings,
    SourceSettings,
    StorageSettings,
)
from edge.inference import read

if TYPE_CHECKING:
    from collections.abc import Callable

    RunDoctor = Callable[[Settings], tuple[int, dict[str, dict[str, Any]]]]

ACL = Path(__file__).parents[3] / "firmware_config" / "ecg-edge.acl"


@pytest.fixture
def guarded(mosquitto: Any, tmp_path: Path) -> Any:
    """Give a broker with the shipped access list and the users pi-1 and pi-2, whose passwords are their names."""
    tool = shutil.which("mosquitto_passwd") or shutil.which("mosquitto_passwd", path="/usr/bin")
    if tool is None:
        pytest.skip("mosquitto_passwd is not installed (Debian package mosquitto)")
    passwords = tmp_path / "passwords"
    passwords.touch(mode=0o600)
    for name in ("pi-1", "pi-2"):
        subprocess.run([tool, "-b", str(passwords), name, name], check=True, capture_output=True)
    mosquitto.stop()
    mosquitto.configure("allow_anonymous false", f"password_file {passwords}", f"acl_file {ACL}")
    mosquitto.start()
    return mosquitto


def settings(tmp_path: Path, port: int, *, user: str = "", password: str = "", model: Path | str = "") -> Settings:
    secret = tmp_path / "password"
    secret.write_text(password)
    return Settings(
        device=DeviceSettings(id="pi-1"),
        model=ModelSettings(path=str(model)),
        mqtt=MqttSettings(host="127.0.0.1", port=port, username=user, password_file=str(secret) if password else ""),
        storage=StorageSettings(directory=str(tmp_path / "storage"), recording_leave_free_mb=0),
    )


@pytest.mark.usefixtures("shipped_model")
def test_a_device_with_its_own_account_passes_and_without_hardware_says_so(
    guarded: Any, tmp_path: Path, run_doctor: RunDoctor
) -> None:
    code, checks = run_doctor(settings(tmp_path, guarded.port, user="pi-1", password="pi-1"))
    assert code == ExitCode.DONE
    assert checks["broker"]["outcome"] == checks["broker access"]["outcome"] == "passed"
    assert "cannot write those of others" in checks["broker access"]["found"]
    for name in ("SPI device", "chip id", "electrodes"):
        assert checks[name]["outcome"] == "skipped"
        assert checks[name]["found"] == 'source.kind is "simulator": no hardware is used'
    assert not (tmp_path / "storage").exists()  # looking changes nothing


def test_a_device_with_the_account_of_another_is_pointed_to_the_access_list(
    guarded: Any, tmp_path: Path, run_doctor: RunDoctor
) -> None:
    code, checks = run_doctor(settings(tmp_path, guarded.port, user="pi-2", password="pi-2"))
    assert code == ExitCode.NETWORK
    assert checks["broker"]["outcome"] == "passed"
    assert "refuses messages to ecg/pi-1/" in checks["broker access"]["found"]
    assert "not authorized" in checks["broker access"]["found"]
    assert "mqtt.username must be the same as device.id" in checks["broker access"]["advice"]


def test_a_wrong_password_is_named(guarded: Any, tmp_path: Path, run_doctor: RunDoctor) -> None:
    code, checks = run_doctor(settings(tmp_path, guarded.port, user="pi-1", password="wrong"))
    assert code == ExitCode.NETWORK
    assert checks["broker"]["advice"].startswith("check mqtt.username and mqtt.password_file")
    assert checks["broker access"]["found"] == '"broker" failed'


def test_a_broker_that_lets_anybody_write_everything_is_a_warning(
    mosquitto: Any, listen: Any, tmp_path: Path, run_doctor: RunDoctor
) -> None:
    listener = listen()
    code, checks = run_doctor(settings(tmp_path, mosquitto.port))
    assert code == ExitCode.DONE
    assert checks["broker access"]["outcome"] == "warning"
    assert "ecg-edge.acl" in checks["broker access"]["advice"]
    topics = {message.topic for message in listener.messages}
    assert topics == {"ecg/pi-1/cmd/doctor/probe", "ecg/pi-1-not/cmd/doctor/probe"}  # no status, no will, no command
    assert not any(message.retain for message in listener.messages)


def test_no_broker_is_named(closed_port: int, tmp_path: Path, run_doctor: RunDoctor) -> None:
    code, checks = run_doctor(settings(tmp_path, closed_port))
    assert code == ExitCode.NETWORK
    assert "nothing listens there" in checks["broker"]["found"]
    assert "check mqtt.port" in checks["broker"]["advice"]


def test_a_model_with_different_outputs_for_its_golden_beats_is_named(
    mosquitto: Any, shipped_model: Path, tmp_path: Path, run_doctor: RunDoctor
) -> None:
    model = read(shipped_model)
    other = tmp_path / "model.tflite"
    other.write_bytes(pack(model.flatbuffer, model.card, Golden(model.golden.inputs, model.golden.outputs[:, ::-1])))
    code, checks = run_doctor(settings(tmp_path, mosquitto.port, model=other))
    assert code == ExitCode.CHECK_FAILED
    assert checks["model file"]["outcome"] == "passed"
    assert "golden beat 1" in checks["golden beats"]["found"]
    assert "runtime" in checks["golden beats"]["advice"]
    assert checks["model speed"]["outcome"] == "skipped"


def test_a_model_that_was_damaged_is_named(
    closed_port: int, shipped_model: Path, tmp_path: Path, run_doctor: RunDoctor
) -> None:
    content = bytearray(shipped_model.read_bytes())
    content[len(content) // 3] ^= 0x10
    other = tmp_path / "model.tflite"
    other.write_bytes(content)
    code, checks = run_doctor(settings(tmp_path, closed_port, model=other))
    assert code == ExitCode.NETWORK  # which wins over the model
    assert checks["model file"]["outcome"] == "failed"
    assert "SHA-256" in checks["model file"]["found"]
    assert checks["golden beats"]["found"] == '"model file" failed'


def test_a_model_that_no_trusted_key_signed_is_named(
    closed_port: int, shipped_model: Path, tmp_path: Path, run_doctor: RunDoctor
) -> None:
    keys = pytest.importorskip("converter.release.keys")
    (tmp_path / "keys").mkdir()
    keys.generate(tmp_path / "clinic")
    shutil.move(tmp_path / "clinic.pub", tmp_path / "keys" / "clinic.pub")
    model = shutil.copy(shipped_model, tmp_path / "model.tflite")
    chosen = ModelSettings(path=str(model), trusted_keys=str(tmp_path / "keys"))
    device = dataclasses.replace(settings(tmp_path, closed_port), model=chosen)
    _, checks = run_doctor(device)
    assert checks["model file"]["outcome"] == "failed"
    assert "it is not signed" in checks["model file"]["found"]
    assert "ecg-converter sign" in checks["model file"]["advice"]
    keys.sign(model, tmp_path / "clinic")
    _, checks = run_doctor(device)
    assert checks["model file"]["outcome"] == checks["golden beats"]["outcome"] == "passed"
    assert "signed by clinic" in checks["model file"]["found"]


@pytest.mark.usefixtures("shipped_model")
def test_a_running_monitor_keeps_its_connection_and_is_asked(
    *, mosquitto: Any, listen: Any, tmp_path: Path, configure: Any, launch: Any, wait_until: Any, run_doctor: RunDoctor
) -> None:
    source = SourceSettings(kind="simulator", simulator=SimulatorSettings(scenario="normal:6000"))
    launch(configure(mosquitto.port, source)).wait_ready()
    listener = listen()
    wait_until(lambda: b"online" in listener.payloads("ecg/bed-3/status"))
    config = settings(tmp_path, mosquitto.port)
    _, checks = run_doctor(config)
    assert "the running monitor is connected to" in checks["broker"]["found"]
    assert checks["broker access"]["outcome"] == "skipped"
    assert not [message for message in listener.messages if "doctor" in message.topic]
