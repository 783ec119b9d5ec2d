"""Cutting labelled beats out of recordings with the very code that runs on the Pi."""

from __future__ import annotations

import zlib
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

import numpy as np

from converter.datasets import short_recordings
from converter.datasets.annotations import FALSE_DETECTION, read_beats
from converter.datasets.beats import AS_RECORDED, MOTION, BeatSet
from converter.datasets.folders import read_channel
from converter.datasets.matching import counted_within, match_beats
from converter.datasets.motion import add_motion
from converter.datasets.noise import qrs_height_mv
from ecg.errors import InputError
from ecg.samples import SAMPLE_RATE_HZ, UNCLASSIFIED, Beat, FloatArray, SampleBlock
from edge.pipeline import Detector, Pipeline
from edge.rhythm.settings import RhythmSettings
from edge.signal.annotated import AnnotatedPeaks

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from converter.datasets.annotations import IntArray, StrArray
    from ecg.model_file.card import Normalisation
    from ecg.samples import Float32Array

__all__ = ["Peaks", "cut_record", "cut_short_recording"]

Peaks = Literal["detected", "annotated"]

_BLOCK_S = 60  # pushed at once: few calls, little memory


class _Collector:
    """Takes the place of the monitor's model and keeps what that would be shown."""

    labels: tuple[str, ...] = ("N",)
    inputs: tuple[str, ...] = ("waveform", "rhythm")

    def __init__(self, normalisation: Normalisation) -> None:
        self.normalisation: Normalisation = normalisation
        self.shown: list[dict[str, Float32Array]] = []

    def classify(self, inputs: Mapping[str, Float32Array]) -> FloatArray:
        """Keep the inputs; the answer has no say in which beats are cut."""
        self.shown.append({name: values.copy() for name, values in inputs.items()})
        return np.ones(1)


def cut_record(
    folder: Path,
    record: str,
    channel: int,
    *,
    peaks: Peaks,
    normalisation: Normalisation,
    origin: str,
    augmentation: str = AS_RECORDED,
) -> BeatSet:
    """Run the pipeline over one signal of a record and label the beats that it cuts by the reference.

    Args:
        folder: of the data set.
        record: name below it.
        channel: number of the signal.
        peaks: `detected`: the monitor's own R peaks, matched one to one with the reference within 150 ms, and what
            matches none is a false detection; `annotated`: the reference's, refined as the monitor refines its own.
        normalisation: of the waveform.
        origin: name of the data set, for `BeatSet.record`.
        augmentation: `MOTION` mixes simulated motion in, the same each time, and takes every second beat.

    Returns:
        The beats that a model would have been shown; those in bad signal or at an end of the record are not among them.

    Raises:
        InputError: the record or its annotations cannot be read.
    """
    samples_mv, rate_hz = read_channel(folder, record, channel)
    reference = read_beats(folder / record, rate_hz=rate_hz)
    if augmentation == MOTION:
        rng = np.random.default_rng(zlib.crc32(f"{origin}/{record}".encode()))
        samples_mv = add_motion(samples_mv, rate_hz, qrs_height_mv(samples_mv, rate_hz, reference), rng)
    detector = AnnotatedPeaks(reference.index.tolist()) if peaks == "annotated" else None
    index, shown = _cut(samples_mv, rate_hz, normalisation, detector)
    if not len(index):
        raise InputError(f"{folder / record}: no beat can be cut from signal {channel}")
    partner = match_beats(index, reference.index)
    symbol = np.where(partner >= 0, reference.symbol[partner], FALSE_DETECTION)
    annotated = (reference.index[0] / SAMPLE_RATE_HZ, reference.index[-1] / SAMPLE_RATE_HZ)
    labelled = (partner >= 0) | counted_within(index, reference, (annotated,))
    if augmentation == MOTION:
        labelled[1::2] = False
    beats = _beat_set(shown, index, symbol, record=f"{origin}/{record}", channel=channel, augmentation=augmentation)
    return beats.take(labelled)


def cut_short_recording(
    folder: Path, name: str, label: str, *, normalisation: Normalisation, origin: str
) -> BeatSet | None:
    """Run the pipeline over a recording that has one label, and label the beats that it cuts by that.

    Args:
        folder: of the data set.
        name: of the recording.
        label: of the recording, see `converter.datasets.short_recordings`.
        normalisation: of the waveform.
        origin: name of the data set, for `BeatSet.record`.

    Returns:
        The beats of which the label tells what they are, there may be none; None where no beat was found.

    Raises:
        InputError: the recording cannot be read.
    """
    samples_mv = short_recordings.read_recording(folder / f"{name}.mat")
    index, shown = _cut(samples_mv, short_recordings.RATE_HZ, normalisation, None)
    if not len(index):
        return None
    windows = np.stack([inputs["waveform"][:, 0] for inputs in shown]).astype(np.float64)
    symbol = short_recordings.beat_symbols(windows, index, label)
    return _beat_set(shown, index, symbol, record=f"{origin}/{name}").take(symbol != "")


def _cut(
    samples_mv: FloatArray, rate_hz: float, normalisation: Normalisation, detector: Detector | None
) -> tuple[IntArray, list[dict[str, Float32Array]]]:
    """The R peaks of the beats that a model is shown, shape (n,), and what it is shown of each."""
    collector = _Collector(normalisation)
    pipeline = Pipeline(
        rate_hz=Fraction(rate_hz).limit_denominator(1000),
        settings=RhythmSettings(),
        classifier=collector,
        detector=detector,
    )
    events = []
    step = round(_BLOCK_S * rate_hz)
    for first in range(0, len(samples_mv), step):
        events += pipeline.push(SampleBlock(first, samples_mv[first : first + step]))
    events += pipeline.finish()
    index = np.array(
        [event.index for event in events if isinstance(event, Beat) and event.label != UNCLASSIFIED], dtype=np.int64
    )
    return index, collector.shown


def _beat_set(
    shown: list[dict[str, Float32Array]],
    index: IntArray,
    symbol: StrArray,
    *,
    record: str,
    channel: int = 0,
    augmentation: str = AS_RECORDED,
) -> BeatSet:
    return BeatSet(
        {name: np.stack([inputs[name] for inputs in shown]) for name in shown[0]},
        symbol,
        index,
        np.full(len(index), record),
        np.full(len(index), channel, dtype=np.int64),
        np.full(len(index), augmentation),
    )
