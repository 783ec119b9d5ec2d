"""A real Home Assistant finds the monitor, shows what it says, and loses sight of it when it stops.

    python benchmarks/home_assistant.py HOME_ASSISTANT/bin/python

The argument is the Python of an environment with the packages `homeassistant`, `home-assistant-frontend` and
`paho-mqtt` (it may be another version than this one). Starts mosquitto, Home Assistant with an empty configuration and
the MQTT integration, and `ecg-edge run` on the simulator; reads the entities through the REST API, as the app does.
First the discovery message is held against Home Assistant's own schemas. Prints what was seen; ends with 1 if a check
failed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode

sys.path.append(str(Path(__file__).parents[1]))  # for `tests.support`

from ecg.protocol.payloads import Info
from edge.config import (
    DeviceSettings,
    HomeAssistantSettings,
    MqttSettings,
    Settings,
    SimulatorSettings,
    SourceSettings,
    StorageSettings,
    render,
)
from edge.mqtt.homeassistant import discovery
from tests.support.broker import Broker
from tests.support.daemon import Daemon
from tests.support.waiting import free_port

if TYPE_CHECKING:
    from collections.abc import Callable

DEVICE = "bed-3"
SCENARIO = "normal:60,asystole:40,normal:30,electrode_off:60,normal:600"
CLIENT = "http://127.0.0.1/"
START_S, PATIENCE_S = 300.0, 120.0

SCHEMAS = """
import asyncio, json, sys
from importlib import import_module
from homeassistant.components.mqtt.schemas import DEVICE_DISCOVERY_SCHEMA
from homeassistant.const import __version__
from homeassistant.core import HomeAssistant
from homeassistant.helpers import frame

async def check(message):
    frame.async_setup(HomeAssistant("."))
    DEVICE_DISCOVERY_SCHEMA(message)
    shared = {key: message[key] for key in ("device", "origin", "availability_topic", "qos")}
    parts = [part for part in message["components"].values() if len(part) > 1]
    for part in parts:
        known = import_module("homeassistant.components.mqtt." + part["platform"]).DISCOVERY_SCHEMA(shared | part)
        left_out = set(part) - set(known) - {"platform"}
        assert not left_out, f"{part['name']}: unknown to Home Assistant: {left_out}"
    print(f"ok     Home Assistant {__version__}: the message and its {len(parts)} entities pass its schemas")

asyncio.run(check(json.load(sys.stdin)))
"""


class Api:
    """Home Assistant's REST API."""

    def __init__(self, port: int) -> None:
        self._root = f"http://127.0.0.1:{port}"
        self._token = ""

    def call(self, path: str, body: dict[str, Any] | None = None, *, form: bool = False) -> Any:
        """GET, or POST a body."""
        data = None if body is None else (urlencode(body) if form else json.dumps(body)).encode()
        request = urllib.request.Request(self._root + path, data)  # noqa: S310 - http, this machine
        request.add_header("Content-Type", "application/x-www-form-urlencoded" if form else "application/json")
        if self._token:
            request.add_header("Authorization", f"Bearer {self._token}")
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
            return json.load(answer)

    def answers(self) -> bool:
        """Whether it has started."""
        try:
            self.call("/api/onboarding")
        except (URLError, OSError, HTTPError, ValueError):
            return False
        return True

    def set_up(self, broker_port: int) -> None:
        """Make a user, log in, add the MQTT integration."""
        user = {"client_id": CLIENT, "name": "a", "username": "a", "password": "a caregiver", "language": "en"}
        code = self.call("/api/onboarding/users", user)["auth_code"]
        login = {"client_id": CLIENT, "grant_type": "authorization_code", "code": code}
        self._token = self.call("/auth/token", login, form=True)["access_token"]
        flow = self.call("/api/config/config_entries/flow", {"handler": "mqtt", "show_advanced_options": False})
        answer = {"broker": "127.0.0.1", "port": broker_port}
        done = self.call(f"/api/config/config_entries/flow/{flow['flow_id']}", answer)
        assert done["type"] == "create_entry", done

    def states(self) -> dict[str, dict[str, Any]]:
        """Give the device's entities by name."""
        mark = DEVICE.replace("-", "_")
        return {each["entity_id"]: each for each in self.call("/api/states") if mark in each["entity_id"]}

    def state(self, entity: str) -> str:
        """Give an entity's state; empty where there is no such entity."""
        return str(self.states().get(entity, {}).get("state", ""))

    def press(self, entity: str) -> None:
        """Press a button."""
        self.call("/api/services/button/press", {"entity_id": entity})


class Checks:
    """What was looked for, and whether it came."""

    def __init__(self) -> None:
        self.failed = 0

    def wait(self, text: str, condition: Callable[[], object], timeout_s: float = PATIENCE_S) -> None:
        """Wait for something that is to happen; say whether it did."""
        began_s = time.monotonic()
        while not (held := condition()) and time.monotonic() < began_s + timeout_s:
            time.sleep(0.5)
        self.failed += not held
        print(f"{'ok    ' if held else 'FAILED'} {text} ({time.monotonic() - began_s:.1f} s)", flush=True)


def main() -> int:
    """Run the checks; give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("python", type=Path, help="Python of an environment with Home Assistant")
    python = parser.parse_args().python
    check_schemas(python)
    checks = Checks()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        broker, web_port = Broker(folder / "broker"), free_port()
        broker.start()
        stack.callback(broker.stop)
        stack.callback(end, start_home_assistant(python, folder, web_port))
        api = Api(web_port)
        checks.wait("Home Assistant starts", api.answers, START_S)
        api.set_up(broker.port)
        config = folder / "edge.toml"
        config.write_text(render(settings_of(folder, broker.port, enabled=True)))
        daemon = Daemon(config)
        watch(api, checks)
        daemon.stop()
        entity = f"sensor.ecg_{DEVICE.replace('-', '_')}_heart_rate"
        checks.wait("a monitor that stopped is unavailable", lambda: api.state(entity) == "unavailable")
        config.write_text(render(settings_of(folder, broker.port, enabled=False)))
        stack.callback(Daemon(config).stop)
        checks.wait("disabled, the device is gone", lambda: not api.states())
        errors = [line for line in log(folder).splitlines() if "mqtt" in line and (" ERROR " in line or "WARN" in line)]
        checks.wait("Home Assistant logged nothing about MQTT", lambda: not errors, 0)
        print("\n".join(errors))
    return int(checks.failed > 0)


def watch(api: Api, checks: Checks) -> None:
    """Follow the scenario."""
    name = DEVICE.replace("-", "_")

    def entity(platform: str, key: str) -> str:
        return f"{platform}.ecg_{name}_{key}"

    def is_number(key: str, low: float, high: float) -> bool:
        try:
            return low < float(api.state(entity("sensor", key))) < high
        except ValueError:
            return False

    checks.wait("the device is found", lambda: len(api.states()) >= 18)
    checks.wait("heart rate 60 to 85", lambda: is_number("heart_rate", 60, 85))
    checks.wait("rhythm normal", lambda: api.state(entity("sensor", "rhythm")) == "normal")
    checks.wait("electrodes on", lambda: api.state(entity("binary_sensor", "electrode_contact")) == "on")
    checks.wait("signal quality over 50 %", lambda: is_number("signal_quality", 50, 101))
    checks.wait("no high alarm", lambda: api.state(entity("binary_sensor", "high_alarm")) == "off")
    show(api)
    checks.wait("a high alarm", lambda: api.state(entity("binary_sensor", "high_alarm")) == "on")
    checks.wait("its sentence", lambda: api.state(entity("sensor", "alarm")).startswith("No heartbeat"))
    checks.wait("no heart rate is unknown, not 0", lambda: api.state(entity("sensor", "heart_rate")) == "unknown")
    event = entity("event", "alarm_event")
    checks.wait("the event", lambda: api.states()[event]["attributes"].get("kind") == "asystole")
    print(f"       its delay: {api.states()[event]['attributes'].get('delay_s')} s")
    api.press(entity("button", "acknowledge_alarms"))
    acknowledged = entity("sensor", "active_alarms")
    checks.wait(
        "the button acknowledges", lambda: api.states()[acknowledged]["attributes"].get("unacknowledged") == 0, 20
    )
    checks.wait("the alarm ends", lambda: api.state(entity("binary_sensor", "high_alarm")) == "off")
    checks.wait("electrodes off", lambda: api.state(entity("binary_sensor", "electrode_contact")) == "off")
    checks.wait("a low alarm", lambda: api.state(entity("binary_sensor", "low_alarm")) == "on")
    checks.wait("heart rate unknown", lambda: api.state(entity("sensor", "heart_rate")) == "unknown")
    show(api)


def show(api: Api) -> None:
    """Print every entity."""
    for name, each in sorted(api.states().items()):
        print(f"       {name}: {each['state']} {each['attributes'].get('unit_of_measurement', '')}")


def check_schemas(python: Path) -> None:
    """Hold the discovery message against Home Assistant's schemas; an error of theirs ends the run."""
    info = Info(version="0", python="3", source="simulator", nominal_rate_hz=500.0)
    message = discovery(HomeAssistantSettings(), DEVICE, info, has_battery=True)
    subprocess.run([str(python), "-c", SCHEMAS], input=message.payload, check=True)


def settings_of(folder: Path, broker_port: int, *, enabled: bool) -> Settings:
    """Give the daemon's settings."""
    return Settings(
        device=DeviceSettings(id=DEVICE),
        source=SourceSettings(simulator=SimulatorSettings(scenario=SCENARIO)),
        mqtt=MqttSettings(host="127.0.0.1", port=broker_port),
        homeassistant=HomeAssistantSettings(enabled=enabled),
        storage=StorageSettings(directory=str(folder / "storage")),
    )


def start_home_assistant(python: Path, folder: Path, port: int) -> subprocess.Popen[bytes]:
    """Start Home Assistant with next to no configuration."""
    home = folder / "home"
    home.mkdir()
    (home / "configuration.yaml").write_text(
        f"http:\n  server_host: 127.0.0.1\n  server_port: {port}\nlogger:\n  default: warning\n"
    )
    path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"  # it calls `uv` to look for what it needs
    with (folder / "home.log").open("wb") as output:
        command = [str(python), "-m", "homeassistant", "-c", str(home)]
        return subprocess.Popen(command, stdout=output, stderr=output, env=os.environ | {"PATH": path})


def log(folder: Path) -> str:
    """Give what Home Assistant has logged."""
    return (folder / "home.log").read_text(errors="replace")


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process in order, or else."""
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


if __name__ == "__main__":
    sys.exit(main())
