"""The self-test of a front end: what it can measure of itself, with limits, as a report to keep."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ecg.errors import InputError
from edge import __version__
from edge.bench import ad8232, ads1292
from edge.bench.report import Figure, Report
from edge.frontends.ad8232.sampler import configure
from edge.frontends.ads1292.registers import CHIPS
from edge.frontends.ads1292.sampler import Configuration
from edge.storage.in_use import refuse_if_in_use

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.bench.measure import Measurement
    from edge.config import Ad8232Settings, Ads1292Settings, Settings

__all__ = ["selftest"]

OF_LOSS = "every sample arrives"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tested:
    """A front end with its figures, as `Report` has them."""

    chip: str
    board: str
    setup: str
    figures: list[Figure]
    notes: list[str]


def selftest(settings: Settings, *, begun: Callable[[str], object], given: str = "") -> Report:
    """Measure everything.

    Args:
        settings: whose source is a front end.
        begun: told what is measured, before it is.
        given: what is on the electrodes of an AD8232, see `edge.bench.ad8232.GIVEN`.

    Raises:
        InputError: the source is no front end, its files are wrong, or it needs nothing on its electrodes.
        HardwareError: a monitor has the chip, or it does not answer as it should; says what to check.
    """
    kind = settings.source.kind
    if kind in {"replay", "simulator"}:
        raise InputError(
            f'source.kind is "{kind}": there is no front end to test; set it to "ads1292" or "ad8232", or give --source'
        )
    if given not in ad8232.GIVEN:
        raise InputError(f"--input {given}: there is {' and '.join(filter(None, ad8232.GIVEN))}")
    if given and kind == "ads1292":
        raise InputError(f"--input {given}: an ADS1292 has a test signal and shorted inputs of its own; leave it out")
    refuse_if_in_use(Path(settings.storage.directory))
    measured: list[Measurement] = []
    if kind == "ads1292":
        tested = _ads1292(settings.source.ads1292, measured, begun)
    else:
        tested = _ad8232(settings.source.ad8232, given, measured, begun)
    lost, damaged = sum(each.lost for each in measured), sum(each.damaged for each in measured)
    return Report(
        device=settings.device.id,
        time=datetime.now(UTC),
        version=__version__,
        python=platform.python_version(),
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        chip=tested.chip,
        board=tested.board,
        setup=tested.setup,
        figures=[
            *tested.figures,
            Figure(name="samples lost", value=lost, unit="", low=0, high=0, source=OF_LOSS),
            Figure(name="frames damaged", value=damaged, unit="", low=0, high=0, source=OF_LOSS),
        ],
        notes=tested.notes,
    )


def _ads1292(settings: Ads1292Settings, measured: list[Measurement], begun: Callable[[str], object]) -> _Tested:
    chosen = Configuration(settings)
    figures = list(ads1292.figures(chosen, measured, begun))
    name = measured[0].name
    identity = next(identity for identity, chip in CHIPS.items() if chip == name)
    return _Tested(
        chip=f"{name} (ID 0x{identity:02X})",
        board=chosen.board.description,
        setup=f"register sets {ads1292.TEST_SIGNAL_SET}, {ads1292.NOISE_SET}, channel {chosen.channel}",
        figures=figures,
        notes=[],
    )


def _ad8232(
    settings: Ad8232Settings, given: str, measured: list[Measurement], begun: Callable[[str], object]
) -> _Tested:
    board = configure(settings)
    figures = list(ad8232.figures(board, given, measured, begun))
    return _Tested(
        chip=measured[0].name,
        board=board.description,
        setup=f"gain {board.gain:g}, reference {board.reference_v:g} V, on the electrodes: {given or 'as they are'}",
        figures=figures,
        notes=[ad8232.NO_TEST_SIGNAL],
    )
