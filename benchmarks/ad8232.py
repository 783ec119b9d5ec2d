"""The AD8232 path with a scheduler that wakes late: what the timestamps are worth, and what it does to beats.

    python benchmarks/ad8232.py RECORDINGS [--records 100 119] [--seconds 300] [--jitter-ms 2]

Recordings of mitdb go through the simulated board and converter; each wake-up is late by a uniformly distributed time.
Stated are the RMS distance of the samples from the recording at the moments that their indices stand for, with the
timestamp correction and for a loop that takes each conversion as if it had come on its deadline, and the beats beside
those of the replay.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from edge.config import Ad8232Settings
from edge.frontends.ad8232.adc import ADCS
from edge.frontends.ad8232.sampler import Ad8232Sampler
from edge.frontends.wfdb_record import WfdbRecord
from edge.samples import SampleBlock

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "edge" / "frontends" / "chips"))
from simulated.ad8232_bench import Ad8232Bench
from simulated.electrodes import Recording
from simulated.outcome import beats_of, compare, events_of

if TYPE_CHECKING:
    from edge.samples import FloatArray

START_S = 4.0
GAIN = 400.0
"""The complexes of some records are higher than the 1.4 mV that a gain of 1100 leaves room for."""


def error_uv(times_s: FloatArray, samples_mv: FloatArray, electrodes: Recording) -> float:
    """RMS distance from the recording; apart from the baseline, whose slow course is not the scheduler's."""
    off_mv = samples_mv - np.array([electrodes(time_s)[1] for time_s in times_s])
    slow_mv = np.convolve(off_mv, np.full(720, 1 / 720), mode="same")
    whole = slice(720, -720)
    return float(1000 * np.sqrt(np.mean((off_mv - slow_mv)[whole] ** 2)))


def corrected(bench: Ad8232Bench) -> tuple[FloatArray, FloatArray]:
    """Times on the board's clock and mV of what the front end delivered."""
    last = bench.blocks[-1]
    assert last.end_s is not None
    index = np.concatenate([block.first_index + np.arange(len(block.samples_mv)) for block in bench.blocks])
    end = last.first_index + len(last.samples_mv)
    times_s = last.end_s - bench.began_ns / 1e9 - (end - index) / 360
    return times_s, np.concatenate([block.samples_mv for block in bench.blocks])


def trusting(bench: Ad8232Bench, seconds: float) -> tuple[FloatArray, FloatArray]:
    """The same from a loop that converts once a step and takes each deadline as kept."""
    adc, board = ADCS[bench.board.adc], bench.board
    assert board.sdn is not None
    bench.bus.pins.set(board.sdn, high=True)
    began_ns = bench.clock.now_ns()
    deadlines_s, samples_mv = [], []
    for number in range(round(seconds * 360)):
        bench.clock.sleep_until(began_ns + number * 1e9 / 360)
        counts = adc.decode(bench.spi.transfer(adc.request(board.adc_channel)))
        assert counts is not None
        deadlines_s.append(number / 360)
        samples_mv.append(counts * 1000 * board.reference_v / (adc.full_scale * board.gain))
    return np.array(deadlines_s), np.array(samples_mv)


def main(folder: Path, records: list[str], seconds: float, jitter_ms: float) -> None:
    """Measure and print a table."""
    print(f"wake-ups up to {jitter_ms} ms late, {seconds:.0f} s of each record, gain {GAIN:.0f}")
    print(
        "| record | converter | error uV | trusting its deadlines uV | beats | R off at most ms | same label | lost |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for record in records:
        source = WfdbRecord(folder / "mitdb" / record)
        samples_mv = np.concatenate([block.samples_mv for block in source.blocks()])[: round(360 * (seconds + 10))]
        samples_mv -= np.median(samples_mv)  # what the board's high-pass filter does
        electrodes = Recording.of(samples_mv, 360.0, START_S)
        expected = beats_of(events_of(360, [SampleBlock(0, samples_mv)]))
        for adc in ADCS:
            settings = Ad8232Settings(board=f"ad8232-{adc}", gain=GAIN)
            bench = Ad8232Bench(settings, electrodes_mv=electrodes, jitter_ms=jitter_ms)
            bench.run(START_S + seconds)
            found = beats_of(events_of(360, bench.blocks))
            same = compare(found, expected, bench, start_s=START_S, from_s=10, to_s=seconds - 3)
            naive = Ad8232Bench(settings, electrodes_mv=electrodes, jitter_ms=jitter_ms)
            print(
                f"| {record} | {ADCS[adc].name} | {error_uv(*corrected(bench), electrodes):.1f} "
                f"| {error_uv(*trusting(naive, START_S + seconds), electrodes):.1f} | {same.beats} "
                f"| {same.worst_ms:.1f} | {100 * same.agreement:.2f} % | {bench.stream.lost} |"
            )
    print(f"processor time of one read: {read_cost_us():.0f} us without the kernel's part, 720 a second")


def read_cost_us() -> float:
    """What the driver itself takes, the simulated chip left out."""
    bench = Ad8232Bench(Ad8232Settings())
    sampler = Ad8232Sampler(bench.bus, bench.board)
    sampler.start()
    reply = bench.spi.transfer(ADCS["mcp3208"].request(0))
    bench.spi.transfer = lambda data: (bench.clock.sleep(48e-6), reply)[1] if data else reply  # type: ignore[method-assign]
    began_s = time.process_time()
    for _ in range(20_000):
        sampler.read()
    return (time.process_time() - began_s) / 20_000 * 1e6


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recordings", type=Path, help="the folder that holds mitdb")
    parser.add_argument("--records", nargs="+", default=["100", "119", "208"])
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--jitter-ms", type=float, default=2.0)
    options = parser.parse_args()
    main(options.recordings, options.records, options.seconds, options.jitter_ms)
