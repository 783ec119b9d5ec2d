"""What a stretch of ECG amounts to: exact counts that can be added up, and the figures that follow from them.

All counts are whole numbers, of samples at 360 Hz or of their squares, so that a day added up from its minutes, in any
order and over any number of restarts, gives the very figures that one pass over the same beats gives.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import sqrt
from typing import TYPE_CHECKING, Final

from ecg.samples import SAMPLE_RATE_HZ, UNCLASSIFIED
from ecg.timing import bpm_of_rr, ms_of, samples_of, seconds_of

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["AVERAGED_INTERVALS", "ECTOPIC", "NORMAL", "Extreme", "Tally"]

AVERAGED_INTERVALS = 8
"""Enough to be steady through single ectopic beats, few enough to follow a change within some seconds."""

NORMAL: Final = frozenset("NLR")
"""Beats of sinus rhythm, bundle branch block included: intervals between two of them are normal-to-normal."""

ECTOPIC: Final = frozenset("SAV")
"""Premature beats, from the atria or the ventricles; fusion beats (F) are neither normal nor counted here."""

STEP: Final = samples_of(0.05)
"""pNN50 counts successive normal intervals that differ by more than 50 ms: 18 samples."""

_MS: Final = 1000 / SAMPLE_RATE_HZ


@dataclass(frozen=True, slots=True)
class Extreme:
    """A largest or smallest value, in samples, and its moment.

    Attributes:
        value: a length in samples at 360 Hz.
        moment: the R peak that ended it: a 360 Hz index within a session, ms since 1970 UTC where sessions are added.
    """

    value: int
    moment: int


@dataclass(slots=True)
class Tally:
    """Counts of a stretch; lengths are samples at 360 Hz.

    Heart rate minimum and maximum are those of the mean over 8 successive intervals, as in the vitals, so that a single
    premature beat is no heart rate of 150; with fewer intervals all three are their mean. SDNN, RMSSD and pNN50 follow
    Task Force of the ESC and NASPE, Circulation 93:1043-1065, 1996, on normal-to-normal intervals. SDNN depends on the
    length of the stretch: that of a minute must not be compared with that of an hour or a day.

    Attributes:
        duration: of the stretch, as far as the monitor ran.
        good, lost: signal of good quality; lost samples.
        fibrillation: time in which atrial fibrillation was told. What is kept over a restart has this name.
        beats: count by label, only labels that occurred.
        intervals, intervals_sum: RR intervals in whole signal, and their sum.
        slowest, fastest: largest and smallest sum of 8 successive ones.
        longest: the longest one.
        normal, normal_sum, normal_sum_sq: normal-to-normal intervals, their sum and sum of squares.
        steps, steps_sum_sq, large_steps: successive pairs of these, sum of squares of their differences, and how many
            differ by more than 50 ms.
    """

    duration: int = 0
    good: int = 0
    lost: int = 0
    fibrillation: int = 0
    beats: dict[str, int] = field(default_factory=dict)
    intervals: int = 0
    intervals_sum: int = 0
    slowest: Extreme | None = None
    fastest: Extreme | None = None
    longest: Extreme | None = None
    normal: int = 0
    normal_sum: int = 0
    normal_sum_sq: int = 0
    steps: int = 0
    steps_sum_sq: int = 0
    large_steps: int = 0

    def add(self, other: Tally) -> None:
        """Add another stretch; of extremes that are equal the first one stays."""
        for name in _SUMS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for label, count in other.beats.items():
            self.beats[label] = self.beats.get(label, 0) + count
        self.slowest = _larger(self.slowest, other.slowest)
        self.fastest = _smaller(self.fastest, other.fastest)
        self.longest = _larger(self.longest, other.longest)

    def interval(self, rr: int, moment: int) -> None:
        """Count an RR interval."""
        self.intervals += 1
        self.intervals_sum += rr
        self.longest = _larger(self.longest, Extreme(rr, moment))

    def averaged(self, total: int, moment: int) -> None:
        """Count the sum of 8 successive intervals."""
        self.slowest = _larger(self.slowest, Extreme(total, moment))
        self.fastest = _smaller(self.fastest, Extreme(total, moment))

    def normal_interval(self, rr: int, before: int | None) -> None:
        """Count a normal-to-normal interval; `before` is the one before it, if that was one too."""
        self.normal += 1
        self.normal_sum += rr
        self.normal_sum_sq += rr * rr
        if before is not None:
            step = abs(rr - before)
            self.steps += 1
            self.steps_sum_sq += step * step
            self.large_steps += step > STEP

    def at(self, moment: Callable[[int], int]) -> Tally:
        """Give a copy with its moments on another clock."""

        def moved(extreme: Extreme | None) -> Extreme | None:
            return None if extreme is None else Extreme(extreme.value, moment(extreme.moment))

        return replace(
            self,
            beats=dict(self.beats),
            slowest=moved(self.slowest),
            fastest=moved(self.fastest),
            longest=moved(self.longest),
        )

    @property
    def duration_s(self) -> float:
        """Length of the stretch."""
        return seconds_of(self.duration)

    @property
    def good_signal_s(self) -> float:
        """Length of good signal."""
        return seconds_of(min(self.good, self.duration))

    @property
    def good_signal_share(self) -> float | None:
        """Share of good signal; None for an empty stretch."""
        return _share(min(self.good, self.duration), self.duration)

    @property
    def lost_s(self) -> float:
        """Length of lost samples."""
        return seconds_of(self.lost)

    @property
    def heart_rate_mean_bpm(self) -> float | None:
        """Mean heart rate; None without intervals."""
        return bpm_of_rr(self.intervals_sum / self.intervals) if self.intervals else None

    @property
    def heart_rate_min_bpm(self) -> float | None:
        """Lowest heart rate."""
        return self.heart_rate_mean_bpm if self.slowest is None else _averaged_bpm(self.slowest)

    @property
    def heart_rate_max_bpm(self) -> float | None:
        """Highest heart rate."""
        return self.heart_rate_mean_bpm if self.fastest is None else _averaged_bpm(self.fastest)

    @property
    def longest_rr_ms(self) -> float | None:
        """Longest interval, the longest pause; None without intervals."""
        return None if self.longest is None else ms_of(self.longest.value)

    @property
    def sdnn_ms(self) -> float | None:
        """Standard deviation of the normal-to-normal intervals; None with fewer than 2."""
        n = self.normal
        if n < 2:
            return None
        return _MS * sqrt((n * self.normal_sum_sq - self.normal_sum**2) / (n * (n - 1)))

    @property
    def rmssd_ms(self) -> float | None:
        """Root mean square of the differences of successive ones; None without such a pair."""
        return _MS * sqrt(self.steps_sum_sq / self.steps) if self.steps else None

    @property
    def pnn50(self) -> float | None:
        """Share of successive ones, 0 to 1, that differ by more than 50 ms; None without such a pair."""
        return _share(self.large_steps, self.steps)

    @property
    def ectopic_burden(self) -> float | None:
        """Share of premature beats among those with a class; None without any."""
        return self._beat_share(ECTOPIC)

    @property
    def ventricular_burden(self) -> float | None:
        """Share of ventricular beats among those with a class; None without any."""
        return self._beat_share(frozenset("V"))

    @property
    def atrial_fibrillation_s(self) -> float | None:
        """Time in atrial fibrillation; None without good signal."""
        return seconds_of(max(0, min(self.fibrillation, self.duration))) if self.good else None

    @property
    def atrial_fibrillation_burden(self) -> float | None:
        """Share of the good signal that was atrial fibrillation; None without good signal."""
        return _share(max(0, min(self.fibrillation, self.good)), self.good)

    def _beat_share(self, labels: frozenset[str]) -> float | None:
        classified = sum(count for label, count in self.beats.items() if label != UNCLASSIFIED)
        return _share(sum(count for label, count in self.beats.items() if label in labels), classified)


_SUMS: Final = tuple(
    name for name in Tally.__dataclass_fields__ if name not in {"beats", "slowest", "fastest", "longest"}
)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _averaged_bpm(total: Extreme) -> float:
    return bpm_of_rr(total.value / AVERAGED_INTERVALS)


def _larger(a: Extreme | None, b: Extreme | None) -> Extreme | None:
    if a is None or b is None:
        return a or b
    return b if b.value > a.value else a


def _smaller(a: Extreme | None, b: Extreme | None) -> Extreme | None:
    if a is None or b is None:
        return a or b
    return b if b.value < a.value else a


@dataclass(frozen=True, slots=True)
class MinuteSummary:
    """One minute of stream time, from `index` (360 Hz) on; the last one of a stream is shorter.

    Attributes:
        tally: what it amounts to, with the figures that follow.
        atrial_fibrillation_before: samples of atrial fibrillation in minutes given already. It is told some time after
            its onset, and its end too: the number may be negative. Hours and days take them in.
    """

    index: int
    tally: Tally
    atrial_fibrillation_before: int = 0
