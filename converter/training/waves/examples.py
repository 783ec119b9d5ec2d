"""What the delineation network learns from: windows of marked leads, drawn and varied anew in each step."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from converter.datasets.wave_marks import KINDS
from reader.measure.preparation import RATE_HZ, network_input, prepare

if TYPE_CHECKING:
    from collections.abc import Sequence

    from converter.datasets.wave_marks import MarkedLead, MarkedWave
    from ecg.samples import Float32Array, FloatArray

__all__ = ["Batch", "Example", "draw_batch", "example_of", "targets_at"]

LABELS: Final = len(KINDS) + 1
"""P, QRS, T, none."""

WARP: Final = 0.1
"""Largest change of the speed either way."""
DELAYED: Final = 0.3
"""Share of windows with a longer conduction to the ventricles."""
LONGEST_EXTRA_PR_S: Final = 0.2
SHORTEST_GAP: Final = 4
"""Samples between two waves that can be drawn out."""
FLIPPED: Final = 0.25
"""Share of windows turned upside down: lead aVR, and swapped electrodes."""
LOW_PASSED: Final = 0.25
"""Share of windows seen through an electrocardiograph's filter against muscle noise."""
LOW_PASS_HZ: Final = (35.0, 60.0)
NOISY: Final = 0.5
"""Share of windows with noise, of each kind."""
WHITE: Final = 0.04
MAINS: Final = 0.03
BASELINE: Final = 0.15
"""Largest noise, in heights of the lead."""
BASELINE_HZ: Final = (0.05, 0.6)


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A marked lead as the network is to see it; places are in samples at 250 Hz, and not whole.

    Attributes:
        record: name of its record.
        samples_mv: shape (n,), at 250 Hz, without baseline.
        height_mv: from the lowest to the highest sample, but for the hundredth part at either end.
        waves: shape (waves, 3): number of the kind, begin and end.
        known: shape (stretches, 2): where whatever is not marked is no wave.
        unknown: shape (stretches, 2): where it is not known all the same, for want of a mark.
    """

    record: str
    samples_mv: Float32Array
    height_mv: float
    waves: FloatArray
    known: FloatArray
    unknown: FloatArray


class Batch(NamedTuple):
    """Windows, shape (n, samples, 1); targets, shape (n, samples, labels); weights, shape (n, samples)."""

    inputs: Float32Array
    targets: Float32Array
    weights: Float32Array


def example_of(lead: MarkedLead) -> Example:
    """Prepare a marked lead as the reader does."""
    prepared = prepare(lead.samples_mv, lead.rate_hz)
    scale = float(1 / lead.rate_hz) / prepared.period_s
    low, high = np.percentile(prepared.samples_mv, (1, 99))
    waves = [
        (KINDS.index(wave.kind), *(wave.peak if place is None else place for place in (wave.onset, wave.end)))
        for wave in lead.waves
    ]
    return Example(
        record=lead.record,
        samples_mv=prepared.samples_mv.astype(np.float32),
        height_mv=float(high - low),
        waves=np.array(waves, np.float64).reshape(-1, 3) * (1, scale, scale),
        known=np.array(lead.known, np.float64).reshape(-1, 2) * scale,
        unknown=np.array(_unknown(lead.waves, is_t_complete=lead.is_complete), np.float64).reshape(-1, 2) * scale,
    )


def _unknown(waves: Sequence[MarkedWave], *, is_t_complete: bool) -> list[tuple[int, int]]:
    """Where a mark is missing: up to the wave before, on to the wave after, or all that follows a QRS complex."""
    found = []
    for number, wave in enumerate(waves):
        before = _last(waves[number - 1]) if number else wave.peak
        after = _first(waves[number + 1]) if number + 1 < len(waves) else wave.peak
        if wave.onset is None:
            found.append((before, wave.peak))
        if wave.end is None:
            found.append((wave.peak, after))
        if not is_t_complete and wave.kind == "QRS" and number + 1 < len(waves) and waves[number + 1].kind != "T":
            found.append((_last(wave), after))
    return found


def _first(wave: MarkedWave) -> int:
    return wave.peak if wave.onset is None else wave.onset


def _last(wave: MarkedWave) -> int:
    return wave.peak if wave.end is None else wave.end


def targets_at(example: Example, places: FloatArray) -> tuple[Float32Array, Float32Array]:
    """Share of each label in samples around some places, shape (places, labels), and their weights, shape (places,).

    At the very begin and end of a wave its share is a half.
    """
    targets = np.zeros((len(places), LABELS), np.float32)
    low, high = places.min(), places.max()
    for kind, begin, end in example.waves:
        if end >= low and begin <= high:
            covered = np.clip(places - begin + 0.5, 0, 1) * np.clip(end - places + 0.5, 0, 1)
            targets[:, int(kind)] = np.maximum(targets[:, int(kind)], covered)
    targets[:, -1] = np.maximum(1 - targets[:, :-1].sum(axis=1), 0)
    targets /= targets.sum(axis=1, keepdims=True)
    weights = _inside(example.known, places) & ~_inside(example.unknown, places)
    return targets, weights.astype(np.float32)


def _inside(stretches: FloatArray, places: FloatArray) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    inside = np.zeros(len(places), bool)
    for first, last in stretches:
        inside |= (places >= first) & (places < last)
    return inside


def draw_batch(
    groups: Sequence[Sequence[Sequence[Example]]], counts: Sequence[int], rng: np.random.Generator, *, samples: int
) -> Batch:
    """A batch of varied windows.

    Args:
        groups: databases of records of leads.
        counts: windows of each database.
        rng: the source of chance.
        samples: of a window.
    """
    windows = []
    for records, count in zip(groups, counts, strict=True):
        for _ in range(count):
            leads = records[int(rng.integers(len(records)))]
            windows.append(_window(leads[int(rng.integers(len(leads)))], rng, samples))
    shown, targets, weights = (np.stack(each) for each in zip(*windows, strict=True))
    return Batch(network_input(shown)[..., np.newaxis], targets, weights)


def _window(example: Example, rng: np.random.Generator, length: int) -> tuple[Float32Array, Float32Array, Float32Array]:
    """A window around some place that is known: samples, targets, weights."""
    first, last = example.known[rng.integers(len(example.known))] if len(example.known) else (0, 1)
    speed = 1 + WARP * rng.uniform(-1, 1) if rng.random() < NOISY else 1.0
    shown, places_shown = _conducted(example, rng)
    middle = np.interp(rng.uniform(first, last), places_shown, shown)
    start = middle - speed * rng.uniform(0.1, 0.9) * length
    times = (start if speed != 1 else round(start)) + speed * np.arange(length)
    beyond = np.maximum(times - shown[-1], 0) + np.minimum(times, 0)
    places = np.asarray(np.interp(times, shown, places_shown) + beyond, np.float64)
    samples = np.interp(places, np.arange(len(example.samples_mv)), example.samples_mv, left=0, right=0)
    targets, weights = targets_at(example, places)
    inside = (places >= 0) & (places <= len(example.samples_mv) - 1)
    samples = np.where(inside, _vary(samples, example.height_mv, rng), 0)
    targets[~inside], weights[~inside] = np.eye(LABELS)[-1], 1  # before and after a recording there is no wave
    return samples.astype(np.float32), targets, weights


def _conducted(example: Example, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """When each place of a lead is shown: as it is, or with longer PR intervals and shorter pauses before the P waves.

    LUDB has nine records of first-degree AV block, and few of P waves upon the end of T waves. The stretch between P
    and QRS is drawn out, that between T and P drawn together.
    """
    waves = example.waves[np.argsort(example.waves[:, 1])]
    longer = RATE_HZ * LONGEST_EXTRA_PR_S * rng.random() if rng.random() < DELAYED else 0.0
    shown, places = [0.0], [0.0]
    for (kind, _, end), (next_kind, begin, _) in pairwise(waves if longer else waves[:0]):
        gap = begin - end
        if gap < SHORTEST_GAP or end < places[-1]:
            continue
        turn = (KINDS[int(kind)], KINDS[int(next_kind)])
        drawn = gap + longer if turn == ("P", "QRS") else max(gap - longer, 0.1 * gap) if turn == ("T", "P") else gap
        shown += [shown[-1] + end - places[-1], shown[-1] + end - places[-1] + drawn]
        places += [end, begin]
    rest = max(len(example.samples_mv) - 1 - places[-1], 1.0)
    return np.array([*shown, shown[-1] + rest]), np.array([*places, places[-1] + rest])


def _vary(samples: FloatArray, height: float, rng: np.random.Generator) -> FloatArray:
    time_s = np.arange(len(samples)) / RATE_HZ
    if rng.random() < NOISY:
        samples = samples + height * WHITE * rng.random() ** 2 * rng.standard_normal(len(samples))
    if rng.random() < NOISY:
        for _ in range(2):
            samples = samples + height * BASELINE * rng.random() * _wave(rng.uniform(*BASELINE_HZ), time_s, rng)
    if rng.random() < LOW_PASSED:
        samples = _low_pass(samples, rng.uniform(*LOW_PASS_HZ))
    elif rng.random() < NOISY:
        samples = samples + height * MAINS * rng.random() ** 2 * _wave(rng.choice((50, 60)), time_s, rng)
    return -samples if rng.random() < FLIPPED else samples


def _wave(frequency_hz: float, time_s: FloatArray, rng: np.random.Generator) -> FloatArray:
    return np.asarray(np.sin(2 * np.pi * (frequency_hz * time_s + rng.random())))


def _low_pass(samples: FloatArray, corner_hz: float) -> FloatArray:
    """A windowed sinc of 31 samples, which moves nothing."""
    steps = np.arange(-15, 16)
    kernel = np.sinc(2 * corner_hz / RATE_HZ * steps) * np.hamming(len(steps))
    return np.convolve(samples, kernel / kernel.sum(), "same")
