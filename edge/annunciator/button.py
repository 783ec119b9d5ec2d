"""The patient's event button on a pin of the Raspberry Pi, to ground when pressed; debounced, on its own thread."""

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

__all__ = ["Button", "Presses", "open_button"]

POLL_S = 0.5
"""How soon a stop is noticed while nobody presses."""

LOOK_S = 0.005
LOOKS = 6
"""The level counts once it is the same in so many looks: contacts bounce for some ms, a finger stays for 50 or more,
and what a spark couples into the wire is gone by the first look."""

HELD_S = 0.05
"""Between two looks whether a button that is held was let go."""

STOP_S = 2.0

_log = logging.getLogger(__name__)


class Presses:
    """Tells presses from bounces; one that is held is one.

    Args:
        pins: with the button's line as the one whose falling edges are wanted, pulled up.
        line: its BCM number.
        clock: by which is waited.
    """

    def __init__(self, pins: Pins, line: int, clock: Clock) -> None:
        self._pins = pins
        self._line = line
        self._clock = clock
        self._held = False

    def wait(self, timeout_s: float) -> bool:
        """Wait for a press, not much longer than the time; gives whether there was one.

        Raises:
            HardwareError: the line does not work.
        """
        if self._held:
            if self._stays(high=True):
                self._held = False
                self._pins.edges(0)  # its bounces
            else:
                self._clock.sleep(HELD_S)
            return False
        self._held = bool(self._pins.edges(timeout_s)) and self._stays(high=False)
        return self._held

    def _stays(self, *, high: bool) -> bool:
        for _ in range(LOOKS):
            self._clock.sleep(LOOK_S)
            if self._pins.read(self._line) is not high:
                return False
        return True


class Button:
    """Calls `pressed` for each press, from its own thread.

    A line that fails is told in the log once; the watching goes on without it.

    Args:
        pins: see `Presses`; closed in the end.
        line: its BCM number.
        pressed: may be called from any thread.
    """

    def __init__(self, pins: Pins, line: int, pressed: Callable[[], object]) -> None:
        self._pins = pins
        self._presses = Presses(pins, line, SystemClock())
        self._pressed = pressed
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="button", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Listen no more."""
        self._stopping = True
        self._thread.join(STOP_S)

    def _run(self) -> None:
        try:
            while not self._stopping:
                if self._presses.wait(POLL_S):
                    _log.info("The patient's button was pressed.")
                    self._pressed()
        except HardwareError as error:
            _log.error("The patient's button does not work any more: %s.", error)
        finally:
            self._pins.close()


def open_button(settings: ButtonSettings, pressed: Callable[[], object]) -> Button | None:
    """Listen to the button; None where none is fitted.

    Raises:
        HardwareError: the pin cannot be had; says why, and the way out.
    """
    if not settings.pin:
        return None
    from edge.frontends.bus.gpio import open_pins  # noqa: PLC0415 (only where one is fitted)

    try:
        pins = open_pins(edge_line=settings.pin, outputs={}, inputs=())
    except HardwareError as error:
        raise HardwareError(f"button.pin: {error}, or set button.pin to 0") from None
    return Button(pins, settings.pin, pressed)
