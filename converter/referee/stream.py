"""The pipeline over samples that lie in memory: what no file holds as it is, such as a record with noise mixed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from converter.annotations import BeatAnnotations
from edge.config import Settings
from edge.pipeline import Pipeline
from edge.samples import Beat, SampleBlock
from edge.wfdb.marks import beat_symbol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from converter.annotations import IntArray
    from edge.inference import Classifier
    from edge.samples import Event, FloatArray

__all__ = ["beats_of", "events_of", "r_peaks_of"]


def events_of(
    samples_mv: FloatArray, rate_hz: float, *, classifier: Classifier | None, settings: Settings | None = None
) -> list[Event]:
    """Everything that the monitor tells of one recording."""
    pipeline = Pipeline(rate_hz=rate_hz, settings=settings or Settings(), classifier=classifier)
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
