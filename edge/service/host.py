"""The host: the machine that the monitor runs on, its storage, battery and clock, and the run before this one."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ecg.samples import SAMPLE_RATE_HZ
from edge.service.host_alarms import HostAlarms
from edge.service.host_readings import read_host
from edge.storage.recorder import FaultKind

if TYPE_CHECKING:
    from ecg.alarms.kinds import AlarmEvent
    from ecg.alarms.service import AlarmService
    from edge.config import Settings
    from edge.service.listeners import Listeners
    from edge.storage.outbox import Outbox
    from edge.storage.recorder import Recorder

__all__ = ["Host"]

RUNNING: Final = "running"
"""Name in the store: whether the monitor runs."""

READINGS_S: Final = 10.0
"""Storage and battery change slowly."""

_log = logging.getLogger(__name__)


class Host:
    """Looks at the machine between two blocks of samples, and tells what is wrong with it.

    Args:
        settings: thresholds, and where the storage is.
        alarms: takes the alarms.
        listeners: are told of them.
        outbox: whose fault is one of the storage.
        recorder: whose fault is one too; None where the settings do without.

    Attributes:
        readings: the last look.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        alarms: AlarmService,
        listeners: Listeners,
        outbox: Outbox,
        recorder: Recorder | None,
    ) -> None:
        self._directory = Path(settings.storage.directory)
        self._host_alarms = HostAlarms(settings.host, no_samples_s=settings.rhythm.no_samples_s)
        self._alarms = alarms
        self._listeners = listeners
        self._outbox = outbox
        self._recorder = recorder
        self._began_s = self._readings_due_s = time.monotonic()
        self.readings = read_host(self._directory)

    @property
    def uptime_s(self) -> float:
        """Since the monitor started."""
        return time.monotonic() - self._began_s

    def open(self) -> None:
        """The monitor starts; an end without notice of the run before is an alarm."""
        if self._outbox.state(RUNNING, bool):
            _log.warning("The monitor had stopped without notice: it was killed, hung, or without power.")
            self._tell(self._host_alarms.restarted(self.uptime_s))
        self._outbox.put([], {RUNNING: True})

    def model_refused(self, cause: str, substitute: str) -> None:
        """The chosen model was refused at the start, and another one is in use."""
        self._tell(self._host_alarms.model_refused(self.uptime_s, cause, substitute))

    def look(self, *, heard_s: float) -> None:
        """Look at what may have changed; the last samples came at `heard_s` on the monotonic clock."""
        now_s = time.monotonic()
        uptime_s = now_s - self._began_s
        self._tell(self._host_alarms.samples(uptime_s, last_s=heard_s - self._began_s))
        self._tell(self._host_alarms.storage(uptime_s, self._outbox.fault or self._recording_stopped_by()))
        if now_s >= self._readings_due_s:
            self._readings_due_s = now_s + READINGS_S
            self._outbox.retry()
            self.readings = read_host(self._directory)
            self._tell(self._host_alarms.look(uptime_s, self.readings))

    def finish(self, failure: Exception | None) -> None:
        """The monitor stops; `failure` is why it cannot go on, if it does not stop in order."""
        if failure is not None:
            self._tell(self._host_alarms.failed(self.uptime_s, str(failure) or repr(failure)))
        self._tell(self._host_alarms.finish(self.uptime_s, failed=failure is not None))
        self._outbox.put([], {RUNNING: False})

    def _recording_stopped_by(self) -> str | None:
        fault = self._recorder.fault if self._recorder is not None else None
        return fault.text if fault is not None and fault.kind is FaultKind.RECORDING_STOPPED else None

    def _tell(self, events: list[AlarmEvent]) -> None:
        for event in events:
            onset, time_ = self._utc(event.onset_index), self._utc(event.index)
            self._listeners.tell(self._alarms.take(event, onset=onset, time=time_))

    def _utc(self, index: int) -> datetime:
        """Give the moment of an index of the host's clock."""
        return datetime.now(UTC) - timedelta(seconds=self.uptime_s - index / SAMPLE_RATE_HZ)
