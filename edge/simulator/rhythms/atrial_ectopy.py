"""Premature atrial beats in a sinus rhythm: alone, in a pattern, in runs, or from several foci; a pause follows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from edge.simulator.rhythms.draws import Range, log_uniform

if TYPE_CHECKING:
    from ecg.samples import FloatArray
    from edge.simulator.rhythms import Rhythm

__all__ = ["AtrialEctopyParameters", "atrial_ectopy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AtrialEctopyParameters:
    """The numbers of `atrial_ectopy`.

    Intervals are in units of the sinus node's; what is marked (log) is drawn even in its logarithm.

    Attributes:
        early: share of the patients whose premature beats come after `coupling`; those of others after `late_coupling`.
        coupling_spread: (log) standard deviation of the coupling in ln.
        short_pauses: share of the patients with `pause` behind a beat or run; others have `long_pause`.
        pause_spread: (log) standard deviation of a pause in ln; it is at least `shortest_pause`.
        cycle_to_coupling: interval within a short run, in couplings; at most `latest_cycle`.
        run_spread: standard deviation of intervals within a run in ln.
        long_run: beats; runs of more have a rate of their own: that of a sustained run in `fast_long_runs` of the
            patients, `long_cycle` in others. The first beat comes after at most `latest_cycle`.
        sustained_s: (log) interval of a sustained run: 97 to 214 a minute, yet at most `latest_sustained`.
        several_foci: share of the patients whose runs differ by `foci_spread`, a standard deviation in ln.
        interpolated: share of the patients whose single beats come between two of the sinus node, without a pause; the
            interval behind one is what is left of `interpolated_sum`, and at least `shortest_interpolated_s`.
        latest: a premature beat comes after at most so much of the usual interval ...
        shortest_s: ... and no sooner than this. The usual interval is the median of `usual_reach` beats either way.
        ways: chances of the ways in which premature beats come: none, single ones, in a pattern, short runs, runs with
            a few sinus beats in between, sustained runs. A patient has one, or up to `most_ways`.
        rare_beats: (log) beats from one event to the next, on average.
        patterns: in a pattern every second to fifth beat is premature: sinus beats of it, with the chance of each.
        between_beats: (log) sinus beats between runs, on average.
        run_beats: (log) beats of such a run, on average.
        episode_beats: (log) beats for which one way lasts, on average; at least `shortest_episode`.
        sustained_beats: of a sustained run, on average.
    """

    early: float = 0.8
    coupling: Range = (0.45, 0.9)
    late_coupling: Range = (0.85, 0.98)
    coupling_spread: Range = (0.008, 0.12)
    short_pauses: float = 0.6
    pause: Range = (0.9, 1.3)
    long_pause: Range = (1.1, 2.4)
    pause_spread: Range = (0.03, 0.3)
    shortest_pause: float = 0.85
    cycle_to_coupling: Range = (0.8, 1.15)
    latest_cycle: float = 0.95
    run_spread: Range = (0.005, 0.05)
    long_run: int = 6
    fast_long_runs: float = 0.5
    long_cycle: Range = (0.5, 0.93)
    sustained_s: Range = (0.28, 0.62)
    latest_sustained: float = 0.93
    several_foci: float = 0.3
    foci_spread: Range = (0.1, 0.35)
    interpolated: float = 0.06
    interpolated_sum: float = 1.05
    shortest_interpolated_s: float = 0.3
    latest: float = 0.97
    shortest_s: float = 0.24
    usual_reach: int = 8
    ways: tuple[float, ...] = (0.19, 0.24, 0.19, 0.13, 0.19, 0.06)
    most_ways: int = 3
    rare_beats: Range = (3, 60)
    patterns: tuple[tuple[int, float], ...] = ((1, 0.5), (2, 0.25), (3, 0.15), (4, 0.1))
    between_beats: Range = (1, 12)
    run_beats: Range = (1.5, 25)
    episode_beats: Range = (15, 200)
    shortest_episode: int = 5
    sustained_beats: float = 120


_ECTOPY: Final = AtrialEctopyParameters()


class _Focus:
    """Premature beats of one patient, written into a sinus rhythm."""

    def __init__(self, rng: np.random.Generator, sinus_s: FloatArray) -> None:
        own = _ECTOPY
        self.rng = rng
        self.sinus_s = sinus_s
        self.rr_s = sinus_s.copy()
        self.is_ectopic = np.zeros(len(sinus_s), dtype=bool)
        self._coupling = rng.uniform(*(own.coupling if rng.random() < own.early else own.late_coupling))
        self._pause = rng.uniform(*(own.pause if rng.random() < own.short_pauses else own.long_pause))
        self._pause_spread = log_uniform(rng, *own.pause_spread)
        self._coupling_spread = log_uniform(rng, *own.coupling_spread)
        self._run_spread = rng.uniform(*own.run_spread)
        tachycardia = log_uniform(rng, *own.sustained_s) / float(np.median(sinus_s))
        self._cycle = min(self._coupling * rng.uniform(*own.cycle_to_coupling), own.latest_cycle)
        self._sustained_cycle = min(tachycardia, own.latest_sustained)
        is_fast = rng.random() < own.fast_long_runs
        self._long_cycle = self._sustained_cycle if is_fast else rng.uniform(*own.long_cycle)
        self._foci_spread = rng.uniform(*own.foci_spread) if rng.random() < own.several_foci else 0.0
        self._is_interpolated = bool(rng.random() < own.interpolated)

    def fire(self, number: int, beats: int, *, is_sustained: bool = False) -> int:
        """A run of premature beats from beat `number` on, and the pause behind it; the number of the beat after that.

        Args:
            number: beat; nothing happens behind the last one.
            beats: in the run.
            is_sustained: above 100 a minute whoever the patient, and begun by a beat as early as a single one.
        """
        own = _ECTOPY
        count = len(self.rr_s)
        if number >= count:
            return number
        rng, run = self.rng, slice(number, number + beats)
        here = len(self.rr_s[run])
        if is_sustained:
            cycle, first = self._sustained_cycle, self._coupling
        elif beats > own.long_run:
            cycle, first = self._long_cycle, max(self._long_cycle, min(self._coupling, own.latest_cycle))
        else:
            cycle, first = self._cycle, self._coupling
        early = np.full(here, cycle)
        early[:1] = first
        spread = np.full(here, self._run_spread)
        spread[:1] = self._coupling_spread
        usual_s = float(np.median(self.sinus_s[max(0, number - own.usual_reach) : number + own.usual_reach + 1]))
        if self._foci_spread:
            early *= math.exp(self._foci_spread * rng.standard_normal())
        early = np.minimum(early * np.exp(spread * rng.standard_normal(here)), own.latest)
        self.rr_s[run] = np.maximum(usual_s * early, own.shortest_s)
        self.is_ectopic[run] = True
        after = run.stop
        if after < count:
            self.rr_s[after] = self._after(after, number, is_single=beats == 1)
        return after + 1

    def _after(self, after: int, number: int, *, is_single: bool) -> float:
        """The interval behind a run that began at beat `number`."""
        own = _ECTOPY
        if self._is_interpolated and is_single:
            left_s = own.interpolated_sum * self.sinus_s[after] - self.rr_s[number]
            return max(float(left_s), own.shortest_interpolated_s)
        pause = self._pause * math.exp(self._pause_spread * self.rng.standard_normal())
        return float(self.sinus_s[after]) * max(pause, own.shortest_pause)


def atrial_ectopy(rng: np.random.Generator, sinus_s: FloatArray) -> Rhythm:
    """A sinus rhythm with premature beats in one to three ways, in episodes of 15 to 200 beats on average."""
    own = _ECTOPY
    count = len(sinus_s)
    focus = _Focus(rng, sinus_s)
    size = int(rng.integers(1, own.most_ways + 1))
    ways = rng.choice(len(own.ways), size=size, replace=False, p=own.ways).tolist()
    if ways == [0]:
        ways = [1]
    sinus_beats, chances = zip(*own.patterns, strict=True)
    habits = [
        (
            log_uniform(rng, *own.rare_beats),
            int(rng.choice(sinus_beats, p=chances)),
            log_uniform(rng, *own.between_beats),
            log_uniform(rng, *own.run_beats),
            log_uniform(rng, *own.episode_beats),
        )
        for _ in ways
    ]
    number = 0
    while number < count:
        chosen = int(rng.integers(len(ways)))
        rare, pattern, between, run_beats, episode = habits[chosen]
        end = min(number + max(own.shortest_episode, int(rng.geometric(1 / episode))), count)
        while number < end:
            match ways[chosen]:
                case 0:
                    number = end
                case 1:
                    number = focus.fire(number + int(rng.geometric(1 / rare)), 1)
                case 2:
                    number = focus.fire(number + pattern - 1 if number else pattern, 1)
                case 3:
                    first = number + int(rng.geometric(1 / rare))
                    number = focus.fire(first, int(rng.integers(2, own.long_run + 1)))
                case 4:
                    first = number + int(rng.geometric(1 / between)) - (1 if number else 0)
                    number = focus.fire(first, int(rng.geometric(1 / run_beats)))
                case _:
                    first = number + int(rng.geometric(1 / rare))
                    number = focus.fire(first, int(rng.geometric(1 / own.sustained_beats)), is_sustained=True)
    return focus.rr_s, focus.is_ectopic
