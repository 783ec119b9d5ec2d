"""Simulated patients for training: which rhythms they have, how often, and what a detector makes of them.

The rhythms are those of `edge.simulator.rhythms`, and R peaks are missed, and found where there are none. Whoever has
learned from these to read a rhythm knows no recorded patient. But which rhythms are here, and how often, was changed
where the network of `edge.inference.intervals` read records of DS1 and of `svdb` wrongly, and the sick sinus
node was added because record 232 of DS2 was read so: on those it is tested more kindly than on others.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Final

import numpy as np

from edge.simulator.rhythms.atrial_ectopy import atrial_ectopy
from edge.simulator.rhythms.atrial_fibrillation import atrial_fibrillation
from edge.simulator.rhythms.atrial_flutter import atrial_flutter
from edge.simulator.rhythms.av_block import blocked
from edge.simulator.rhythms.draws import Range, log_uniform
from edge.simulator.rhythms.sick_sinus import sick_sinus
from edge.simulator.rhythms.sinus import sinus

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ecg.samples import FloatArray
    from edge.simulator.rhythms import Rhythm

__all__ = ["PatientParameters", "SimulatedRhythm", "Underlying", "simulate", "unsettle"]


class Underlying(IntEnum):
    """What a simulated rhythm is made of."""

    SINUS = 0
    ECTOPIC = 1
    BLOCKED = 2
    ATRIAL_FIBRILLATION = 3
    ATRIAL_FLUTTER = 4


@dataclass(frozen=True, slots=True)
class SimulatedRhythm:
    """A patient's rhythm.

    Attributes:
        rr_s: shape (n,), the interval before each beat.
        is_ectopic: shape (n,), whether the beat is premature.
        underlying: shape (n,), `Underlying`.
    """

    rr_s: FloatArray
    is_ectopic: NDArray[np.bool_]
    underlying: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientParameters:
    """The numbers of `simulate` and `unsettle`; what is marked (log) is drawn even in its logarithm.

    Attributes:
        up_to_sinus: share of the patients in sinus rhythm ...
        up_to_ectopy: ... share of those and of the ones with premature beats ...
        up_to_sick_sinus: ... and of those with a sick sinus node ...
        up_to_block: ... with a block ...
        up_to_atrial_fibrillation: ... in atrial fibrillation throughout ...
        up_to_paroxysms: ... and in paroxysms of it; the rest have atrial flutter.
        ectopy_in_paroxysms: share of the patients with paroxysms who have premature beats between them.
        atrial_flutter_throughout: share of the patients with atrial flutter who have it all the time.
        paroxysm_beats: (log) beats for which one rhythm lasts where two take turns, on average.
        imperfect: share of the patients whose R peaks are not all found.
        missed: (log) chance that an R peak of theirs is missed; half as many are found where there are none ...
        false_at: ... at this share of an interval of more than `shortest_divided_s`.
        shortest_s: interval that a detector tells.
        unsettled: share of the patients whose first intervals may be anything: electrodes just put on.
        unsettled_beats: fewest of these intervals, and one more than the most; in ln they change by `unsettled_ln`.
    """

    up_to_sinus: float = 0.2
    up_to_ectopy: float = 0.62
    up_to_sick_sinus: float = 0.67
    up_to_block: float = 0.83
    up_to_atrial_fibrillation: float = 0.9
    up_to_paroxysms: float = 0.94
    ectopy_in_paroxysms: float = 0.3
    atrial_flutter_throughout: float = 0.5
    paroxysm_beats: Range = (15, 200)
    imperfect: float = 0.3
    missed: Range = (0.001, 0.03)
    false_at: Range = (0.3, 0.7)
    shortest_divided_s: float = 0.5
    shortest_s: float = 0.2
    unsettled: float = 0.2
    unsettled_beats: tuple[int, int] = (1, 4)
    unsettled_ln: Range = (-0.7, 0.7)


_PATIENTS: Final = PatientParameters()


def simulate(rng: np.random.Generator, count: int) -> SimulatedRhythm:
    """A fifth of the patients has a sinus rhythm, two fifths premature beats, one in twenty a sick sinus node.

    Of the others every second has a block, and every second atrial fibrillation or flutter.

    Args:
        rng: the source of chance.
        count: beats; a few more or fewer where R peaks are missed or invented.
    """
    own = _PATIENTS
    sinus_s = sinus(rng, count)
    kind = rng.random()
    is_ectopic = np.zeros(count, dtype=bool)
    underlying = np.full(count, Underlying.SINUS)
    if kind < own.up_to_sinus:
        rr_s = sinus_s
    elif kind < own.up_to_ectopy:
        rr_s, is_ectopic = atrial_ectopy(rng, sinus_s)
        underlying[:] = Underlying.ECTOPIC
    elif kind < own.up_to_sick_sinus:
        rr_s, is_ectopic = sick_sinus(rng, count)
        underlying[:] = Underlying.ECTOPIC if is_ectopic.any() else Underlying.BLOCKED
    elif kind < own.up_to_block:
        rr_s = blocked(rng, sinus_s)
        underlying[:] = Underlying.BLOCKED
    elif kind < own.up_to_atrial_fibrillation:
        rr_s = atrial_fibrillation(rng, count)
        underlying[:] = Underlying.ATRIAL_FIBRILLATION
    elif kind < own.up_to_paroxysms:
        rr_s = sinus_s
        if rng.random() < own.ectopy_in_paroxysms:
            rr_s, is_ectopic = atrial_ectopy(rng, sinus_s)
        rr_s, fibrillates = _paroxysms(rng, rr_s, atrial_fibrillation(rng, count))
        is_ectopic &= ~fibrillates
        underlying[fibrillates] = Underlying.ATRIAL_FIBRILLATION
    else:
        rr_s, flutters = atrial_flutter(rng, count), np.ones(count, dtype=bool)
        if rng.random() >= own.atrial_flutter_throughout:
            rr_s, flutters = _paroxysms(rng, sinus_s, rr_s)
        underlying[flutters] = Underlying.ATRIAL_FLUTTER
    rhythm = SimulatedRhythm(rr_s, is_ectopic, underlying)
    if rng.random() < own.imperfect:
        rhythm = _as_detected(rng, rhythm)
    unsettle(rng, rhythm.rr_s)
    return SimulatedRhythm(np.maximum(rhythm.rr_s, own.shortest_s), rhythm.is_ectopic, rhythm.underlying)


def unsettle(rng: np.random.Generator, rr_s: FloatArray) -> None:
    """In a fifth of the patients, turn the first one to three intervals into anything: electrodes just put on."""
    own = _PATIENTS
    if rng.random() < own.unsettled:
        first = rr_s[: int(rng.integers(*own.unsettled_beats))]
        first *= np.exp(rng.uniform(*own.unsettled_ln, len(first)))


def _paroxysms(rng: np.random.Generator, rr_s: FloatArray, other_s: FloatArray) -> Rhythm:
    """A rhythm in which another one comes and goes, and where it is the other one."""
    is_other = np.zeros(len(rr_s), dtype=bool)
    typical_beats = [log_uniform(rng, *_PATIENTS.paroxysm_beats) for _ in range(2)]
    now, number = bool(rng.random() < 0.5), 0
    while number < len(rr_s):
        end = number + int(rng.geometric(1 / typical_beats[now]))
        is_other[number:end] = now
        number, now = end, not now
    return np.where(is_other, other_s, rr_s), is_other


def _as_detected(rng: np.random.Generator, rhythm: SimulatedRhythm) -> SimulatedRhythm:
    """The same with some R peaks missed, and half as many found between beats."""
    own = _PATIENTS
    chance = log_uniform(rng, *own.missed)
    found: list[tuple[float, bool, int]] = []
    missed_s = 0.0
    for own_s, is_ectopic, underlying in zip(
        rhythm.rr_s.tolist(), rhythm.is_ectopic.tolist(), rhythm.underlying.tolist(), strict=True
    ):
        if rng.random() < chance:
            missed_s += own_s
            continue
        rr_s, missed_s = own_s + missed_s, 0.0
        if rng.random() < chance / 2 and rr_s > own.shortest_divided_s:
            false_s = rr_s * rng.uniform(*own.false_at)
            found.append((false_s, False, underlying))
            rr_s -= false_s
        found.append((rr_s, is_ectopic, underlying))
    intervals_s, ectopics, kinds = zip(*found, strict=True)
    return SimulatedRhythm(np.array(intervals_s), np.array(ectopics, dtype=bool), np.array(kinds))
