"""Buzzer and LED tell high, medium and low apart."""

from __future__ import annotations

import sys
import time
from itertools import groupby
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ecg.alarms.kinds import Priority
from ecg.errors import HardwareError
from edge.annunciator.annunciator import Annunciator
from edge.annunciator.patterns import DARK, RED, YELLOW, Light, buzzer, led
from edge.annunciator.pins import open_annunciator
from edge.config import AnnunciatorSettings

if TYPE_CHECKING:
    from collections.abc import Callable

STEP_S = 0.005


def runs(states: list[Any]) -> list[tuple[Any, float]]:
    """Give each state with how long it lasts, in s."""
    return [(state, len(list(run)) * STEP_S) for state, run in groupby(states)]


def bursts(priority: Priority) -> tuple[list[list[float]], list[list[float]], list[float]]:
    """Listen for two minutes: the pulses of each burst, the spaces within them, the rests between."""
    heard = runs([buzzer(priority, step * STEP_S)[0] for step in range(24_000)])
    pulses: list[list[float]] = [[]]
    spaces: list[list[float]] = [[]]
    rests = []
    for is_on, length_s in heard[:-1]:
        if is_on:
            pulses[-1].append(length_s)
        elif length_s > 2:
            rests.append(length_s)
            pulses.append([])
            spaces.append([])
        else:
            spaces[-1].append(length_s)
    return pulses[:-1], spaces[:-1], rests


def test_high_is_ten_pulses_three_and_two_twice() -> None:
    pulses, spaces, rests = bursts(Priority.HIGH)
    assert {len(burst) for burst in pulses} == {10}
    assert all(0.075 <= pulse <= 0.2 for burst in pulses for pulse in burst)
    assert all(2.5 <= rest <= 15 for rest in rests)
    for first, second, third, fourth, middle, *again in spaces:
        assert [first, second, third, fourth] == pytest.approx(again, abs=0.02)
        assert first == pytest.approx(second, abs=0.02)
        assert 0.05 <= first <= 0.125
        assert third == pytest.approx(2 * first + 0.15, abs=0.02)
        assert 0.35 <= middle <= 1.3


def test_medium_is_three_pulses_and_low_is_two() -> None:
    for priority, count, rest_s in ((Priority.MEDIUM, 3, 2.5), (Priority.LOW, 2, 15)):
        pulses, spaces, rests = bursts(priority)
        assert {len(burst) for burst in pulses} == {count}
        assert all(0.125 <= length <= 0.25 for burst in [*pulses, *spaces] for length in burst)
        assert all(rest > rest_s for rest in rests)


def test_silence_is_silent_and_dark() -> None:
    assert not buzzer(None, 0.0)[0]
    assert led(None, 0.0)[0] == DARK


@pytest.mark.parametrize(
    ("priority", "colour", "slowest_hz", "fastest_hz"),
    [(Priority.HIGH, RED, 1.4, 2.8), (Priority.MEDIUM, YELLOW, 0.4, 0.8)],
)
def test_high_flashes_red_and_medium_slowly_yellow(
    priority: Priority, colour: Light, slowest_hz: float, fastest_hz: float
) -> None:
    seen = runs([led(priority, step * STEP_S)[0] for step in range(24_000)])[:-1]
    on_s = [length for light, length in seen if light == colour]
    off_s = [length for light, length in seen if light == DARK]
    assert len(on_s) + len(off_s) == len(seen)
    for on, off in zip(on_s, off_s, strict=False):
        assert slowest_hz <= 1 / (on + off) <= fastest_hz
        assert 0.2 <= on / (on + off) <= 0.6


def test_low_is_constant_yellow() -> None:
    assert {led(Priority.LOW, step * STEP_S)[0] for step in range(24_000)} == {YELLOW}


@given(st.sampled_from(Priority), st.floats(0, 1e7))
@example(Priority.HIGH, 262144.99999999814)
def test_the_output_stays_as_long_as_promised(priority: Priority, since_s: float) -> None:
    for pattern in (buzzer, led):
        state, left_s = pattern(priority, since_s)
        assert left_s > 0
        if left_s > 1e-6:  # less is lost in the rounding of the sum
            assert pattern(priority, since_s + 0.99 * left_s)[0] == state


class Wires:
    """What is on the wires, with every change."""

    def __init__(self) -> None:
        self.states: list[tuple[bool, Light]] = []
        self.is_closed = False

    def set(self, *, buzzer: bool, light: Light) -> None:
        self.states.append((buzzer, light))

    def close(self) -> None:
        self.is_closed = True


def test_the_thread_plays_changes_and_ends(wait_until: Callable[..., None]) -> None:
    wires = Wires()
    player = Annunciator(wires)
    player.show(audible=Priority.HIGH, visible=Priority.HIGH)
    wait_until(lambda: sum(is_on for is_on, _ in wires.states) >= 3)
    assert (True, RED) in wires.states
    player.show(audible=None, visible=Priority.LOW)  # acknowledged
    wait_until(lambda: wires.states[-1] == (False, YELLOW))
    count = len(wires.states)
    time.sleep(0.3)
    assert len(wires.states) == count
    player.close()
    assert wires.is_closed


def test_wires_that_fail_are_logged_and_stop_nothing(
    wait_until: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(Wires):
        def set(self, **_levels: Any) -> None:
            raise OSError("short circuit")

    wires = Broken()
    player = Annunciator(wires)
    player.show(audible=Priority.HIGH, visible=Priority.HIGH)
    wait_until(lambda: wires.is_closed)
    player.show(audible=None, visible=None)
    player.close()
    assert "short circuit" in caplog.text


class Pins(ModuleType):
    """The library RPi.GPIO as far as it is used: levels of pins."""

    BCM, OUT, LOW, HIGH = "BCM", "OUT", 0, 1

    def __init__(self) -> None:
        super().__init__("RPi.GPIO")
        self.levels: dict[int, int] = {}
        self.mode = ""

    def setwarnings(self, _on: bool) -> None:
        pass

    def setmode(self, mode: str) -> None:
        self.mode = mode

    def setup(self, pins: list[int], _direction: str, initial: int) -> None:
        if 99 in pins:
            raise ValueError("no such pin")
        self.levels.update(dict.fromkeys(pins, initial))

    def output(self, pins: int | list[int], level: int) -> None:
        for pin in pins if isinstance(pins, list) else [pins]:
            assert pin in self.levels
            self.levels[pin] = int(level)

    def cleanup(self, pins: list[int]) -> None:
        for pin in pins:
            del self.levels[pin]


@pytest.fixture
def pins(monkeypatch: pytest.MonkeyPatch) -> Pins:
    library, package = Pins(), ModuleType("RPi")
    package.GPIO = library  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "RPi", package)
    monkeypatch.setitem(sys.modules, "RPi.GPIO", library)
    return library


def test_the_pins_follow_the_pattern_and_are_released(pins: Pins, wait_until: Callable[..., None]) -> None:
    player = open_annunciator(AnnunciatorSettings(buzzer_pin=18, red_pin=23, green_pin=24))
    assert player is not None
    assert pins.mode == "BCM"
    player.show(audible=None, visible=Priority.LOW)
    wait_until(lambda: pins.levels == {18: 0, 23: 1, 24: 1})
    player.show(audible=Priority.HIGH, visible=Priority.HIGH)
    wait_until(lambda: pins.levels == {18: 1, 23: 1, 24: 0})
    player.close()
    assert pins.levels == {}


def test_pins_that_are_not_fitted_are_not_touched(pins: Pins, wait_until: Callable[..., None]) -> None:
    assert open_annunciator(AnnunciatorSettings()) is None
    player = open_annunciator(AnnunciatorSettings(red_pin=23))
    assert player is not None
    player.show(audible=Priority.HIGH, visible=Priority.HIGH)
    wait_until(lambda: pins.levels == {23: 1})
    player.close()


@pytest.mark.usefixtures("pins")
def test_pins_that_cannot_be_driven_are_refused_with_a_remedy() -> None:
    with pytest.raises(HardwareError, match=r"\[annunciator\]"):
        open_annunciator(AnnunciatorSettings(red_pin=99))


def test_a_host_without_the_library_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "RPi", None)
    with pytest.raises(HardwareError, match="pip install"):
        open_annunciator(AnnunciatorSettings(red_pin=23))
