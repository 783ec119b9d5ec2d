"""A press of the patient's button is one event, however its contacts bounce and however long it is held."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from simulated.bus import SimulatedButtonPins
from simulated.button import SimulatedButton
from simulated.clock import VirtualClock
from simulated.front_end import BUTTON
from simulated.front_end_file import FrontEndFile

from ecg.errors import ExitCode, InputError
from edge.annunciator.button import PressDetector, open_button
from edge.config import (
    AnnunciatorSettings,
    ButtonSettings,
    MqttSettings,
    Settings,
    SourceSettings,
    StorageSettings,
    parse,
    render,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def presses(moves: Sequence[tuple[float, bool]], *, until_s: float = 5.0, **bounces: Any) -> list[float]:
    """When presses are told, in s, if the button moves down (True) and up (False) at these times."""
    clock, button = VirtualClock(), SimulatedButton()
    began_ns = clock.now_ns()
    for when_s, down in moves:
        ns = began_ns + round(when_s * 1e9)
        clock.plan(ns, lambda ns=ns, down=down: button.move(ns, down=down, **bounces))  # type: ignore[misc]
    watched = PressDetector(SimulatedButtonPins(button, clock), BUTTON, clock)
    told = []
    while clock.now_ns() < began_ns + until_s * 1e9:
        if watched.wait_for_press(0.5):
            told.append((clock.now_ns() - began_ns) / 1e9)
    return told


@pytest.mark.parametrize("held_s", [0.06, 0.3, 3.0])
def test_a_press_counts_once_however_long_it_is(held_s: float) -> None:
    (told_s,) = presses([(1.0, True), (1.0 + held_s, False)])
    assert 1.0 < told_s < 1.1


def test_two_presses_count_twice() -> None:
    assert len(presses([(1.0, True), (1.2, False), (1.5, True), (1.7, False)])) == 2


@pytest.mark.parametrize(
    "bounces_ms", [(0.0,), (0.0, 2.0, 4.0), (0.0, 8.0, 16.0), (0.0, 3.0, 6.0, 9.0, 12.0, 15.0, 18.0)]
)
def test_a_press_counts_once_however_its_contacts_bounce(bounces_ms: tuple[float, ...]) -> None:
    assert len(presses([(1.0, True), (1.5, False)], bounces_ms=bounces_ms)) == 1


@pytest.mark.parametrize("bounces_ms", [(0.0, 0.1), (0.0, 4.0), (0.0, 0.1, 6.0, 6.1, 12.0, 12.1)])
def test_a_spark_on_the_wire_is_not_a_press(bounces_ms: tuple[float, ...]) -> None:
    assert presses([(1.0, True)], bounces_ms=bounces_ms) == []


def test_a_button_that_is_not_fitted_is_not_listened_to() -> None:
    assert open_button(ButtonSettings(), lambda: None) is None


def test_a_pin_of_the_buzzer_or_led_is_refused() -> None:
    clash = Settings(annunciator=AnnunciatorSettings(red_pin=5), button=ButtonSettings(pin=5))
    with pytest.raises(InputError, match=r"button.pin: GPIO 5 is also used by \[annunciator\]"):
        parse(render(clash), name="edge.toml")


@pytest.mark.usefixtures("shipped_model")
def test_a_press_at_a_running_monitor_reaches_the_caregiver(
    *, mosquitto: Any, listen: Any, wait_until: Any, tmp_path: Path
) -> None:
    front_end = FrontEndFile(tmp_path)
    settings = Settings(
        source=SourceSettings(kind="ads1292"),
        button=ButtonSettings(pin=BUTTON),
        mqtt=MqttSettings(host="127.0.0.1", port=mosquitto.port),
        storage=StorageSettings(directory=str(tmp_path / "storage")),
    )
    config = tmp_path / "edge.toml"
    config.write_text(render(settings))
    listener = listen()
    daemon = subprocess.Popen(
        [sys.executable, "-m", "edge.cli", "run", str(config)],
        env=os.environ | front_end.environment,
        stderr=subprocess.PIPE,
        text=True,
    )

    def marked() -> list[dict[str, Any]]:
        told = [json.loads(payload) for payload in listener.payloads("ecg/ecg-edge/event")]
        return [event for event in told if event["kind"] == "patient_event" and event["state"] == "opened"]

    wait_until(lambda: listener.payloads("ecg/ecg-edge/vitals"))
    front_end.set(button_down=True)
    wait_until(marked)
    assert marked()[0]["evidence"]["source"] == "button"
    front_end.set(button_down=False)
    daemon.send_signal(signal.SIGTERM)
    _, log = daemon.communicate(timeout=20)
    assert daemon.returncode == ExitCode.DONE
    assert len(marked()) == 1
    assert log.count("The patient's button was pressed.") == 1
    assert "Traceback" not in log
