"""The pipeline over samples that lie in memory: what no file holds as it is, such as a record with noise mixed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from converter.datasets.annotations import BeatAnnotations
from ecg.formats.wfdb.events import beat_symbol
from ecg.samples import Beat, SampleBlock
from edge.pipeline import Pipeline
from edge.rhythm.settings import RhythmSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from converter.datasets.annotations import IntArray
    from ecg.events import Event
    from ecg.samples import FloatArray
    from edge.inference import Classifier

__all__ = ["beats_of", "events_of", "r_peaks_of"]


def events_of(
    samples_mv: FloatArray, rate_hz: float, *, classifier: Classifier | None, settings: RhythmSettings | None = None
) -> list[Event]:
    """Everything that the monitor tells of one recording."""
    pipeline = Pipeline(rate_hz=rate_hz, settings=settings or RhythmSettings(), classifier=classifier)
    return pipeline.push(SampleBlock(0, samples_mv)) + pipeline.finish()


def beats_of(events: Sequence[Event]) -> BeatAnnotations:
    """The beats among what the monitor told, with their labels as symbols."""
    beats = [event for event in events if isinstance(event, Beat)]
    return BeatAnnotations(
        np.array([beat.index for beat in beats], dtype=np.int64),
        np.array([beat_symbol(beat) for beat in beats], dtype=np.str_),
    )


def r_peaks_of(samples_mv: FloatArray, rate_hz: float) -> IntArray:
    """360 Hz indices of the R peaks that the monitor finds in one recording."""
    return beats_of(events_of(samples_mv, rate_hz, classifier=None)).index
