"""Records of mitdb played through the simulated ADS1292R, beside their replay: R peaks and labels.

    python benchmarks/ads1292.py RECORDINGS [--records 100 119 208] [--seconds 1790] [--clock 0.01]

The chip samples them with 24 bits, its own noise, its decimation filter and a clock that is off. Its samples lie
between those of the recording, so the R peak is another sample by up to half a step and the beat is cut elsewhere by as
much. The last column tells what that alone does: the replay of the recording, moved by half a sample, without a chip.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from acquisition import CHIPS

from ecg.formats.registry import open_recording
from ecg.samples import SampleBlock

sys.path.insert(0, str(CHIPS))
from simulated.ads1292_bench import Ads1292Bench
from simulated.electrodes import OVERSAMPLING, Recording, dense
from simulated.outcome import beats_of, compare, compare_at, events_of

if TYPE_CHECKING:
    from simulated.outcome import Comparison

START_S = 4.0
FROM_S = 30
"""The replay begins in the recording, the chip before it: they get to know the patient by other beats."""


def said(same: Comparison) -> str:
    """Which labels differ: of the replay > of the front end."""
    labels = Counter(f"{ours.label}>{theirs.label}" for ours, theirs in same.differing)
    return ", ".join(f"{pair} {count}" for pair, count in labels.most_common(4))


def main(folder: Path, records: list[str], seconds: float, clocks: list[float]) -> None:
    """Measure and print a table."""
    print("| record | clock % | beats | R off at most ms | over 10 ms | same label | labels that differ | moved only |")
    print("|---|---|---|---|---|---|---|---|")
    beats = beyond = differing = moved_differing = 0
    sure = []
    for number, record in enumerate(records or sorted(path.stem for path in (folder / "mitdb").glob("*.hea"))):
        blocks = open_recording(folder / "mitdb" / record).blocks()
        samples_mv = np.concatenate([block.samples_mv for block in blocks])[: round(360 * (seconds + 10))]
        expected = beats_of(events_of(360, [SampleBlock(0, samples_mv)]))
        clock = clocks[number % len(clocks)]
        electrodes = Recording.of(samples_mv, 360.0, START_S, decimated_hz=500 * (1 + clock))
        bench = Ads1292Bench(electrodes_mv=electrodes, clock_error=clock)
        bench.run(START_S + seconds)
        found = beats_of(events_of(500, bench.blocks))
        same = compare(found, expected, bench, start_s=START_S, from_s=FROM_S, to_s=seconds - 3)
        moved = beats_of(events_of(360, [SampleBlock(0, dense(samples_mv)[OVERSAMPLING // 2 :: OVERSAMPLING])]))
        moments_s = np.array([(beat.index + 0.5) / 360 for beat in moved])
        alone = compare_at(moments_s, moved, expected, from_s=FROM_S, to_s=seconds - 3)
        late = int(np.count_nonzero(same.off_ms > 10))
        print(
            f"| {record} | {100 * clock:+.0f} | {same.beats} | {same.worst_ms:.1f} | {late} "
            f"| {100 * same.agreement:.2f} % | {said(same)} | {100 * alone.agreement:.2f} % |",
            flush=True,
        )
        beats, beyond = beats + same.beats, beyond + late
        differing, moved_differing = differing + len(same.differing), moved_differing + len(alone.differing)
        sure += [ours.probability for ours, _ in same.differing if ours.probability is not None]
    print(
        f"{beats} beats, R off by more than 10 ms: {beyond}; the same label on {100 * (1 - differing / beats):.2f} %, "
        f"by the move alone on {100 * (1 - moved_differing / beats):.2f} %"
    )
    if sure:
        print(f"probability of the label in the replay where it differs: median {statistics.median(sure):.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recordings", type=Path, help="the folder that holds mitdb")
    parser.add_argument("--records", nargs="+", default=[], help="default: all")
    parser.add_argument("--seconds", type=float, default=1790.0)
    parser.add_argument(
        "--clock", type=float, nargs="+", default=[-0.01, 0.0, 0.01], help="errors, one record after the other"
    )
    options = parser.parse_args()
    main(options.recordings, options.records, options.seconds, options.clock)
