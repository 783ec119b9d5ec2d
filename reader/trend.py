"""Readings of one patient over time: QTc against the patient's own baseline, beside rhythm, rate and axis.

Steps: 450, 480 and 500 ms of QTc by Fridericia, and 60 ms above the baseline (CTCAE v5.0, "Electrocardiogram QT
corrected interval prolonged"). They tell that a QT interval is long, not why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import msgspec
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reader.reading import Reading

__all__ = ["STEPS_MS", "Point", "Trend", "trend_of"]

STEPS_MS: Final = (450, 480, 500)
CHANGE_MS: Final = 60


def _text(description: str) -> msgspec.Meta:
    return msgspec.Meta(description=description)


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """One recording of the patient. What is not known is null."""

    file: Annotated[str, _text("As given on the command line.")]
    recorded_at: Annotated[str, _text("When it began, by the clock of its device.")]
    qtcf_ms: Annotated[float | None, _text("QT corrected by Fridericia's formula.")]
    why_no_qtcf: Annotated[str | None, _text("Why it is null.")]
    change_ms: Annotated[float | None, _text("From the baseline; null for what the baseline is made of.")]
    reached: Annotated[tuple[str, ...], _text("Steps that QTc reached: '450 ms', '480 ms', '500 ms', '+60 ms'.")]
    heart_rate_bpm: Annotated[float | None, _text("Of the ventricles.")]
    qrs_ms: Annotated[float | None, _text("Duration of the QRS complex.")]
    axis_deg: Annotated[float | None, _text("Electrical axis of the QRS complex.")]
    rhythm: Annotated[str | None, _text("In words.")]


class Trend(msgspec.Struct, frozen=True, kw_only=True):
    """The recordings of one patient in the order of their times."""

    baseline_ms: Annotated[float | None, _text("Mean QTc by Fridericia of the first recordings that have one.")]
    baseline_files: Annotated[tuple[str, ...], _text("These recordings.")]
    points: Annotated[tuple[Point, ...], _text("Every recording that has a time.")]
    left_out: Annotated[dict[str, str], _text("Files that are not in it: file, reason.")]


def trend_of(readings: Sequence[Reading], *, baseline: int = 1) -> Trend:
    """Put readings of one patient in order.

    Args:
        readings: in any order; those that were refused, or have no time, are left out.
        baseline: the first so many recordings with a QTc are the patient's baseline.
    """
    left_out = {}
    dated = []
    for reading in readings:
        if reading.refused is not None:
            left_out[reading.file] = reading.refused
        elif reading.recorded_at is None:
            left_out[reading.file] = "the file does not tell when it was recorded"
        else:
            dated.append((reading.recorded_at, reading))
    dated.sort(key=lambda each: each[0])
    known = [(reading.file, qtcf) for _, reading in dated if (qtcf := _qtcf(reading)) is not None][:baseline]
    baseline_ms = float(np.mean([qtcf for _, qtcf in known])) if known else None
    files = tuple(file for file, _ in known)
    return Trend(
        baseline_ms=None if baseline_ms is None else round(baseline_ms, 1),
        baseline_files=files,
        points=tuple(_point(reading, at, None if reading.file in files else baseline_ms) for at, reading in dated),
        left_out=left_out,
    )


def _qtcf(reading: Reading) -> float | None:
    return None if reading.measurements is None else reading.measurements.qtcf_ms


def _point(reading: Reading, recorded_at: str, baseline_ms: float | None) -> Point:
    measured = reading.measurements
    qtcf = _qtcf(reading)
    change = None if qtcf is None or baseline_ms is None else qtcf - baseline_ms
    reached = [f"{step} ms" for step in STEPS_MS if qtcf is not None and qtcf >= step]
    if change is not None and change >= CHANGE_MS:
        reached.append(f"+{CHANGE_MS} ms")
    return Point(
        file=reading.file,
        recorded_at=recorded_at,
        qtcf_ms=qtcf,
        why_no_qtcf=_why_none(reading) if qtcf is None else None,
        change_ms=None if change is None else round(change, 1),
        reached=tuple(reached),
        heart_rate_bpm=None if measured is None else measured.heart_rate_bpm,
        qrs_ms=None if measured is None else measured.qrs_ms,
        axis_deg=None if measured is None else measured.axis_deg,
        rhythm=reading.rhythm,
    )


def _why_none(reading: Reading) -> str:
    return "nothing was measured" if reading.measurements is None else reading.measurements.unknown.get("qtcf_ms", "")
