"""What the monitor tells besides alarms and summaries, as values with their moments in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecg.alarms.notices import ActiveAlarmsNotice, AlarmNotice
from ecg.summary.summaries import Summary

if TYPE_CHECKING:
    from datetime import datetime

    from ecg.events import Vitals
    from ecg.samples import Beat, FloatArray

__all__ = ["BeatsNotice", "Notice", "Strip", "VitalsNotice"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VitalsNotice:
    """What is known of the heart at a moment.

    Attributes:
        time: the moment.
        vitals: None where the front end delivers nothing, and that is all that is known.
    """

    time: datetime
    vitals: Vitals | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BeatsNotice:
    """The beats since the vitals before, each with the moment of its R peak; there is at least one."""

    beats: tuple[tuple[datetime, Beat], ...]


@dataclass(frozen=True, slots=True)
class Strip:
    """A stretch of ECG.

    Attributes:
        uuid: the event's, or the request's own.
        start: UTC of the first sample.
        rate_hz: nominal rate of the front end.
        samples_mv: shape (n,), mV; NaN where samples were lost.
        index: 360 Hz index of the first sample; None for what a former session recorded.
    """

    uuid: str
    start: datetime
    rate_hz: float
    samples_mv: FloatArray
    index: int | None = None


Notice = AlarmNotice | ActiveAlarmsNotice | VitalsNotice | BeatsNotice | Summary | Strip
"""All that is told of the heart and its alarms; `ecg.protocol` makes a message of each."""
