"""Beat-by-beat comparison of two annotations, after ANSI/AAMI EC57 (4.3) and PhysioNet's `bxb`.

`converter.datasets.matching` says which beat is which. What is left over is missed (reference) or false (test).

Deviation from `bxb`: nothing is skipped by default, where `bxb` leaves out the first five minutes as a learning period
(`AFTER_LEARNING`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from converter.datasets.annotations import AAMI5, BeatAnnotations, IntArray, classes_of
from converter.datasets.matching import MATCH_WINDOW, WHOLE, Span, counted_within, match_beats

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "AFTER_LEARNING",
    "CLASSES",
    "ClassScore",
    "DetectionScore",
    "RecordScore",
    "average",
    "class_scores",
    "detection_score",
    "score_record",
    "total_matrix",
]

CLASSES: tuple[str, ...] = ("N", "S", "V", "F", "Q")

AFTER_LEARNING: tuple[Span, ...] = ((300.0, math.inf),)
"""EC57 lets a device learn for the first five minutes of a record."""

MISSED = FALSE = len(CLASSES)


@dataclass(frozen=True, slots=True)
class DetectionScore:
    """How well beats were found, whatever their class.

    Attributes:
        true: reference beats that were found.
        missed: reference beats that were not.
        false: detections without a reference beat.
    """

    true: int
    missed: int
    false: int

    @property
    def sensitivity(self) -> float | None:
        """Share of the reference beats that was found; None without reference beats."""
        return _ratio(self.true, self.true + self.missed)

    @property
    def predictivity(self) -> float | None:
        """Share of the detections that are beats; None without detections."""
        return _ratio(self.true, self.true + self.false)

    @property
    def error_rate(self) -> float | None:
        """Missed and false together over the reference beats; None without reference beats."""
        return _ratio(self.missed + self.false, self.true + self.missed)


@dataclass(frozen=True, slots=True)
class ClassScore:
    """How well one class of beats was told from the others.

    Attributes:
        label: the class.
        reference: beats of this class in the reference, missed ones included.
        true: those of them that the test called so.
        called: beats that the test called so, false detections included.
        forgiven: those of `called` that EC57 does not count against predictivity: fusion and unclassifiable beats
            called V, unclassifiable beats called S.
        others: beats of other classes, and false detections, that the test called anything else.
    """

    label: str
    reference: int
    true: int
    called: int
    forgiven: int
    others: int

    @property
    def sensitivity(self) -> float | None:
        """Share of the reference beats of this class that the test called so."""
        return _ratio(self.true, self.reference)

    @property
    def predictivity(self) -> float | None:
        """Share of the beats called so that are of this class; every other one counts against it."""
        return _ratio(self.true, self.called)

    @property
    def predictivity_ec57(self) -> float | None:
        """As `predictivity`, leaving out the beats that EC57 forgives."""
        return _ratio(self.true, self.called - self.forgiven)

    @property
    def false_positive_rate(self) -> float | None:
        """Share of what is not of this class that the test called so, FP / (TN + FP) as `bxb` counts them.

        Missed beats were called nothing and are in neither; what EC57 forgives is no false positive.
        """
        false = self.called - self.forgiven - self.true
        return _ratio(false, false + self.others)


@dataclass(frozen=True, slots=True)
class RecordScore:
    """One record compared beat by beat.

    Attributes:
        record: its name.
        matrix: shape (6, 6); rows are the reference classes N S V F Q and, last, "no such beat"; columns are the test's
            classes and, last, "missed". The last cell is always 0.
    """

    record: str
    matrix: IntArray

    @property
    def detection(self) -> DetectionScore:
        """The same record, classes left aside."""
        return detection_score(self.matrix)


def score_record(
    record: str,
    reference: BeatAnnotations,
    test: BeatAnnotations,
    *,
    spans_s: Sequence[Span] = WHOLE,
    window: int = MATCH_WINDOW,
) -> RecordScore:
    """Compare a record's test beats with its reference beats.

    Args:
        record: name to carry along.
        reference: what is held true.
        test: what is judged.
        spans_s: what lies within one of these counts; the rest is left out after matching, so that no beat is torn from
            its pair.
        window: largest distance of a pair, 360 Hz samples.
    """
    partner = match_beats(reference.index, test.index, window)
    found = partner >= 0
    unmatched = np.ones(len(test.index), dtype=bool)
    unmatched[partner[found]] = False
    counted = counted_within(reference.index, reference, spans_s)
    extra = unmatched & counted_within(test.index, reference, spans_s)

    reference_class = classes_of(reference.symbol, AAMI5, CLASSES)
    test_class = classes_of(test.symbol, AAMI5, CLASSES)
    matrix = np.zeros((len(CLASSES) + 1, len(CLASSES) + 1), dtype=np.int64)
    hit = found & counted
    np.add.at(matrix, (reference_class[hit], test_class[partner[hit]]), 1)
    matrix[:, MISSED] = np.bincount(reference_class[counted & ~found], minlength=len(matrix))
    matrix[FALSE] = np.bincount(test_class[extra], minlength=len(matrix))
    return RecordScore(record, matrix)


def total_matrix(scores: Sequence[RecordScore]) -> IntArray:
    """The matrices of several records added up."""
    return np.asarray(np.sum([score.matrix for score in scores], axis=0), dtype=np.int64)


def detection_score(matrix: IntArray) -> DetectionScore:
    """Beats found, missed and invented in a matrix of `RecordScore` (or a sum of such)."""
    return DetectionScore(
        true=int(matrix[:FALSE, :MISSED].sum()), missed=int(matrix[:, MISSED].sum()), false=int(matrix[FALSE].sum())
    )


def class_scores(matrix: IntArray) -> tuple[ClassScore, ...]:
    """Scores of the classes N S V F Q in a matrix of `RecordScore` (or a sum of such)."""
    forgiven = {"V": ("F", "Q"), "S": ("Q",)}
    return tuple(
        ClassScore(
            label=label,
            reference=int(matrix[number].sum()),
            true=int(matrix[number, number]),
            called=int(matrix[:, number].sum()),
            forgiven=sum(int(matrix[CLASSES.index(other), number]) for other in forgiven.get(label, ())),
            others=int(np.delete(np.delete(matrix[:, :MISSED], number, axis=0), number, axis=1).sum()),
        )
        for number, label in enumerate(CLASSES)
    )


def average(values: Iterable[float | None]) -> float | None:
    """Mean over the records that have the figure; None where none has it."""
    known: Sequence[float] = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
