"""Fits the logistic function of `edge.signal.ventricular_flutter` and prints its constants.

Run `python -m converter.training.fit_ventricular_flutter FOLDER` (with FOLDER/vfdb, mitdb, svdb and nstdb) after a
change of the measures; it takes a few minutes. DS2 of mitdb is not read. Half of the weight is on windows within
ventricular tachycardia, flutter or fibrillation, divided by record as the square root of their number; the other half
is on other rhythms and noise.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from converter.datasets.folders import ANNOTATOR, find_records
from converter.datasets.protocols import DS1
from ecg.errors import EcgEdgeError
from ecg.formats.registry import open_recording
from ecg.formats.wfdb.annotations import BEAT_SYMBOLS, Annotation, read_annotations
from ecg.samples import SAMPLE_RATE_HZ
from edge.signal.filters import BEAT_DELAY, FilterBank
from edge.signal.quantisation import to_steps
from edge.signal.resampler import Resampler
from edge.signal.ventricular_flutter import PERIOD, WINDOW, shape_before

if TYPE_CHECKING:
    from collections.abc import Iterator

    from converter.datasets.annotations import IntArray
    from ecg.samples import FloatArray

VENTRICULAR_RHYTHMS = ("(VT", "(VFL", "(VF", "(VFIB")
NOISE = "(NOISE"
VENTRICULAR_BEATS = frozenset("VEF!")
RUN_BEATS = 3
REACH_S = 0.2  # a window counts as within a stretch if it reaches out of it by no more
AROUND_RUN_S = 0.5

DOUBTFUL = {
    "419": (964.0, 2100.0),  # called (N: chest compressions, and waves like those called (VFL
    "424": (1371.0, 1600.0),  # called (ASYS after a shock: waves of 0.5 mV in part
    "426": (1768.0, 1872.0),  # called (SVTA between stretches of (VT: as wide as those
    "427": (1533.0, 2100.0),  # called (ASYS: low waves at first
    "607": (1714.0, 2100.0),  # called (ASYS: waves of 0.2 mV at 4 Hz
    "609": (1172.0, 2100.0),  # called (HGEA: runs of ventricular beats
}
"""Stretches of vfdb, s, whose rhythm does not describe each window; the other windows in them are left out."""

SHARES = {"vfdb": 0.35, "mitdb": 0.2, "svdb": 0.15, "nstdb": 0.15, "noise": 0.15}
"""Weight of the databases among windows that are not ventricular, divided evenly over their signals."""
NOISY = ("101", "109", "112", "115", "118", "119", "122", "124", "220", "230")
SNR_DB = (6, 0)
HISS_MV = (0.1, 0.3)
HISS_SAMPLES = 600 * SAMPLE_RATE_HZ

OTHER, VENTRICULAR, LEFT_OUT = 0, 1, -1

STEPS = 200  # of Newton's method; it stands still after ten
RIDGE = 1e-4  # keeps them finite were the windows to be separated without error


@dataclass(frozen=True, slots=True)
class Windows:
    """The windows of one signal.

    Attributes:
        database, record: where they are from.
        measures: shape (n, 3).
        labels: `VENTRICULAR`, `OTHER` or `LEFT_OUT`, shape (n,).
    """

    database: str
    record: str
    measures: FloatArray
    labels: IntArray


def read_steps(record: Path, channel: str) -> FloatArray:
    """A signal at 360 Hz in grid steps; lost samples are 0."""
    source = open_recording(record, channel)
    samples_mv = np.nan_to_num(np.concatenate([block.samples_mv for block in source.blocks()]))
    resampler = Resampler(rate_hz=Fraction(source.rate_hz))
    return np.concatenate([resampler.push(to_steps(samples_mv)), resampler.finish()])


def stretches(annotations: list[Annotation], rate_hz: float, end_s: float) -> list[tuple[str, float, float]]:
    """Rhythms from start to end in s, runs of ventricular beats as `V`, flutter between `[` and `]` as `(VFL`."""
    changes = [(note.sample / rate_hz, note.aux) for note in annotations if note.symbol == "+"]
    found = [(rhythm, start_s, stop_s) for (start_s, rhythm), (stop_s, _) in pairwise([*changes, (end_s, "")])]
    run: list[float] = []
    flutter_s = 0.0
    for note in annotations:
        moment_s = note.sample / rate_hz
        if note.symbol == "[":
            flutter_s = moment_s
        elif note.symbol == "]":
            found.append(("(VFL", flutter_s, moment_s))
        elif note.symbol in VENTRICULAR_BEATS:
            run.append(moment_s)
        elif note.symbol in BEAT_SYMBOLS:
            if len(run) >= RUN_BEATS:
                found.append(("V", run[0] - AROUND_RUN_S, run[-1] + AROUND_RUN_S))
            run = []
    return found


def label(record: str, ends_s: FloatArray, rhythms: list[tuple[str, float, float]], *, by_beats: bool) -> IntArray:
    """What the windows of 4 s that end at these moments are.

    Args:
        record: its name.
        ends_s: shape (n,).
        rhythms: of `stretches`.
        by_beats: beats are annotated; tachycardia is then told by its runs, and mostly shorter than a window.
    """
    starts_s = ends_s - WINDOW / SAMPLE_RATE_HZ
    labels = np.full(len(ends_s), OTHER)
    for rhythm, start_s, stop_s in rhythms:
        touches = (ends_s > start_s) & (starts_s < stop_s)
        within = (ends_s <= stop_s + REACH_S) & (starts_s >= start_s - REACH_S)
        if rhythm in VENTRICULAR_RHYTHMS:
            labels[touches & (labels != VENTRICULAR)] = LEFT_OUT
            if rhythm == "(VFL" or not by_beats:
                labels[within] = VENTRICULAR
        elif rhythm in {NOISE, "V"}:
            labels[touches & (labels != VENTRICULAR)] = LEFT_OUT
    if not by_beats:
        start_s, stop_s = DOUBTFUL.get(record, (0.0, 0.0))
        labels[(ends_s > start_s) & (starts_s < stop_s) & (labels == OTHER)] = LEFT_OUT
    return labels


def measure(steps: FloatArray, every: int) -> tuple[FloatArray, FloatArray]:
    """Measures of the windows that may be ventricular, shape (n, 3), and the moments at which they end, s."""
    filters = FilterBank(first_index=0)
    filters.push(steps)
    rows, ends_s = [], []
    for index in range(-(-(WINDOW + BEAT_DELAY) // every) * every, len(steps) + 1, every):
        shape = shape_before(filters, index)
        if shape is not None and shape.may_be_ventricular:
            rows.append(shape.measures)
            ends_s.append((index - BEAT_DELAY) / SAMPLE_RATE_HZ)
    return np.array(rows).reshape(-1, 3), np.array(ends_s)


def read_windows(folder: Path) -> Iterator[Windows]:
    """All that is learned from."""
    for database, records, channels, every in (
        ("vfdb", find_records(folder / "vfdb"), "01", PERIOD),
        ("mitdb", DS1, "01", 2 * PERIOD),
        ("svdb", find_records(folder / "svdb"), "0", 4 * PERIOD),
    ):
        for record in records:
            path = folder / database / record
            rate_hz = float(open_recording(path).rate_hz)
            annotations = read_annotations(path.with_name(f"{record}.{ANNOTATOR}"))
            for channel in channels:
                steps = read_steps(path, channel)
                measures, ends_s = measure(steps, every)
                rhythms = stretches(annotations, rate_hz, len(steps) / SAMPLE_RATE_HZ)
                labels = label(record, ends_s, rhythms, by_beats=database != "vfdb")
                yield Windows(database, record, measures, labels)
    yield from read_noise(folder)


def read_noise(folder: Path) -> Iterator[Windows]:
    """Muscle noise, baseline wander and white noise alone; the first two on sinus rhythm, scaled to its height."""
    for height_mv in HISS_MV:
        hiss = np.random.default_rng(1).normal(size=HISS_SAMPLES) * height_mv
        yield _not_ventricular("noise", f"hiss of {height_mv} mV", to_steps(hiss))
    for name in ("ma", "bw"):
        for channel in "01":
            yield _not_ventricular("noise", name, read_steps(folder / "nstdb" / name, channel))
        noise = read_steps(folder / "nstdb" / name, "0")
        rows = noise[: len(noise) // SAMPLE_RATE_HZ * SAMPLE_RATE_HZ].reshape(-1, SAMPLE_RATE_HZ)
        noise_power = float(np.mean(np.var(rows, axis=1)))
        for record in NOISY:
            steps = read_steps(folder / "mitdb" / record, "0")[: len(noise)]
            height = float(np.percentile(np.abs(steps - np.median(steps)), 99))
            for snr_db in SNR_DB:
                gain = np.sqrt(height**2 / 8 / noise_power) * 10 ** (-snr_db / 20)
                yield _not_ventricular("nstdb", record, np.rint(steps + gain * noise[: len(steps)]))


def _not_ventricular(database: str, record: str, steps: FloatArray) -> Windows:
    measures, _ = measure(steps, 4 * PERIOD)
    return Windows(database, record, measures, np.full(len(measures), OTHER))


def weigh(windows: list[Windows]) -> FloatArray:
    """Weight of each window, all signals one after the other; mean 1."""
    parts = [np.zeros(len(each.labels)) for each in windows]
    total = sum(float((each.labels == VENTRICULAR).sum()) ** 0.5 for each in windows)
    for part, each in zip(parts, windows, strict=True):
        mine = each.labels == VENTRICULAR
        part[mine] = 0.5 / total / max(float(mine.sum()), 1.0) ** 0.5
    for database, weight in SHARES.items():
        own = [
            (part, each.labels == OTHER)
            for part, each in zip(parts, windows, strict=True)
            if each.database == database and (each.labels == OTHER).any()
        ]
        for part, other in own:
            part[other] = weight / 2 / len(own) / np.count_nonzero(other)
    weights: FloatArray = np.concatenate(parts)
    return weights * float(len(weights) / weights.sum())


def fit(measures: FloatArray, is_ventricular: FloatArray, weights: FloatArray) -> FloatArray:
    """Logistic regression by Newton's method: a weight for each measure, and the constant."""
    inputs = np.column_stack([measures, np.ones(len(measures))])
    answer = np.zeros(inputs.shape[1])
    for _ in range(STEPS):
        odds = 1 / (1 + np.exp(-inputs @ answer))
        gradient = inputs.T @ (weights * (is_ventricular - odds)) - RIDGE * answer
        curvature = (inputs * (weights * odds * (1 - odds))[:, None]).T @ inputs + RIDGE * np.eye(len(answer))
        step = np.linalg.solve(curvature, gradient)
        answer += step
        if np.abs(step).max() < 1e-9:
            break
    return answer


def main() -> int:
    """Print the constants, and how well they do on records that they were not fitted to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="with vfdb, mitdb, svdb and nstdb below it")
    try:
        windows = list(read_windows(parser.parse_args().folder))
    except EcgEdgeError as error:
        sys.stderr.write(f"fit_ventricular_flutter: {error}\n")
        return int(error.exit_code)
    measures = np.concatenate([each.measures for each in windows])
    labels = np.concatenate([each.labels for each in windows])
    names = np.concatenate([[f"{each.database}/{each.record}"] * len(each.labels) for each in windows])
    weights = weigh(windows)
    used = labels != LEFT_OUT
    for name in np.unique(names[labels == VENTRICULAR]):
        held = names == name
        train = used & ~held
        answer = fit(measures[train], labels[train] == VENTRICULAR, weights[train])
        odds = measures @ answer[:3] + answer[3]
        found = np.mean(odds[held & (labels == VENTRICULAR)] > 0)
        wrong = held & (labels == OTHER)
        false = f"{np.mean(odds[wrong] > 0):.2%} of {wrong.sum()}" if wrong.any() else "none"
        count = np.count_nonzero(held & (labels == VENTRICULAR))
        sys.stdout.write(f"{name} held out: {found:.1%} of {count} windows; others: {false}\n")
    answer = fit(measures[used], labels[used] == VENTRICULAR, weights[used])
    fitted = zip(("leakage", "peakedness", "distance", "constant"), answer.tolist(), strict=True)
    sys.stdout.write(f"_FIT: Final = _Fit({', '.join(f'{name}={weight:.2f}' for name, weight in fitted)})\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
