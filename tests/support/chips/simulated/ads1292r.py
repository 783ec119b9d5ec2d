"""A simulated ADS1291, ADS1292 or ADS1292R (datasheet SBAS502) as a state machine at the SPI byte level.

Reading registers costs: SDATAC discards the frame, and a conversion that ends before RDATAC, or less than 4 tCLK after
it, gives none.

Time is given with each call; conversions up to then are made when it is asked for. What the electrodes carry is a
function of time; the decimation filter delays it, and what it takes off is left to that function (`electrodes`). Faults
are attributes that a test sets and takes back.
"""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

T_CLK_NS = 1e9 / 512_000
DECODE_NS = 4 * T_CLK_NS  # between the bytes of a command, and chip select low after its last one
POWER_ON_NS = 2**18 * T_CLK_NS  # 0.5 s until the chip answers
DIP_NS = 0.12e9  # until it converts again after a dip of the supply
AFTER_RESET_NS = 18 * T_CLK_NS
UNSETTLED = 3
FILTER_DELAY = 1.5  # periods: the third-order sinc filter looks at three

RATES_HZ = (125, 250, 500, 1000, 2000, 4000, 8000)
GAINS = (6, 1, 2, 3, 4, 8, 12)
DEFAULTS = bytes((0x00, 0x02, 0x80, 0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x02, 0x0C))
WRITABLE = bytes((0x00, 0x87, 0x7B, 0xED, 0xFF, 0xFF, 0xFF, 0x3F, 0x40, 0xFD, 0x86, 0x0C))
FORCED_ONES = bytes((0x00, 0x00, 0x80, 0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x01, 0x00))
FULL_SCALE = 2**23 - 1

KERNEL_QUEUE = 16


@dataclass
class Faults:
    """The faults; each can be set and cleared at any time.

    Attributes:
        stuck_miso: MISO stays so: 0x00 or 0xFF.
        flip_every: in each so many-th answer of the chip one bit is flipped; 0 = never.
        miss_every: of the DRDY edges each so many-th is not seen; 0 = never.
        miss_counted: whether the kernel's numbers tell of it (its queue was full) or not (no interrupt came).
        clock: times the programmed rate.
        electrodes_off: bits of the inputs, as in LOFF_STAT: RLD 2N 2P 1N 1P.
        unplugged: no supply, no answer, no edges.
        drdy_cut: the wire of DRDY is broken.
        reference_shorted: the reference buffer is on, and the reference is at ground.
    """

    stuck_miso: int | None = None
    flip_every: int = 0
    miss_every: int = 0
    miss_counted: bool = True
    clock: float = 1.0
    electrodes_off: int = 0
    unplugged: bool = False
    drdy_cut: bool = False
    reference_shorted: bool = False


class SimulatedAds1292R:
    """One chip.

    Args:
        now_ns: when the supply comes up.
        electrodes_mv: voltages of channels 1 and 2 at a time in s since then.
        identity: value of the ID register.
        clock_error: of its oscillator: 0.01 is 1 % fast.
        noise_uv: RMS at the inputs.
        avdd_v: analogue supply.
    """

    def __init__(
        self,
        now_ns: int,
        electrodes_mv: Callable[[float], tuple[float, float]],
        *,
        identity: int = 0x73,
        clock_error: float = 0.0,
        noise_uv: float = 1.3,
        avdd_v: float = 3.3,
        seed: int = 1,
    ) -> None:
        self.faults = Faults()
        self.registers = bytearray(DEFAULTS)
        self.conversions = 0
        self._born_ns = now_ns
        self._electrodes_mv = electrodes_mv
        self._identity = identity
        self._clock_error = clock_error
        self._avdd_v = avdd_v
        self._random = random.Random(seed)
        self._noise_mv = [self._random.gauss(0, noise_uv / 1000) for _ in range(8191)]
        self._start_pin, self._reset_pin, self._start_command = False, True, False
        self._edges: deque[tuple[int, int]] = deque(maxlen=KERNEL_QUEUE)
        self._edge_number = 0
        self._answers = 0
        self._reset(now_ns, now_ns + POWER_ON_NS)

    # The pins.

    def set_start(self, now_ns: int, *, high: bool) -> None:
        self.advance(now_ns)
        self._start_pin = high
        self._restart(now_ns)

    def set_reset(self, now_ns: int, *, high: bool) -> None:
        self.advance(now_ns)
        if high and not self._reset_pin:
            self._reset(now_ns, now_ns + AFTER_RESET_NS)
        self._reset_pin = high
        self._restart(now_ns)

    def take_edges(self, now_ns: int) -> list[tuple[int, int]]:
        """Falling edges of DRDY, (number, ns), since the last call, as many as the kernel keeps."""
        self.advance(now_ns)
        edges = list(self._edges)
        self._edges.clear()
        return edges

    def next_edge_ns(self) -> float | None:
        """When the next conversion will be ready; None if none is under way."""
        if self._next_ns is None or self.faults.unplugged or self.faults.drdy_cut:
            return None
        return self._next_ns

    # The supply.

    def brown_out(self, now_ns: int) -> None:
        """The supply dips: everything is as after power-up; START is still high, so conversions go on."""
        self.advance(now_ns)
        self._reset(now_ns, now_ns + DIP_NS)
        self._restart(round(now_ns + DIP_NS))

    def unplug(self, now_ns: int) -> None:
        self.advance(now_ns)
        self.faults.unplugged = True

    def plug(self, now_ns: int) -> None:
        self.advance(now_ns)
        self.faults.unplugged = False
        self._reset(now_ns, now_ns + POWER_ON_NS)
        self._restart(round(now_ns + POWER_ON_NS))

    # The bus.

    def transfer(self, now_ns: int, data: bytes, *, hz: int, mode: int, hold_ns: float) -> bytes:
        """Exchange bytes during one chip select."""
        byte_ns = 8e9 / hz
        answer = bytearray()
        self._argument = 0  # bytes that the command still expects
        self._frame_at = 0
        deaf = self.faults.unplugged or now_ns < self._awake_ns or not self._reset_pin or mode != 1
        for position, byte in enumerate(data):
            end_ns = now_ns + (position + 1) * byte_ns
            self.advance(round(end_ns - byte_ns))
            if deaf:
                answer.append(0)
                continue
            decodable = byte_ns >= DECODE_NS if position + 1 < len(data) else hold_ns >= DECODE_NS
            answer.append(self._exchange(byte, round(end_ns), decodable=decodable))
        return self._damage(bytes(answer))

    def _exchange(self, byte: int, now_ns: int, *, decodable: bool) -> int:
        if self._argument:
            return self._take_argument(byte)
        if self._rdatac and byte == 0:
            out = self._frame[self._frame_at] if self._frame_at < len(self._frame) else 0
            self._frame_at += 1
            return out
        if decodable:
            self._take_opcode(byte, now_ns)
        return 0

    def _take_opcode(self, byte: int, now_ns: int) -> None:
        kind = byte & 0xE0
        if kind == 0x20 and not self._rdatac:  # RREG, ignored while in RDATAC
            self._register, self._argument, self._is_write = byte & 31, -1, False
        elif kind == 0x40:
            self._register, self._argument, self._is_write = byte & 31, -1, True
        elif byte == 0x10:
            self._rdatac, self._rdatac_ns = True, now_ns
        elif byte == 0x11:
            self._rdatac, self._frame = False, bytes(9)
        elif byte == 0x06:
            self._reset(now_ns, now_ns + AFTER_RESET_NS)
            self._restart(now_ns)
        elif byte in {0x08, 0x0A}:
            self._start_command = byte == 0x08
            self._restart(now_ns)

    def _take_argument(self, byte: int) -> int:
        if self._argument == -1:
            self._argument = (byte & 31) + 1
            return 0
        self._argument -= 1
        register, self._register = self._register, self._register + 1
        if register >= len(self.registers):
            return 0
        if self._is_write:
            writable = WRITABLE[register]
            self.registers[register] = (
                self.registers[register] & ~writable | byte & writable | FORCED_ONES[register]
            ) & 0xFF
            return 0
        if register == 8:
            return self.registers[8] | self._lead_off()
        return self._identity if register == 0 else self.registers[register]

    def _damage(self, answer: bytes) -> bytes:
        if self.faults.stuck_miso is not None:
            return bytes([self.faults.stuck_miso]) * len(answer)
        self._answers += 1
        if self.faults.flip_every and self._answers % self.faults.flip_every == 0:
            bit = self._random.randrange(len(answer) * 8)
            flipped = bytearray(answer)
            flipped[bit // 8] ^= 1 << bit % 8
            return bytes(flipped)
        return answer

    # Conversions.

    def advance(self, now_ns: int) -> None:
        """Make the conversions up to now."""
        while self._next_ns is not None and self._next_ns <= now_ns:
            if self.faults.unplugged:
                self._next_ns = None
                return
            self._convert(self._next_ns)
            is_single_shot = self.registers[1] & 0x80
            self._next_ns = None if is_single_shot else self._next_ns + self._period_ns()

    def _period_ns(self) -> float:
        rate_hz = RATES_HZ[min(self.registers[1] & 7, 6)]
        return 1e9 / (rate_hz * (1 + self._clock_error) * self.faults.clock)

    def _reset(self, now_ns: int, awake_ns: float) -> None:
        self.registers[:] = DEFAULTS
        self._rdatac, self._rdatac_ns = True, now_ns
        self._start_command = False
        self._awake_ns = awake_ns
        self._frame = bytes(9)
        self._frame_at = 0
        self._argument = 0
        self._restart(now_ns)

    def _restart(self, now_ns: int) -> None:
        """START has changed, or the chip was reset: a conversion begins, or none is under way."""
        self._unsettled = UNSETTLED
        converts = (self._start_pin or self._start_command) and self._reset_pin and not self.faults.unplugged
        self._next_ns: float | None = max(now_ns, self._awake_ns) + self._period_ns() if converts else None

    def _convert(self, ns: float) -> None:
        self.conversions += 1
        status = 0xC00000 | self._lead_off() << 15 | (self.registers[11] & 3) << 13
        counts = [self._counts(channel, ns) for channel in (1, 2)]
        if self._unsettled:
            counts = [count * (UNSETTLED + 1 - self._unsettled) // (UNSETTLED + 1) for count in counts]
            self._unsettled -= 1
        frame = status.to_bytes(3, "big") + b"".join(count.to_bytes(3, "big", signed=True) for count in counts)
        in_time = self._rdatac and ns >= self._rdatac_ns + DECODE_NS  # tUPDATE: RDATAC at least 4 tCLK before DRDY
        self._frame = frame if in_time else bytes(len(frame))
        self._fall(round(ns))

    def _fall(self, ns: int) -> None:
        if self.faults.drdy_cut:
            return
        missed = self.faults.miss_every and self.conversions % self.faults.miss_every == 0
        if missed and not self.faults.miss_counted:
            return
        self._edge_number += 1
        if not missed:
            self._edges.append((self._edge_number, ns))

    def _lead_off(self) -> int:
        if not self.registers[2] & 0x40:
            return 0
        watched = self.registers[7] & 15 | self.registers[6] & 0x10
        return self.faults.electrodes_off & watched

    def _counts(self, channel: int, ns: float) -> int:
        config2, setting = self.registers[2], self.registers[3 + channel]
        if setting & 0x80:
            return 0
        if not config2 & 0x20 or self.faults.reference_shorted:  # no reference
            return FULL_SCALE
        reference_mv = 4033.0 if config2 & 0x10 and self._avdd_v > 4.7 else 2420.0  # 4 V needs a supply of 5 V
        noise_mv = self._noise_mv[self.conversions * channel % len(self._noise_mv)]
        mv = self._input_mv(channel, setting & 15, ns, reference_mv) + noise_mv
        counts = round(mv * GAINS[setting >> 4 & 7] / reference_mv * FULL_SCALE)
        return max(-FULL_SCALE - 1, min(FULL_SCALE, counts))

    def _input_mv(self, channel: int, mux: int, ns: float, reference_mv: float) -> float:
        time_s = (ns - FILTER_DELAY * self._period_ns() - self._born_ns) / 1e9
        if mux == 0:
            off = self.faults.electrodes_off >> (0 if channel == 1 else 2) & 3
            if off:  # the test current drives a loose input to the supply; without it hum comes in
                tested = self.registers[7] >> (0 if channel == 1 else 2) & off
                return 1e4 if tested else 2.0 * (-1) ** int(time_s * 100)
            return self._electrodes_mv(time_s)[channel - 1]
        if mux == 3:  # half the analogue supply on channel 1, a quarter of the digital one on channel 2
            return 1000 * self._avdd_v / 2 if channel == 1 else 3300.0 / 4
        if mux == 4:  # 25 degC
            return 145.3
        if mux == 5 and self.registers[2] & 2:
            high = not self.registers[2] & 1 or int(time_s * 2) % 2 == 0
            return reference_mv / 2400 * (1 if high else -1)
        return 0.0
