"""A simulated AD8232 board with its converter: what the electrodes carry, amplified, and what the lines tell.

The filters of a board are not simulated: what the electrodes carry is taken to have passed them.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from math import cos, exp
from typing import TYPE_CHECKING

from simulated.mcp320x import SimulatedMcp320x

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.frontends.boards import Ad8232Board

LO_PLUS, LO_MINUS = 1, 2
BITS = {"mcp3208": 12, "mcp3008": 10}
RESTORE_V, RESTORE_S, RESTORE_HZ = 1.2, 0.25, 4.0
"""Fast restore: after a reconnection the output swings so far, for so long, so often a second."""


@dataclass
class Faults:
    """The faults; each can be set and cleared at any time.

    Attributes:
        stuck_miso: MISO stays so: 0x00 or 0xFF.
        flip_every: in each so many-th reply of the converter one bit is flipped; 0 = never.
        electrodes_off: `LO_PLUS`, `LO_MINUS` or both.
        output_v: the output stays so: 0.02 is its lower rail.
        sdn_cut: the wire of SDN is broken, the board keeps the chip awake.
    """

    stuck_miso: int | None = None
    flip_every: int = 0
    electrodes_off: int = 0
    output_v: float | None = None
    sdn_cut: bool = False


class SimulatedAd8232:
    """One board.

    Args:
        now_ns: when the supply comes up.
        electrodes_mv: voltages at a time in s since then; the second one is the ECG.
        board: what it is wired with; its true gain and reference.
        rest_v: where the output rests.
        noise_uv: RMS at the electrodes.
    """

    def __init__(
        self,
        now_ns: int,
        electrodes_mv: Callable[[float], tuple[float, float]],
        board: Ad8232Board,
        *,
        rest_v: float = 1.5,
        noise_uv: float = 3.0,
        seed: int = 1,
    ) -> None:
        self.awake = False
        self._faults = Faults()
        self._board = board
        self._adc = SimulatedMcp320x(BITS[board.adc], self._input_v, board.reference_v, seed=seed)
        self._born_ns = now_ns
        self._electrodes_mv = electrodes_mv
        self._rest_v = rest_v
        dice = random.Random(seed)
        self._noise_mv = [dice.gauss(0, noise_uv / 1000) for _ in range(8191)]
        self._conversions = 0
        self._restored_from_ns = float(now_ns)

    @property
    def faults(self) -> Faults:
        return self._faults

    def apply(self, now_ns: int, faults: Faults) -> None:
        """Set these faults and clear all others."""
        if self._faults.electrodes_off and not faults.electrodes_off:
            self._restored_from_ns = now_ns
        self._faults = faults
        self.awake |= faults.sdn_cut
        self._adc.stuck_miso, self._adc.flip_every = faults.stuck_miso, faults.flip_every

    def set_line(self, now_ns: int, line: int, *, high: bool) -> None:
        if line == self._board.sdn and not self._faults.sdn_cut:
            if high and not self.awake:
                self._restored_from_ns = now_ns
            self.awake = high

    def line_is_high(self, line: int) -> bool:
        bit = {self._board.lo_plus: LO_PLUS, self._board.lo_minus: LO_MINUS}[line]
        return bool(self._faults.electrodes_off & bit)

    def transfer(self, now_ns: int, data: bytes, *, hz: int, mode: int, hold_ns: float) -> bytes:
        return self._adc.transfer(now_ns, data, hz=hz, mode=mode, hold_ns=hold_ns)

    def _input_v(self, channel: int, ns: float) -> float:
        self._conversions += 1
        if channel != self._board.adc_channel or not self.awake:
            return 0.0
        if self._faults.output_v is not None:
            return self._faults.output_v
        highest_v = self._board.reference_v - 0.02
        if self._faults.electrodes_off:
            return highest_v
        mv = self._electrodes_mv((ns - self._born_ns) / 1e9)[1]
        mv += self._noise_mv[self._conversions % len(self._noise_mv)]
        since_s = (ns - self._restored_from_ns) / 1e9
        swing_v = RESTORE_V * exp(-since_s / RESTORE_S) * cos(6.28 * RESTORE_HZ * since_s) if since_s < 5 else 0.0
        return max(0.02, min(highest_v, self._rest_v + swing_v + self._board.gain * mv / 1000))
