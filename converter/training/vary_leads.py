"""Batches of recordings, varied each time that they are shown, the same for the same source of chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from converter.training.turn_heart import turn
from reader.classify.heights import DEVIATIONS, lead_heights
from reader.classify.preparation import RATE_HZ, companded
from reader.twelve_leads import LEADS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from converter.training.superclass_settings import Variation
    from ecg.samples import Float32Array, FloatArray

__all__ = ["Examples", "vary"]

_BASELINE_HZ = (0.3, 1.5)  # what is left of breathing and motion above the filter's edge
_PACES = (0.8, 1.25)
_MASK_S = (0.2, 1.5)
_MOST_LEADS_LOST = 6
_PAPER_COLUMNS = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Examples:
    """What a network learns from, or answers.

    Attributes:
        leads: shape (n, samples, leads), standard deviations.
        heights: shape (n, heights).
        targets: shape (n, labels), 0 to 1.
    """

    leads: Float32Array
    heights: Float32Array
    targets: Float32Array

    def __len__(self) -> int:
        return len(self.leads)

    def take(self, chosen: NDArray[Any]) -> Examples:
        """Those of these numbers, or of this mask."""
        return Examples(leads=self.leads[chosen], heights=self.heights[chosen], targets=self.targets[chosen])

    @property
    def inputs(self) -> dict[str, Float32Array]:
        """As the network takes them."""
        return {"leads": companded(self.leads), "heights": self.heights}


def vary(examples: Examples, variation: Variation, rng: np.random.Generator) -> Examples:
    """A part of each recording, varied as `variation` says; the arguments stay as they are."""
    count = len(examples)
    leads = _part(examples.leads, variation, rng)
    heights = examples.heights
    turned = rng.random(count) < variation.turned
    if leads.shape[2] == len(LEADS) and turned.any():
        angles = np.deg2rad(variation.turn_sigma_deg * rng.standard_normal((count, 3))) * turned[:, np.newaxis]
        leads, heights = turn(leads, heights, angles)
    leads *= np.exp(variation.gain_sigma * rng.standard_normal((count, 1, leads.shape[2]))).astype(np.float32)
    leads += _disturbance(leads.shape, variation, rng)
    heights = _raised(heights, np.exp(variation.heights_sigma * rng.standard_normal(count)))
    mixed = _mixed(leads, heights, examples.targets, variation, rng)
    leads, heights, targets = mixed.leads, mixed.heights, mixed.targets
    missing = _missing_leads((count, leads.shape[2]), variation, rng)
    leads[np.broadcast_to(missing[:, np.newaxis, :], leads.shape)] = 0.0
    if leads.shape[2] > 1:
        heights[missing @ lead_heights()] = 0.0
    _mask(leads, variation, rng)
    heights[rng.random(count) < variation.heights_dropout] = 0.0
    return Examples(leads=leads, heights=heights, targets=targets)


def _part(leads: Float32Array, variation: Variation, rng: np.random.Generator) -> Float32Array:
    """A part of each recording, begun anywhere and played at a pace of its own."""
    count, length, _ = leads.shape
    samples = min(variation.samples, length)
    pace = np.exp(variation.warp_sigma * rng.standard_normal(count)).clip(*_PACES)
    start = rng.uniform(0, 1, count) * np.maximum(length - 1 - (samples - 1) * pace, 0)
    at = (start[:, np.newaxis] + np.arange(samples) * pace[:, np.newaxis]).clip(0, length - 1.001)
    whole = at.astype(np.int64)
    part = (at - whole).astype(np.float32)[:, :, np.newaxis]
    each = np.arange(count)[:, np.newaxis]
    return np.asarray(leads[each, whole] * (1 - part) + leads[each, whole + 1] * part, dtype=np.float32)


def _disturbance(shape: tuple[int, ...], variation: Variation, rng: np.random.Generator) -> Float32Array:
    """White noise and a slow wave, each in half of the recordings."""
    count, samples, leads = shape
    noisy, wandering = (rng.random((count, 1, 1)) < 0.5 for _ in range(2))
    sigma = np.asarray(noisy * rng.uniform(0, variation.noise, (count, 1, 1)), dtype=np.float32)
    height = np.asarray(wandering * rng.uniform(0, variation.baseline, (count, 1, leads)), dtype=np.float32)
    hz = rng.uniform(*_BASELINE_HZ, (count, 1, 1))
    phase = rng.uniform(0, 2 * np.pi, (count, 1, leads))
    time_s = (np.arange(samples) / RATE_HZ)[:, np.newaxis]
    wave = np.sin((2 * np.pi * hz * time_s + phase).astype(np.float32))
    return np.asarray(sigma * rng.standard_normal(shape, dtype=np.float32) + height * wave, dtype=np.float32)


def _raised(heights: Float32Array, gain: FloatArray) -> Float32Array:
    """Heights as of a recording with another gain: lengths are multiplied, logarithms moved."""
    raised = heights * gain[:, np.newaxis]
    logarithms = heights[:, DEVIATIONS]
    raised[:, DEVIATIONS] = np.where(logarithms != 0, logarithms + np.log(gain)[:, np.newaxis], 0.0)
    raised[:, 0] = heights[:, 0]
    return raised.astype(np.float32)


def _mixed(
    leads: Float32Array, heights: Float32Array, targets: Float32Array, variation: Variation, rng: np.random.Generator
) -> Examples:
    """Recordings mixed with others; the heights of a mixture are known where both are."""
    count = len(leads)
    drawn = rng.beta(variation.mix_alpha, variation.mix_alpha, count)
    share = np.where(rng.random(count) < variation.mixed, drawn, 1.0).astype(np.float32)[:, np.newaxis]
    other = rng.permutation(count)
    known = (share[:, 0] == 1) | ((heights[:, 0] > 0) & (heights[other, 0] > 0))
    return Examples(
        leads=share[:, :, np.newaxis] * leads + (1 - share[:, :, np.newaxis]) * leads[other],
        heights=np.where(known[:, np.newaxis], share * heights + (1 - share) * heights[other], np.float32(0)),
        targets=share * targets + (1 - share) * targets[other],
    )


def _missing_leads(shape: tuple[int, int], variation: Variation, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Shape (n, leads): which leads each recording loses."""
    count, leads = shape
    lost = rng.integers(1, min(_MOST_LEADS_LOST, leads) + 1, count)
    lost[rng.random(count) >= variation.lead_dropout] = 0
    rank = rng.random(shape).argsort(axis=1)
    return np.asarray(rank < np.minimum(lost, leads - 1)[:, np.newaxis])


def _mask(leads: Float32Array, variation: Variation, rng: np.random.Generator) -> None:
    """Take a stretch of time away, or all but the quarter that paper shows of a lead."""
    count, samples, channels = leads.shape
    for number in np.flatnonzero(rng.random(count) < variation.time_mask):
        length = min(int(rng.uniform(*_MASK_S) * RATE_HZ), samples)
        start = rng.integers(0, samples - length + 1)
        leads[number, start : start + length] = 0.0
    column = np.arange(samples) * _PAPER_COLUMNS // samples
    of_lead = np.arange(channels) * _PAPER_COLUMNS // channels
    for number in np.flatnonzero(rng.random(count) < variation.paper):
        leads[number, column[:, np.newaxis] != of_lead] = 0.0
