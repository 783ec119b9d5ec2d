"""Buzzer and LED on Raspberry Pi pins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecg.errors import HardwareError
from ecg.extras import how_to_install
from edge.annunciator.annunciator import Annunciator

if TYPE_CHECKING:
    from edge.annunciator.patterns import Light
    from edge.config import AnnunciatorSettings

__all__ = ["GpioOutput", "open_annunciator"]


class GpioOutput:
    """An active buzzer and a red and green LED, each on its own active-high pin.

    Args:
        settings: pins by BCM number; 0 = not fitted.

    Raises:
        HardwareError: the library is missing or the pins cannot be driven.
    """

    def __init__(self, settings: AnnunciatorSettings) -> None:
        try:
            from RPi import GPIO  # noqa: PLC0415 - only on a Pi, and only with pins set
        except (ImportError, RuntimeError) as error:  # RuntimeError on other computers
            raise HardwareError(
                f"annunciator: pins cannot be driven here ({error}); on a Pi `{how_to_install('pi')}`, elsewhere "
                "set the pins of [annunciator] to 0"
            ) from error
        self._gpio = GPIO
        self._buzzer, self._red, self._green = settings.buzzer_pin, settings.red_pin, settings.green_pin
        self._pins = [pin for pin in (self._buzzer, self._red, self._green) if pin]
        try:
            GPIO.setwarnings(False)  # a killed monitor may have left a pin as an output
            GPIO.setmode(GPIO.BCM)
            GPIO.setup(self._pins, GPIO.OUT, initial=GPIO.LOW)
        except (OSError, RuntimeError, ValueError) as error:
            raise HardwareError(
                f"annunciator: the pins {self._pins} cannot be driven ({error}); check [annunciator], and that the "
                "service may use /dev/gpiochip*"
            ) from error

    def set(self, *, buzzer: bool, light: Light) -> None:
        """Switch buzzer and LED."""
        for pin, is_on in ((self._buzzer, buzzer), (self._red, light.red), (self._green, light.green)):
            if pin:
                self._gpio.output(pin, is_on)

    def close(self) -> None:
        """Switch both off and release the pins."""
        self._gpio.output(self._pins, self._gpio.LOW)
        self._gpio.cleanup(self._pins)


def open_annunciator(settings: AnnunciatorSettings) -> Annunciator | None:
    """Open buzzer and LED; None if no pin is set.

    Raises:
        HardwareError: see `GpioOutput`.
    """
    if not (settings.buzzer_pin or settings.red_pin or settings.green_pin):
        return None
    return Annunciator(GpioOutput(settings))
