"""The stream of samples: through the pipeline, into the recording, out as notices and strips."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ecg.alarms.kinds import AlarmEvent, AlarmState
from ecg.events import Vitals
from ecg.formats.wfdb.events import recorded_annotation
from ecg.samples import SAMPLE_RATE_HZ, UNCLASSIFIED, Beat, Gap
from edge.frontends.timebase import TimeBase, UtcLine
from edge.pipeline import Pipeline
from edge.service.reporter import Reporter
from edge.storage.strips import StripCutter

if TYPE_CHECKING:
    from collections.abc import Iterable
    from fractions import Fraction

    from ecg.alarms.active import ActiveAlarm
    from ecg.alarms.kinds import Evidence
    from ecg.alarms.service import AlarmService
    from ecg.events import Event
    from ecg.notices import Strip
    from ecg.source import Source
    from edge.config import Settings
    from edge.frontends.source_thread import Arrival
    from edge.inference import Classifier
    from edge.service.listeners import Listeners
    from edge.storage.recorder import Recorder

__all__ = ["Stream"]


class Stream:
    """One session of samples.

    Args:
        settings: all settings.
        source: source of the samples.
        classifier: labels the beats.
        speed: speed of the source relative to real time; 0 = as fast as possible.
        alarms: takes the alarm events of the rules.
        listeners: told of every notice.
        recorder: writes the recording; None if the settings turn it off.

    Attributes:
        vitals: the last vitals; None before the first.
        lost_s: lost samples so far, in s.
        labelled_beats: number of beats that the model has labelled.
    """

    def __init__(
        self,
        settings: Settings,
        source: Source,
        classifier: Classifier,
        *,
        speed: float,
        alarms: AlarmService,
        listeners: Listeners,
        recorder: Recorder | None,
    ) -> None:
        self.vitals: Vitals | None = None
        self.lost_s = 0.0
        self.labelled_beats = 0
        self._nominal_hz: Fraction = source.rate_hz
        self._is_timed = bool(speed)
        self._pipeline = Pipeline(rate_hz=source.rate_hz, settings=settings.rhythm, classifier=classifier)
        self._timebase = TimeBase(speed=speed or 1.0)
        self._began = source.start_utc or datetime.now(UTC)
        self._alarms = alarms
        self._reporter = Reporter(alarms, self.utc)
        self._listeners = listeners
        self._recorder = recorder
        self._strips = StripCutter(
            rate_hz=source.rate_hz,
            before_s=settings.storage.strip_before_s,
            after_s=settings.storage.strip_after_s,
            utc_of_index=self.utc,
        )

    @property
    def rate_hz(self) -> float | None:
        """The true sample rate by this machine's clock; None until it is known."""
        ratio = self._timebase.rate_ratio if self._is_timed else None
        return None if ratio is None else float(self._nominal_hz) * ratio

    @property
    def is_paced(self) -> bool:
        """Whether a pacemaker's pulses are seen."""
        return self.vitals is not None and self.vitals.pacing_pulses_per_min is not None

    def utc(self, index: int) -> datetime:
        """UTC of a 360 Hz index."""
        return self._utc_line.utc(index)

    def begin(self, *, monotonic_s: float, wall_s: float) -> None:
        """Start the session: the first sample is about to come."""
        self._timebase.arrived(0, monotonic_s=monotonic_s, wall_s=wall_s)
        if self._recorder is not None:
            self._recorder.start()

    def take(self, arrival: Arrival) -> None:
        """Process the next block; the listeners have been told all results when this returns."""
        block = arrival.block
        end_index = round((block.first_index + len(block.samples_mv)) * SAMPLE_RATE_HZ / self._nominal_hz)
        self._timebase.arrived(end_index, monotonic_s=arrival.monotonic_s, wall_s=arrival.wall_s)
        if self._recorder is not None:
            self._recorder.record(block, self._utc_line)
        self._strips.push(block)
        self._tell(self._pipeline.push(block))
        self._tell_strips(self._strips.due())

    def mark(self, evidence: Evidence) -> None:
        """Mark a patient event at the present moment; `evidence` says how it was marked."""
        self._tell(self._pipeline.mark(evidence))

    def acknowledge(self, alarms: Iterable[ActiveAlarm]) -> None:
        """Somebody knows of these alarms."""
        for alarm in alarms:
            self._pipeline.acknowledge(alarm.kind)

    def finish(self, *, failed: bool) -> None:
        """End the stream: report what is still pending, unless the pipeline failed."""
        if not failed:
            self._tell(self._pipeline.finish())
        self._tell_strips(self._strips.finish())
        if self._recorder is not None:
            self._recorder.finish()
        self._listeners.tell(self._reporter.flush())

    def wait_recorded(self, timeout_s: float) -> None:
        """Wait until the recording is written to its end, at most `timeout_s`."""
        if self._recorder is not None:
            self._recorder.wait(timeout_s)

    def _tell(self, events: list[Event]) -> None:
        annotations = []
        notices = []
        for event in events:
            if isinstance(event, Gap):
                self.lost_s += event.length / SAMPLE_RATE_HZ
            elif isinstance(event, Vitals):
                self.vitals = event
            elif isinstance(event, Beat):
                self.labelled_beats += event.label != UNCLASSIFIED
            uuid = self._alarms.uuid(event) if isinstance(event, AlarmEvent) else ""
            notices += self._reporter.report(event)
            if isinstance(event, AlarmEvent) and event.state is AlarmState.OPENED:
                self._strips.request(uuid, event)
            annotation = recorded_annotation(event, self._nominal_hz, uuid=uuid)
            if annotation is not None:
                annotations.append(annotation)
        self._listeners.tell(notices)
        if self._recorder is not None:
            self._recorder.annotate(annotations)

    def _tell_strips(self, strips: Iterable[Strip]) -> None:
        for strip in strips:
            self._listeners.tell([strip])

    @property
    def _utc_line(self) -> UtcLine:
        if self._is_timed:
            return self._timebase.line
        # As fast as possible: arrival times mean nothing, so the time comes from the recording's start and rate.
        return UtcLine(0, self._began.timestamp(), 1 / SAMPLE_RATE_HZ)
