"""What can be believed of the signal: is it usable now, was it whole between two moments, how much of it was seen."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

from ecg.alarms.kinds import Reason
from ecg.timing import samples_of
from edge.signal.quality import PERIOD

if TYPE_CHECKING:
    from ecg.samples import Gap, Quality

__all__ = ["SignalState"]

MEMORY = samples_of(60.0)
"""Interruptions older than this are forgotten: no RR interval and no label comes later than that."""


HIDDEN: Final = samples_of(0.06)
"""A QRS complex whose R peak lies so near to lost samples may be lost with them: half of 120 ms, the upper limit of a
narrow complex."""
SETTLING: Final = samples_of(0.25)
"""What is found so soon after an electrode was put on may be the step of its contact."""


class _Unseen(NamedTuple):
    """A stretch, in 360 Hz indices, in which no beat could be seen, or what was found may be an artefact."""

    start: int
    end: int
    deceives: bool


class SignalState:
    """Usable stretches, unusable stretches and gaps.

    Usable means: the quality is good and no electrode is known to be off. A stretch whose quality is not yet known (the
    first seconds of a stream) is not usable for alarms, yet does not break an RR interval either: nothing speaks
    against its beats.

    The judgement of quality looks back over two seconds. What was seen is known better afterwards: where it becomes
    good, these two seconds were good too; where it becomes bad, the last of them may have been bad.

    Attributes:
        usable: whether beats and silence can be believed now.
        usable_since: 360 Hz index from which the signal has been usable without a gap.
        seen_since: 360 Hz index from which it was seen without a gap, as far as that is known afterwards.
        steady_since: 360 Hz index of the latest judgement that saw the baseline move, or the signal at a rail.
        quality: the latest quality; None before the first.
        electrode_off: the latest electrode state; None where unknown.
        fault: what is wrong with the front end, as it says itself; None while all is well.
        delivers: whether there are samples, as far as the front end tells.
    """

    __slots__ = (
        "_bad_since",
        "_begun",
        "_interruptions",
        "_lost_at",
        "_lost_until",
        "_unseen",
        "_was_bad",
        "delivers",
        "electrode_off",
        "fault",
        "quality",
        "seen_since",
        "steady_since",
        "usable",
        "usable_since",
    )

    def __init__(self) -> None:
        self.usable = False
        self.usable_since = 0
        self.seen_since = 0
        self.steady_since = 0
        self.quality: Quality | None = None
        self.electrode_off: bool | None = None
        self.fault: str | None = None
        self.delivers = True
        self._bad_since: int | None = None
        self._interruptions: deque[tuple[int, int]] = deque()
        self._begun = 0  # after the last gap, or after the electrode was put on
        self._lost_at: int | None = 0  # nothing can be seen from there on
        self._lost_until = 0  # at least
        self._was_bad = False  # since then
        self._unseen: deque[_Unseen] = deque()

    @property
    def is_judged(self) -> bool:
        """Whether the quality is known; where it is not, a gap may be under way that is told only at its end."""
        return self.quality is not None and self.quality.score is not None

    @property
    def is_known_bad(self) -> bool:
        """Whether it is not usable, and that is certain: not that it is yet to be judged."""
        return not self.usable and (self.electrode_off is True or self.is_judged or not self.delivers)

    @property
    def reason(self) -> Reason:
        """Why the signal is not usable."""
        if not self.delivers:
            return Reason.NO_SAMPLES
        if self.electrode_off:
            return Reason.ELECTRODE_OFF
        return Reason.POOR_SIGNAL if self.is_judged else Reason.NO_SAMPLES

    def tick(self, index: int, since: int, quality: Quality, electrode_off: bool | None) -> bool:
        """Take the state of the stretch from 360 Hz index `since` to `index`; tells whether `usable` changed."""
        if quality is not self.quality and (quality.baseline or quality.clipped):
            self.steady_since = quality.index
        was_off, self.electrode_off = self.electrode_off, electrode_off
        self.quality = quality
        usable = quality.good and not electrode_off
        known_bad = not usable and (electrode_off is True or quality.score is not None)
        if known_bad and self._bad_since is None:
            self._bad_since = since
        elif not known_bad and self._bad_since is not None:
            self._interruptions.append((self._bad_since, since))
            self._bad_since = None
            self._forget(index)
        if was_off and not electrode_off:
            self._begun = since + SETTLING
            self._lose(since, since + SETTLING, deceives=True)
        self._was_bad = self._was_bad or known_bad
        if usable == self.usable:
            return False
        self.usable = usable
        if usable:
            self.usable_since = max(self.usable_since, index)
            self._see_again(quality)
        else:
            is_bad = self.is_judged and not electrode_off
            self._lost_at = quality.index - PERIOD if is_bad else since
            self._lost_until = quality.index if is_bad else since
        return True

    def _see_again(self, quality: Quality) -> None:
        if self._lost_at is not None:
            until = max(self._begun, self._lost_until, quality.index - 2 * PERIOD)
            self._lose(self._lost_at, until, deceives=self._was_bad)
        self._lost_at, self._was_bad = None, False

    def _lose(self, start: int, end: int, *, deceives: bool) -> None:
        self.seen_since = max(self.seen_since, end)
        if end > start:
            self._unseen.append(_Unseen(start, end, deceives))

    def gap(self, gap: Gap) -> None:
        """Take a stretch of lost samples."""
        end = gap.index + gap.length
        self._interruptions.append((gap.index, end))
        self._lose(gap.index - HIDDEN, end + HIDDEN, deceives=False)
        self._begun = end
        self.usable_since = max(self.usable_since, end)
        self._forget(gap.index)

    def whole(self, start: int, end: int) -> bool:
        """Whether nothing was lost or bad between two 360 Hz indices."""
        if self._bad_since is not None and end > self._bad_since:
            return False
        return not any(start < stop and begin < end for begin, stop in self._interruptions)

    def silence(self, start: int, end: int) -> int:
        """How much a silence from `start` to `end`, 360 Hz indices, is worth: what was seen less what was not.

        A part that is hidden takes back as much as was seen before it: in 8 s of silence of which 2 s could not be
        seen there is the evidence of 4 s. What lies back more than a minute counts for nothing.
        """
        at = max(start, end - MEMORY)
        worth = 0
        for hidden in sorted(self._unseen):
            if hidden.start >= end or hidden.end <= at:
                continue
            worth = max(0, worth + max(0, hidden.start - at) - (min(hidden.end, end) - max(hidden.start, at)))
            at = max(at, hidden.end)
        return worth + max(0, end - at)

    def deceives(self, start: int, end: int) -> bool:
        """Whether between two 360 Hz indices the signal was bad or an electrode came back."""
        return any(hidden.deceives and hidden.start < end and start < hidden.end for hidden in self._unseen)

    def _forget(self, now: int) -> None:
        while self._unseen and self._unseen[0].end < now - MEMORY:
            self._unseen.popleft()
        while self._interruptions and self._interruptions[0][1] < now - MEMORY:
            self._interruptions.popleft()
