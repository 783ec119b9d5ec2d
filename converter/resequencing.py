"""Patients that the recordings lack: the beats of a record in another order, with other burdens and other pauses.

Rhythm is what tells most supraventricular beats from normal ones, and the recordings show few rhythms: in nearly all of
them premature beats are rare, single and followed by a pause. A model that has seen nothing else calls a run of atrial
beats normal as soon as the run is its own neighbourhood. So a record's own labelled beats, each with the interval that
preceded it, are strung together anew by a chain with two states beside the ventricular beats, whose rates are drawn at
random: premature beats from rare to most of all, single or in runs, with longer or shorter pauses behind; and where a
record has none, respiratory and irregular sinus rhythm, so that an irregular interval alone is no evidence either. The
waveforms, the couplings and the labels stay the record's own; nothing is invented but the order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from converter.annotations import AAMI5, IntArray, StrArray
from edge.inference.inputs import BeatContext

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.samples import FloatArray

__all__ = ["resequence"]

_N, _S, _V = range(3)
_LEAST_BEATS = {_N: 100, _S: 10, _V: 5}  # with fewer, a record does not give beats of the class
_LEAST_POOL = 5  # with fewer beats after those of a class, all of the class serve
_LONGEST_RR_S = 3.0
_SHORTEST_RR_S = 0.28
_PREMATURE = 0.92  # of the median normal interval: a supraventricular beat comes no later


@dataclass(frozen=True, slots=True)
class _Rhythm:
    """What is drawn once for a sequence.

    Attributes:
        enter, stay: probability of a supraventricular beat after a normal one, and after another.
        v_enter, v_stay: the same for ventricular beats, after any other beat.
        scale: of all intervals.
        coupling: of the intervals before supraventricular beats.
        pause: of the intervals of normal beats after supraventricular ones.
        breathing, breaths_beats: depth of the respiratory arrhythmia as a share of the interval, and its period.
        irregular: standard deviation of ln of a normal beat's interval.
        jitter: the same of every interval.
    """

    enter: float
    stay: float
    v_enter: float
    v_stay: float
    scale: float
    coupling: float
    pause: float
    breathing: float
    breaths_beats: float
    irregular: float
    jitter: float

    @classmethod
    def draw(cls, rng: np.random.Generator, *, premature: bool, ventricular: bool) -> _Rhythm:
        stay = rng.uniform(0.05, 0.97)
        burden = rng.uniform(0.05, 0.85) if premature else 0.0
        return cls(
            enter=min(0.9, (1 - stay) * burden / (1 - burden)),
            stay=stay,
            v_enter=float(rng.choice([0.01, 0.05, 0.15, 0.3])) if ventricular else 0.0,
            v_stay=float(rng.choice([0.0, 0.1, 0.5])),
            scale=rng.uniform(0.85, 1.2),
            coupling=rng.uniform(0.85, 1.1) if rng.random() < 1 / 3 else 1.0,
            pause=rng.uniform(1, 2.2) if rng.random() < 1 / 4 else 1.0,
            breathing=rng.uniform(0, 0.05 if premature else 0.15),
            breaths_beats=rng.uniform(3, 8),
            irregular=0.0 if premature or rng.random() < 1 / 2 else rng.uniform(0.05, 0.25),
            jitter=rng.uniform(0.005, 0.06),
        )

    def next(self, was: int, rng: np.random.Generator) -> int:
        """The class of a beat after one of class `was`."""
        if rng.random() < (self.v_stay if was == _V else self.v_enter):
            return _V
        return _S if rng.random() < (self.stay if was == _S else self.enter) else _N


def resequence(
    contexts: Sequence[BeatContext], symbol: StrArray, number: int, rng: np.random.Generator
) -> tuple[list[BeatContext], StrArray]:
    """String a record's beats together in a new order.

    Args:
        contexts: the record's beats in their order.
        symbol: shape (len(contexts),), what the reference calls them; empty where it has no beat.
        number: of beats wanted.
        rng: the source of chance.

    Returns:
        The beats in their new order, with intervals to match, and their symbols, shape (number,); none of either where
        the record has fewer than 100 normal beats.
    """
    classes = np.array(["NSV".find(AAMI5.get(each, "?")) for each in symbol.tolist()])
    rr_s = np.array([np.nan if each.rr_before_s is None else each.rr_before_s for each in contexts])
    usable = rr_s < _LONGEST_RR_S
    members = [np.flatnonzero(usable & (classes == each)) for each in (_N, _S, _V)]
    if len(members[_N]) < _LEAST_BEATS[_N]:
        return [], np.array([], dtype=symbol.dtype)
    before = np.concatenate(([-1], classes[:-1]))
    pools = {(was, now): _pool(members[now], before, was) for was in (_N, _S, _V) for now in (_N, _S, _V)}
    rhythm = _Rhythm.draw(
        rng,
        premature=len(members[_S]) >= _LEAST_BEATS[_S] and rng.random() < 2 / 3,
        ventricular=len(members[_V]) >= _LEAST_BEATS[_V],
    )
    latest_s = _PREMATURE * rhythm.scale * float(np.median(rr_s[members[_N]]))
    drift = np.cumsum(0.004 * rng.standard_normal(number))
    chosen, intervals_s = [], []
    was = _N
    for place in range(number):
        now = rhythm.next(was, rng)
        beat = int(rng.choice(pools[was, now]))
        interval_s = rhythm.scale * rr_s[beat]
        change = drift[place] + rhythm.jitter * rng.standard_normal()
        if now == _S:
            interval_s = min(rhythm.coupling * interval_s, latest_s)
        elif now == _N:
            change += rhythm.breathing * np.sin(2 * np.pi * place / rhythm.breaths_beats)
            change += rhythm.irregular * rng.standard_normal()
            if was == _S:
                interval_s *= rhythm.pause
        chosen.append(beat)
        intervals_s.append(max(interval_s * float(np.exp(change)), _SHORTEST_RR_S))
        was = now
    return _string(contexts, chosen, intervals_s), symbol[chosen]


def _pool(members: IntArray, before: IntArray, was: int) -> IntArray:
    """The beats of a class that followed one of class `was`; all of the class where they are few."""
    after = members[before[members] == was]
    return after if len(after) >= _LEAST_POOL else members


def _string(contexts: Sequence[BeatContext], chosen: list[int], intervals_s: list[float]) -> list[BeatContext]:
    windows: list[FloatArray] = [contexts[beat].window_mv for beat in chosen]
    following: list[float | None] = [*intervals_s[1:], None]
    return [BeatContext(*beat) for beat in zip(windows, intervals_s, following, strict=True)]
