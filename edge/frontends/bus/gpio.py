"""GPIO lines through `gpiod`, with edges timestamped and numbered by the kernel, or else through `RPi.GPIO`."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from ecg.errors import HardwareError
from ecg.extras import how_to_install

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from edge.frontends.bus import Pins

__all__ = ["open_pins"]


def open_pins(*, edge_line: int | None, outputs: Mapping[int, bool], inputs: Sequence[int]) -> Pins:
    """Request lines by their BCM numbers.

    Args:
        edge_line: line whose falling edges are detected.
        outputs: output lines with their initial levels.
        inputs: input lines.

    Raises:
        HardwareError: there is no GPIO library, or a line is forbidden or busy; the message says what to do.
    """
    try:
        importlib.import_module("gpiod.line")
    except ImportError:  # missing, or version 1, which has no such module
        return _open_rpi_gpio(edge_line=edge_line, outputs=outputs, inputs=inputs)
    from edge.frontends.bus.gpio_chip import GpioChip  # noqa: PLC0415 (needs gpiod)

    return GpioChip(edge_line=edge_line, outputs=outputs, inputs=inputs)


def _open_rpi_gpio(*, edge_line: int | None, outputs: Mapping[int, bool], inputs: Sequence[int]) -> Pins:
    try:
        from edge.frontends.bus.rpi_gpio import RpiGpio  # noqa: PLC0415 (only on a Pi)
    except (ImportError, RuntimeError) as error:  # the original raises RuntimeError on a Pi 5 and on other computers
        raise HardwareError(
            f"no access to the GPIO: the Python module gpiod (2.0 or later) is missing, and RPi.GPIO says: {error}; "
            f"install gpiod with: {how_to_install('pi')}"
        ) from None
    return RpiGpio(edge_line=edge_line, outputs=outputs, inputs=inputs)
