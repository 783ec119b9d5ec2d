"""The patient's event button on a Raspberry Pi pin, connected to ground when pressed; debounced on its own thread."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from ecg.errors import HardwareError
from edge.frontends.bus import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.config import ButtonSettings
    from edge.frontends.bus import Clock, Pins

__all__ = ["Button", "PressDetector", "open_button"]

POLL_S = 0.5
"""Longest delay of a stop while nobody presses the button."""

DEBOUNCE_READ_S = 0.005
DEBOUNCE_READS = 6
"""A level counts once this many reads agree. Contacts bounce for some ms, a finger presses for 50 ms or more, and a
spark's pulse in the wire has gone by the first read."""

RELEASE_POLL_S = 0.05
"""Between two checks whether a held button has been released."""

STOP_S = 2.0

_log = logging.getLogger(__name__)


class PressDetector:
    """Detects presses without bounces; a held button counts as one press.

    Args:
        pins: detect the falling edges of the button's line, which is pulled up.
        line: BCM number of the line.
        clock: measures the waits.
    """

    def __init__(self, pins: Pins, line: int, clock: Clock) -> None:
        self._pins = pins
        self._line = line
        self._clock = clock
        self._held = False

    def wait_for_press(self, timeout_s: float) -> bool:
        """Wait for a press, about as long as the timeout; returns whether there was one.

        Raises:
            HardwareError: the line does not work.
        """
        if self._held:
            if self._stays(high=True):
                self._held = False
                self._pins.edges(0)  # discard the bounces
            else:
                self._clock.sleep(RELEASE_POLL_S)
            return False
        self._held = bool(self._pins.edges(timeout_s)) and self._stays(high=False)
        return self._held

    def _stays(self, *, high: bool) -> bool:
        for _ in range(DEBOUNCE_READS):
            self._clock.sleep(DEBOUNCE_READ_S)
            if self._pins.read(self._line) is not high:
                return False
        return True


class Button:
    """Calls `on_press` for each press, from its own thread.

    If the line fails, the log says so once, and monitoring continues without the button.

    Args:
        pins: see `PressDetector`; closed at the end.
        line: BCM number of the line.
        on_press: must be safe to call from any thread.
    """

    def __init__(self, pins: Pins, line: int, on_press: Callable[[], object]) -> None:
        self._pins = pins
        self._detector = PressDetector(pins, line, SystemClock())
        self._on_press = on_press
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="button", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._stopping = True
        self._thread.join(STOP_S)

    def _run(self) -> None:
        try:
            while not self._stopping:
                if self._detector.wait_for_press(POLL_S):
                    _log.info("The patient's button was pressed.")
                    self._on_press()
        except HardwareError as error:
            _log.error("The patient's button has stopped working: %s.", error)
        finally:
            self._pins.close()


def open_button(settings: ButtonSettings, on_press: Callable[[], object]) -> Button | None:
    """Listen to the button; None if none is fitted.

    Raises:
        HardwareError: the pin cannot be opened; the message says why and what to do.
    """
    if not settings.pin:
        return None
    from edge.frontends.bus.gpio import open_pins  # noqa: PLC0415 (only with a button)

    try:
        pins = open_pins(edge_line=settings.pin, outputs={}, inputs=())
    except HardwareError as error:
        raise HardwareError(f"button.pin: {error}, or set button.pin to 0") from None
    return Button(pins, settings.pin, on_press)
