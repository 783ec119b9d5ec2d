"""What a patient brings and a database does not: swapped electrodes, weak and strong signals, mains, a wrong clock.

Each record goes through the product path once as it is and once for each variation; what changes is the price.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from converter.datasets.annotations import BeatAnnotations, read_beats
from converter.datasets.folders import read_channel
from converter.datasets.noise import qrs_height_mv
from converter.evaluation.r_peaks import found
from converter.evaluation.scoring import class_scores, score_record, total_matrix
from converter.evaluation.stream import beats_of, events_of
from converter.evaluation.tables import Section, Table, percent
from converter.progress import track

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from converter.evaluation.scoring import RecordScore
    from ecg.samples import FloatArray
    from edge.inference import Classifier

    Vary = Callable[[FloatArray, float, BeatAnnotations], tuple[FloatArray, float]]

__all__ = ["VARIATIONS", "perturbations_section", "vary"]

CLOCK_ERROR = 0.01
WEAK_MV, STRONG_MV = 0.2, 5.0
MAINS_MV = 0.1
"""Amplitude: a tenth of a usual QRS complex."""


def _scaled(height_mv: float) -> Vary:
    return lambda x_mv, rate_hz, beats: (x_mv * (height_mv / qrs_height_mv(x_mv, rate_hz, beats)), rate_hz)


def _with_mains(frequency_hz: float) -> Vary:
    def vary_mains(x_mv: FloatArray, rate_hz: float, _: BeatAnnotations) -> tuple[FloatArray, float]:
        return x_mv + MAINS_MV * np.sin(2 * np.pi * frequency_hz / rate_hz * np.arange(len(x_mv))), rate_hz

    return vary_mains


def _with_clock(error: float) -> Vary:
    return lambda x_mv, rate_hz, _: (x_mv, rate_hz / (1 + error))


VARIATIONS: dict[str, Vary] = {
    "as recorded": lambda x_mv, rate_hz, _: (x_mv, rate_hz),
    "upside down (electrodes swapped)": lambda x_mv, rate_hz, _: (-x_mv, rate_hz),
    f"QRS complexes of {WEAK_MV:g} mV": _scaled(WEAK_MV),
    f"QRS complexes of {STRONG_MV:g} mV": _scaled(STRONG_MV),
    "mains of 50 Hz": _with_mains(50),
    "mains of 60 Hz": _with_mains(60),
    "clock 1 % too slow": _with_clock(-CLOCK_ERROR),
    "clock 1 % too fast": _with_clock(CLOCK_ERROR),
}
"""What is done to a record: to its signal in mV, or to the rate in Hz at which it is said to have been sampled."""


def vary(
    name: str, samples_mv: FloatArray, rate_hz: float, beats: BeatAnnotations
) -> tuple[FloatArray, float, BeatAnnotations]:
    """A record's signal, rate and reference under a variation.

    Args:
        name: a key of `VARIATIONS`.
        samples_mv: shape (n,).
        rate_hz: of the samples.
        beats: the reference, on the 360 Hz clock of that rate.

    Returns:
        The same three; the reference moved to the clock of the rate that is said.
    """
    varied_mv, said_hz = VARIATIONS[name](samples_mv, rate_hz, beats)
    stretch = rate_hz / said_hz
    moved = replace(
        beats,
        index=np.rint(beats.index * stretch).astype(np.int64),
        ventricular_flutter=tuple(
            (round(first * stretch), round(last * stretch)) for first, last in beats.ventricular_flutter
        ),
    )
    return varied_mv, said_hz, moved


def perturbations_section(
    folder: Path, records: Sequence[str], *, classifier: Classifier, dataset: str, model: str
) -> Section:
    """R peaks and the classes S and V under each variation, gross, whole records.

    Raises:
        InputError: a record cannot be read.
    """
    scores: dict[str, list[RecordScore]] = {name: [] for name in VARIATIONS}
    for record in track(records, "varying"):
        samples_mv, rate_hz = read_channel(folder, record, 0)
        reference = read_beats(folder / record, rate_hz=rate_hz)
        for name, own in scores.items():
            varied_mv, said_hz, moved = vary(name, samples_mv, rate_hz, reference)
            events = events_of(varied_mv, said_hz, classifier=classifier)
            own.append(score_record(record, moved, beats_of(events)))
    figures, rows = {}, []
    for name, own in scores.items():
        detection = found(own)
        classes = {part.label: part for part in class_scores(total_matrix(own)) if part.label in {"S", "V"}}
        figures[name] = {
            "r_peaks": msgspec.to_builtins(detection),
            **{
                label: {"sensitivity": part.sensitivity, "predictivity_ec57": part.predictivity_ec57}
                for label, part in classes.items()
            },
        }
        rates = [rate for part in classes.values() for rate in (part.sensitivity, part.predictivity_ec57)]
        rows.append([name, f"{detection.missed:,}", f"{detection.false:,}", *map(percent, rates)])
    beats = sum(score.detection.true + score.detection.missed for score in scores["as recorded"])
    title = (
        f"{model}, whole product path, {dataset}, {len(records)} records, {beats:,} beats, signal 0, labels from .atr"
    )
    columns = ["", "R peaks missed", "false", "S Se %", "S +P %", "V Se %", "V +P EC57 %"]
    note = (
        f"QRS complexes: peak to peak, the mean of a record; mains: a sine of {MAINS_MV:g} mV amplitude over the whole "
        "record; clock: the front end's samples come that much faster or slower than it says"
    )
    return Section("perturbations", figures, (Table(title, columns, rows, [note]),))
