"""The self-test of a front end: its measured values with limits, as a report."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ecg.errors import InputError
from edge import __version__
from edge.bench import ad8232, ads1292
from edge.bench.report import Figure, Report
from edge.frontends.ad8232.sampler import configured_board
from edge.frontends.ads1292.registers import CHIPS
from edge.frontends.ads1292.sampler import Configuration
from edge.storage.in_use import refuse_if_in_use

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.bench.measure import Measurement
    from edge.config import Ad8232Settings, Ads1292Settings, Settings

__all__ = ["selftest"]

LOSS_LIMIT_SOURCE = "every sample arrives"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tested:
    """A front end with its figures; the fields are those of `Report`."""

    chip: str
    board: str
    setup: str
    figures: list[Figure]
    notes: list[str]


def selftest(settings: Settings, *, on_start: Callable[[str], object], electrode_input: str = "") -> Report:
    """Measure everything that a front end can measure.

    Args:
        settings: their source must be a front end.
        on_start: called with the name of each measurement before it starts.
        electrode_input: signal on the electrodes of an AD8232, see `edge.bench.ad8232.ELECTRODE_INPUTS`.

    Raises:
        InputError: the source is not a front end, its files are wrong, or it takes no electrode input.
        HardwareError: a monitor uses the chip, or the chip does not answer; the message says what to check.
    """
    kind = settings.source.kind
    if kind in {"replay", "simulator"}:
        raise InputError(
            f'source.kind is "{kind}": there is no front end to test; set it to "ads1292" or "ad8232", or give --source'
        )
    if electrode_input not in ad8232.ELECTRODE_INPUTS:
        raise InputError(f"--input {electrode_input}: use {' or '.join(filter(None, ad8232.ELECTRODE_INPUTS))}")
    if electrode_input and kind == "ads1292":
        raise InputError(
            f"--input {electrode_input}: an ADS1292 has its own test signal and shorted inputs; leave --input out"
        )
    refuse_if_in_use(settings.storage.folder)
    measured: list[Measurement] = []
    if kind == "ads1292":
        tested = _ads1292(settings.source.ads1292, measured, on_start)
    else:
        tested = _ad8232(settings.source.ad8232, electrode_input, measured, on_start)
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
            Figure(name="samples lost", value=lost, unit="", low=0, high=0, source=LOSS_LIMIT_SOURCE),
            Figure(name="frames damaged", value=damaged, unit="", low=0, high=0, source=LOSS_LIMIT_SOURCE),
        ],
        notes=tested.notes,
    )


def _ads1292(settings: Ads1292Settings, measured: list[Measurement], on_start: Callable[[str], object]) -> _Tested:
    configuration = Configuration(settings)
    figures = list(ads1292.measure_figures(configuration, measured, on_start))
    name = measured[0].name
    identity = next(identity for identity, chip in CHIPS.items() if chip == name)
    return _Tested(
        chip=f"{name} (ID 0x{identity:02X})",
        board=configuration.board.description,
        setup=f"register sets {ads1292.TEST_SIGNAL_SET}, {ads1292.NOISE_SET}, channel {configuration.channel}",
        figures=figures,
        notes=[],
    )


def _ad8232(
    settings: Ad8232Settings, electrode_input: str, measured: list[Measurement], on_start: Callable[[str], object]
) -> _Tested:
    board = configured_board(settings)
    figures = list(ad8232.measure_figures(board, electrode_input, measured, on_start))
    return _Tested(
        chip=measured[0].name,
        board=board.description,
        setup=(
            f"gain {board.gain:g}, reference {board.reference_v:g} V, "
            f"on the electrodes: {electrode_input or 'as they are'}"
        ),
        figures=figures,
        notes=[ad8232.NO_TEST_SIGNAL],
    )
