"""Start-up, identity and read-back against the simulated chip, byte for byte."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import numpy as np
import pytest
from simulated.ads1292r import SimulatedAds1292R
from simulated.bus import SimulatedPins, SimulatedSpi, simulated_bus
from simulated.clock import VirtualClock

from ecg.errors import HardwareError, InputError
from edge.config import Ads1292Settings
from edge.frontends.ads1292.chip import Ads1292Chip
from edge.frontends.ads1292.frame import Frame
from edge.frontends.ads1292.register_set import RegisterSet, load_register_set
from edge.frontends.ads1292.sampler import Configuration
from edge.frontends.boards import Ads1292Board, load_board
from edge.frontends.bus import Bus


class Wired:
    """A driver wired to a chip."""

    def __init__(self, registers: str = "ads1292r-ecg", *, hold_us: float = 8, **chip: Any) -> None:
        board = load_board("cjmcu-1292")
        assert isinstance(board, Ads1292Board)
        self.board = board
        self.clock = VirtualClock()
        self.chip = SimulatedAds1292R(self.clock.now_ns(), lambda _: (0.0, 0.5), **chip)
        self.spi = SimulatedSpi(self.chip, self.clock, hz=self.board.spi_hz, hold_us=hold_us)
        self.bus = Bus(self.spi, SimulatedPins(self.chip, self.clock, self.board), self.clock)
        self.registers: RegisterSet = load_register_set(registers)
        self.driver = Ads1292Chip(self.bus, self.board, self.registers)

    def frames(self, count: int) -> list[Frame]:
        """The next frames that are settled."""
        frames = []
        for _ in range(count + 3):
            assert self.bus.pins.edges(1.0)
            frame = Frame.from_bytes(self.driver.read_frame())
            assert frame is not None
            frames.append(frame)
        return frames[3:]

    def microvolts(self, seconds: int, channel: int = 2) -> Any:
        frames = self.frames(seconds * 500)
        return np.array([frame.channels[channel - 1] for frame in frames]) * self.registers.mv_per_count(channel) * 1000


def test_the_start_up_writes_every_register_of_the_set() -> None:
    wired = Wired()
    assert wired.driver.start_up() == "ADS1292R"
    assert wired.chip.registers[1:] == bytes((0x02, 0xE0, 0x10, 0x81, 0x00, 0x3C, 0x0C, 0x00, 0x02, 0x03, 0x0C))
    assert wired.clock.now_ns() - 1_000_000_000_000 > 1.15e9  # the supply, and the reference
    assert wired.microvolts(1).mean() == pytest.approx(500, abs=1)


def test_a_board_that_ties_start_low_and_reset_high_is_controlled_by_commands() -> None:
    wired = Wired()
    bare = msgspec.structs.replace(wired.board, start=None, reset=None)
    wired.driver = Ads1292Chip(simulated_bus(wired.chip, wired.clock, bare), bare, wired.registers)
    wired.driver.start_up()
    assert wired.microvolts(1).mean() == pytest.approx(500, abs=1)
    wired.driver.stop()
    wired.bus.pins.edges(0)
    assert not wired.bus.pins.edges(1.0)


def test_a_stopped_chip_does_not_convert_and_a_start_wakes_it() -> None:
    wired = Wired()
    wired.driver.start_up()
    wired.driver.stop()
    wired.bus.pins.edges(0)
    assert not wired.bus.pins.edges(1.0)
    wired.driver.start_up()
    assert wired.bus.pins.edges(1.0)


@pytest.mark.parametrize(
    ("identity", "message"),
    [
        (0x00, "reads 0x00: MISO .DOUT. stays low, no chip answers; generally a wiring problem"),
        (0xFF, "reads 0xFF: MISO .DOUT. stays high"),
        (0x50, "an ADS1191 .ID 0x50., a 16-bit relative"),
        (0x51, "an ADS1192 .ID 0x51., a 16-bit relative"),
        (0x52, "an ADS1291, the register set ads1292r-ecg is for ADS1292R"),
        (0x53, "an ADS1292, the register set ads1292r-ecg is for ADS1292R"),
        (0x12, "reads 0x12, which no ADS1291"),
    ],
)
def test_another_identity_is_named(identity: int, message: str) -> None:
    with pytest.raises(HardwareError, match=message):
        Wired(identity=identity).driver.start_up()


@pytest.mark.parametrize(
    ("registers", "identity", "name"), [("ads1292-two-lead", 0x53, "ADS1292"), ("ads1291-ecg", 0x52, "ADS1291")]
)
def test_related_chips_run_with_their_own_register_set(registers: str, identity: int, name: str) -> None:
    assert Wired(registers, identity=identity).driver.start_up() == name


def test_registers_do_not_answer_while_frames_are_sent() -> None:
    wired = Wired()
    wired.driver.start_up()
    assert wired.driver.read_registers(0x00, 1) == b"\x00"


def test_commands_that_come_too_fast_or_lose_chip_select_too_soon_are_not_decoded() -> None:
    fast = Wired()
    fast.spi._hz = 4_000_000
    with pytest.raises(HardwareError, match="reads 0x00"):
        fast.driver.start_up()
    with pytest.raises(HardwareError, match="reads 0x00"):
        Wired(hold_us=0).driver.start_up()


def test_the_bytes_of_a_fault_are_in_its_detail_and_not_in_its_sentence() -> None:
    sentences, details = set(), set()
    for seed in range(20):
        wired = Wired()
        noise = random.Random(seed)
        wired.spi.tamper = lambda answer, noise=noise: noise.randbytes(len(answer))
        with pytest.raises(HardwareError) as caught:
            wired.driver.start_up()
        sentences.add(caught.value.sentence)
        details.add(caught.value.detail)
        assert caught.value.detail in str(caught.value)
    assert len(sentences) <= 2 < len(details)
    assert not any("0x" in sentence for sentence in sentences)


def test_a_register_that_does_not_keep_its_value_is_named_with_what_to_check() -> None:
    wired = Wired()
    wired.spi.tamper = lambda answer: answer if len(answer) < 8 else answer[:3] + b"\x80" + answer[4:]
    with pytest.raises(HardwareError, match=r"not keep .* .CONFIG2 reads back 0x80 after 0xE0 was written.; generally"):
        wired.driver.start_up()


def test_without_the_reference_buffer_every_sample_is_full_scale() -> None:
    wired = Wired()
    wired.driver.start_up()
    wired.chip.registers[2] = 0x80
    assert {frame.channels[1] for frame in wired.frames(10)} == {0x7FFFFF}


def test_a_powered_down_channel_reads_zero() -> None:
    wired = Wired()
    wired.driver.start_up()
    assert {frame.channels[0] for frame in wired.frames(10)} == {0}


def test_an_unchanged_chip_passes_verification_and_continues() -> None:
    wired = Wired()
    wired.driver.start_up()
    wired.driver.verify()
    assert len(wired.frames(10)) == 10


def test_a_register_that_changed_by_itself_is_named() -> None:
    wired = Wired()
    wired.driver.start_up()
    wired.chip.registers[5] = 0x60
    with pytest.raises(HardwareError, match="CH2SET changed by themselves"):
        wired.driver.verify()


def test_a_register_that_changed_is_written_anew_and_frames_go_on() -> None:
    wired = Wired()
    wired.driver.start_up()
    assert wired.driver.restore() == []
    held = bytes(wired.chip.registers)
    wired.chip.registers[5], wired.chip.registers[7] = 0x60, 0x00
    assert wired.driver.restore() == ["CH2SET", "LOFF_SENS"]
    assert wired.chip.registers == held
    assert wired.microvolts(1).mean() == pytest.approx(500, abs=1)


def test_a_bit_that_flips_on_the_wires_is_no_change_of_the_chip() -> None:
    wired = Wired()
    wired.driver.start_up()
    reads = 0

    def flip(answer: bytes) -> bytes:
        nonlocal reads
        reads += len(answer) > 3
        return answer if reads != 1 else answer[:-1] + bytes((answer[-1] ^ 0x40,))

    wired.spi.tamper = flip
    assert wired.driver.restore() == []


def test_a_register_that_does_not_keep_what_is_written_anew_is_a_fault() -> None:
    wired = Wired()
    wired.driver.start_up()
    wired.spi.tamper = lambda answer: answer if len(answer) < 8 else answer[:8] + b"\x00" + answer[9:]
    with pytest.raises(HardwareError, match="LOFF_SENS changed and cannot be written anew; generally a wiring"):
        wired.driver.restore()


def test_one_register_at_its_reset_value_is_no_reset_of_the_chip() -> None:
    wired = Wired()
    wired.driver.start_up()
    wired.chip.registers[7] = 0x00
    with pytest.raises(HardwareError, match="LOFF_SENS changed by themselves"):
        wired.driver.verify()
    wired.chip.brown_out(wired.clock.now_ns())
    wired.clock.sleep(1.0)
    for check in (wired.driver.verify, wired.driver.restore):
        with pytest.raises(HardwareError, match="the chip has reset itself"):
            check()


def test_a_conversion_that_ends_while_registers_are_read_gives_no_frame() -> None:
    wired = Wired()
    wired.driver.start_up()
    wired.frames(1)
    wired.bus.spi.transfer(b"\x11")
    assert wired.bus.pins.edges(1.0)
    wired.bus.spi.transfer(b"\x10")
    assert Frame.from_bytes(wired.driver.read_frame()) is None
    assert wired.bus.pins.edges(1.0)
    assert Frame.from_bytes(wired.driver.read_frame()) is not None


def test_the_test_signal_is_2016_microvolts_peak_to_peak_at_1_hz() -> None:
    wired = Wired("ads1292r-test-signal")
    wired.driver.start_up()
    signal = wired.microvolts(4)
    assert np.median(signal[signal > 0]) - np.median(signal[signal < 0]) == pytest.approx(2017, abs=3)
    assert np.count_nonzero(np.diff(np.signbit(signal))) in {7, 8}


def test_shorted_inputs_leave_the_noise() -> None:
    wired = Wired("ads1292r-shorted-input")
    wired.driver.start_up()
    assert wired.microvolts(4).std() == pytest.approx(1.3, abs=0.2)


def test_a_frame_survives_encoding_and_decoding_and_a_damaged_one_is_recognised() -> None:
    frame = Frame(0b0_1100, 0b10, (-1, 0x7FFFFF))
    assert Frame.from_bytes(frame.to_bytes()) == frame
    for bit in range(72):
        raw = (int.from_bytes(frame.to_bytes(), "big") ^ 1 << bit).to_bytes(9, "big")
        in_marker_or_zeros = bit >= 68 or 48 <= bit < 61
        assert (Frame.from_bytes(raw) is None) == in_marker_or_zeros
    assert Frame.from_bytes(b"") is None


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (Ads1292Settings(channel=1), "channel 1 is powered down in the register set ads1292r-ecg"),
        (Ads1292Settings(board="ad8232-mcp3208"), "has no ADS1292"),
        (Ads1292Settings(registers="none"), "no register set 'none'"),
    ],
)
def test_settings_that_give_no_ecg_are_refused_before_anything_is_opened(
    settings: Ads1292Settings, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        Configuration(settings)
