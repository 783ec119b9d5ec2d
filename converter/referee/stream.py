"""The pipeline over samples that lie in memory: what no file holds as it is, such as a record with noise mixed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from edge.config import Settings
from edge.pipeline import Pipeline
from edge.samples import Beat, SampleBlock

if TYPE_CHECKING:
    from converter.annotations import IntArray
    from edge.inference import Classifier
    from edge.samples import Event, FloatArray

__all__ = ["events_of", "r_peaks_of"]


def events_of(
    samples_mv: FloatArray, rate_hz: float, *, classifier: Classifier | None, settings: Settings | None = None
) -> list[Event]:
    """Everything that the monitor tells of one recording."""
    pipeline = Pipeline(rate_hz=rate_hz, settings=settings or Settings(), classifier=classifier)
    return pipeline.push(SampleBlock(0, samples_mv)) + pipeline.finish()


def r_peaks_of(samples_mv: FloatArray, rate_hz: float) -> IntArray:
    """360 Hz indices of the R peaks that the monitor finds in one recording."""
    events = events_of(samples_mv, rate_hz, classifier=None)
    return np.array([event.index for event in events if isinstance(event, Beat)], dtype=np.int64)
