"""What the RR intervals say about the patient's own rhythm: how long a sinus interval is, and how a fast run began.

The average of the last beats cannot tell whether a beat is premature where premature beats are the rhythm: in bigeminy
it lies between the two intervals, and in a supraventricular tachycardia it is the tachycardia's. So the sinus interval
is followed on its own. It goes along with what changes little by little, as the sinus node does, and holds still where
the rhythm jumps to a fast one, for as long as many beats stand behind it.
"""

from __future__ import annotations

import math
from collections import deque
from typing import Final

__all__ = ["SinusRhythm"]

_LONGEST_RR_S: Final = 2.0  # longer is a pause or a stretch without R peaks, no interval of the sinus node
_SAME: Final = 0.15  # in ln: intervals this near are of the same rhythm (14 %)
_LEAST_WEIGHT: Final = 0.12  # of a new interval that belongs to the sinus rhythm
_MOST_BEATS: Final = 500.0  # what stands behind the sinus interval is counted up to this many
_RECENT: Final = 8  # intervals by which a steady rhythm and an irregular one are known
_STEADY: Final = 0.2  # in ln: six of eight intervals within this range are a steady rhythm
_APART: Final = 0.1  # in ln: a steady rhythm that much slower or faster is another one
_TACHYCARDIA_RR_S: Final = 0.6  # 100 bpm: a jump to a slower rhythm than this is no tachycardia
_IRREGULAR: Final = 0.18  # in ln: mean difference to the first, second and third interval before, all above: chaos
_DOUBT: Final = 0.97  # of the beats behind the sinus interval that an interval of chaos leaves
_NEW_BEATS: Final = 20.0  # at most so many stand behind an interval to which the rhythm jumped
_FIRM_BEATS: Final = 30.0  # from so many on the sinus interval holds still in a tachycardia
_PREMATURE: Final = -0.1  # in ln: 10 % shorter than the sinus interval
_SHARE_BEATS: Final = 32
_RUN_SAME: Final = 0.13  # in ln: an interval that continues a run
_RUN_FIRM: Final = 3  # intervals after which a run survives one that does not fit (an ectopic beat within it)


class SinusRhythm:
    """Follows the sinus interval, the share of premature beats and the run of like intervals that goes on.

    The sinus interval, as a logarithm:

    - moves with intervals within 14 % of it, faster as long as few beats stand behind it;
    - jumps to a steady slower rhythm, for nothing makes the sinus node wait, and to a steady faster one below 100 bpm;
    - gives in to other intervals where fewer than 30 beats stand behind it: the first beats may have been noise. Where
      more do, it yields by 0.01 % a beat: after half an hour of tachycardia by a third or more;
    - loses what stands behind it while the intervals are chaos (atrial fibrillation, noise).

    Chosen on DS1 of `mitdb` and on `svdb`, each record's beats by a model that did not learn from it.

    Attributes:
        premature_share: of the last 32 intervals, those 10 % shorter than the sinus interval.
        run_to_sinus: ln of the first interval of the present run to the sinus interval then: how abruptly it began.
        run_beats: like intervals in that run.
    """

    def __init__(self) -> None:
        self._ln_sinus: float | None = None
        self._behind = 0.0  # beats
        self._recent: deque[float] = deque(maxlen=_RECENT)  # ln of the intervals
        self._premature: deque[bool] = deque(maxlen=_SHARE_BEATS)
        self._ln_run: float | None = None
        self._misfits = 0
        self.run_to_sinus = 0.0
        self.run_beats = 0

    @property
    def premature_share(self) -> float:
        """0 to 1; 0 as long as there is no interval."""
        return sum(self._premature) / len(self._premature) if self._premature else 0.0

    def ln_to_sinus(self, rr_s: float) -> float:
        """Natural logarithm of an interval in s over the sinus interval; 0 as long as that is not known."""
        return 0.0 if self._ln_sinus is None else math.log(rr_s) - self._ln_sinus

    def add(self, rr_s: float) -> None:
        """Take the next interval, in s, above 0."""
        to_sinus = self.ln_to_sinus(rr_s)
        self._premature.append(to_sinus < _PREMATURE)
        self._follow_run(math.log(rr_s), to_sinus)
        if rr_s <= _LONGEST_RR_S:
            self._follow_sinus(math.log(rr_s), to_sinus)

    def _follow_run(self, ln_rr: float, to_sinus: float) -> None:
        if self._ln_run is not None and abs(ln_rr - self._ln_run) < _RUN_SAME:
            self.run_beats += 1
            self._ln_run += 0.2 * (ln_rr - self._ln_run)
            self._misfits = 0
            return
        self._misfits += 1
        if self._ln_run is None or self._misfits > 1 or self.run_beats < _RUN_FIRM:
            self._ln_run, self.run_to_sinus, self.run_beats, self._misfits = ln_rr, to_sinus, 0, 0

    def _follow_sinus(self, ln_rr: float, to_sinus: float) -> None:
        self._recent.append(ln_rr)
        if self._ln_sinus is None:
            self._ln_sinus, self._behind = ln_rr, 1.0
            return
        if self._is_chaos():
            self._behind = max(1.0, _DOUBT * self._behind)
        if abs(to_sinus) < _SAME:
            self._behind = min(self._behind + 1, _MOST_BEATS)
            self._ln_sinus += max(_LEAST_WEIGHT, 1 / self._behind) * to_sinus
            return
        ordered = sorted(self._recent)
        if len(ordered) == _RECENT and ordered[-2] - ordered[1] < _STEADY:
            middle = (ordered[_RECENT // 2 - 1] + ordered[_RECENT // 2]) / 2
            is_slower = ordered[1] > self._ln_sinus + _APART
            is_faster = ordered[-2] < self._ln_sinus - _APART and middle > math.log(_TACHYCARDIA_RR_S)
            if is_slower or is_faster:
                self._ln_sinus += (0.5 if is_slower else 0.2) * (middle - self._ln_sinus)
                self._behind = min(self._behind, _NEW_BEATS)
                return
        if self._behind < _FIRM_BEATS:
            self._ln_sinus += max(-1.0, min(1.0, to_sinus)) / (4 * self._behind)
            if to_sinus < 0:
                self._behind = max(self._behind - 0.5, 1.0)
        elif to_sinus < 0:
            self._ln_sinus -= 1e-4
            self._behind -= 0.01

    def _is_chaos(self) -> bool:
        """No interval is like the first, the second or the third before it; bigeminy and trigeminy are no chaos."""
        if len(self._recent) < _RECENT:
            return False
        recent = list(self._recent)
        for lag in (1, 2, 3):
            changes = sorted(abs(new - old) for old, new in zip(recent, recent[lag:], strict=False))
            if sum(changes[1:-1]) <= _IRREGULAR * (len(changes) - 2):  # without the smallest and the largest
                return False
        return True
