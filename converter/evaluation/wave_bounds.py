"""How well bounds of waves agree with marks: matched within 150 ms, their error's mean and spread, and F1."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from converter.datasets.wave_marks import MarkedLead

__all__ = ["BOUNDS", "TOLERANCE_MS", "BoundScore", "Places", "marked_places", "match", "merge", "score_lead"]

TOLERANCE_MS: Final = 150.0
"""As in ANSI/AAMI EC57 for beats, and in the literature on delineation (Martinez et al. 2004)."""

BOUNDS: Final = tuple(f"{kind} {what}" for kind in ("P", "QRS", "T") for what in ("onset", "peak", "end"))

Places = dict[str, list[float]]
"""Of each of `BOUNDS`, where it was found or marked, ms, ascending."""


@dataclass
class BoundScore:
    """Errors and counts of one bound.

    Attributes:
        errors_ms: found less marked, of each match, by record.
        missed, extra: marks without a find, finds without a mark where all is marked.
    """

    errors_ms: dict[str, list[float]] = field(default_factory=dict)
    missed: int = 0
    extra: int = 0

    @property
    def matches(self) -> int:
        """Marks that were found."""
        return sum(map(len, self.errors_ms.values()))

    @property
    def f1(self) -> float:
        """Harmonic mean of sensitivity and positive predictivity."""
        return 2 * self.matches / max(2 * self.matches + self.missed + self.extra, 1)

    def f1_within(self, tolerance_ms: float) -> float:
        """The same with a narrower tolerance: matches beyond it are missed, and extra."""
        near = int(np.sum(np.abs(self._all()) <= tolerance_ms)) if self.matches else 0
        wrong = self.missed + self.extra + 2 * (self.matches - near)
        return 2 * near / max(2 * near + wrong, 1)

    @property
    def mean_ms(self) -> float:
        """Mean error of all matches."""
        return float(np.mean(self._all())) if self.matches else float("nan")

    @property
    def sd_ms(self) -> float:
        """Standard deviation of the errors of all matches of all records."""
        return float(np.std(self._all())) if self.matches else float("nan")

    @property
    def sd_within_ms(self) -> float:
        """Mean over the records of the standard deviation within each, as Martinez et al. 2004 give it."""
        return float(np.mean([np.std(errors) for errors in self.errors_ms.values() if len(errors) > 1]))

    def _all(self) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return np.concatenate([np.asarray(errors) for errors in self.errors_ms.values()])


def marked_places(lead: MarkedLead) -> Places:
    """The marks of a lead."""
    period_ms = float(1000 / lead.rate_hz)
    return {
        f"{kind} {what}": [
            place * period_ms for wave in lead.waves if wave.kind == kind and (place := getattr(wave, what)) is not None
        ]
        for kind in ("P", "QRS", "T")
        for what in ("onset", "peak", "end")
    }


def score_lead(scores: dict[str, BoundScore], lead: MarkedLead, found: Places) -> None:
    """Add a lead to the scores, a bound each; what was found where not all is marked does not count as extra."""
    period_ms = float(1000 / lead.rate_hz)
    known = [(first * period_ms, last * period_ms) for first, last in lead.known]
    for bound, marks in marked_places(lead).items():
        score = scores.setdefault(bound, BoundScore())
        pairs = match(marks, found[bound])
        score.errors_ms.setdefault(lead.record, []).extend(found[bound][theirs] - marks[ours] for ours, theirs in pairs)
        score.missed += len(marks) - len(pairs)
        taken = {theirs for _, theirs in pairs}
        score.extra += (
            sum(
                number not in taken and any(first <= place < last for first, last in known)
                for number, place in enumerate(found[bound])
            )
            if _is_marked_throughout(lead, bound)
            else 0
        )


def _is_marked_throughout(lead: MarkedLead, bound: str) -> bool:
    """Whether a find without a mark is one too many: the begin of T is marked in no record of the QT Database."""
    kind, what = bound.split()
    waves = [wave for wave in lead.waves if wave.kind == kind]
    return lead.is_complete or (bool(waves) and all(getattr(wave, what) is not None for wave in waves))


def merge(parts: Iterable[Mapping[str, Mapping[str, BoundScore]]]) -> dict[str, dict[str, BoundScore]]:
    """Scores over several sets of records, by whatever they are told apart by."""
    merged: dict[str, dict[str, BoundScore]] = {}
    for part in parts:
        for choice, scores in part.items():
            for bound, score in scores.items():
                whole = merged.setdefault(choice, {}).setdefault(bound, BoundScore())
                whole.errors_ms.update(score.errors_ms)
                whole.missed += score.missed
                whole.extra += score.extra
    return merged


def match(marks: Sequence[float], found: Iterable[float]) -> list[tuple[int, int]]:
    """Pairs of a mark and a find within 150 ms, each in one pair at most, the nearest first."""
    places = np.asarray(list(found), np.float64)
    pairs = [
        (abs(places[theirs] - mark), ours, theirs)
        for ours, mark in enumerate(marks)
        for theirs in range(*np.searchsorted(places, (mark - TOLERANCE_MS, mark + TOLERANCE_MS)).tolist())
    ]
    taken_marks: set[int] = set()
    taken_finds: set[int] = set()
    kept = []
    for _, ours, theirs in sorted(pairs):
        if ours not in taken_marks and theirs not in taken_finds:
            taken_marks.add(ours)
            taken_finds.add(theirs)
            kept.append((ours, theirs))
    return sorted(kept)
