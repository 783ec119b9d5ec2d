"""GPIO lines: by libgpiod's module `gpiod`, where the kernel stamps and numbers the edges; else by `RPi.GPIO`."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from ecg.errors import HardwareError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from edge.frontends.bus import Pins

__all__ = ["open_pins"]


def open_pins(*, edge_line: int | None, outputs: Mapping[int, bool], inputs: Sequence[int]) -> Pins:
    """Request lines by their BCM numbers.

    Args:
        edge_line: whose falling edges are wanted.
        outputs: lines that are driven, with their first level.
        inputs: lines that are read.

    Raises:
        HardwareError: no way to the lines, or they are forbidden or busy; says which, and the way out.
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
    except (ImportError, RuntimeError) as error:  # away from a Pi, and on a Pi 5, the original raises RuntimeError
        raise HardwareError(
            f"no way to the GPIO: the Python module gpiod (2.0 or later) is missing, and RPi.GPIO says: {error}; "
            "install gpiod with: pip install 'ecg-edge[pi]'"
        ) from None
    return RpiGpio(edge_line=edge_line, outputs=outputs, inputs=inputs)
