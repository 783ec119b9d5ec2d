"""The AD8232 over a longer time: uniform samples however late the scheduler is, and faults named within 5 s."""

from __future__ import annotations

import itertools
import random
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from simulated.ad8232 import LO_MINUS, LO_PLUS

from ecg.errors import InputError
from edge.config import Ad8232Settings
from edge.frontends.ad8232.sampler import BLANKING_S, configured_board

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecg.samples import SampleBlock

NAMED_S = 5.0


def samples_of(bench: Any, blocks: Sequence[SampleBlock]) -> tuple[np.ndarray, np.ndarray]:
    """Times in s since the bench began, and mV."""
    last = bench.blocks[-1]
    end_s = last.end_s - bench.began_ns / 1e9
    end = last.first_index + len(last.samples_mv)
    index = np.concatenate([block.first_index + np.arange(len(block.samples_mv)) for block in blocks])
    return end_s - (end - index) / 360, np.concatenate([block.samples_mv for block in blocks])


def error_uv(bench: Any, blocks: Sequence[SampleBlock]) -> float:
    """RMS distance from the sine, apart from where the baseline has come to rest."""
    times_s, samples_mv = samples_of(bench, blocks)
    off = samples_mv - 0.8 * np.sin(2 * np.pi * times_s)
    slow = np.polynomial.Polynomial.fit(times_s, off, 3)(times_s)
    return float(1000 * np.std(off - slow))


@pytest.mark.parametrize(("jitter_ms", "most_uv"), [(0.0, 8), (1.0, 8), (2.0, 8)])
def test_samples_are_uniform_however_late_the_wake_ups_are(bench: Any, jitter_ms: float, most_uv: float) -> None:
    stand = bench(jitter_ms=jitter_ms)
    stand.run(12)
    assert stand.faults == stand.warnings == []
    assert stand.builder.lost == 0
    assert stand.rate_hz == 360
    assert error_uv(stand, stand.blocks) < most_uv


def test_a_board_with_an_mcp3008_gives_the_same_with_its_coarser_steps(bench: Any) -> None:
    stand = bench(Ad8232Settings(board="ad8232-mcp3008"), jitter_ms=1.0)
    stand.run(12)
    assert stand.faults == stand.warnings == []
    assert error_uv(stand, stand.blocks) < 9


def test_the_gain_and_the_reference_of_the_settings_are_the_scale(bench: Any) -> None:
    stand = bench(Ad8232Settings(gain=550.0, reference_v=3.0), true_gain=550.0)
    stand.run(6)
    assert error_uv(stand, stand.blocks) < 8
    uncalibrated = bench(Ad8232Settings(), true_gain=550.0)
    uncalibrated.run(6)
    assert np.ptp(samples_of(uncalibrated, uncalibrated.blocks)[1]) == pytest.approx(0.8, abs=0.05)  # 1.6 shown as half


@pytest.mark.parametrize("rest_v", [1.1, 1.5, 1.8])
def test_the_baseline_is_measured_wherever_the_board_rests(bench: Any, rest_v: float) -> None:
    stand = bench(rest_v=rest_v, electrodes_mv=lambda time_s: (0.0, 1.0 if time_s % 0.8 < 0.05 else 0.0))
    stand.run(10)
    times_s, samples_mv = samples_of(stand, stand.blocks)
    assert abs(np.median(samples_mv)) < 0.02
    assert abs(np.median(samples_mv[times_s < times_s[0] + 1])) < 0.1


def test_an_electrode_that_is_off_is_reported_and_the_time_after_it_is_blanked(bench: Any) -> None:
    for lines in (LO_PLUS, LO_MINUS, LO_PLUS | LO_MINUS):
        stand = bench()
        stand.run(16, (4.0, lambda s=stand, o=lines: s.break_it(electrodes_off=o)), (8.0, lambda s=stand: s.break_it()))
        assert stand.faults == stand.warnings == []
        states = [state for state, _ in itertools.groupby(block.electrode_off for block in stand.blocks)]
        assert states == [False, True, False]
        off = sum(len(block.samples_mv) for block in stand.blocks if block.electrode_off)
        assert off / 360 == pytest.approx(4 + BLANKING_S, abs=0.02)
        believed = [block for block in stand.blocks if not block.electrode_off]
        assert error_uv(stand, [block for block in believed if block.first_index < 4 * 360]) < 9
        assert error_uv(stand, [block for block in believed if block.first_index > 8 * 360]) < 9
        assert np.isfinite(np.concatenate([block.samples_mv for block in stand.blocks])).all()


def test_electrodes_off_from_the_start_are_reported_and_the_baseline_is_measured_later(bench: Any) -> None:
    stand = bench()
    stand.break_it(electrodes_off=LO_PLUS)
    stand.run(12, (5.0, stand.break_it))
    assert stand.blocks[0].electrode_off
    believed = [block for block in stand.blocks if block.electrode_off is False]
    assert error_uv(stand, believed) < 9
    assert abs(np.mean(samples_of(stand, believed)[1])) < 0.4


def test_there_are_no_samples_while_the_chip_wakes_up(bench: Any) -> None:
    stand = bench()
    stand.run(4)
    assert samples_of(stand, stand.blocks)[0][0] > BLANKING_S


@pytest.mark.parametrize(
    ("fault", "named"),
    [
        ({"stuck_miso": 0x00}, "reads 0x00: MISO stays low and no MCP3208 answers"),
        ({"stuck_miso": 0xFF}, "reads 0xFF: MISO stays high, no MCP3208 answers"),
        ({"flip_every": 50}, "replies of the MCP3208 are damaged"),
        ({"output_v": 0.03}, "output is at its lower limit (clipped)"),
        ({"output_v": 3.29}, "output is at its upper limit (clipped)"),
    ],
)
def test_a_fault_is_named_and_samples_come_again_when_it_goes(bench: Any, fault: dict[str, Any], named: str) -> None:
    stand = bench(jitter_ms=0.5)
    begins_s, ends_s = 10.0, 22.0
    stand.run(36, (begins_s, lambda: stand.break_it(**fault)), (ends_s, stand.break_it))
    told = [(when_s, text) for when_s, text in stand.faults + stand.warnings if named in text]
    assert told, (stand.faults[:3], stand.warnings[:3])
    assert begins_s < told[0][0] < begins_s + NAMED_S
    assert stand.delivered(ends_s)[0].end_s - stand.began_ns / 1e9 < ends_s + 7
    for before, after in itertools.pairwise(stand.blocks):
        assert after.first_index >= before.first_index + len(before.samples_mv)
    assert error_uv(stand, stand.delivered(ends_s + 9)) < 9  # the index did not shift


@pytest.mark.parametrize("board", ["ad8232-mcp3208", "ad8232-mcp3008"])
@pytest.mark.parametrize(("rest_v", "noise_v"), [(1.5, 0.0), (1.65, 0.0005), (0.9, 0.0)])
def test_an_output_that_does_not_move_is_told_though_no_electrode_is_off(
    *, bench: Any, board: str, rest_v: float, noise_v: float
) -> None:
    stand = bench(Ad8232Settings(board=board), jitter_ms=0.5)
    dice = random.Random(24)

    def stick() -> None:
        stand.break_it(output_v=rest_v)
        conversion = stand.chip._adc._input_v
        stand.chip._adc._input_v = lambda channel, ns: conversion(channel, ns) + dice.gauss(0, noise_v)

    stand.run(30, (10.0, stick), (20.0, stand.break_it))
    told = [(when_s, text) for when_s, text in stand.warnings if "does not move at all" in text]
    assert 10 < told[0][0] < 10 + NAMED_S
    assert told[-1][0] < 20 + NAMED_S
    assert {text for _, text in stand.warnings} == {told[0][1]}
    assert stand.faults == []
    assert {block.electrode_off for block in stand.blocks if block.end_s} >= {False}


@pytest.mark.parametrize("board", ["ad8232-mcp3208", "ad8232-mcp3008"])
def test_the_noise_of_a_patient_in_standstill_is_movement(bench: Any, board: str) -> None:
    stand = bench(Ad8232Settings(board=board), electrodes_mv=lambda _: (0.0, 0.0), noise_uv=5.0)
    stand.run(20)
    assert stand.warnings == []


@pytest.mark.parametrize("value", [0x00, 0xFF])
def test_a_missing_converter_is_named_at_the_start(bench: Any, value: int) -> None:
    stand = bench()
    stand.break_it(stuck_miso=value)
    stand.run(5)
    assert f"0x{value:02X}: MISO stays" in stand.faults[0][1]
    assert stand.faults[0][0] < 1
    assert not [block for block in stand.blocks if np.isfinite(block.samples_mv).any()]


def test_clipped_samples_are_invalid_and_short_clipping_gives_no_warning(bench: Any) -> None:
    stand = bench(electrodes_mv=lambda time_s: (0.0, 3.0 if 5 < time_s < 5.5 else 0.1))
    stand.run(10)
    _, samples_mv = samples_of(stand, stand.blocks)
    assert np.isnan(samples_mv).sum() == pytest.approx(0.5 * 360, abs=3)
    assert np.nanmax(samples_mv) < 0.2
    assert stand.faults == stand.warnings == []
    assert stand.starts == 1


def test_a_paused_program_reports_the_samples_that_it_lost(bench: Any) -> None:
    stand = bench()
    late = [20e6, 200e6]

    def pause() -> None:
        on_time = stand.clock.late_ns
        moments = iter(late)

        def once() -> float:
            ns = next(moments, None)
            if ns is None:
                stand.clock.late_ns = on_time
                return float(on_time())
            return ns

        stand.clock.late_ns = once

    stand.run(12, (5.0, pause))
    lost = stand.builder.lost
    assert lost == pytest.approx(0.22 * 360, abs=4)
    assert any("samples are lost: the machine is too busy" in text for _, text in stand.warnings)
    assert error_uv(stand, stand.blocks) < 9
    assert stand.starts == 1


def test_an_interrupted_transfer_is_discarded(bench: Any) -> None:
    stand = bench()
    honest = stand.spi.tamper
    count = 0

    def interrupt(answer: bytes) -> bytes:
        nonlocal count
        count += 1
        if count % 100 == 0:
            stand.clock.sleep(0.003)  # before or after the input was sampled: nobody knows
        return honest(answer)

    stand.spi.tamper = interrupt
    stand.run(12)
    assert error_uv(stand, stand.blocks) < 9


def test_the_chip_is_woken_at_the_start_and_shut_down_at_the_end(bench: Any) -> None:
    stand = bench()
    seen = []
    stand.run(3, (2.5, lambda: seen.append(stand.chip.awake)))
    assert seen == [True]
    assert not stand.chip.awake


def test_a_board_without_an_ad8232_is_refused() -> None:
    with pytest.raises(InputError, match=r"source.ad8232.board: cjmcu-1292 has no AD8232 \(CJMCU-1292 module\)"):
        configured_board(Ad8232Settings(board="cjmcu-1292"))
