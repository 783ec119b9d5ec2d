"""What single lost samples cost: R peaks and heart rate with some of the samples of a recording taken away at random.

python benchmarks/lost_samples.py RECORDINGS/mitdb [--records 100 119 208] [--share 0.005] [--length 1]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from converter.datasets.matching import match_beats
from ecg.events import Vitals
from ecg.formats.registry import open_recording
from ecg.formats.wfdb.annotations import BEAT_SYMBOLS, read_annotations
from ecg.samples import UNCLASSIFIED, Beat, SampleBlock
from edge.inference import load_classifier
from edge.pipeline import Pipeline
from edge.rhythm.settings import RhythmSettings

LEFT_OUT_S = 10


def main(folder: Path, records: list[str], share: float, length: int) -> None:
    """Print a row for each record, whole and with samples lost."""
    print("| record | lost | Se % | +P % | R off by ms, 99 % | classified | vitals with a heart rate |")
    print("|---|---|---|---|---|---|---|")
    for record in records:
        whole_mv = np.concatenate([block.samples_mv for block in open_recording(folder / record).blocks()])
        annotations = read_annotations(folder / f"{record}.atr")
        reference = np.array([each.sample for each in annotations if each.symbol in BEAT_SYMBOLS])
        reference = reference[(reference > 360 * LEFT_OUT_S) & (reference < len(whole_mv) - 360)]
        for lost in (0.0, share):
            samples_mv = whole_mv.copy()
            starts = np.flatnonzero(np.random.default_rng(1).random(len(samples_mv)) < lost / length)
            samples_mv[np.minimum(starts[:, np.newaxis] + np.arange(length), len(samples_mv) - 1)] = np.nan
            pipeline = Pipeline(rate_hz=360, settings=RhythmSettings(), classifier=load_classifier())
            events = pipeline.push(SampleBlock(0, samples_mv)) + pipeline.finish()
            beats = [event for event in events if isinstance(event, Beat)]
            found = np.array([beat.index for beat in beats])
            found = found[(found > 360 * LEFT_OUT_S - 54) & (found < len(whole_mv) - 306)]
            partner = match_beats(reference, found)
            hit = partner >= 0
            off_ms = np.abs(found[partner[hit]] - reference[hit]) / 0.36
            vitals = [event for event in events if isinstance(event, Vitals)]
            known = np.mean([each.heart_rate_bpm is not None for each in vitals])
            classified = np.mean([beat.label != UNCLASSIFIED for beat in beats])
            print(
                f"| {record} | {np.isnan(samples_mv).mean():.2%} | {100 * hit.mean():.2f} "
                f"| {100 * hit.sum() / len(found):.2f} | {np.percentile(off_ms, 99):.0f} "
                f"| {classified:.1%} | {known:.1%} |"
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="the folder that holds mitdb's records")
    parser.add_argument("--records", nargs="+", default=["100", "119", "208"])
    parser.add_argument("--share", type=float, default=0.005, help="of the samples, lost")
    parser.add_argument("--length", type=int, default=1, help="of each gap, in samples of 2.8 ms")
    options = parser.parse_args()
    main(options.folder, options.records, options.share, options.length)
