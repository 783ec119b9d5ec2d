"""Figures and tables of R peaks: spans of a record, databases, noise; of our own detector and of others'."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from converter.datasets.matching import WHOLE
from converter.evaluation.scoring import AFTER_LEARNING, average, detection_score, total_matrix
from converter.evaluation.tables import Section, Table, percent
from ecg.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from converter.datasets.matching import Span
    from converter.evaluation.product_path import Trial
    from converter.evaluation.scoring import RecordScore

__all__ = [
    "CLEAN_RECORDS",
    "FIRST_SECONDS",
    "OURS",
    "SNRS_DB",
    "SPANS",
    "Found",
    "PeerResults",
    "detector_table",
    "found",
    "noise_table",
    "r_peaks_section",
    "read_peers",
    "span_table",
]

OURS = "ECG Edge (streaming)"
_ERRORS = "Errors: (missed + false) / beats of the reference, 150 ms; ventricular flutter is left out (EC57)."

FIRST_SECONDS = "first 10 s"
SPANS: dict[str, tuple[Span, ...]] = {
    "after 5 min": AFTER_LEARNING,
    "whole": WHOLE,
    FIRST_SECONDS: ((0.0, 10.0),),
}

SNRS_DB: tuple[int, ...] = (24, 18, 12, 6, 0)
CLEAN_RECORDS: tuple[str, ...] = ("118", "119", "100", "103", "113", "115", "122", "123")
"""Of `mitdb`: the two that the Noise Stress Test Database is made of, and six more whose first channel is clean."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """How well a detector found the beats of some records.

    Attributes:
        records: how many.
        beats: of the reference.
        missed, false: over all records.
        sensitivity, predictivity, error_rate: over all beats; None where not defined. Errors are missed and false.
        mean_sensitivity, mean_predictivity, mean_error_rate: averages of the records' own.
    """

    records: int
    beats: int
    missed: int
    false: int
    sensitivity: float | None
    predictivity: float | None
    error_rate: float | None
    mean_sensitivity: float | None
    mean_predictivity: float | None
    mean_error_rate: float | None


class PeerResults(msgspec.Struct, frozen=True, kw_only=True):
    """What `benchmarks/peers.py` measures.

    Attributes:
        versions: of the packages that the detectors come from.
        databases: by name of the database, detector and span.
        noise: by noise, SNR in dB, detector, and part of the record: `noisy blocks` or `whole`.
    """

    versions: dict[str, str]
    databases: dict[str, dict[str, dict[str, Found]]]
    noise: dict[str, dict[int, dict[str, dict[str, Found]]]]


def read_peers(path: Path) -> PeerResults | None:
    """What `benchmarks/peers.py` left; None where it left nothing.

    Raises:
        InputError: the file is damaged.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=PeerResults)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as error:
        raise InputError(f"{path} is damaged ({error}): `python benchmarks/peers.py` writes it anew") from error


def found(scores: Sequence[RecordScore]) -> Found:
    """Add up the records of one detector."""
    total = detection_score(total_matrix(scores))
    return Found(
        records=len(scores),
        beats=total.true + total.missed,
        missed=total.missed,
        false=total.false,
        sensitivity=total.sensitivity,
        predictivity=total.predictivity,
        error_rate=total.error_rate,
        mean_sensitivity=average(score.detection.sensitivity for score in scores),
        mean_predictivity=average(score.detection.predictivity for score in scores),
        mean_error_rate=average(score.detection.error_rate for score in scores),
    )


def span_table(title: str, rows: Mapping[str, Found], notes: Sequence[str] = ()) -> Table:
    """One row for each span or database."""
    columns = ["", "beats", "missed", "false", "Se %", "+P %", "errors %", "mean Se %", "mean +P %", "mean errors %"]
    rates = [f"{mean}{rate}" for mean in ("", "mean_") for rate in ("sensitivity", "predictivity", "error_rate")]
    cells = [
        [
            name,
            *(f"{count:,}" for count in (row.beats, row.missed, row.false)),
            *(percent(getattr(row, rate), 3) for rate in rates),
        ]
        for name, row in rows.items()
    ]
    return Table(title, columns, cells, [_ERRORS, *notes])


def r_peaks_section(trial: Trial) -> Section:
    """How well R peaks were found: after five minutes, in whole records, in the first ten seconds."""
    spans = {span: found(trial.scores(spans_s)) for span, spans_s in SPANS.items()}
    return Section("r_peaks", msgspec.to_builtins(spans), (span_table(f"R peaks, {trial.scope}", spans),))


def detector_table(title: str, detectors: Mapping[str, Mapping[str, Found]], notes: Sequence[str] = ()) -> Table:
    """One row for each detector: error rates in percent, and what it misses in the first ten seconds."""
    rows = []
    for name, spans in detectors.items():
        whole, first = spans["whole"], spans[FIRST_SECONDS]
        rows.append(
            [
                name,
                percent(spans["after 5 min"].error_rate),
                percent(whole.error_rate),
                percent(whole.mean_error_rate),
                f"{whole.missed:,}",
                f"{whole.false:,}",
                f"{first.missed:,} of {first.beats:,}",
                f"{first.false:,}",
            ]
        )
    columns = [
        "detector",
        "errors % after 5 min",
        "whole records",
        "mean of records",
        "missed",
        "false",
        "missed in first 10 s",
        "false",
    ]
    return Table(title, columns, rows, [_ERRORS, *notes])


def noise_table(
    title: str, by_snr: Mapping[int, Mapping[str, Mapping[str, Found]]], part: str, notes: Sequence[str] = ()
) -> Table:
    """One row for each detector: error rates in percent at each signal to noise ratio, in one part of the records."""
    names = next(iter(by_snr.values()))
    rows = [[name, *(percent(by_snr[snr_db][name][part].error_rate) for snr_db in by_snr)] for name in names]
    return Table(title, ["detector", *(f"{snr_db} dB" for snr_db in by_snr)], rows, notes)
