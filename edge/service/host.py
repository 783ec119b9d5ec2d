"""The host: the machine that runs the monitor, with its storage, battery and clock, and how the last run ended."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from ecg.samples import SAMPLE_RATE_HZ
from edge.service.host_alarms import HostAlarms
from edge.storage.recorder import FaultKind

if TYPE_CHECKING:
    from ecg.alarms.kinds import AlarmEvent
    from ecg.alarms.service import AlarmService
    from edge.config import Settings
    from edge.service.host_readings import HostReader, HostReadings
    from edge.service.listeners import Listeners
    from edge.storage.outbox import Outbox
    from edge.storage.recorder import Recorder

__all__ = ["Host"]

RUNNING: Final = "running"
"""Name in the saved state: whether the monitor is running."""

READINGS_S: Final = 10.0
"""Interval at which the readings are looked at and a storage that failed is tried again."""

_log = logging.getLogger(__name__)


class Host:
    """Checks the machine between two blocks of samples and raises its alarms.

    Args:
        settings: thresholds, and the storage directory.
        reader: reads the state of the machine.
        alarms: takes the alarm events.
        listeners: told of the alarms.
        outbox: its fault and its incidents raise the alarm `storage_failed`.
        recorder: its fault too; None if the settings turn the recording off.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        reader: HostReader,
        alarms: AlarmService,
        listeners: Listeners,
        outbox: Outbox,
        recorder: Recorder | None,
    ) -> None:
        self._reader = reader
        self._host_alarms = HostAlarms(settings.host, no_samples_s=settings.rhythm.no_samples_s)
        self._alarms = alarms
        self._listeners = listeners
        self._outbox = outbox
        self._recorder = recorder
        self._began_s = self._readings_due_s = time.monotonic()

    @property
    def readings(self) -> HostReadings:
        """The last readings."""
        return self._reader.readings

    @property
    def uptime_s(self) -> float:
        """Time since the monitor started."""
        return time.monotonic() - self._began_s

    def start(self) -> None:
        """Start; raises an alarm if the last run ended without notice."""
        if self._outbox.state(RUNNING, bool):
            _log.warning("The last run ended without notice: the monitor was killed, hung, or lost power.")
            self._tell(self._host_alarms.restarted(self.uptime_s))
        self._outbox.put([], {RUNNING: True})

    def model_refused(self, cause: str, substitute: str) -> None:
        """Raise the alarm that the selected model was refused and `substitute` is used instead."""
        self._tell(self._host_alarms.model_refused(self.uptime_s, cause, substitute))

    def check(self, *, last_block_s: float) -> None:
        """Check what may have changed; the last samples came at `last_block_s` on the monotonic clock."""
        now_s = time.monotonic()
        uptime_s = now_s - self._began_s
        self._tell(self._host_alarms.samples(uptime_s, last_s=last_block_s - self._began_s))
        while (incident := self._outbox.take_incident()) is not None:
            self._tell(self._host_alarms.storage_incident(uptime_s, incident))
        self._tell(self._host_alarms.storage(uptime_s, self._outbox.fault or self._recording_stopped_by()))
        if now_s >= self._readings_due_s:
            self._readings_due_s = now_s + READINGS_S
            self._outbox.retry()
            self._tell(self._host_alarms.check(uptime_s, self.readings))

    def finish(self, failure: Exception | None) -> None:
        """Stop; `failure` is the error that ended the run, None if it ended in order."""
        if failure is not None:
            self._tell(self._host_alarms.failed(self.uptime_s, str(failure) or repr(failure)))
        self._tell(self._host_alarms.finish(self.uptime_s, failed=failure is not None))
        self._outbox.put([], {RUNNING: False})
        self._reader.stop()

    def _recording_stopped_by(self) -> str | None:
        fault = self._recorder.fault if self._recorder is not None else None
        return fault.text if fault is not None and fault.kind is FaultKind.RECORDING_STOPPED else None

    def _tell(self, events: list[AlarmEvent]) -> None:
        for event in events:
            onset, time_ = self._utc(event.onset_index), self._utc(event.index)
            self._listeners.tell(self._alarms.take(event, onset=onset, time=time_))

    def _utc(self, index: int) -> datetime:
        """UTC of an index on the host's clock."""
        return datetime.now(UTC) - timedelta(seconds=self.uptime_s - index / SAMPLE_RATE_HZ)
