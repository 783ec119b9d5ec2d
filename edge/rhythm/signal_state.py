"""What can be believed of the signal: is it usable now, and was it whole between two moments."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from ecg.alarms.kinds import Reason
from ecg.timing import samples_of

if TYPE_CHECKING:
    from ecg.samples import Gap, Quality

__all__ = ["SignalState"]

MEMORY = samples_of(60.0)
"""Interruptions older than this are forgotten: no RR interval and no label comes later than that."""


class SignalState:
    """Usable stretches, unusable stretches and gaps.

    Usable means: the quality is good and no electrode is known to be off. A stretch whose quality is not yet known (the
    first seconds of a stream) is not usable for alarms, yet does not break an RR interval either: nothing speaks
    against its beats.

    Attributes:
        usable: whether beats and silence can be believed now.
        usable_since: 360 Hz index from which the signal has been usable without a gap.
        steady_since: 360 Hz index of the latest judgement that saw the baseline move, or the signal at a rail.
        quality: the latest quality; None before the first.
        electrode_off: the latest electrode state; None where unknown.
        fault: what is wrong with the front end, as it says itself; None while all is well.
        delivers: whether there are samples, as far as the front end tells.
    """

    __slots__ = (
        "_bad_since",
        "_interruptions",
        "delivers",
        "electrode_off",
        "fault",
        "quality",
        "steady_since",
        "usable",
        "usable_since",
    )

    def __init__(self) -> None:
        self.usable = False
        self.usable_since = 0
        self.steady_since = 0
        self.quality: Quality | None = None
        self.electrode_off: bool | None = None
        self.fault: str | None = None
        self.delivers = True
        self._bad_since: int | None = None
        self._interruptions: deque[tuple[int, int]] = deque()

    @property
    def is_judged(self) -> bool:
        """Whether the quality is known; where it is not, a gap may be under way that is told only at its end."""
        return self.quality is not None and self.quality.score is not None

    @property
    def reason(self) -> Reason:
        """Why the signal is not usable."""
        if not self.delivers:
            return Reason.NO_SAMPLES
        return Reason.ELECTRODE_OFF if self.electrode_off else Reason.POOR_SIGNAL

    def tick(self, index: int, since: int, quality: Quality, electrode_off: bool | None) -> bool:
        """Take the state of the stretch from 360 Hz index `since` to `index`; tells whether `usable` changed."""
        if quality is not self.quality and (quality.baseline or quality.clipped):
            self.steady_since = quality.index
        self.quality = quality
        self.electrode_off = electrode_off
        usable = quality.good and not electrode_off
        known_bad = not usable and (electrode_off is True or quality.score is not None)
        if known_bad and self._bad_since is None:
            self._bad_since = since
        elif not known_bad and self._bad_since is not None:
            self._interruptions.append((self._bad_since, since))
            self._bad_since = None
            self._forget(index)
        if usable == self.usable:
            return False
        self.usable = usable
        if usable:
            self.usable_since = max(self.usable_since, index)
        return True

    def gap(self, gap: Gap) -> None:
        """Take a stretch of lost samples."""
        self._interruptions.append((gap.index, gap.index + gap.length))
        self.usable_since = max(self.usable_since, gap.index + gap.length)
        self._forget(gap.index)

    def whole(self, start: int, end: int) -> bool:
        """Whether nothing was lost or bad between two 360 Hz indices."""
        if self._bad_since is not None and end > self._bad_since:
            return False
        return not any(start < stop and begin < end for begin, stop in self._interruptions)

    def _forget(self, now: int) -> None:
        while self._interruptions and self._interruptions[0][1] < now - MEMORY:
            self._interruptions.popleft()
