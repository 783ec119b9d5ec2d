"""The one front end of a process that uses the stand-ins for `spidev` and `gpiod`, in real time.

The environment variable `SIMULATED_FRONT_END` names a JSON file: `kind` (`ads1292` or `ad8232`), `recording` (a file
of doubles, in mV), `rate_hz` (their rate), `clock_error`, `identity`; `faults` (fields of the chip's `Faults`);
`brown_outs` (raised by one, the supply dips); `waits` (the chip's time stands still while its reader is late, so that a
busy machine loses nothing); `button_down` (of the patient's button, on GPIO 5); `busy` (names of other programs by the
GPIO line that they have) and `spi_errno` (of opening the SPI device). It is read again when it changes.
"""

from __future__ import annotations

import json
import os
import time
from functools import cache
from pathlib import Path
from typing import Any

from edge.frontends.boards import Ad8232Board, load_board
from simulated import ad8232
from simulated.ads1292r import Faults, SimulatedAds1292R
from simulated.button import SimulatedButton
from simulated.electrodes import Recording

LOOK_NS = 50_000_000
START, RESET = 22, 27  # of the board `cjmcu-1292`
BUTTON = 5


class FrontEnd:
    def __init__(self, path: Path) -> None:
        self._path = path
        settings = json.loads(path.read_text())
        electrodes = Recording.load(Path(settings["recording"]), settings["rate_hz"])
        self.chip: SimulatedAds1292R | ad8232.SimulatedAd8232
        if settings.get("kind") == "ad8232":
            board = load_board("ad8232-mcp3208")
            assert isinstance(board, Ad8232Board)
            self.chip = ad8232.SimulatedAd8232(time.monotonic_ns(), electrodes, board)
        else:
            self.chip = SimulatedAds1292R(
                time.monotonic_ns(),
                electrodes,
                clock_error=settings.get("clock_error", 0.0),
                identity=settings.get("identity", 0x73),
            )
        self.button = SimulatedButton()
        self._button_down = settings.get("button_down", False)
        self.button.is_high = not self._button_down
        self.busy = {int(line): user for line, user in settings.get("busy", {}).items()}
        self.spi_errno = settings.get("spi_errno", 0)
        self._waits = settings.get("waits", False)
        self._lag_ns = 0
        self.last_ns = 0
        self._brown_outs = settings.get("brown_outs", 0)
        self._look_ns = 0
        self._changed_ns = 0

    def time_ns(self, limit_ns: float | None = None) -> int:
        """The chip's time; if it waits, not after the limit."""
        now_ns = time.monotonic_ns() - self._lag_ns
        if self._waits and limit_ns is not None and now_ns > limit_ns:
            held_ns = max(round(limit_ns), self.last_ns)
            self._lag_ns += now_ns - held_ns
            now_ns = held_ns
        self.last_ns = now_ns
        return now_ns

    def next_edge_ns(self) -> float | None:
        """When the chip will next pull DRDY low; None if it will not."""
        return self.chip.next_edge_ns() if isinstance(self.chip, SimulatedAds1292R) else None

    def take_edges(self, now_ns: int) -> list[tuple[int, int]]:
        return self.chip.take_edges(now_ns) if isinstance(self.chip, SimulatedAds1292R) else []

    def set_line(self, line: int, *, high: bool) -> None:
        now_ns = self.time_ns()
        if not isinstance(self.chip, SimulatedAds1292R):
            self.chip.set_line(now_ns, line, high=high)
        elif line == START:
            self.chip.set_start(now_ns, high=high)
        elif line == RESET:
            self.chip.set_reset(now_ns, high=high)

    def line_is_high(self, line: int) -> bool:
        if line == BUTTON:
            self.look()
            self.button.advance(time.monotonic_ns())
            return self.button.is_high
        return not isinstance(self.chip, SimulatedAds1292R) and self.chip.line_is_high(line)

    def look(self) -> None:
        """Apply changes that the test has made."""
        if time.monotonic_ns() < self._look_ns:
            return
        self._look_ns = time.monotonic_ns() + LOOK_NS
        changed_ns = self._path.stat().st_mtime_ns
        if changed_ns == self._changed_ns:
            return
        self._changed_ns = changed_ns
        settings, now_ns = json.loads(self._path.read_text()), self.time_ns()
        self._apply(settings.get("faults", {}), now_ns)
        if settings.get("button_down", False) != self._button_down:
            self._button_down = not self._button_down
            self.button.move(time.monotonic_ns(), down=self._button_down)
        if settings.get("brown_outs", 0) > self._brown_outs:
            self._brown_outs = settings["brown_outs"]
            assert isinstance(self.chip, SimulatedAds1292R)
            self.chip.brown_out(now_ns)

    def _apply(self, faults: dict[str, Any], now_ns: int) -> None:
        if not isinstance(self.chip, SimulatedAds1292R):
            self.chip.apply(now_ns, ad8232.Faults(**faults))
            return
        wanted = Faults(**faults)
        was_unplugged = self.chip.faults.unplugged
        self.chip.advance(now_ns)
        self.chip.faults = wanted
        if was_unplugged and not wanted.unplugged:
            self.chip.plug(now_ns)


@cache
def front_end() -> FrontEnd:
    return FrontEnd(Path(os.environ["SIMULATED_FRONT_END"]))
