"""The ADS1292R over a longer time: faults are named within 5 s, and the samples come again by themselves."""

from __future__ import annotations

import itertools
import random
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from simulated.ads1292r import Faults

from edge.config import Ads1292Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecg.samples import SampleBlock

NAMED_S = 5.0


def indices(blocks: Sequence[SampleBlock]) -> list[int]:
    return [block.first_index + n for block in blocks for n in np.flatnonzero(np.isfinite(block.samples_mv)).tolist()]


def assert_ordered(blocks: Sequence[SampleBlock]) -> None:
    for before, after in itertools.pairwise(blocks):
        assert after.first_index >= before.first_index + len(before.samples_mv)


def error_mv(bench: Any, blocks: Sequence[SampleBlock]) -> float:
    """How far the samples are from the sine at the moments that their indices stand for."""
    period_s = 1 / bench.rate_hz
    first = next(block for block in blocks if block.end_s is not None)
    origin_s = first.end_s - (first.first_index + len(first.samples_mv)) * period_s - bench.chip._born_ns / 1e9
    worst = 0.0
    for block in blocks:
        times_s = origin_s + (block.first_index + np.arange(len(block.samples_mv))) * period_s
        off = np.abs(block.samples_mv - np.sin(2 * np.pi * times_s))
        worst = max(worst, float(off[np.isfinite(off)].max(initial=0.0)))
    return worst


@pytest.mark.parametrize("clock_error", [-0.02, 0.0, 0.01])
def test_every_sample_comes_and_the_true_rate_is_measured(bench: Any, clock_error: float) -> None:
    stand = bench(clock_error=clock_error)
    stand.run(30)
    assert stand.faults == stand.warnings == []
    found = indices(stand.blocks)
    assert found == list(range(found[0], found[-1] + 1))
    assert len(found) > 28 * 500
    assert stand.rate_hz == pytest.approx(500 * (1 + clock_error), rel=1e-5)
    assert error_mv(stand, stand.blocks) < 0.02


def test_the_gain_of_the_settings_is_the_gain_of_the_chip_and_the_scale_follows(bench: Any) -> None:
    stand = bench(Ads1292Settings(gain=12, channel=2))
    stand.run(5)
    assert stand.chip.registers[5] == 6 << 4
    assert error_mv(stand, stand.blocks) < 0.02


def test_the_other_channel_is_read_where_the_settings_say_so(bench: Any) -> None:
    stand = bench(Ads1292Settings(registers="ads1292-two-lead", channel=1))
    stand.run(5)
    assert np.concatenate([block.samples_mv for block in stand.blocks]) == pytest.approx(0.3, abs=0.02)


def test_electrodes_off_and_on_are_reported_and_split_the_blocks(bench: Any) -> None:
    stand = bench()
    stand.run(
        12,
        (4.0, lambda: setattr(stand.chip.faults, "electrodes_off", 0b0100)),
        (8.0, lambda: setattr(stand.chip.faults, "electrodes_off", 0)),
    )
    assert stand.faults == stand.warnings == []
    states = [state for state, _ in itertools.groupby(block.electrode_off for block in stand.blocks)]
    assert states == [False, True, False]
    off = [index for block in stand.blocks if block.electrode_off for index in range(len(block.samples_mv))]
    assert len(off) == pytest.approx(4.1 * 500, abs=5)  # it counts as on 0.1 s after the comparators say so
    assert not np.isnan(np.concatenate([block.samples_mv for block in stand.blocks])).any()


@pytest.mark.parametrize("registers", ["ads1292r-ecg", "ads1292-two-lead"])
def test_the_electrode_of_the_right_leg_drive_that_is_off_is_reported_by_name(*, bench: Any, registers: str) -> None:
    stand = bench(Ads1292Settings(registers=registers))
    stand.run(
        14,
        (4.0, lambda: setattr(stand.chip.faults, "electrodes_off", 0b1_0000)),
        (8.0, lambda: setattr(stand.chip.faults, "electrodes_off", 0)),
    )
    states = [state for state, _ in itertools.groupby(block.electrode_off for block in stand.blocks)]
    assert states == [False, True, False]
    assert {text.partition(";")[0] for _, text in stand.warnings} == {
        "the electrode of the right-leg drive (RL) is off"
    }
    assert 4 < stand.warnings[0][0] < 4 + NAMED_S
    assert stand.warnings[-1][0] < 8 + NAMED_S


def test_an_electrode_of_the_other_lead_does_not_count(bench: Any) -> None:
    stand = bench(Ads1292Settings(registers="ads1292-two-lead", channel=2))
    stand.chip.faults.electrodes_off = 0b0011
    stand.run(4)
    assert {block.electrode_off for block in stand.blocks} == {False}


def test_without_comparators_the_electrode_state_is_unknown(bench: Any) -> None:
    stand = bench(Ads1292Settings(registers="ads1292r-shorted-input"))
    stand.chip.faults.electrodes_off = 0b1111
    stand.run(4)
    assert {block.electrode_off for block in stand.blocks} == {None}


@pytest.mark.parametrize(
    ("fault", "named"),
    [
        ({"stuck_miso": 0x00}, "reads 0x00: MISO (DOUT) stays low"),
        ({"stuck_miso": 0xFF}, "reads 0xFF: MISO (DOUT) stays high"),
        ({"unplugged": True}, "no chip answers"),
        ({"drdy_cut": True}, "DRDY (GPIO 17) does not fall although the chip answers"),
        ({"clock": 0.5}, "DRDY does not fall 500 times a second"),
        ({"flip_every": 50}, "frames are damaged on the SPI wires"),
        ({"miss_every": 100, "miss_counted": True}, "DRDY was missed"),
        ({"miss_every": 100, "miss_counted": False}, "DRDY was missed"),
    ],
)
def test_a_fault_is_named_and_samples_come_again_when_it_goes(bench: Any, fault: dict[str, Any], named: str) -> None:
    stand = bench(clock_error=0.004)
    begins_s, ends_s = 10.0, 22.0

    def mend() -> None:
        if stand.chip.faults.unplugged:
            stand.chip.plug(stand.clock.now_ns())
        stand.chip.faults = Faults()

    stand.run(45, (begins_s, lambda: setattr(stand.chip, "faults", Faults(**fault))), (ends_s, mend))
    told = [(when_s, text) for when_s, text in stand.faults + stand.warnings if named in text]
    assert told, (stand.faults[:3], stand.warnings[:3])
    assert begins_s < told[0][0] < begins_s + NAMED_S
    again = stand.delivered(ends_s)
    assert again[0].end_s - stand.began_ns / 1e9 < ends_s + 7
    assert_ordered(stand.blocks)
    healthy = [block for block in stand.blocks if block.end_s - stand.began_ns / 1e9 < begins_s]
    assert error_mv(stand, healthy + stand.delivered(ends_s + 8)) < 0.05  # across the fault the index did not shift


def test_a_brown_out_is_named_and_the_chip_is_configured_again(bench: Any) -> None:
    stand = bench()
    stand.run(20, (10.0, lambda: stand.chip.brown_out(stand.clock.now_ns())))
    (when_s, cause), *_ = stand.faults
    assert "reset itself" in cause
    assert "brown-out" in cause
    assert when_s < 10.0 + NAMED_S
    assert stand.starts == 2
    assert stand.delivered(13.0)
    assert stand.chip.registers[2] == 0xE0
    assert error_mv(stand, stand.delivered(0)) < 0.05


def test_a_lost_edge_is_a_gap_of_one_sample_and_nothing_shifts(bench: Any) -> None:
    for counted in (True, False):
        stand = bench(clock_error=-0.01)
        stand.run(
            20, (5.0, lambda s=stand, c=counted: setattr(s.chip, "faults", Faults(miss_every=500, miss_counted=c)))
        )
        found = indices(stand.blocks)
        gaps = [after - before for before, after in itertools.pairwise(found) if after != before + 1]
        assert gaps == [2] * len(gaps)
        assert 14 <= len(gaps) <= 15
        assert error_mv(stand, stand.blocks) < 0.02


def test_a_late_driver_loses_the_overwritten_frames_and_counts_them(bench: Any) -> None:
    stand = bench()
    dice = random.Random(3)
    stand.pins.late_ns = lambda: 5e6 if dice.random() < 0.02 else dice.uniform(2e4, 1.9e6)
    stand.run(30)
    found = indices(stand.blocks)
    lost = found[-1] + 1 - found[0] - len(found)
    assert lost > 100
    assert stand.builder.lost == lost
    assert error_mv(stand, stand.blocks) < 0.02


def test_a_clipped_sample_is_invalid_and_lasting_clipping_is_named(bench: Any) -> None:
    stand = bench(electrodes_mv=lambda time_s: (0.0, 500.0 if 5 < time_s < 12 else 0.1))
    stand.run(15)
    clipped = [block for block in stand.blocks if np.isnan(block.samples_mv).any()]
    assert sum(int(np.isnan(block.samples_mv).sum()) for block in clipped) == pytest.approx(7 * 500, abs=5)
    assert stand.faults == []
    assert "beyond +-403 mV (clipped)" in stand.warnings[0][1]
    assert stand.warnings[0][0] < 5 + NAMED_S
    assert stand.starts == 1


def test_a_converter_that_repeats_one_value_is_told(bench: Any) -> None:
    stand = bench(electrodes_mv=lambda _: (0.0, 0.1), noise_uv=0.0)
    stand.run(8)
    assert {text.partition(";")[0] for _, text in stand.warnings} == {
        "the converter repeats one value although its registers are right"
    }
    assert stand.faults == []


def test_a_damaged_frame_is_one_lost_sample(bench: Any) -> None:
    stand = bench()
    spared = stand.spi.tamper

    def damage() -> None:
        def once(answer: bytes) -> bytes:
            stand.spi.tamper = spared
            return b"\x00" * len(answer)

        stand.spi.tamper = once

    stand.run(8, (4.0, damage))
    found = indices(stand.blocks)
    assert [after - before for before, after in itertools.pairwise(found) if after != before + 1] == [2]
    assert stand.starts == 1


def test_a_chip_that_lost_its_mode_is_resynchronised_without_a_restart(bench: Any) -> None:
    stand = bench()
    stand.run(8, (4.0, lambda: setattr(stand.chip, "_rdatac", False)))
    assert stand.starts == 1
    assert stand.faults == []
    assert 0 < stand.builder.lost < 10


def test_reading_the_registers_back_costs_no_sample(bench: Any) -> None:
    stand = bench(clock_error=0.01)
    reads = []
    restore = stand.chip._take_argument
    stand.chip._take_argument = lambda byte: reads.append(stand.now_s) or restore(byte)
    stand.run(125)
    assert len({round(when_s) for when_s in reads if when_s > 5}) == 4  # each 30 s
    assert stand.faults == stand.warnings == []
    found = indices(stand.blocks)
    assert found == list(range(found[0], found[-1] + 1))
    assert error_mv(stand, stand.blocks) < 0.02


def test_a_busy_machine_reads_the_registers_back_all_the_same(bench: Any) -> None:
    stand = bench()
    stand.pins.late_ns = lambda: 1.2e6  # never in the first quarter of a period
    stand.run(60, (10.0, lambda: stand.chip.registers.__setitem__(7, 0)))
    assert stand.chip.registers[7] == 0x0C
    assert any("LOFF_SENS of the chip changed unbidden" in text for _, text in stand.warnings)


@pytest.mark.parametrize(
    ("register", "value", "name"),
    [
        (2, 0xA0, "CONFIG2"),  # comparators off
        (2, 0xE3, "CONFIG2"),  # test signal
        (3, 0xF0, "LOFF"),
        (5, 0x60, "CH2SET"),  # gain 12
        (5, 0x01, "CH2SET"),  # input shorted
        (6, 0x00, "RLD_SENS"),
        (7, 0x00, "LOFF_SENS"),
        (9, 0xC2, "RESP1"),
    ],
)
def test_a_register_that_changes_is_written_anew_within_a_minute_and_told(
    *, bench: Any, register: int, value: int, name: str
) -> None:
    stand = bench()
    stand.run(70, (5.0, lambda: stand.chip.registers.__setitem__(register, value)))
    told_s, text = next(each for each in stand.warnings if "changed unbidden" in each[1])
    assert text.startswith(f"{name} of the chip")
    assert told_s < 65
    assert {text for _, text in stand.warnings if "changed" in text} == {text}
    assert stand.faults == []
    assert stand.starts == 1
    assert stand.builder.lost == pytest.approx(0.15 * 500, abs=2)
    assert_ordered(stand.blocks)
    after = [block for block in stand.delivered(told_s + 31) if block.fault is None]
    assert error_mv(stand, after) < 0.05
    states = {block.electrode_off for block in after}
    assert states == {False}
    assert stand.warnings[-1][0] < told_s + 33


def test_an_electrode_that_fell_off_behind_a_lost_register_is_reported(bench: Any) -> None:
    stand = bench()
    stand.run(
        65,
        (5.0, lambda: stand.chip.registers.__setitem__(7, 0)),
        (10.0, lambda: setattr(stand.chip.faults, "electrodes_off", 0b0100)),
    )
    assert stand.blocks[-1].electrode_off is True


@pytest.mark.parametrize(
    ("register", "value", "name"), [(1, 0x01, "CONFIG1"), (1, 0x82, "CONFIG1"), (5, 0x80, "CH2SET")]
)
def test_a_register_without_which_no_ecg_comes_is_named_and_the_chip_configured_again(
    *, bench: Any, register: int, value: int, name: str
) -> None:
    stand = bench()
    stand.run(30, (10.0, lambda: stand.chip.registers.__setitem__(register, value)))
    assert f"{name} changed by themselves" in stand.faults[0][1]
    assert stand.faults[0][0] < 10 + NAMED_S
    assert stand.starts == 2
    assert error_mv(stand, stand.delivered(16)) < 0.05
