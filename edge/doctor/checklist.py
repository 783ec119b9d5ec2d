"""Which checks there are, in order from the outside in."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from edge.doctor.results import Area, Finding, passed, skipped
from edge.doctor.walk import Check

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from edge.config import Ads1292Settings, Settings, SourceSettings

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
)
"""Checks of a front end, skipped by these names where there is none."""


@contextmanager
def checks(settings: Settings) -> Iterator[list[Check]]:
    """The checks that these settings need; within the context they may be run."""
    from edge.doctor import model, system  # noqa: PLC0415 (numpy and the runtime take a while to load)
    from edge.doctor.broker import BrokerProbe  # noqa: PLC0415 (so does paho)
    from edge.model_store import wanted  # noqa: PLC0415

    directory = Path(settings.storage.directory)
    probe = BrokerProbe(settings.mqtt, settings.device.id)
    try:
        yield [
            *_front_end(settings.source, directory),
            *model.checks(partial(wanted, settings.model)),
            Check("broker", Area.NETWORK, probe.reach),
            Check("broker access", Area.NETWORK, probe.access, ("broker",)),
            Check("clock", Area.SYSTEM, system.clock),
            Check("disk", Area.SYSTEM, partial(system.disk, settings.storage, directory)),
            Check("outbox", Area.SYSTEM, partial(system.outbox, directory)),
            Check("service", Area.SYSTEM, system.service),
            Check("watchdog", Area.SYSTEM, system.watchdog),
        ]
    finally:
        probe.close()


def _front_end(source: SourceSettings, storage: Path) -> list[Check]:
    if source.kind == "ads1292":
        return _ads1292(source.ads1292, storage)
    recorded = source.kind in {"replay", "simulator"}
    reason = "no hardware is used" if recorded else "this version has no checks of that front end"
    reason = f'source.kind is "{source.kind}": {reason}'
    return [Check(name, Area.HARDWARE, partial(skipped, reason)) for name in HARDWARE]


def _ads1292(settings: Ads1292Settings, storage: Path) -> list[Check]:
    from edge.doctor import ads1292, machine  # noqa: PLC0415 (only the front end in use is loaded)
    from edge.frontends.ads1292.sampler import Configuration  # noqa: PLC0415 (only the front end in use is loaded)

    @cache
    def chosen() -> Configuration:
        return Configuration(settings)

    def wiring() -> Finding:
        board, registers, channel = chosen().board, chosen().registers, chosen().channel
        return passed(f"{board.description}, register set {registers.name}, channel {channel}")

    def lines() -> Finding:
        board = chosen().board
        return machine.lines_free([pin for pin in (board.drdy, board.start, board.reset) if pin is not None], storage)

    def chip(name: str, look: Callable[[Configuration], Finding], *needs: str) -> Check:
        return Check(name, Area.HARDWARE, lambda: look(chosen()), needs)

    return [
        Check("wiring file", Area.HARDWARE, wiring),
        chip("boot config", lambda chosen: machine.boot_config(chosen.board.spi_bus), "wiring file"),
        Check("groups", Area.HARDWARE, machine.groups),
        chip("SPI device", lambda chosen: machine.spi_device(chosen.board), "wiring file"),
        Check("GPIO chip", Area.HARDWARE, machine.gpio_chip),
        Check("GPIO lines", Area.HARDWARE, lines, ("wiring file", "GPIO chip")),
        chip("chip id", ads1292.chip_id, "SPI device", "GPIO lines"),
        chip("registers", ads1292.registers, "chip id"),
        chip("DRDY rate", ads1292.drdy_rate, "registers"),
        chip("reference", ads1292.reference, "DRDY rate"),
        chip("lost samples", ads1292.lost_samples, "DRDY rate"),
        chip("electrodes", ads1292.electrodes, "registers"),
    ]
