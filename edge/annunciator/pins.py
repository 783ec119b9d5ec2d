"""Buzzer and LED on pins of the Raspberry Pi."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecg.errors import HardwareError
from edge.annunciator.annunciator import Annunciator

if TYPE_CHECKING:
    from edge.annunciator.patterns import Light
    from edge.config import AnnunciatorSettings

__all__ = ["GpioOutput", "open_annunciator"]


class GpioOutput:
    """An active buzzer and a red and green LED, each on a pin of its own that is high when it is on.

    Args:
        settings: pins by BCM number; 0 is none.

    Raises:
        HardwareError: the library is missing or the pins cannot be driven.
    """

    def __init__(self, settings: AnnunciatorSettings) -> None:
        try:
            from RPi import GPIO  # noqa: PLC0415 - only on a Pi, and only with pins set
        except (ImportError, RuntimeError) as error:  # the latter is what it says on any other machine
            raise HardwareError(
                f"annunciator: pins cannot be driven here ({error}); on a Pi `pip install 'ecg-edge[pi]'`, elsewhere "
                "set the pins of [annunciator] to 0"
            ) from error
        self._gpio = GPIO
        self._buzzer, self._red, self._green = settings.buzzer_pin, settings.red_pin, settings.green_pin
        self._pins = [pin for pin in (self._buzzer, self._red, self._green) if pin]
        try:
            GPIO.setwarnings(False)  # a pin left as an output by a killed monitor is no news
            GPIO.setmode(GPIO.BCM)
            GPIO.setup(self._pins, GPIO.OUT, initial=GPIO.LOW)
        except (OSError, RuntimeError, ValueError) as error:
            raise HardwareError(
                f"annunciator: the pins {self._pins} cannot be driven ({error}); check [annunciator], and that the "
                "service may use /dev/gpiochip*"
            ) from error

    def set(self, *, buzzer: bool, light: Light) -> None:
        """Switch."""
        for pin, is_on in ((self._buzzer, buzzer), (self._red, light.red), (self._green, light.green)):
            if pin:
                self._gpio.output(pin, is_on)

    def close(self) -> None:
        """Switch off and let go."""
        self._gpio.output(self._pins, self._gpio.LOW)
        self._gpio.cleanup(self._pins)


def open_annunciator(settings: AnnunciatorSettings) -> Annunciator | None:
    """Open what is fitted; None where no pin is set.

    Raises:
        HardwareError: see `GpioOutput`.
    """
    if not (settings.buzzer_pin or settings.red_pin or settings.green_pin):
        return None
    return Annunciator(GpioOutput(settings))
