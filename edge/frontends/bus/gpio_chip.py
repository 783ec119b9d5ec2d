"""GPIO lines through the kernel's character device and libgpiod's own Python module (`gpiod`, version 2).

The kernel numbers each edge and timestamps it on CLOCK_MONOTONIC close to its occurrence
(https://docs.kernel.org/userspace-api/gpio/gpio-v2-line-event-read.html).
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

import gpiod
from gpiod.line import Bias, Direction, Value
from gpiod.line import Edge as Detection

from ecg.errors import HardwareError
from edge.frontends.bus import Edge

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["CONSUMER", "HEADER_LABELS", "GpioChip", "find_header", "users_of"]

HEADER_LABELS = ("pinctrl-rp1", "pinctrl-bcm2711", "pinctrl-bcm2835")
"""Labels of the 40-pin header's chip: Pi 5 (RP1), Pi 4 (bcm2711), all older ones and the Zero 2 W (bcm2835).

Chip numbers (gpiochip0, gpiochip4) change with kernels and overlays; labels do not.
"""

MAX_CHIPS = 32
CONSUMER = "ecg-edge"
"""The name under which other programs see our lines."""


def find_header() -> str:
    """Path of the GPIO chip of the 40-pin header.

    Raises:
        HardwareError: there is none, or this user may not open it.
    """
    found: dict[str, str] = {}
    forbidden = None
    for path in (f"/dev/gpiochip{number}" for number in range(MAX_CHIPS)):
        if not gpiod.is_gpiochip_device(path):
            continue
        try:
            with gpiod.Chip(path) as chip:
                found.setdefault(chip.get_info().label, path)
        except OSError:
            forbidden = path
    for label in HEADER_LABELS:
        if label in found:
            return found[label]
    if forbidden is not None:
        raise HardwareError(
            f"{forbidden} may not be opened by this user; add the user to the group gpio "
            "(sudo usermod -aG gpio USER), in a service's unit allow it with DeviceAllow=char-gpiochip rw"
        )
    others = f" (there are {', '.join(found)})" if found else ""
    raise HardwareError(f"no GPIO chip of a Raspberry Pi's header is here{others}; run this on a Raspberry Pi")


def users_of(path: str, lines: Iterable[int]) -> dict[int, str]:
    """Those of the lines that are in use, with the name of their user.

    Raises:
        OSError: this user may not open the chip.
    """
    with gpiod.Chip(path) as chip:
        infos = [chip.get_line_info(line) for line in lines]
    return {info.offset: info.consumer for info in infos if info.used}


class GpioChip:
    """Lines of the 40-pin header.

    Raises:
        HardwareError: no chip, or a line is forbidden or busy.
    """

    def __init__(self, *, edge_line: int | None, outputs: Mapping[int, bool], inputs: Sequence[int]) -> None:
        path = find_header()
        config: dict[Iterable[int | str] | int | str, gpiod.LineSettings | None] = {
            line: gpiod.LineSettings(direction=Direction.OUTPUT, output_value=_value(high=high))
            for line, high in outputs.items()
        }
        config.update({line: gpiod.LineSettings(direction=Direction.INPUT) for line in inputs})
        if edge_line is not None:
            # Pulled up: without a chip the line is quiet instead of floating.
            config[edge_line] = gpiod.LineSettings(
                direction=Direction.INPUT, edge_detection=Detection.FALLING, bias=Bias.PULL_UP
            )
        try:
            with gpiod.Chip(path) as chip:
                self._request = chip.request_lines(config, consumer=CONSUMER)
        except OSError as error:
            lines = [line for line in config if isinstance(line, int)]
            raise HardwareError(_cause(error, path, lines)) from None

    def edges(self, timeout_s: float) -> list[Edge]:
        """The falling edges since the last call; waits for one until the timeout.

        Raises:
            HardwareError: the kernel refuses.
        """
        try:
            if not self._request.wait_edge_events(timeout_s):
                return []
            return [Edge(event.line_seqno, event.timestamp_ns) for event in self._request.read_edge_events()]
        except OSError as error:
            raise _failure(error) from None

    def set(self, line: int, *, high: bool) -> None:
        """Set an output.

        Raises:
            HardwareError: the kernel refuses.
        """
        try:
            self._request.set_value(line, _value(high=high))
        except OSError as error:
            raise _failure(error) from None

    def read(self, line: int) -> bool:
        """Whether an input is high.

        Raises:
            HardwareError: the kernel refuses.
        """
        try:
            return self._request.get_value(line) is Value.ACTIVE
        except OSError as error:
            raise _failure(error) from None

    def close(self) -> None:
        """Release the lines."""
        self._request.release()


def _value(*, high: bool) -> Value:
    return Value.ACTIVE if high else Value.INACTIVE


def _failure(error: OSError) -> HardwareError:
    return HardwareError(f"the GPIO lines do not work any more ({error.strerror or error}); see `dmesg`")


def _cause(error: OSError, path: str, lines: list[int]) -> str:
    """Why the kernel refused the lines; for busy lines, also who uses them."""
    if error.errno == errno.EBUSY:
        users = ", ".join(f"GPIO {line} by {user!r}" for line, user in users_of(path, lines).items())
        return f"a GPIO line is in use ({users or 'by another program'}); stop that program, or remove its overlay"
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"the lines of {path} may not be used by this user; add the user to the group gpio"
    numbers = ", ".join(map(str, lines))
    return f"the GPIO lines {numbers} of {path} cannot be opened ({error.strerror or error}); check the board's pin map"
