"""The list of checks, in order from the outside in."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache, partial
from typing import TYPE_CHECKING

from edge.doctor.results import Area, Finding, passed, skipped
from edge.doctor.runner import Check

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from edge.config import Ad8232Settings, Ads1292Settings, Settings
    from edge.frontends.boards import Ad8232Board, Board

__all__ = ["checks"]

HARDWARE = (
    "wiring file",
    "boot config",
    "groups",
    "SPI device",
    "GPIO chip",
    "GPIO lines",
    "chip id",
    "registers",
    "DRDY rate",
    "reference",
    "lost samples",
    "electrodes",
    "button",
)
"""Names of the front end's checks, reported as skipped without one."""


@contextmanager
def checks(settings: Settings) -> Iterator[list[Check]]:
    """The checks that these settings need; run them within the context."""
    from edge.doctor import model, system  # noqa: PLC0415 (numpy and the runtime take a while to load)
    from edge.doctor.broker import BrokerProbe  # noqa: PLC0415 (so does paho)
    from edge.model_store import read_selected  # noqa: PLC0415

    directory = settings.storage.folder
    probe = BrokerProbe(settings.mqtt, settings.device.id, directory)
    try:
        yield [
            *_front_end(settings, directory),
            *model.checks(partial(read_selected, settings.model)),
            Check("broker", Area.NETWORK, probe.check_connection),
            Check("broker access", Area.NETWORK, probe.check_access, ("broker",)),
            Check("clock", Area.SYSTEM, system.clock),
            Check("disk", Area.SYSTEM, partial(system.disk, settings.storage, directory)),
            Check("outbox", Area.SYSTEM, partial(system.outbox, directory)),
            Check("service", Area.SYSTEM, system.service),
            Check("watchdog", Area.SYSTEM, system.watchdog),
        ]
    finally:
        probe.close()


def _front_end(settings: Settings, storage: Path) -> list[Check]:
    if settings.source.kind == "ads1292":
        return _ads1292(settings.source.ads1292, settings.button.pin, storage)
    if settings.source.kind == "ad8232":
        return _ad8232(settings.source.ad8232, settings.button.pin, storage)
    reason = f'source.kind is "{settings.source.kind}": no hardware is used'
    return [Check(name, Area.HARDWARE, partial(skipped, reason)) for name in HARDWARE]


def _ads1292(settings: Ads1292Settings, button: int, storage: Path) -> list[Check]:
    from edge.doctor import ads1292  # noqa: PLC0415 (only the front end in use is loaded)
    from edge.frontends.ads1292.sampler import Configuration  # noqa: PLC0415 (only the front end in use is loaded)

    @cache
    def configuration() -> Configuration:
        return Configuration(settings)

    def wiring() -> Finding:
        board, registers, channel = configuration().board, configuration().registers, configuration().channel
        return passed(f"{board.description}, register set {registers.name}, channel {channel}")

    def lines() -> list[int]:
        board = configuration().board
        return [pin for pin in (board.drdy, board.start, board.reset) if pin is not None]

    def chip(name: str, run: Callable[[Configuration], Finding], *needs: str) -> Check:
        return Check(name, Area.HARDWARE, lambda: run(configuration()), needs)

    return [
        *_wiring(wiring, lambda: configuration().board, lines, storage),
        chip("chip id", ads1292.chip_id, "SPI device", "GPIO lines"),
        chip("registers", ads1292.registers, "chip id"),
        chip("DRDY rate", ads1292.drdy_rate, "registers"),
        chip("reference", ads1292.reference, "DRDY rate"),
        chip("lost samples", ads1292.lost_samples, "DRDY rate"),
        chip("electrodes", ads1292.electrodes, "registers"),
        _button(button, lines, storage),
    ]


def _ad8232(settings: Ad8232Settings, button: int, storage: Path) -> list[Check]:
    from edge.doctor import ad8232  # noqa: PLC0415 (only the front end in use is loaded)
    from edge.frontends.ad8232.sampler import configured_board  # noqa: PLC0415 (only the front end in use is loaded)

    @cache
    def board() -> Ad8232Board:
        return configured_board(settings)

    def wiring() -> Finding:
        return passed(f"{board().description}, gain {board().gain:g}, reference {board().reference_v:g} V")

    def lines() -> list[int]:
        return [pin for pin in (board().lo_plus, board().lo_minus, board().sdn) if pin is not None]

    def chip(name: str, run: Callable[[Ad8232Board], Finding], *needs: str) -> Check:
        return Check(name, Area.HARDWARE, lambda: run(board()), needs)

    return [
        *_wiring(wiring, board, lines, storage),
        chip("converter", ad8232.converter, "SPI device", "GPIO lines"),
        chip("SDN", ad8232.shutdown, "converter"),
        chip("electrodes", ad8232.electrodes, "converter"),
        chip("output", ad8232.output, "converter"),
        chip("sampling", ad8232.sampling, "converter"),
        chip("lost samples", ad8232.lost_samples, "converter"),
        _button(button, lines, storage),
    ]


def _wiring(
    wiring: Callable[[], Finding], board: Callable[[], Board], lines: Callable[[], list[int]], storage: Path
) -> list[Check]:
    """The checks of the Pi that every front end needs."""
    from edge.doctor import raspberry_pi  # noqa: PLC0415 (only where hardware is used)

    return [
        Check("wiring file", Area.HARDWARE, wiring),
        Check("boot config", Area.HARDWARE, lambda: raspberry_pi.boot_config(board().spi_bus), ("wiring file",)),
        Check("groups", Area.HARDWARE, raspberry_pi.groups),
        Check("SPI device", Area.HARDWARE, lambda: raspberry_pi.spi_device(board()), ("wiring file",)),
        Check("GPIO chip", Area.HARDWARE, raspberry_pi.gpio_chip),
        Check(
            "GPIO lines",
            Area.HARDWARE,
            lambda: raspberry_pi.lines_free(lines(), storage),
            ("wiring file", "GPIO chip"),
        ),
    ]


def _button(pin: int, lines: Callable[[], list[int]], storage: Path) -> Check:
    from edge.doctor import raspberry_pi  # noqa: PLC0415 (only where hardware is used)

    needs = ("wiring file", "GPIO chip") if pin else ()
    return Check("button", Area.HARDWARE, lambda: raspberry_pi.button(pin, lines() if pin else (), storage), needs)
