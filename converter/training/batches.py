"""Batches of beats, real and simulated: drawn, varied and weighted anew in each epoch, the same for the same seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from converter.datasets.beats import BeatSet
from converter.simulation.simulated_beats import simulated_beats
from ecg.samples import BEAT_SAMPLES, SAMPLE_RATE_HZ
from edge.inference.inputs import RHYTHM_FEATURES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from converter.datasets.annotations import IntArray
    from converter.training.settings import Augmentation, TrainingSettings
    from ecg.samples import Float32Array, FloatArray

__all__ = ["Batch", "TrainingSet", "augment", "beat_odds", "class_weights", "draw_epoch", "epoch_batches"]

_BASELINE_HZ = (0.1, 0.6)  # breathing and motion, what a 0.5 Hz baseline filter lets through
_OPINION = slice(RHYTHM_FEATURES.index("ln_odds_early"), RHYTHM_FEATURES.index("rhythm_flutter") + 1)


@dataclass(frozen=True, slots=True)
class Batch:
    """What one step learns from.

    Attributes:
        inputs: by name, each (batch, ...), float32.
        target: shape (batch, labels), one-hot, float32.
        weight: shape (batch,), float32.
    """

    inputs: dict[str, Float32Array]
    target: Float32Array
    weight: Float32Array


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """What a run learns from.

    Attributes:
        inputs: the training beats and the simulated ones, by name of the input.
        classes: shape (n,), their classes.
        weights: shape (labels,), see `class_weights`, of the training beats alone.
        odds: shape (n,), see `beat_odds`; those of the simulated beats sum up to `simulated_share`.
    """

    inputs: Mapping[str, Float32Array]
    classes: IntArray
    weights: Float32Array
    odds: FloatArray

    @staticmethod
    def of(beats: BeatSet, labels: tuple[str, ...], settings: TrainingSettings) -> TrainingSet:
        """The training beats of a run, all of which have a class, weighted as its settings say.

        Raises:
            InputError: beats are to be simulated, and there are too few normal ones to make them of.
        """
        classes = beats.classes(labels)
        weights = class_weights(classes, len(labels), settings.loss_weight_power)
        odds = beat_odds(beats, classes, settings.signal_class_beats)
        if settings.simulated_share:
            simulated = simulated_beats(beats, settings.seed)
            own = simulated.classes(labels)
            own_odds = beat_odds(simulated, own, settings.signal_class_beats)
            share = settings.simulated_share
            beats = BeatSet.join([beats, simulated])
            classes = np.concatenate([classes, own])
            odds = np.concatenate([(1 - share) * odds, share * own_odds])
        return TrainingSet(beats.inputs, classes, weights, odds)


def class_weights(classes: IntArray, count: int, power: float) -> Float32Array:
    """Weight of each class in the loss: its share of the beats to minus `power`, with a mean of 1 over the beats."""
    beats = np.bincount(classes, minlength=count)
    weights = np.where(beats > 0, np.maximum(beats, 1) / len(classes), 1.0) ** -power
    return np.asarray(weights * (len(classes) / (weights * beats).sum()), dtype=np.float32)


def beat_odds(beats: BeatSet, classes: IntArray, signal_class_beats: int | None) -> FloatArray:
    """How often each beat is drawn beside others, shape (n,), of sum 1; see `TrainingSettings.signal_class_beats`."""
    odds = np.ones(len(beats))
    if signal_class_beats is not None:
        group = beats.signal * (classes.max() + 1) + classes
        odds = np.sqrt(np.minimum(1.0, signal_class_beats / np.bincount(group)[group]))
    return np.asarray(odds / odds.sum(), dtype=np.float64)


def draw_epoch(odds: FloatArray, epoch_beats: int | None, rng: np.random.Generator) -> IntArray:
    """Numbers of the training beats of one epoch in random order: each once, or `epoch_beats` by their odds."""
    if epoch_beats is None:
        return np.asarray(rng.permutation(len(odds)), dtype=np.int64)
    return np.asarray(rng.choice(len(odds), epoch_beats, p=odds), dtype=np.int64)


def epoch_batches(training_set: TrainingSet, settings: TrainingSettings, epoch: int) -> tuple[int, Iterator[Batch]]:
    """Number of batches in an epoch, and the batches.

    Args:
        training_set: of the run.
        settings: of the run.
        epoch: from 0 on; with the run's seed it fixes the draw and the augmentation, so that a run that was interrupted
            goes on with the very batches that it would have had.
    """
    rng = np.random.default_rng((settings.seed, epoch))
    numbers = draw_epoch(training_set.odds, settings.epoch_beats, rng)
    targets = np.eye(len(training_set.weights), dtype=np.float32)

    def batches() -> Iterator[Batch]:
        for first in range(0, len(numbers), settings.batch):
            chosen = numbers[first : first + settings.batch]
            beats = {name: values[chosen] for name, values in training_set.inputs.items()}
            classes = training_set.classes[chosen]
            yield Batch(augment(beats, settings.augmentation, rng), targets[classes], training_set.weights[classes])

    return -(-len(numbers) // settings.batch), batches()


def augment(
    inputs: dict[str, Float32Array], augmentation: Augmentation, rng: np.random.Generator
) -> dict[str, Float32Array]:
    """Vary a batch as `augmentation` says.

    Shift, gain and polarity act on the beat and on the template beside it alike, as electrodes would; baseline and
    noise on the beat alone, since the template is an average.

    Args:
        inputs: `waveform` (batch, 259, channels) and perhaps `rhythm` (batch, features); not changed.
        augmentation: how.
        rng: the source of chance.
    """
    waveform = inputs["waveform"]
    count = len(waveform)
    if augmentation.shift_samples:
        waveform = _shift(waveform, rng.uniform(-augmentation.shift_samples, augmentation.shift_samples, count))
    gain = np.exp(augmentation.gain_sigma * rng.standard_normal(count, dtype=np.float32))
    gain *= np.where(rng.random(count) < augmentation.flip_probability, np.float32(-1), np.float32(1))
    waveform = waveform * gain[:, np.newaxis, np.newaxis]
    waveform[:, :, 0] += _disturbance(count, augmentation, rng)
    varied = {**inputs, "waveform": waveform}
    if augmentation.rhythm_jitter and "rhythm" in inputs:
        rhythm = inputs["rhythm"]
        jitter = augmentation.rhythm_jitter * rng.standard_normal(rhythm.shape, dtype=np.float32)
        varied["rhythm"] = rhythm + jitter
    if augmentation.opinion_dropout and "rhythm" in inputs:
        rhythm = varied["rhythm"].copy()
        rhythm[rng.random(count) < augmentation.opinion_dropout, _OPINION] = 0.0
        varied["rhythm"] = rhythm
    return varied


def _shift(waveform: Float32Array, samples: FloatArray) -> Float32Array:
    """Shift each beat by its own number of samples, which need not be whole, as another front end's clock would."""
    whole = np.floor(samples)
    part = (samples - whole).astype(np.float32)[:, np.newaxis, np.newaxis]
    first = np.arange(BEAT_SAMPLES) + whole.astype(np.int64)[:, np.newaxis]
    beat = np.arange(len(waveform))[:, np.newaxis]
    left, right = (waveform[beat, np.clip(first + step, 0, BEAT_SAMPLES - 1)] for step in (0, 1))
    return np.asarray(left + part * (right - left), dtype=np.float32)


def _disturbance(count: int, augmentation: Augmentation, rng: np.random.Generator) -> Float32Array:
    """Shape (count, 259): a slow wave and white noise, each of an amplitude of its own."""
    time_s = np.arange(BEAT_SAMPLES, dtype=np.float32) / SAMPLE_RATE_HZ
    frequency_hz = rng.uniform(*_BASELINE_HZ, (count, 1)).astype(np.float32)
    phase = rng.uniform(0, 2 * np.pi, (count, 1)).astype(np.float32)
    height = rng.uniform(0, 1, (count, 1)).astype(np.float32) * np.float32(augmentation.baseline)
    wave = height * np.sin(np.float32(2 * np.pi) * frequency_hz * time_s + phase)
    sigma = rng.uniform(0, 1, (count, 1)).astype(np.float32) * np.float32(augmentation.noise)
    return np.asarray(wave + sigma * rng.standard_normal((count, BEAT_SAMPLES), dtype=np.float32), dtype=np.float32)
