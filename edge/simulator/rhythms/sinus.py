"""The sinus node: a rate of its own, which changes with the breath, with slower waves, and little by little."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from edge.simulator.rhythms.draws import Range, log_uniform, wander

if TYPE_CHECKING:
    from ecg.samples import FloatArray

__all__ = ["SinusParameters", "sinus"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SinusParameters:
    """The numbers of `sinus`. Changes of an interval are in ln; what is marked (log) is drawn even in its logarithm.

    Attributes:
        typical_s: (log) the interval that all changes are about.
        limits_s: of an interval.
        noise: (log) standard deviation from beat to beat.
        breath: (log) half the swing with the breath.
        deep_breathers: share of the patients whose swing is `deep_breath` instead.
        breath_beats: in a breath; `breath_jitter` is by how much (in ln, standard deviation) the beats differ in it.
        depth: standard deviation of the breaths' depth in ln, before it is smoothed over `depth_beats` beats with a sum
            of weights of `depth_beats` / `depth_scale`.
        wave: (log) half the swing of slower waves, of `wave_beats` beats, jittered by `wave_jitter`.
        wave_start_rad: largest phase of the waves at the first beat.
        drift: (log) standard deviation of what changes little by little; from beat to beat it keeps `drift_memory`.
        wanderers: share of the patients whose rate stays and then goes to another one, at most by `wander` either way;
            it stays for `wander_beats` (log) on average.
        wander_moves: fewest beats of such a change, and one more than the most; `sudden_moves` in `sudden_wanderers`.
        rigid: share of the patients whose rate hardly varies, as in old age and in heart failure: by `rigidity`.
    """

    typical_s: Range = (0.42, 1.35)
    limits_s: Range = (0.33, 2.2)
    noise: Range = (0.003, 0.035)
    breath: Range = (0.003, 0.08)
    deep_breathers: float = 0.12
    deep_breath: Range = (0.08, 0.22)
    breath_beats: Range = (2.5, 9)
    breath_jitter: float = 0.12
    depth: float = 0.3
    depth_beats: int = 20
    depth_scale: float = 4.5
    wave: Range = (0.003, 0.06)
    wave_beats: Range = (8, 25)
    wave_jitter: float = 0.2
    wave_start_rad: float = 6
    drift: Range = (0.005, 0.06)
    drift_memory: Range = (0.9, 0.995)
    wanderers: float = 0.4
    wander: Range = (0.05, 0.3)
    wander_beats: Range = (10, 100)
    wander_moves: tuple[int, int] = (3, 25)
    sudden_wanderers: float = 0.25
    sudden_moves: tuple[int, int] = (1, 5)
    rigid: float = 0.3
    rigidity: Range = (0.1, 0.4)


_SINUS: Final = SinusParameters()


def sinus(rng: np.random.Generator, count: int) -> FloatArray:
    """Intervals of a patient's sinus node, shape (count,), in s."""
    own = _SINUS
    ln_typical = math.log(log_uniform(rng, *own.typical_s))
    ln_change = log_uniform(rng, *own.noise) * rng.standard_normal(count)
    breath = log_uniform(rng, *own.breath)
    if rng.random() < own.deep_breathers:
        breath = rng.uniform(*own.deep_breath)
    phase = np.cumsum(
        2 * math.pi / rng.uniform(*own.breath_beats) * np.exp(own.breath_jitter * rng.standard_normal(count))
    )
    smoothing = np.ones(own.depth_beats) / own.depth_scale
    depth = np.exp(own.depth * np.convolve(rng.standard_normal(count), smoothing, "same"))
    ln_change += breath * np.sin(phase) * depth
    wave = log_uniform(rng, *own.wave)
    phase = np.cumsum(2 * math.pi / rng.uniform(*own.wave_beats) * np.exp(own.wave_jitter * rng.standard_normal(count)))
    ln_change += wave * np.sin(phase + rng.uniform(0, own.wave_start_rad))
    memory = rng.uniform(*own.drift_memory)
    drift = rng.standard_normal(count)
    for number in range(1, count):
        drift[number] += memory * drift[number - 1]
    ln_change += log_uniform(rng, *own.drift) * drift * math.sqrt(1 - memory**2)
    if rng.random() < own.wanderers:
        ln_change += _wandering(rng, count)
    if rng.random() < own.rigid:
        ln_change *= rng.uniform(*own.rigidity)
    return np.clip(np.exp(ln_typical + ln_change), *own.limits_s)


def _wandering(rng: np.random.Generator, count: int) -> FloatArray:
    """Change of a rate in ln, shape (count,), that stays for a while and then goes to another one."""
    own = _SINUS
    most = rng.uniform(*own.wander)
    typical_beats = log_uniform(rng, *own.wander_beats)
    now = rng.uniform(-most, most)
    moves = own.sudden_moves if rng.random() < own.sudden_wanderers else own.wander_moves
    return wander(rng, count, now, most=most, typical_beats=typical_beats, moves=moves)
