"""Takes out of a stream what no heart does: pacing pulses, which are told, and false samples, which are lost.

What the filters and the detector see is thereby only heart and noise: a pulse without capture is no beat, and a QRS
complex that follows a pulse keeps its shape. The recorder and the strips have the samples as they came.

A pulse is bridged by a line, its tail is subtracted, and a false sample becomes one that is lost (NaN). The samples
come out 30 ms later than they went in (`ImpulseFilter.delay`); behind what may be an impulse 0.12 s later, until it is
decided. What comes out depends on the samples alone, not on how the stream is cut.
"""

from __future__ import annotations

from collections import deque
from enum import Enum, auto
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from edge.signal.impulses import ImpulseKind, ImpulseShape
from edge.signal.pulse_tail import PulseTail
from edge.signal.quantisation import to_steps

if TYPE_CHECKING:
    from ecg.samples import FloatArray
    from edge.signal.impulses import Impulse

__all__ = ["Cleaned", "ImpulseFilter"]

_SETTLES_S: Final = 0.035  # what a smeared pulse leaves lies within its own response; nothing else is there
_EXPECTED_AFTER: Final = 3  # smeared pulses
_EXPECTED_S: Final = 8.0  # within so long: at 40 a minute one in two may have been missed
_LEVEL: Final = 3  # samples before a pulse whose mean is the level that it starts from


class Cleaned(NamedTuple):
    """Consecutive samples without impulses.

    Attributes:
        first_index: source index of the first.
        steps: shape (n,), quantisation steps; NaN where samples are lost or false.
        pulses: source indices of the pacing pulses among them, those that stay included.
    """

    first_index: int
    steps: FloatArray
    pulses: tuple[int, ...] = ()


class _Verdict(Enum):
    """Of a search: no impulse, one that was taken out, or what may be one and cannot be decided yet."""

    NONE = auto()
    FOUND = auto()
    WAIT = auto()


class _Tail(NamedTuple):
    start: int
    decay: FloatArray


class ImpulseFilter:
    """Filters one stream of samples.

    Args:
        rate_hz: of the source.
    """

    def __init__(self, rate_hz: float) -> None:
        self._shape = ImpulseShape(rate_hz)
        self._tail = PulseTail(rate_hz)
        self._settles = round(_SETTLES_S * rate_hz)
        self._expected_for = round(_EXPECTED_S * rate_hz)
        self._smeared: deque[int] = deque(maxlen=_EXPECTED_AFTER)
        self._begin(0)
        self._end = 0  # source index after the last sample that was pushed, lost or not

    @property
    def end(self) -> int:
        """Source index after the last sample that was pushed."""
        return self._end

    def push(self, first_index: int, samples_mv: FloatArray) -> list[Cleaned]:
        """Take the next samples, NaN where they are lost; return those that are decided."""
        out: list[Cleaned] = []
        if first_index > self._end:
            self._lose(first_index, out, told=False)
        lost = ~np.isfinite(samples_mv)
        edges = [0, *(np.flatnonzero(np.diff(lost)) + 1).tolist(), len(samples_mv)]
        for start, stop in pairwise(edges):
            if start == stop:
                continue
            if lost[start]:
                self._lose(first_index + stop, out, told=True)
            else:
                self._take(first_index + start, to_steps(samples_mv[start:stop]), out)
        return out

    def flush(self) -> list[Cleaned]:
        """Everything that is held back: the samples end, or those to come belong to something else."""
        out: list[Cleaned] = []
        self._advance(out, is_end=True)
        if self._end > self._known_end:
            out.append(Cleaned(self._known_end, np.full(self._end - self._known_end, np.nan)))
        self._begin(self._end)
        return out

    def skip(self, end: int) -> None:
        """Leave out the samples up to a source index, after `flush`."""
        self._begin(end)
        self._end = end

    def _begin(self, index: int) -> None:
        """Nothing is known before a source index."""
        self._start = index  # source index of the first sample that is kept
        self._steps: FloatArray = np.empty(0)
        self._lost = np.empty(0, bool)  # of those kept: does not come out
        self._emitted = 0  # of those kept
        self._searched = self._shape.before + 1
        self._losses: list[tuple[int, int]] = []  # first and last source index of short losses, not yet judged
        self._pulses: list[int] = []
        self._tails: list[_Tail] = []

    @property
    def _known_end(self) -> int:
        return self._start + len(self._steps)

    def _lose(self, end: int, out: list[Cleaned], *, told: bool) -> None:
        """Samples are lost up to a source index; from a certain length on, what follows is a new stretch.

        `told`: they were pushed as such, and not just left out.
        """
        first = self._known_end
        self._end = end
        if len(self._steps):
            if end - first <= self._shape.longest_loss:
                return
            self._advance(out, is_end=True)
        if told:
            out.append(Cleaned(first, np.full(end - first, np.nan)))
        self._begin(end)

    def _take(self, first_index: int, steps: FloatArray, out: list[Cleaned]) -> None:
        if not len(self._steps):
            self._begin(first_index)
        self._end = first_index + len(steps)
        for tail in self._tails:
            _subtract(tail, first_index, steps)
        self._tails = [tail for tail in self._tails if tail.start + len(tail.decay) > self._end]
        missing = first_index - self._known_end
        lost = np.zeros(missing + len(steps), bool)
        if missing:
            lost[:missing] = True
            line = np.rint(np.linspace(self._steps[-1], steps[0], missing + 2)[1:-1])
            steps = np.concatenate((line, steps))
            if self._shape.tells_pulses:
                self._losses.append((first_index - missing, first_index - 1))
        self._steps = np.concatenate((self._steps, steps))
        self._lost = np.concatenate((self._lost, lost))
        self._advance(out, is_end=False)

    def _advance(self, out: list[Cleaned], *, is_end: bool) -> None:
        """Decide what can be decided, and hand out what is decided."""
        shape = self._shape
        stop = len(self._steps) - shape.fall
        if stop > self._searched:
            self._search(stop, is_end=is_end)
        ready = len(self._steps) if is_end else max(self._searched - shape.before, 0)
        if ready > self._emitted:
            part = slice(self._emitted, ready)
            steps = self._steps[part]
            lost = self._lost[part]
            if lost.any():
                steps = np.where(lost, np.nan, steps)
            first, end = self._start + self._emitted, self._start + ready
            pulses = tuple(each for each in self._pulses if each < end)
            self._pulses = self._pulses[len(pulses) :]
            out.append(Cleaned(first, steps, pulses))
            self._emitted = ready
        self._forget()

    def _forget(self) -> None:
        spare = self._emitted - self._shape.past
        if spare > self._shape.past:
            self._start += spare
            self._steps, self._lost = self._steps[spare:], self._lost[spare:]
            self._emitted -= spare
            self._searched -= spare

    def _search(self, stop: int, *, is_end: bool) -> None:
        """Look for impulses whose peak lies before a position, until the first that cannot be decided yet."""
        while self._searched < stop:
            verdict = self._search_once(stop, is_end=is_end)
            if verdict is _Verdict.WAIT:
                return
            if verdict is _Verdict.NONE:
                self._searched = stop

    def _search_once(self, stop: int, *, is_end: bool) -> _Verdict:
        found = self._shape.candidates(self._steps, self._searched, stop)
        decided = int(np.searchsorted(found, len(self._steps) - self._shape.reach)) if not is_end else len(found)
        if decided:
            for impulse in self._shape.judge(self._steps, self._lost, found[:decided], self._expects):
                verdict = self._judge_losses(impulse.at, is_end=is_end)
                if verdict is _Verdict.NONE:
                    verdict = self._apply(impulse)
                if verdict is not _Verdict.NONE:
                    return verdict
        if decided == len(found):
            return self._judge_losses(stop, is_end=is_end)
        until = int(found[decided])
        verdict = self._judge_losses(until, is_end=is_end)
        if verdict is _Verdict.NONE:
            self._searched, verdict = until, _Verdict.WAIT
        return verdict

    def _judge_losses(self, until: int, *, is_end: bool) -> _Verdict:
        """Judge the losses that begin before a position."""
        shape = self._shape
        while self._losses:
            first, last = (each - self._start for each in self._losses[0])
            if first - shape.before > until:
                break
            if len(self._steps) <= last + shape.reach and not is_end:
                self._searched = max(first - shape.before, self._searched)
                return _Verdict.WAIT
            self._losses.pop(0)
            found = shape.judge_loss(self._steps, self._lost, first, last, expected=self._expects(first))
            if self._apply(found) is _Verdict.FOUND:
                return _Verdict.FOUND
        return _Verdict.NONE

    def _apply(self, impulse: Impulse | None) -> _Verdict:
        """Take an impulse out, if there is one: what follows must be searched anew."""
        if impulse is None:
            return _Verdict.NONE
        if impulse.response is not None:
            self._take_out(impulse.first, impulse.last, impulse.response)
            self._searched = max(self._searched, impulse.at + 1)
            self._pulses.append(self._start + impulse.first)
            self._smeared.append(self._start + impulse.first)
            return _Verdict.FOUND
        first, last = impulse.first, impulse.last
        is_false = impulse.kind is ImpulseKind.FALSE_SAMPLE
        if not is_false and not impulse.captured:
            has_tail = self._subtract_tail(impulse)
            if impulse.kind is ImpulseKind.STEP and not has_tail:
                return _Verdict.NONE
        self._searched = max(self._searched, last + 1)
        if not is_false:
            self._pulses.append(self._start + impulse.at)
        if impulse.captured:
            return _Verdict.FOUND
        before, behind = self._steps[first - 1], self._steps[last + 1]
        self._steps[first : last + 1] = np.rint(np.linspace(before, behind, last - first + 3)[1:-1])
        self._lost[first : last + 1] = is_false
        return _Verdict.FOUND

    def _expects(self, at: int) -> bool:
        """Whether smeared pulses came shortly before a position, so that another is no surprise."""
        since = self._start + at - self._expected_for
        return len(self._smeared) == _EXPECTED_AFTER and self._smeared[0] >= since

    def _subtract_tail(self, impulse: Impulse) -> bool:
        """Take a pulse's tail off; gives whether there was one. The tail alone must be all that follows a step."""
        level = float(self._steps[max(impulse.first - _LEVEL, 0) : impulse.first].mean())
        behind = self._steps[impulse.last + 1 : impulse.at + self._shape.reach + 1]
        alone = impulse.kind is ImpulseKind.STEP
        decay = self._tail.fit(behind, level, sign=impulse.sign, noise=impulse.noise, alone=alone)
        if decay is None:
            return False
        self._add_tail(impulse.last + 1, decay)
        return True

    def _take_out(self, first: int, last: int, response: FloatArray) -> None:
        """Take out a pulse that is known in full, and what its steepest part leaves; lost samples are bridged."""
        self._add_tail(first, response)
        settled = min(first + self._settles, last)
        line = np.linspace(self._steps[first - 1], self._steps[settled], settled - first + 2)
        self._steps[first:settled] = np.rint(line[1:-1])
        self._lost[first:settled] = False
        lost = np.flatnonzero(self._lost[first : last + 1]) + first
        if len(lost):
            known = np.flatnonzero(~self._lost)
            self._steps[lost] = np.rint(np.interp(lost, known, self._steps[known]))
            self._lost[lost] = False

    def _add_tail(self, first: int, decay: FloatArray) -> None:
        tail = _Tail(self._start + first, decay)
        _subtract(tail, self._start, self._steps)
        self._tails.append(tail)


def _subtract(tail: _Tail, first_index: int, steps: FloatArray) -> None:
    """Take a tail off samples, in place."""
    first, last = max(tail.start, first_index), min(tail.start + len(tail.decay), first_index + len(steps))
    if first < last:
        steps[first - first_index : last - first_index] -= tail.decay[first - tail.start : last - tail.start]
