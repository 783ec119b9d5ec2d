"""Atrial fibrillation: RR intervals that are irregular and do not repeat.

Method. Of the last 32 RR intervals each is compared with the ones 1 to 6 before it. At each of these lags the share
of pairs that differ by more than 6 % is counted, and the smallest share is the irregularity. Fibrillation differs at
every lag. Regular rhythm with some ectopic beats differs at no lag; bigeminy, trigeminy and their kin differ at lag
1, but repeat themselves at lag 2, 3 or 4, and sinus arrhythmia repeats itself with the breath, each 4 to 6 beats.
Intervals that begin or end at a ventricular beat are left out.

Kin: the relative RR differences of Tateno and Glass 2001 (Med Biol Eng Comput 39:664-671) and the origin and bin
counts of Sarkar et al. 2008 (IEEE Trans Biomed Eng 55:1219-1224). The lags are our own answer to patterned ectopy;
counts in place of histograms because they cost a few additions a beat.

Where the numbers come from. Window, lags, 6 % and 60 % were chosen on annotated beats of MIT-BIH DS1 and `svdb` and
on the detected beats of the CinC 2017 recordings. A first choice without CinC 2017 was fitted to the two very
irregular patients of DS1 and found only 43 % of the fibrillation of DS2. That look at DS2 led to a new choice, on the
same development data and CinC 2017; figures on DS2 are therefore no longer those of a set that was never seen.

Known limits. Frequent atrial ectopy without a pattern is taken for fibrillation. Fibrillation with a nearly regular
ventricular response (fast conduction, complete block, pacing) and atrial flutter with fixed conduction are not seen.
The end of an episode is seen about half a window late (12 s at 80 bpm), so that one of 20 s may be told as one of 30
s.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from edge.rhythm.alarms import Alarm, Reason
from edge.rhythm.rules.ventricular import VENTRICULAR
from edge.rhythm.timing import bpm_of_rr, samples_of
from edge.samples import AlarmKind, Event

if TYPE_CHECKING:
    from edge.config import RhythmSettings

__all__ = ["AtrialFibrillationRule"]

LAGS: Final = 6
"""Each interval is compared with so many before it."""
WINDOW: Final = 32
"""RR intervals judged together."""
DIFFERENCE: Final = 0.06
"""Intervals that differ by more than this share of their mean differ."""
HYSTERESIS: Final = 0.08
"""The irregularity must fall this far below the threshold before fibrillation is over."""
LONGEST: Final = samples_of(2.5)
"""A longer interval is a pause and says nothing about regularity."""
MEMORY: Final = samples_of(60.0)
"""After so long without a usable interval the window starts anew."""


class AtrialFibrillationRule:
    """Watches labelled beats.

    Attributes:
        alarm: atrial fibrillation.
        ended_at: 360 Hz index at which the last stretch of irregularity ended, as well as it can be told afterwards.
    """

    def __init__(self, settings: RhythmSettings, out: list[Event]) -> None:
        self.alarm = Alarm(
            AlarmKind.ATRIAL_FIBRILLATION,
            out,
            close_after=samples_of(settings.close_s),
            hold=samples_of(settings.atrial_fibrillation_s),
        )
        self.ended_at = 0
        self._threshold = settings.atrial_fibrillation_irregularity
        self._enter = settings.atrial_fibrillation_irregularity * WINDOW
        self._leave = (settings.atrial_fibrillation_irregularity - HYSTERESIS) * WINDOW
        self._is_irregular = False
        self._before_is_ventricular = True
        self._last = 0
        self._recent: deque[int] = deque(maxlen=LAGS)  # RR intervals, newest first
        self._flags: deque[list[bool]] = deque()  # for each interval of the window: does it differ, by lag
        self._ends: deque[int] = deque()  # R peaks that end the intervals of the window
        self._counts = [0] * LAGS

    def beat(self, now: int, index: int, label: str, rr: int | None, *, usable: bool) -> None:
        """Take the next labelled beat.

        Args:
            now: 360 Hz index of the decision.
            index: 360 Hz index of the R peak.
            label: of the model, or `unclassified`, which is taken as not ventricular.
            rr: interval from the beat before in samples; None where that was not measured in whole signal.
            usable: the signal can be believed now; else nothing is opened.
        """
        touches_ventricular = self._before_is_ventricular
        self._before_is_ventricular = label == VENTRICULAR
        if index - self._last > MEMORY:
            self._restart(index)
            self.alarm.absent(now)
        if rr is None or touches_ventricular or self._before_is_ventricular or rr > LONGEST:
            return
        self._last = index
        self._count(index, rr)
        irregularity = min(self._counts)
        if self._is_irregular:
            if irregularity < self._leave:
                self._is_irregular = False
                self.ended_at = self._ends[len(self._ends) // 2]
                self.alarm.absent(now)
        elif irregularity >= self._enter:
            self._is_irregular = True
        if self._is_irregular and usable and not self.alarm.is_present:
            self._tell(now, irregularity)

    def suspend(self, now: int, reason: Reason) -> None:
        """Nothing can be told of the rhythm any more; what was measured stays valid."""
        if self.alarm.is_present:
            self.ended_at = now
        self.alarm.absent(now, reason)

    def resume(self, now: int) -> None:
        """The signal can be believed again; an episode that was open before a short disturbance goes on."""
        if self._is_irregular and self.alarm.is_open:
            self._tell(now, min(self._counts))

    def yield_to(self, now: int, kind: AlarmKind) -> None:
        """A more telling alarm opened, in which there are no beats to judge."""
        self._restart(now)
        self.alarm.close(now, Reason.SUPERSEDED, by=kind.value)

    def _tell(self, now: int, irregularity: int) -> None:
        # The window that first is irregular enough begins with some intervals of the rhythm before.
        onset = next((end for end, flags in zip(self._ends, self._flags, strict=True) if flags[0]), now)
        span = self._ends[-1] - self._ends[0]
        self.alarm.present(
            now,
            onset,
            {
                "irregularity": round(irregularity / WINDOW, 3),
                "threshold_irregularity": self._threshold,
                "intervals": len(self._ends),
                "heart_rate_bpm": bpm_of_rr(span / (len(self._ends) - 1)) if span else None,
            },
        )

    def _restart(self, index: int) -> None:
        self._is_irregular = False
        self.ended_at = self._last = index
        self._recent.clear()
        self._flags.clear()
        self._ends.clear()
        self._counts = [0] * LAGS

    def _count(self, index: int, rr: int) -> None:
        flags = [abs(rr - before) > DIFFERENCE / 2 * (rr + before) for before in self._recent]
        flags += [False] * (LAGS - len(flags))
        self._recent.appendleft(rr)
        self._flags.append(flags)
        self._ends.append(index)
        if len(self._flags) <= WINDOW:
            self._counts = [count + new for count, new in zip(self._counts, flags, strict=True)]
            return
        self._ends.popleft()
        gone = self._flags.popleft()
        self._counts = [count + new - old for count, new, old in zip(self._counts, flags, gone, strict=True)]
