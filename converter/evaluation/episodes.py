"""Episodes of a rhythm compared as ANSI/AAMI EC57 asks, and as `epicmp` of the WFDB Software Package does it.

Sensitivity: a reference episode is found where the monitor's episodes overlap it at all. Predictivity: an episode of
the monitor's is right where reference episodes overlap it at all. Durations: the seconds of overlap. What is excluded
(atrial flutter, where the predictivity of atrial fibrillation is judged) is cut out of the episodes first.

Deviation from `epicmp`: the first five minutes count unless they are left out by `start`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecg.samples import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["EpisodeScore", "Interval", "length", "merged", "overlap", "overlaps", "score_episodes", "without"]

Interval = tuple[int, int]
"""First 360 Hz index, and the one after the last."""


@dataclass(frozen=True, slots=True)
class EpisodeScore:
    """Episodes of one rhythm in one record, or added up over several.

    Attributes:
        reference: episodes in the reference; `found` of them the monitor told of.
        called: episodes that the monitor told of; `right` of them are in the reference.
        reference_s, found_s, called_s, right_s: the same in seconds.
        other_s: seconds outside all reference episodes and outside what is excluded; the monitor called `false_s` of
            them so.
    """

    reference: int = 0
    found: int = 0
    called: int = 0
    right: int = 0
    reference_s: float = 0.0
    found_s: float = 0.0
    called_s: float = 0.0
    right_s: float = 0.0
    other_s: float = 0.0
    false_s: float = 0.0

    @property
    def sensitivity(self) -> float | None:
        """Share of the reference episodes that was found."""
        return self.found / self.reference if self.reference else None

    @property
    def predictivity(self) -> float | None:
        """Share of the monitor's episodes that is right."""
        return self.right / self.called if self.called else None

    @property
    def duration_sensitivity(self) -> float | None:
        """Share of the reference's seconds that was found."""
        return self.found_s / self.reference_s if self.reference_s else None

    @property
    def duration_predictivity(self) -> float | None:
        """Share of the monitor's seconds that is right."""
        return self.right_s / self.called_s if self.called_s else None

    @property
    def duration_specificity(self) -> float | None:
        """Share of the seconds without the rhythm that the monitor did not call so."""
        return 1 - self.false_s / self.other_s if self.other_s else None

    def __add__(self, other: EpisodeScore) -> EpisodeScore:
        return EpisodeScore(*(getattr(self, name) + getattr(other, name) for name in EpisodeScore.__slots__))


def score_episodes(
    reference: Sequence[Interval],
    test: Sequence[Interval],
    *,
    end: int,
    start: int = 0,
    least_s: float = 0.0,
    excluded: Sequence[Interval] = (),
) -> EpisodeScore:
    """Compare the episodes of one record.

    Args:
        reference: what is held true.
        test: what is judged.
        end: 360 Hz index after the record's last sample.
        start: what lies before is left out.
        least_s: shorter episodes, of either side, are not judged; they count as overlap for the other side's.
        excluded: stretches in which the test's episodes are not judged.
    """
    reference, test = _clipped(merged(reference), start, end), _clipped(merged(test), start, end)
    judged = without(test, excluded)
    least = least_s * SAMPLE_RATE_HZ
    real = [episode for episode in reference if length([episode]) >= least]
    # An episode that an exclusion divides is still one: its pieces are judged together.
    told = [pieces for episode in test if length(pieces := without([episode], excluded)) >= max(least, 1)]
    elsewhere = without(without([(start, end)], reference), excluded)
    return EpisodeScore(
        reference=len(real),
        found=sum(overlaps(episode, test) for episode in real),
        called=len(told),
        right=sum(any(overlaps(piece, reference) for piece in pieces) for pieces in told),
        reference_s=_seconds(length(real)),
        found_s=_seconds(overlap(real, test)),
        called_s=_seconds(sum(map(length, told))),
        right_s=_seconds(sum(overlap(pieces, reference) for pieces in told)),
        other_s=_seconds(length(elsewhere)),
        false_s=_seconds(overlap(elsewhere, judged)),
    )


def merged(intervals: Iterable[Interval]) -> list[Interval]:
    """The intervals in order; those that touch or overlap become one."""
    whole: list[Interval] = []
    for first, end in sorted(intervals):
        if whole and first <= whole[-1][1]:
            whole[-1] = whole[-1][0], max(whole[-1][1], end)
        else:
            whole.append((first, end))
    return whole


def without(intervals: Sequence[Interval], excluded: Sequence[Interval]) -> list[Interval]:
    """What of the intervals lies outside the excluded ones."""
    left = list(intervals)
    for cut_first, cut_end in excluded:
        left = [
            (first, end)
            for interval in left
            for first, end in ((interval[0], min(interval[1], cut_first)), (max(interval[0], cut_end), interval[1]))
            if first < end
        ]
    return left


def length(intervals: Iterable[Interval]) -> int:
    """Samples in all of them together."""
    return sum(end - first for first, end in intervals)


def overlap(some: Sequence[Interval], others: Sequence[Interval]) -> int:
    """Samples that `some` and `others` have in common; no two intervals of one side may overlap."""
    return sum(
        max(0, min(end, other_end) - max(first, other_first))
        for first, end in some
        for other_first, other_end in others
    )


def overlaps(interval: Interval, others: Sequence[Interval]) -> bool:
    """Whether it has a sample in common with one of the others."""
    return any(interval[0] < end and first < interval[1] for first, end in others)


def _clipped(intervals: Sequence[Interval], start: int, end: int) -> list[Interval]:
    cut = [(max(first, start), min(last, end)) for first, last in intervals]
    return [(first, last) for first, last in cut if first < last]


def _seconds(samples: int) -> float:
    return samples / SAMPLE_RATE_HZ
