"""The pipeline over samples in memory, such as a record with noise mixed in."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from converter.datasets.annotations import BeatAnnotations
from converter.evaluation.records import Alarm
from ecg.alarms.kinds import AlarmEvent, AlarmState
from ecg.events import RhythmChange
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

__all__ = ["alarms_of", "beats_of", "events_of", "r_peaks_of", "rhythms_of"]


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


def alarms_of(events: Sequence[Event], end: int) -> tuple[Alarm, ...]:
    """The alarms among what the monitor told; one that was never closed lasts to the end, a 360 Hz index."""
    alarms: dict[tuple[str, int], Alarm] = {}
    for event in events:
        if not isinstance(event, AlarmEvent):
            continue
        key = event.kind.value, event.onset_index
        if event.state is AlarmState.OPENED:
            alarms[key] = Alarm(event.kind.value, event.priority.value, event.onset_index, event.index, end)
        elif event.state is AlarmState.CLOSED and key in alarms:
            alarms[key] = replace(alarms[key], closed=event.index)
    return tuple(alarms.values())


def rhythms_of(events: Sequence[Event], end: int) -> tuple[tuple[str, int, int], ...]:
    """(rhythm, first 360 Hz index, index after the last) of what the monitor told; the last rhythm lasts to the end."""
    changes = [(event.index, event.rhythm) for event in events if isinstance(event, RhythmChange)]
    stretches = pairwise([*changes, (end, None)])
    return tuple((rhythm.value, first, stop) for (first, rhythm), (stop, _) in stretches if rhythm is not None)


def r_peaks_of(samples_mv: FloatArray, rate_hz: float) -> IntArray:
    """360 Hz indices of the R peaks that the monitor finds in one recording."""
    return beats_of(events_of(samples_mv, rate_hz, classifier=None)).index
