"""An error that keeps a Pi's bus from opening is one sentence: what is wrong, and what to do."""

from __future__ import annotations

import errno
import os
import sys
from enum import Enum
from types import ModuleType, SimpleNamespace
from typing import Any, Self

import pytest

from ecg.errors import HardwareError
from edge.frontends.bus.gpio import open_pins
from edge.frontends.bus.spi import LinuxSpi


class Kernel:
    """What the stand-ins for `spidev`, `gpiod` and `RPi.GPIO` answer: the kernel's side of the bus."""

    def __init__(self) -> None:
        self.spi_error = 0
        self.labels = {0: "pinctrl-bcm2835"}
        self.open_error = 0
        self.line_error = 0
        self.use_error = 0
        self.requested: dict[int, Any] = {}
        self.path = ""
        self.events: list[Any] = []
        self.pins: dict[int, Any] = {}

    def fail(self, number: int) -> bool:
        if number:
            raise OSError(number, os.strerror(number))
        return False


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Kernel:
    """Give a Pi with both modules, to be broken by the test."""
    kernel = Kernel()
    spidev = ModuleType("spidev")
    spidev.SpiDev = lambda: SimpleNamespace(  # type: ignore[attr-defined]
        open=lambda *_: kernel.fail(kernel.spi_error), close=lambda: None, xfer2=lambda data, *_: list(data)
    )
    monkeypatch.setitem(sys.modules, "spidev", spidev)
    gpiod, line = gpiod_on(kernel)
    monkeypatch.setitem(sys.modules, "gpiod", gpiod)
    monkeypatch.setitem(sys.modules, "gpiod.line", line)
    monkeypatch.delitem(sys.modules, "edge.frontends.bus.gpio_chip", raising=False)
    monkeypatch.delitem(sys.modules, "edge.frontends.bus.rpi_gpio", raising=False)
    return kernel


def gpiod_on(kernel: Kernel) -> tuple[ModuleType, ModuleType]:
    class Chip:
        def __init__(self, path: str) -> None:
            kernel.fail(kernel.open_error)
            self._path = path

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def get_info(self) -> Any:
            return SimpleNamespace(label=kernel.labels[int(self._path.removeprefix("/dev/gpiochip"))])

        def get_line_info(self, offset: int) -> Any:
            return SimpleNamespace(offset=offset, used=offset == 22, consumer="spi1 CS0")

        def request_lines(self, config: dict[int, Any], consumer: str) -> Any:
            assert consumer == "ecg-edge"
            kernel.fail(kernel.line_error)
            kernel.requested, kernel.path = config, self._path
            return SimpleNamespace(
                wait_edge_events=lambda _: kernel.fail(kernel.use_error) or bool(kernel.events),
                read_edge_events=lambda: kernel.events,
                set_value=lambda offset, value: kernel.fail(kernel.use_error) or kernel.pins.update({offset: value}),
                get_value=lambda offset: kernel.fail(kernel.use_error) or kernel.pins[offset],
                release=lambda: None,
            )

    gpiod, line = ModuleType("gpiod"), ModuleType("gpiod.line")
    line.Direction = Enum("Direction", ["INPUT", "OUTPUT"])  # type: ignore[attr-defined]
    line.Edge = Enum("Edge", ["FALLING"])  # type: ignore[attr-defined]
    line.Bias = Enum("Bias", ["PULL_UP"])  # type: ignore[attr-defined]
    line.Value = Enum("Value", ["ACTIVE", "INACTIVE"])  # type: ignore[attr-defined]
    gpiod.line = line  # type: ignore[attr-defined]
    gpiod.Chip = Chip  # type: ignore[attr-defined]
    gpiod.LineSettings = lambda **settings: settings  # type: ignore[attr-defined]
    gpiod.is_gpiochip_device = lambda path: path in {f"/dev/gpiochip{n}" for n in kernel.labels}  # type: ignore[attr-defined]
    return gpiod, line


def spi() -> LinuxSpi:
    return LinuxSpi(bus=0, device=0, hz=1_000_000, mode=1)


def pins() -> Any:
    return open_pins(edge_line=17, outputs={22: False, 27: True}, inputs=(23,))


def test_a_working_bus_answers(kernel: Kernel) -> None:
    assert spi().transfer(b"\x11\x20") == b"\x11\x20"
    kernel.events = [SimpleNamespace(line_seqno=7, timestamp_ns=123)]
    lines = pins()
    assert lines.edges(0.1) == [(7, 123)]
    assert sorted(kernel.requested) == [17, 22, 23, 27]
    lines.set(22, high=True)
    assert lines.read(22)
    lines.close()


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (errno.ENOENT, "/dev/spidev0.0 is not there; put `dtparam=spi=on`"),
        (errno.EACCES, "/dev/spidev0.0 may not be opened by this user; add the user to the group spi"),
        (errno.EBUSY, "/dev/spidev0.0 is in use"),
        (errno.EIO, "/dev/spidev0.0 does not work .Input/output error."),
    ],
)
def test_a_spi_device_that_cannot_be_opened_is_explained(kernel: Kernel, number: int, message: str) -> None:
    kernel.spi_error = number
    with pytest.raises(HardwareError, match=message):
        spi()


@pytest.mark.usefixtures("kernel")
def test_missing_modules_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("spidev", "gpiod.line", "RPi"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(HardwareError, match="module spidev is missing; install it with"):
        spi()
    with pytest.raises(HardwareError, match=r"module gpiod .2.0 or later. is missing, and RPi.GPIO says"):
        pins()


@pytest.mark.parametrize(
    ("labels", "path"),
    [
        ({0: "pinctrl-bcm2835", 1: "raspberrypi-exp-gpio"}, "/dev/gpiochip0"),
        ({0: "gpio-brcmstb@107d508500", 4: "pinctrl-rp1"}, "/dev/gpiochip4"),
        ({0: "pinctrl-rp1", 10: "gpio-brcmstb@107d508500"}, "/dev/gpiochip0"),
        ({0: "raspberrypi-exp-gpio", 1: "pinctrl-bcm2711"}, "/dev/gpiochip1"),
    ],
)
def test_the_chip_of_the_header_is_found_by_its_label(kernel: Kernel, labels: dict[int, str], path: str) -> None:
    kernel.labels = labels
    pins()
    assert kernel.path == path


def test_a_host_without_a_header_is_named(kernel: Kernel) -> None:
    kernel.labels = {0: "INT33FC:00"}
    with pytest.raises(HardwareError, match=r"no GPIO chip of a Raspberry Pi's header is here .there are INT33FC:00."):
        pins()


def test_a_chip_without_permission_is_named(kernel: Kernel) -> None:
    kernel.open_error = errno.EACCES
    with pytest.raises(HardwareError, match="/dev/gpiochip0 may not be opened by this user; add the user to the group"):
        pins()


def test_a_busy_line_is_named_with_its_user(kernel: Kernel) -> None:
    kernel.line_error = errno.EBUSY
    with pytest.raises(HardwareError, match=r"a GPIO line is in use .GPIO 22 by 'spi1 CS0'."):
        pins()


def test_lines_that_stop_working_are_named(kernel: Kernel) -> None:
    lines = pins()
    kernel.use_error = errno.EIO
    for use in (lambda: lines.set(22, high=True), lambda: lines.read(23), lambda: lines.edges(0.1)):
        with pytest.raises(HardwareError, match="the GPIO lines do not work any more"):
            use()


def test_without_gpiod_the_module_rpi_gpio_is_used_and_counts_the_edges(
    kernel: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    callbacks: dict[int, Any] = {}
    gpio = SimpleNamespace(
        BCM=11, IN=1, OUT=0, HIGH=1, LOW=0, FALLING=32, PUD_UP=22,
        setwarnings=lambda _: None, setmode=lambda _: None, setup=lambda *_, **__: None,
        add_event_detect=lambda line, _, callback: callbacks.__setitem__(line, callback),
        output=kernel.pins.__setitem__, input=kernel.pins.__getitem__, cleanup=lambda _: None,
    )  # fmt: skip
    monkeypatch.setitem(sys.modules, "gpiod.line", None)
    rpi = ModuleType("RPi")
    rpi.GPIO = gpio  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "RPi", rpi)
    lines = pins()
    assert lines.edges(0) == []
    callbacks[17](17)
    callbacks[17](17)
    first, second = lines.edges(1.0)
    assert (first.number, second.number) == (1, 2)
    assert 0 <= second.ns - first.ns < 10**9
    lines.set(22, high=True)
    assert lines.read(22)
    lines.close()


def test_a_line_that_rpi_gpio_refuses_is_named(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    del kernel

    def refuse(_: int) -> None:
        raise RuntimeError("Not running on a RPi!")

    rpi = ModuleType("RPi")
    rpi.GPIO = SimpleNamespace(setwarnings=lambda _: None, setmode=refuse, BCM=11)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "gpiod.line", None)
    monkeypatch.setitem(sys.modules, "RPi", rpi)
    with pytest.raises(HardwareError, match=r"RPi.GPIO refuses the lines 22, 27, 23, 17 .Not running on a RPi!."):
        pins()
