"""The AD8232 path with a scheduler that wakes late: what the timestamps are worth, and what it does to beats.

    python benchmarks/ad8232.py RECORDINGS [--records 100 119] [--seconds 300] [--jitter-ms 2]

Recordings of mitdb go through the simulated board and converter; each wake-up is late by a uniformly distributed time.
Stated are the RMS distance of the samples from the recording at the moments that their indices stand for, with the
timestamp correction and for a loop that takes each conversion as if it had come on its deadline, and the beats beside
those of the replay. With --live the driver then reads the simulated board in its own process in real time.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from array import array
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from acquisition import CHIPS, processor_s

from ecg.formats.registry import open_recording
from ecg.samples import SampleBlock
from edge.config import Ad8232Settings, SourceSettings
from edge.frontends import open_source
from edge.frontends.ad8232.adc import ADCS

sys.path.insert(0, str(CHIPS))
from simulated.ad8232_bench import Ad8232Bench
from simulated.electrodes import Recording
from simulated.outcome import beats_of, compare, events_of

if TYPE_CHECKING:
    from ecg.samples import FloatArray

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
        source = open_recording(folder / "mitdb" / record)
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


def live(seconds: float) -> None:
    """Read the simulated board in real time; the simulated chip's own processor time is in the figure."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "flat.f64").write_bytes(array("d", [0.0] * 1000).tobytes())
        settings = {"kind": "ad8232", "recording": str(folder / "flat.f64"), "rate_hz": 100}
        (folder / "front_end.json").write_text(json.dumps(settings))
        os.environ["SIMULATED_FRONT_END"] = str(folder / "front_end.json")
        os.environ["PYTHONPATH"] = f"{CHIPS}{os.pathsep}{CHIPS / 'standins'}"
        samples, first, before_s, began_s = 0, None, 0.0, time.monotonic()
        blocks = open_source(SourceSettings(kind="ad8232")).blocks()  # while it is held, the process lives
        for block in blocks:
            if first is None:  # it has started up
                first, before_s, began_s = block.first_index, sum(processor_s().values()), time.monotonic()
            samples += int(np.isfinite(block.samples_mv).sum())
            if time.monotonic() > began_s + seconds:
                break
        spent_s, elapsed_s = sum(processor_s().values()) - before_s, time.monotonic() - began_s
        lost = block.first_index + len(block.samples_mv) - first - samples
    print(
        f"{elapsed_s:.0f} s live: {samples} samples, {lost} lost and counted, processor time "
        f"{spent_s / elapsed_s:.1%} of one core with the simulated board, load average {os.getloadavg()[0]:.1f}"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recordings", type=Path, help="the folder that holds mitdb")
    parser.add_argument("--records", nargs="+", default=["100", "119", "208"])
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--jitter-ms", type=float, default=2.0)
    parser.add_argument("--live", type=float, default=0.0, metavar="SECONDS", help="read in real time as well")
    options = parser.parse_args()
    main(options.recordings, options.records, options.seconds, options.jitter_ms)
    if options.live:
        live(options.live)
