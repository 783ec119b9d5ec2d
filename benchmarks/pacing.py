"""Pacemakers through the simulated ADS1292R and MCP3208, byte by byte: asystole behind pulses, and captured beats.

    python benchmarks/pacing.py [--plays 40] [--seed 1] [--chip ads1292 ad8232]

Each play draws a pacemaker: 40 to 120 a minute, 0.4 to 700 mV, either polarity, 0.1 to 2 ms, no tail or one of 4 to
100 ms (2.5 to 25 % of the pulse, at most 2 mV), one or two chambers. Without capture, sinus rhythm ends after 15 s and
the pulses go on: right is an asystole within 10 s that never closes as over. With capture, right is that each QRS
complex from second 8 on is one beat within 150 ms, and that there are no others. The last column says how high the
pulses are in the samples, and of the tail: what a play that went wrong has in common.

What the amplifiers do lies in front of the chips: the ADS1292's clips at +-403 mV, the AD8232's at +-15 mV, and its
board's filter lets 0.5 to 40 Hz through.
"""

from __future__ import annotations

import argparse
import sys
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from acquisition import CHIPS
from scipy.signal import butter, lfilter

from ecg.alarms.kinds import AlarmEvent, AlarmKind, AlarmState, Reason
from edge.config import Ad8232Settings

sys.path.insert(0, str(CHIPS))
from simulated.ad8232_bench import Ad8232Bench
from simulated.ads1292_bench import Ads1292Bench
from simulated.electrodes import Recording, decimation_filter
from simulated.outcome import beats_of, events_of

if TYPE_CHECKING:
    from ecg.samples import FloatArray

DENSE_HZ = 8000
START_S = 4.0
"""When the play begins at the electrodes: the chip is running by then."""
SECONDS, ARREST_S, FROM_S = 42, 15.0, 8.0
AV_S = 0.16

NARROW = ((0.09, -0.15, 0.016), (-0.09, -0.027, 0.008), (0.9, 0.0, 0.0105), (-0.2, 0.03, 0.01), (0.25, 0.27, 0.04))
P_WAVE = ((0.1, 0.06, 0.016),)
WIDE = ((0.8, 0.0, 0.024), (0.4, 0.045, 0.024), (-0.27, 0.11, 0.03), (-0.5, 0.29, 0.06))
"""Height in mV, middle in s after the R peak (P: after the pulse), standard deviation in s."""


@dataclass(frozen=True)
class Pacemaker:
    """One play."""

    rate_bpm: float
    height_mv: float
    width_s: float
    tail_mv: float
    tail_s: float
    chambers: int
    captures: bool
    delay_s: float

    @classmethod
    def drawn(cls, dice: np.random.Generator, *, captures: bool) -> Pacemaker:
        """One with everything else by the dice."""
        height_mv = float(0.4 * (700 / 0.4) ** dice.random() * dice.choice((-1, 1)))
        tail_s = float(dice.choice((0.0, 0.004, 0.01, 0.025, 0.05, 0.1)))
        tail_mv = -np.sign(height_mv) * min(abs(height_mv) * dice.uniform(0.025, 0.25), 2.0) if tail_s else 0.0
        return cls(
            rate_bpm=float(dice.uniform(40, 120)),
            height_mv=height_mv,
            width_s=float(0.0001 * 20 ** dice.random()),
            tail_mv=float(tail_mv),
            tail_s=tail_s,
            chambers=int(dice.choice((1, 2))),
            captures=captures,
            delay_s=float(dice.uniform(0, 0.06)),
        )


def add_waves(samples_mv: FloatArray, at_s: float, waves: tuple[tuple[float, float, float], ...]) -> None:
    """Add waves around a moment."""
    for height_mv, after_s, width_s in waves:
        first, last = (round((at_s + after_s + side * 6 * width_s) * DENSE_HZ) for side in (-1, 1))
        part = slice(max(first, 0), max(min(last, len(samples_mv)), 0))
        times_s = np.arange(part.start, part.stop) / DENSE_HZ - at_s - after_s
        samples_mv[part] += height_mv * np.exp(-((times_s / width_s) ** 2) / 2)


def add_pulse(samples_mv: FloatArray, at_s: float, pacemaker: Pacemaker) -> None:
    """Add a pulse with its area, and its tail."""
    begin, end = at_s * DENSE_HZ, (at_s + pacemaker.width_s) * DENSE_HZ
    covered = np.arange(int(begin), min(int(end) + 1, len(samples_mv)))
    samples_mv[covered] += pacemaker.height_mv * np.clip(
        np.minimum(covered + 1, end) - np.maximum(covered, begin), 0, 1
    )
    if pacemaker.tail_s:
        after = np.arange(int(end) + 1, min(int(end + 8 * pacemaker.tail_s * DENSE_HZ), len(samples_mv)))
        samples_mv[after] += pacemaker.tail_mv * np.exp(-(after - end) / DENSE_HZ / pacemaker.tail_s)


def electrodes_mv(pacemaker: Pacemaker, dice: np.random.Generator) -> tuple[FloatArray, list[float]]:
    """The voltage, and the times of the R peaks."""
    samples_mv = 0.05 * np.sin(2 * np.pi * 0.25 * np.arange(SECONDS * DENSE_HZ) / DENSE_HZ)
    r_peaks_s, at_s = [], 0.6
    while not pacemaker.captures and at_s < ARREST_S:
        add_waves(samples_mv, at_s, NARROW)
        r_peaks_s.append(at_s)
        at_s += 60 / 72 * (1 + 0.03 * dice.standard_normal())
    while at_s < SECONDS - 1:
        add_pulse(samples_mv, at_s, pacemaker)
        ventricle_s = at_s
        if pacemaker.chambers == 2:
            ventricle_s += AV_S
            add_pulse(samples_mv, ventricle_s, pacemaker)
        if pacemaker.captures:
            if pacemaker.chambers == 2:
                add_waves(samples_mv, at_s, P_WAVE)
            r_peaks_s.append(ventricle_s + pacemaker.delay_s + 0.06)
            add_waves(samples_mv, r_peaks_s[-1], WIDE)
        at_s += 60 / pacemaker.rate_bpm
    return samples_mv, r_peaks_s


def bench_of(chip: str, samples_mv: FloatArray) -> Ads1292Bench | Ad8232Bench:
    """The chip, behind its amplifier and filter."""
    if chip == "ads1292":
        filtered = decimation_filter(np.clip(samples_mv, -403, 403), DENSE_HZ, 500)
        return Ads1292Bench(electrodes_mv=Recording(array("d", filtered), DENSE_HZ, START_S))
    filtered = np.clip(samples_mv, -15, 15)
    for order, hz, kind in ((2, 40, "low"), (1, 0.5, "high")):
        filtered = lfilter(*butter(order, hz, kind, fs=DENSE_HZ), filtered)
    electrodes = Recording(array("d", filtered), DENSE_HZ, START_S)
    return Ad8232Bench(Ad8232Settings(board="ad8232-mcp3208"), electrodes_mv=electrodes, jitter_ms=0.5)


def fault(chip: str, pacemaker: Pacemaker, dice: np.random.Generator) -> tuple[str, float]:
    """What the monitor told wrong, empty where nothing, and how high the highest sample is."""
    samples_mv, r_peaks_s = electrodes_mv(pacemaker, dice)
    bench = bench_of(chip, samples_mv)
    bench.run(START_S + SECONDS)
    last = bench.blocks[-1]
    assert last.end_s is not None
    start_s = (last.first_index + len(last.samples_mv)) / bench.nominal_hz - (
        last.end_s - bench.began_ns / 1e9 - START_S
    )
    events = events_of(bench.nominal_hz, bench.blocks, classify=not pacemaker.captures)
    highest_mv = max(float(np.nanmax(np.abs(block.samples_mv), initial=0.0)) for block in bench.blocks)
    if not pacemaker.captures:
        asystoles = [each for each in events if isinstance(each, AlarmEvent) and each.kind is AlarmKind.ASYSTOLE]
        opened = [each.index / 360 - start_s for each in asystoles if each.state is AlarmState.OPENED]
        if any(each.evidence.get("reason") == Reason.OVER for each in asystoles):
            return "asystole closed as over", highest_mv
        return ("" if opened and opened[0] <= r_peaks_s[-1] + 10 else "asystole hidden"), highest_mv
    beats_s = np.array([beat.index / 360 - start_s for beat in beats_of(events)])
    expected_s = [each for each in r_peaks_s if each > FROM_S]
    lost = sum(not len(beats_s) or np.abs(beats_s - each).min() > 0.15 for each in expected_s)
    within = beats_s[(beats_s > FROM_S) & (beats_s < r_peaks_s[-1])]
    surplus = sum(np.abs(np.array(r_peaks_s) - each).min() > 0.15 for each in within)
    return f"{lost} beats lost, {surplus} invented" if lost or surplus else "", highest_mv


def main(chips: list[str], plays: int, seed: int) -> None:
    """Play, and print a table."""
    print("| chip | capture | plays | right |\n|---|---|---|---|")
    wrong = []
    for chip in chips:
        for captures in (False, True):
            right = 0
            for play in range(plays):
                dice = np.random.default_rng([seed, play])
                pacemaker = Pacemaker.drawn(dice, captures=captures)
                told, highest_mv = fault(chip, pacemaker, dice)
                right += not told
                if told:
                    wrong.append(f"| {chip} | {told} | {pacemaker} | {highest_mv:.2f} |")
            print(f"| {chip} | {'yes' if captures else 'no'} | {plays} | {right} |", flush=True)
    print("\n| chip | wrong | pacemaker | highest sample mV |\n|---|---|---|---|")
    print("\n".join(wrong))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--plays", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--chip", nargs="+", default=["ads1292", "ad8232"])
    given = parser.parse_args()
    main(given.chip, given.plays, given.seed)
