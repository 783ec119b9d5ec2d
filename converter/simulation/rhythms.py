"""Rhythms of simulated patients: the intervals between their heartbeats, and which beats are premature.

Nothing here is measured on a patient. What is put in is what textbooks say of rates and intervals. A sinus node beats
40 to 150 times a minute, and changes its rate with the breath and little by little. Premature beats come a little or a
lot too early, alone, in a pattern, in runs or from several foci, and a pause follows; longer runs are faster than
100 a minute in every second patient. A sick sinus node is slow, atrial runs take most of the time, and it is long in
coming back after each. An atrioventricular block drops single beats, and the interval is then the double.
Fibrillation is irregular through and through; in flutter each interval is a multiple of the atria's. R peaks are
missed, and found where there are none. Whoever has learned from these to read a rhythm knows no recorded patient. But
which rhythms are here, and how often, was changed where the network read records of DS1 and of `svdb` wrongly, and the
sick sinus node was added because record 232 of DS2 was read so: on those it is tested more kindly than on others.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from converter.datasets.annotations import IntArray
    from ecg.samples import FloatArray

    Rhythm = tuple[FloatArray, NDArray[np.bool_]]
    """RR interval before each beat in s, and whether it is premature; both (n,)."""

__all__ = [
    "SimulatedRhythm",
    "Underlying",
    "blocked",
    "ectopic",
    "fibrillation",
    "flutter",
    "log_uniform",
    "sick_sinus",
    "simulate",
    "sinus",
    "unsettle",
    "wander",
]

_SHORTEST_RR_S: Final = 0.2
_UNSETTLED_START: Final = 0.2  # of the patients
_FASTEST_ECTOPIC_S: Final = 0.24
_LONG_RUN: Final = 6  # beats; longer runs have a rate of their own, above 100 a minute in every second patient
_RUN_RR_S: Final = (0.28, 0.62)


class Underlying(IntEnum):
    """What a simulated rhythm is made of."""

    SINUS = 0
    ECTOPIC = 1
    BLOCKED = 2
    FIBRILLATION = 3
    FLUTTER = 4


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
    underlying: IntArray


def simulate(rng: np.random.Generator, count: int) -> SimulatedRhythm:
    """A fifth of the patients has a sinus rhythm, two fifths premature beats, one in twenty a sick sinus node.

    Of the others every second has a block, and every second fibrillation or flutter.

    Args:
        rng: the source of chance.
        count: beats; a few more or fewer where R peaks are missed or invented.
    """
    sinus_s = sinus(rng, count)
    kind = rng.random()
    is_ectopic = np.zeros(count, dtype=bool)
    underlying = np.full(count, Underlying.SINUS)
    if kind < 0.2:
        rr_s = sinus_s
    elif kind < 0.62:
        rr_s, is_ectopic = ectopic(rng, sinus_s)
        underlying[:] = Underlying.ECTOPIC
    elif kind < 0.67:
        rr_s, is_ectopic = sick_sinus(rng, count)
        underlying[:] = Underlying.ECTOPIC if is_ectopic.any() else Underlying.BLOCKED
    elif kind < 0.83:
        rr_s = blocked(rng, sinus_s)
        underlying[:] = Underlying.BLOCKED
    elif kind < 0.9:
        rr_s = fibrillation(rng, count)
        underlying[:] = Underlying.FIBRILLATION
    elif kind < 0.94:
        rr_s = sinus_s
        if rng.random() < 0.3:
            rr_s, is_ectopic = ectopic(rng, sinus_s)
        rr_s, fibrillates = _paroxysms(rng, rr_s, fibrillation(rng, count))
        is_ectopic &= ~fibrillates
        underlying[fibrillates] = Underlying.FIBRILLATION
    else:
        rr_s, flutters = flutter(rng, count), np.ones(count, dtype=bool)
        if rng.random() >= 0.5:
            rr_s, flutters = _paroxysms(rng, sinus_s, rr_s)
        underlying[flutters] = Underlying.FLUTTER
    rhythm = SimulatedRhythm(rr_s, is_ectopic, underlying)
    if rng.random() < 0.3:
        rhythm = _as_detected(rng, rhythm)
    unsettle(rng, rhythm.rr_s)
    return SimulatedRhythm(np.maximum(rhythm.rr_s, _SHORTEST_RR_S), rhythm.is_ectopic, rhythm.underlying)


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """Drawn so that its logarithm is uniform."""
    return math.exp(rng.uniform(math.log(low), math.log(high)))


def unsettle(rng: np.random.Generator, rr_s: FloatArray) -> None:
    """In a fifth of the patients, turn the first one to three intervals into anything: electrodes just put on."""
    if rng.random() < _UNSETTLED_START:
        first = rr_s[: int(rng.integers(1, 4))]
        first *= np.exp(rng.uniform(-0.7, 0.7, len(first)))


def wander(
    rng: np.random.Generator, count: int, now: float, *, most: float, typical_beats: float, moves: tuple[int, int]
) -> FloatArray:
    """Change of a rate in ln, shape (count,), that stays, then moves to another one, and so on.

    Args:
        rng: the source of chance.
        count: beats.
        now: the change to begin with.
        most: the largest change either way.
        typical_beats: for which one stays, on average.
        moves: the fewest beats of a move, and one more than the most.
    """
    ln_change = np.empty(count)
    number = 0
    while number < count:
        stay = slice(number, number + 1 + int(rng.geometric(1 / typical_beats)))
        ln_change[stay] = now
        then = rng.uniform(-most, most)
        beats = int(rng.integers(*moves))
        move = ln_change[stay.stop : stay.stop + beats]
        move[:] = np.linspace(now, then, beats + 1)[1 : 1 + len(move)]
        number, now = stay.stop + beats, then
    return ln_change


def sinus(rng: np.random.Generator, count: int) -> FloatArray:
    """Intervals of a sinus node, shape (count,), in s: breath, slow waves, drift.

    In two of five patients the rate wanders. In three of ten it hardly varies, as in old age and in heart failure.
    """
    ln_base = math.log(log_uniform(rng, 0.42, 1.35))
    ln_change = log_uniform(rng, 0.003, 0.035) * rng.standard_normal(count)
    breath = log_uniform(rng, 0.003, 0.08)
    if rng.random() < 0.12:
        breath = rng.uniform(0.08, 0.22)
    phase = np.cumsum(2 * math.pi / rng.uniform(2.5, 9) * np.exp(0.12 * rng.standard_normal(count)))
    depth = np.exp(0.3 * np.convolve(rng.standard_normal(count), np.ones(20) / 4.5, "same"))
    ln_change += breath * np.sin(phase) * depth
    wave = log_uniform(rng, 0.003, 0.06)
    phase = np.cumsum(2 * math.pi / rng.uniform(8, 25) * np.exp(0.2 * rng.standard_normal(count)))
    ln_change += wave * np.sin(phase + rng.uniform(0, 6))
    memory = rng.uniform(0.9, 0.995)
    drift = rng.standard_normal(count)
    for number in range(1, count):
        drift[number] += memory * drift[number - 1]
    ln_change += log_uniform(rng, 0.005, 0.06) * drift * math.sqrt(1 - memory**2)
    if rng.random() < 0.4:
        ln_change += _wandering(rng, count)
    if rng.random() < 0.3:
        ln_change *= rng.uniform(0.1, 0.4)
    return np.clip(np.exp(ln_base + ln_change), 0.33, 2.2)


def _wandering(rng: np.random.Generator, count: int) -> FloatArray:
    """Change of a rate in ln, shape (count,): it stays for 10 to 100 beats on average, then goes to another one."""
    most = rng.uniform(0.05, 0.3)
    typical_beats = log_uniform(rng, 10, 100)
    now = rng.uniform(-most, most)
    moves = (1, 5) if rng.random() < 0.25 else (3, 25)
    return wander(rng, count, now, most=most, typical_beats=typical_beats, moves=moves)


class _Focus:
    """Premature beats of one patient, written into a sinus rhythm."""

    def __init__(self, rng: np.random.Generator, sinus_s: FloatArray) -> None:
        self.rng = rng
        self.sinus_s = sinus_s
        self.rr_s = sinus_s.copy()
        self.is_ectopic = np.zeros(len(sinus_s), dtype=bool)
        self._coupling = rng.uniform(0.45, 0.9) if rng.random() < 0.8 else rng.uniform(0.85, 0.98)
        self._pause = rng.uniform(0.9, 1.3) if rng.random() < 0.6 else rng.uniform(1.1, 2.4)
        self._pause_spread = log_uniform(rng, 0.03, 0.3)
        self._coupling_spread = log_uniform(rng, 0.008, 0.12)
        self._run_spread = rng.uniform(0.005, 0.05)
        tachycardia = log_uniform(rng, *_RUN_RR_S) / float(np.median(sinus_s))
        self._cycle = min(self._coupling * rng.uniform(0.8, 1.15), 0.95)
        self._sustained_cycle = min(tachycardia, 0.93)
        self._long_cycle = self._sustained_cycle if rng.random() < 0.5 else rng.uniform(0.5, 0.93)
        self._foci_spread = rng.uniform(0.1, 0.35) if rng.random() < 0.3 else 0.0  # several foci
        self._is_interpolated = bool(rng.random() < 0.06)  # no pause: a beat between two of the sinus node

    def fire(self, number: int, beats: int, *, is_sustained: bool = False) -> int:
        """A run of premature beats from beat `number` on, and the pause behind it; the number of the beat after that.

        Args:
            number: beat; nothing happens behind the last one.
            beats: in the run.
            is_sustained: above 100 a minute whoever the patient, and begun by a beat as early as a single one.
        """
        count = len(self.rr_s)
        if number >= count:
            return number
        rng, run = self.rng, slice(number, number + beats)
        here = len(self.rr_s[run])
        if is_sustained:
            cycle, first = self._sustained_cycle, self._coupling
        elif beats > _LONG_RUN:
            cycle, first = self._long_cycle, max(self._long_cycle, min(self._coupling, 0.95))
        else:
            cycle, first = self._cycle, self._coupling
        early = np.full(here, cycle)
        early[:1] = first
        spread = np.full(here, self._run_spread)
        spread[:1] = self._coupling_spread
        typical_s = float(np.median(self.sinus_s[max(0, number - 8) : number + 9]))
        if self._foci_spread:
            early *= math.exp(self._foci_spread * rng.standard_normal())
        early = np.minimum(early * np.exp(spread * rng.standard_normal(here)), 0.97)
        self.rr_s[run] = np.maximum(typical_s * early, _FASTEST_ECTOPIC_S)
        self.is_ectopic[run] = True
        after = run.stop
        if after < count:
            if self._is_interpolated and beats == 1:
                self.rr_s[after] = max(1.05 * self.sinus_s[after] - self.rr_s[number], 0.3)
            else:
                pause = self._pause * math.exp(self._pause_spread * rng.standard_normal())
                self.rr_s[after] = self.sinus_s[after] * max(pause, 0.85)
        return after + 1


def ectopic(rng: np.random.Generator, sinus_s: FloatArray) -> Rhythm:
    """A sinus rhythm with premature beats in one to three ways, in episodes of 15 to 200 beats on average.

    The ways: none, single ones now and then, every second to fifth beat, short runs, runs with a few sinus beats in
    between, and sustained runs of about a hundred.
    """
    count = len(sinus_s)
    focus = _Focus(rng, sinus_s)
    chances = (0.19, 0.24, 0.19, 0.13, 0.19, 0.06)
    ways = rng.choice(len(chances), size=int(rng.integers(1, 4)), replace=False, p=chances).tolist()
    if ways == [0]:
        ways = [1]
    habits = [
        (
            log_uniform(rng, 3, 60),  # sinus beats from one to the next
            int(rng.choice([1, 2, 3, 4], p=[0.5, 0.25, 0.15, 0.1])),  # in a pattern
            log_uniform(rng, 1, 12),  # between runs
            log_uniform(rng, 1.5, 25),  # beats of a run
            log_uniform(rng, 15, 200),  # of an episode
        )
        for _ in ways
    ]
    number = 0
    while number < count:
        chosen = int(rng.integers(len(ways)))
        rare, pattern, between, run_beats, episode = habits[chosen]
        end = min(number + max(5, int(rng.geometric(1 / episode))), count)
        while number < end:
            match ways[chosen]:
                case 0:
                    number = end
                case 1:
                    number = focus.fire(number + int(rng.geometric(1 / rare)), 1)
                case 2:
                    number = focus.fire(number + pattern - 1 if number else pattern, 1)
                case 3:
                    number = focus.fire(number + int(rng.geometric(1 / rare)), int(rng.integers(2, _LONG_RUN + 1)))
                case 4:
                    first = number + int(rng.geometric(1 / between)) - (1 if number else 0)
                    number = focus.fire(first, int(rng.geometric(1 / run_beats)))
                case _:
                    first = number + int(rng.geometric(1 / rare))
                    number = focus.fire(first, int(rng.geometric(1 / 120)), is_sustained=True)
    return focus.rr_s, focus.is_ectopic


def sick_sinus(rng: np.random.Generator, count: int) -> Rhythm:
    """A slow sinus node with pauses and, in three of four patients, atrial runs that take most of the time.

    The node beats 30 to 65 times a minute, irregularly, and comes back up to 6 s after a run; one to eight of its
    beats on average are between runs of 2 to 30 beats, which have 65 to 170 a minute (tachycardia-bradycardia
    syndrome).
    """
    node_s = log_uniform(rng, 0.92, 2.0)
    rr_s = node_s * np.exp(log_uniform(rng, 0.01, 0.15) * rng.standard_normal(count))
    is_ectopic = np.zeros(count, dtype=bool)
    has_runs = rng.random() < 0.75
    pauses = log_uniform(rng, 0.003, 0.1) if has_runs else log_uniform(rng, 0.03, 0.3)
    rr_s *= np.where(rng.random(count) < pauses, rng.uniform(1.3, 3.0, count), 1.0)
    if has_runs:
        cycle_s = log_uniform(rng, 0.35, min(0.92, 0.9 * node_s))
        coupling = rng.uniform(0.8, 1.25)
        run_to_run, beat_to_beat = log_uniform(rng, 0.01, 0.2), log_uniform(rng, 0.01, 0.08)
        recovery, recovery_spread = rng.uniform(0.9, 2.0), log_uniform(rng, 0.05, 0.4)
        node_beats, run_beats = log_uniform(rng, 1, 8), log_uniform(rng, 2, 30)
        number = int(rng.geometric(1 / node_beats))
        while number < count:
            run = slice(number, number + int(rng.geometric(1 / run_beats)))
            here = len(rr_s[run])
            spread = beat_to_beat * rng.standard_normal(here) + run_to_run * rng.standard_normal()
            rr_s[run] = cycle_s * np.exp(spread)
            rr_s[number] *= coupling
            rr_s[run] = np.minimum(rr_s[run], 0.95 * node_s)
            is_ectopic[run] = True
            if run.stop < count:
                rr_s[run.stop] *= recovery * math.exp(recovery_spread * rng.standard_normal())
            number = run.stop + int(rng.geometric(1 / node_beats))
    return np.clip(rr_s, _FASTEST_ECTOPIC_S, 6.0), is_ectopic


def blocked(rng: np.random.Generator, sinus_s: FloatArray) -> FloatArray:
    """A sinus rhythm of which beats are not conducted, shape (n,), in s.

    Three of four patients have a block of the second degree: stretches of 2:1, 3:2 and so on between stretches without
    it, two of five with Wenckebach's shortening intervals. The others have pauses of any length.
    """
    count = len(sinus_s)
    if rng.random() < 0.25:
        chance = 1 / log_uniform(rng, 3, 40)
        is_pause = rng.random(count) < chance
        return np.where(is_pause, sinus_s * rng.uniform(1.3, 3.0, count), sinus_s)
    ratios = rng.choice(
        [2, 3, 4, 5, 6, 12], size=int(rng.integers(1, 4)), replace=False, p=[0.4, 0.2, 0.12, 0.1, 0.08, 0.1]
    )
    patterns = [1, *ratios.tolist()]  # sinus beats of which one is not conducted; 1: no block
    shortening = rng.uniform(0, 0.08) if rng.random() < 0.4 else 0.0
    typical_beats = [log_uniform(rng, 3, 60) for _ in patterns]
    spread = rng.uniform(0.005, 0.04)
    factors: list[float] = []
    now = int(rng.integers(len(patterns)))
    while len(factors) < count:
        end = len(factors) + 1 + int(rng.geometric(1 / typical_beats[now]))
        while len(factors) < end:
            if patterns[now] == 1:
                factors.append(1.0)
                continue
            factors.append(rng.normal(1.98 - 2 * shortening, spread))
            factors += [1 - shortening * min(conducted, 3) for conducted in range(1, patterns[now] - 1)]
        now = (now + int(rng.integers(1, len(patterns)))) % len(patterns)
    return np.asarray(sinus_s * np.array(factors[:count]))


def fibrillation(rng: np.random.Generator, count: int) -> FloatArray:
    """Intervals of atrial fibrillation, shape (count,), in s: none has to do with the one before."""
    typical_s, spread = rng.uniform(0.42, 1.1), rng.uniform(0.1, 0.32)
    return np.maximum(typical_s * np.exp(spread * rng.standard_normal(count)), 0.28)


def flutter(rng: np.random.Generator, count: int) -> FloatArray:
    """Intervals of atrial flutter, shape (count,), in s: two to six times the atria's 0.19 to 0.29 s."""
    atrial_s = rng.uniform(0.19, 0.29)
    ratios = rng.choice([2, 3, 4, 5, 6], size=int(rng.integers(1, 5)), replace=False, p=[0.3, 0.15, 0.35, 0.1, 0.1])
    stays = rng.uniform(0, 0.98)
    spread = rng.uniform(0.005, 0.03)
    conducted = np.empty(count)
    now = rng.choice(ratios)
    for number in range(count):
        if rng.random() > stays:
            now = rng.choice(ratios)
        conducted[number] = now
    return conducted * atrial_s * np.exp(spread * rng.standard_normal(count))


def _paroxysms(rng: np.random.Generator, rr_s: FloatArray, other_s: FloatArray) -> Rhythm:
    """A rhythm in which another one comes and goes, for 15 to 200 beats on average, and where it is the other one."""
    is_other = np.zeros(len(rr_s), dtype=bool)
    typical_beats = [log_uniform(rng, 15, 200) for _ in range(2)]
    now, number = bool(rng.random() < 0.5), 0
    while number < len(rr_s):
        end = number + int(rng.geometric(1 / typical_beats[now]))
        is_other[number:end] = now
        number, now = end, not now
    return np.where(is_other, other_s, rr_s), is_other


def _as_detected(rng: np.random.Generator, rhythm: SimulatedRhythm) -> SimulatedRhythm:
    """The same with some R peaks missed, and half as many found between beats."""
    chance = log_uniform(rng, 0.001, 0.03)
    found: list[tuple[float, bool, int]] = []
    missed_s = 0.0
    for own_s, is_ectopic, underlying in zip(
        rhythm.rr_s.tolist(), rhythm.is_ectopic.tolist(), rhythm.underlying.tolist(), strict=True
    ):
        if rng.random() < chance:
            missed_s += own_s
            continue
        rr_s, missed_s = own_s + missed_s, 0.0
        if rng.random() < chance / 2 and rr_s > 0.5:
            false_s = rr_s * rng.uniform(0.3, 0.7)
            found.append((false_s, False, underlying))
            rr_s -= false_s
        found.append((rr_s, is_ectopic, underlying))
    intervals_s, ectopics, kinds = zip(*found, strict=True)
    return SimulatedRhythm(np.array(intervals_s), np.array(ectopics, dtype=bool), np.array(kinds))
