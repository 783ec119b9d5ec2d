"""Too slow and too fast: extreme and sustained bradycardia and tachycardia.

The extreme kinds follow the arrhythmia definitions of the PhysioNet/CinC Challenge 2015 (Clifford et al. 2015): under
40 bpm over 5 beats, over 140 bpm over 17 beats; `n` beats are `n - 1` consecutive RR intervals. The sustained kinds
watch the displayed heart rate.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from ecg.alarms.episode import AlarmEpisode
from ecg.alarms.kinds import AlarmKind, Evidence, Reason
from ecg.timing import bpm_of_rr, rr_of_bpm, samples_of
from edge.rhythm.climb import Climb
from edge.rhythm.superseding import is_superseded, supersede

if TYPE_CHECKING:
    from ecg.alarms.kinds import AlarmEvent
    from edge.rhythm.settings import RhythmSettings

__all__ = ["RateRule"]

WORSE_BY_BPM: Final = 10.0
"""An extreme rate that gets worse by this much is told again."""


class _Window:
    """The last RR intervals; together they are at least a quarter of the time that they lie in.

    Args:
        count: intervals that fill it.

    Attributes:
        total: of the intervals, samples.
        rr: the intervals, samples.
    """

    def __init__(self, count: int) -> None:
        self.total = 0
        self._count = count
        self._intervals: deque[tuple[int, int]] = deque()  # index of the R peak that ends it, RR interval

    def add(self, index: int, rr: int) -> None:
        """Take an interval of `rr` samples that ended at the R peak `index`."""
        self._intervals.append((index, rr))
        self.total += rr
        if len(self._intervals) > self._count:
            self.total -= self._intervals.popleft()[1]
        while self._intervals[-1][0] - self.onset > 4 * self.total:
            self.total -= self._intervals.popleft()[1]

    @property
    def rr(self) -> list[int]:
        return [rr for _, rr in self._intervals]

    @property
    def is_full(self) -> bool:
        return len(self._intervals) == self._count

    @property
    def onset(self) -> int:
        """360 Hz index at which the first of them began."""
        index, rr = self._intervals[0]
        return index - rr

    def clear(self) -> None:
        self._intervals.clear()
        self.total = 0


class _Limit:
    """One side of the rate: a sustained and an extreme alarm, of which at most one is open."""

    def __init__(
        self,
        sustained: AlarmEpisode,
        extreme: AlarmEpisode,
        *,
        sign: int,
        sustained_bpm: float,
        extreme_bpm: float,
        hysteresis_bpm: float,
    ) -> None:
        self.sustained = sustained
        self.extreme = extreme
        self._sign = sign  # +1: too fast, -1: too slow
        self._sustained_bpm = sustained_bpm
        self._extreme_bpm = extreme_bpm
        self._hysteresis_bpm = hysteresis_bpm
        self._told_bpm = 0.0

    def sustain(self, now: int, index: int, rate_bpm: float) -> list[AlarmEvent]:
        """Judge the displayed rate."""
        if self.extreme.is_open:
            return supersede((self.sustained,), now, self.extreme.kind)
        excess = self._sign * (rate_bpm - self._sustained_bpm)
        if excess > 0:
            evidence: Evidence = {"heart_rate_bpm": rate_bpm, "threshold_bpm": self._sustained_bpm}
            return self.sustained.present(now, index, evidence)
        if not self.sustained.is_open or excess <= -self._hysteresis_bpm:
            return self.sustained.absent(now)
        return []

    def exceed(self, now: int, onset: int, rate_bpm: float, beats: int) -> list[AlarmEvent]:
        """The rate over the last beats is beyond the extreme threshold."""
        evidence: Evidence = {"heart_rate_bpm": rate_bpm, "beats": beats, "threshold_bpm": self._extreme_bpm}
        known = self.extreme.is_open
        events = self.extreme.present(now, onset, evidence)
        if not known:
            self._told_bpm = rate_bpm
        elif self._sign * (rate_bpm - self._told_bpm) >= WORSE_BY_BPM:
            self._told_bpm = rate_bpm
            events += self.extreme.update(now, evidence)
        return events

    def relent(self, now: int, rate_bpm: float) -> list[AlarmEvent]:
        """The rate over the last beats is not beyond the extreme threshold; is it clearly on the good side?"""
        if self.extreme.is_open and self._sign * (rate_bpm - self._extreme_bpm) <= -self._hysteresis_bpm:
            return self.extreme.absent(now)
        return []


class RateRule:
    """Watches RR intervals as they come, before the beats have labels.

    One long interval is a pause, not a bradycardia: extreme bradycardia leaves the longest interval out. What climbed
    as the sinus node does (`edge.rhythm.climb`) is a tachycardia, not an extreme one, up to 180 bpm.

    Attributes:
        alarms: extreme and sustained bradycardia, extreme and sustained tachycardia.
    """

    def __init__(self, settings: RhythmSettings) -> None:
        close, unseen = samples_of(settings.episode_close_s), samples_of(settings.close_s)
        hold = samples_of(settings.sustained_s)
        self._slow = _Limit(
            AlarmEpisode(AlarmKind.BRADYCARDIA, close_after=close, unseen_after=unseen, hold=hold),
            AlarmEpisode(AlarmKind.EXTREME_BRADYCARDIA, close_after=close, unseen_after=unseen),
            sign=-1,
            sustained_bpm=settings.bradycardia_bpm,
            extreme_bpm=settings.extreme_bradycardia_bpm,
            hysteresis_bpm=settings.rate_hysteresis_bpm,
        )
        self._fast = _Limit(
            AlarmEpisode(AlarmKind.TACHYCARDIA, close_after=close, unseen_after=unseen, hold=hold),
            AlarmEpisode(AlarmKind.EXTREME_TACHYCARDIA, close_after=close, unseen_after=unseen),
            sign=1,
            sustained_bpm=settings.tachycardia_bpm,
            extreme_bpm=settings.extreme_tachycardia_bpm,
            hysteresis_bpm=settings.rate_hysteresis_bpm,
        )
        self.alarms = (self._slow.extreme, self._slow.sustained, self._fast.extreme, self._fast.sustained)
        self._slow_count = max(1, settings.extreme_bradycardia_beats - 1)
        self._fast_count = max(1, settings.extreme_tachycardia_beats - 1)
        self._slow_rr = rr_of_bpm(settings.extreme_bradycardia_bpm)
        self._fast_rr = rr_of_bpm(settings.extreme_tachycardia_bpm)
        self._slow_window = _Window(self._slow_count)
        self._fast_window = _Window(self._fast_count)
        self._climb = Climb(rr_of_bpm(settings.tachycardia_bpm))
        self._were_few = False
        self.consecutive = 0

    def interval(
        self, now: int, index: int, rr: int, rate_bpm: float | None, *, in_vt: bool, few: bool, doubtful: bool
    ) -> list[AlarmEvent]:
        """An RR interval of `rr` samples in whole and usable signal ended at the R peak `index`.

        Args:
            now: 360 Hz index of the decision.
            index: 360 Hz index of the R peak.
            rr: interval in samples.
            rate_bpm: the displayed heart rate.
            in_vt: a ventricular tachycardia is open, which says more than its rate.
            few: an asystole is open, and no rhythm was seen since: a few beats are no slow one.
            doubtful: many of the last beats may be artefacts: a high rate cannot be believed.
        """
        self.consecutive += 1
        self._fast_window.add(index, rr)
        self._climb.add(rr)
        if self._were_few and not few and rr <= self._slow_rr:
            self._slow_window.clear()  # of what came before there was no rhythm
        self._were_few = few
        self._slow_window.add(index, rr)
        events = [] if few else self._judge_slow(now, rate_bpm)
        if rate_bpm is not None and not few:
            events += self._slow.sustain(now, index, rate_bpm)
        if doubtful:
            for alarm in (self._fast.extreme, self._fast.sustained):
                events += alarm.absent(now, Reason.POOR_SIGNAL)
        elif not in_vt:
            events += self._judge_fast(now, rate_bpm)
            if rate_bpm is not None:
                events += self._fast.sustain(now, index, rate_bpm)
        return events

    def torn(self, now: int, index: int, at_least: int, rate_bpm: float | None, *, few: bool) -> list[AlarmEvent]:
        """An interval that ended at the R peak `index` was not seen whole; it is worth `at_least` so many samples.

        A slow heart would have hardly an interval that nothing tears. One that may be short says nothing.
        """
        self.consecutive = 0
        if few or at_least <= self._slow_rr:
            return []
        self._slow_window.add(index, at_least)
        return self._judge_slow(now, rate_bpm)

    def interrupt(self) -> None:
        """What follows has nothing to do with what came before."""
        self.consecutive = 0
        self._slow_window.clear()
        self._fast_window.clear()
        self._climb.interrupt()

    def suspend(self, now: int, reason: Reason) -> list[AlarmEvent]:
        """The rate is not known for now."""
        self.consecutive = 0
        return [event for alarm in self.alarms for event in alarm.absent(now, reason)]

    def supersede(self, now: int, by: AlarmKind) -> list[AlarmEvent]:
        """A more telling alarm opened; where it leaves no alarm of the rate, there are no beats to count."""
        if all(is_superseded(alarm, by) for alarm in self.alarms):
            self.interrupt()
        return supersede(self.alarms, now, by)

    def _judge_slow(self, now: int, rate_bpm: float | None) -> list[AlarmEvent]:
        count, window = self._slow_count, self._slow_window
        if window.is_full and window.total > count * self._slow_rr:
            longest = max(window.rr) if count > 2 else 0
            if window.total - longest > (count - (longest > 0)) * self._slow_rr:
                return self._slow.exceed(now, window.onset, bpm_of_rr(window.total / count), count + 1)
        if window.is_full:
            rate_bpm = bpm_of_rr(window.total / count)
        return [] if rate_bpm is None else self._slow.relent(now, rate_bpm)

    def _judge_fast(self, now: int, rate_bpm: float | None) -> list[AlarmEvent]:
        count, window = self._fast_count, self._fast_window
        is_extreme = window.is_full and window.total < count * self._fast_rr
        if is_extreme and (self._fast.extreme.is_open or not self._climb.is_one):
            return self._fast.exceed(now, window.onset, bpm_of_rr(window.total / count), count + 1)
        return [] if rate_bpm is None else self._fast.relent(now, rate_bpm)
