"""Technical alarms of the host: no samples, storage full or failed, battery low, clock not set, model refused.

Pure. They work like the alarms of the signal, but on the host's clock, which continues when no samples come. Their
indices count 1/360 s since the monitor started, not samples of the stream.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecg.alarms.episode import AlarmEpisode
from ecg.alarms.kinds import AlarmKind, Evidence, Reason
from ecg.timing import samples_of

if TYPE_CHECKING:
    from ecg.alarms.kinds import AlarmEvent
    from edge.config import HostSettings
    from edge.service.host_readings import HostReadings

__all__ = ["HostAlarms"]


class HostAlarms:
    """Raises and closes the alarms of the host. An unknown reading raises no alarm and closes an open one.

    Args:
        settings: thresholds.
        no_samples_s: silence that raises the alarm.
    """

    def __init__(self, settings: HostSettings, *, no_samples_s: float) -> None:
        self._settings = settings
        close, hold = samples_of(settings.close_s), samples_of(settings.hold_s)
        self._no_samples_s = no_samples_s
        self._no_samples = AlarmEpisode(AlarmKind.NO_SAMPLES, close_after=close, hold=samples_of(no_samples_s))
        self._failure = AlarmEpisode(AlarmKind.NO_SAMPLES, close_after=close)  # certain, so without a hold time
        self._storage = AlarmEpisode(AlarmKind.STORAGE_NEARLY_FULL, close_after=close, hold=hold)
        self._failed_storage = AlarmEpisode(AlarmKind.STORAGE_FAILED, close_after=close)  # certain as well
        self._battery = AlarmEpisode(AlarmKind.BATTERY_LOW, close_after=close, hold=hold)
        self._clock = AlarmEpisode(
            AlarmKind.CLOCK_NOT_SET, close_after=close, hold=samples_of(settings.clock_not_set_s)
        )
        self._model = AlarmEpisode(AlarmKind.MODEL_REFUSED, close_after=close)  # certain as well
        self._alarms = (
            self._no_samples,
            self._failure,
            self._storage,
            self._failed_storage,
            self._battery,
            self._clock,
            self._model,
        )

    def samples(self, now_s: float, *, last_s: float) -> list[AlarmEvent]:
        """Check for silence: the last samples came at `last_s`; both times are s since the monitor started."""
        now, last = samples_of(now_s), samples_of(last_s)
        if now - last < samples_of(self._no_samples_s):
            return self._no_samples.absent(now) + self._due(now)
        if not self._no_samples.is_present:
            return self._no_samples.present(now, last, {"threshold_s": self._no_samples_s}) + self._due(now)
        return self._due(now)

    def restarted(self, now_s: float) -> list[AlarmEvent]:
        """The last run ended without notice (killed, hung, no power): for some time nothing was watched."""
        now = samples_of(now_s)
        cause = "the monitor stopped without notice and was started again"
        return self._failure.present(now, now, {"cause": cause}) + self._failure.absent(now) + self._due(now)

    def failed(self, now_s: float, cause: str) -> list[AlarmEvent]:
        """The source or the pipeline ended with an error: nothing is watched any more."""
        now = samples_of(now_s)
        evidence: Evidence = {"cause": cause}
        if self._no_samples.is_open:
            return self._no_samples.update(now, evidence) + self._due(now)
        updated = self._failure.update(now, evidence)  # changes the alarm only if the restart opened it
        return updated + self._failure.present(now, now, evidence) + self._due(now)

    def model_refused(self, now_s: float, cause: str, substitute: str) -> list[AlarmEvent]:
        """The selected model was refused at the start; the monitor uses a substitute until its next start."""
        now = samples_of(now_s)
        return self._model.present(now, now, {"cause": cause, "model": substitute}) + self._due(now)

    def storage(self, now_s: float, fault: str | None) -> list[AlarmEvent]:
        """Take the fault of the storage; None while it can be written."""
        now = samples_of(now_s)
        if fault is None:
            return self._failed_storage.absent(now) + self._due(now)
        if not self._failed_storage.is_present:
            return self._failed_storage.present(now, now, {"cause": fault}) + self._due(now)
        return self._due(now)

    def storage_incident(self, now_s: float, cause: str) -> list[AlarmEvent]:
        """The storage was found damaged or deleted, and begun anew: told once, also while it can be written again."""
        now = samples_of(now_s)
        evidence: Evidence = {"cause": cause}
        if self._failed_storage.is_open:
            return self._failed_storage.update(now, evidence) + self._due(now)
        return self._failed_storage.present(now, now, evidence) + self._due(now)

    def check(self, now_s: float, readings: HostReadings) -> list[AlarmEvent]:
        """Take readings made at `now_s`, in s since the monitor started."""
        now, settings = samples_of(now_s), self._settings
        free_mb = readings.storage_free_mb
        events = self._below(
            self._storage,
            now,
            free_mb,
            threshold=settings.storage_free_mb,
            hysteresis=settings.storage_hysteresis_mb,
            evidence={"free_mb": _rounded(free_mb), "threshold_mb": settings.storage_free_mb},
        )
        percent = readings.battery_percent
        events += self._below(
            self._battery,
            now,
            None if readings.battery_charging else percent,
            threshold=settings.battery_percent,
            hysteresis=settings.battery_hysteresis_percent,
            evidence={"battery_percent": percent, "threshold_percent": settings.battery_percent},
            unseen=Reason.OVER if readings.battery_charging else Reason.UNKNOWN,
        )
        if readings.clock_set is False:
            events += self._clock.present(now, now, {"threshold_s": settings.clock_not_set_s})
        else:
            events += self._clock.absent(now, Reason.OVER if readings.clock_set else Reason.UNKNOWN)
        return events + self._due(now)

    def finish(self, now_s: float, *, failed: bool) -> list[AlarmEvent]:
        """The monitor stops; if it failed, the alarm that says so stays open."""
        now = samples_of(now_s)
        closed = [
            event
            for alarm in self._alarms
            if not (failed and alarm.kind is AlarmKind.NO_SAMPLES)
            for event in alarm.close(now, Reason.END_OF_STREAM)
        ]
        return closed + self._due(now)

    @staticmethod
    def _below(
        alarm: AlarmEpisode,
        now: int,
        value: float | None,
        *,
        threshold: float,
        hysteresis: float,
        evidence: Evidence,
        unseen: Reason = Reason.UNKNOWN,
    ) -> list[AlarmEvent]:
        if value is None:
            return alarm.absent(now, unseen)
        if value < threshold:
            return alarm.present(now, now, evidence)
        if not alarm.is_open or value >= threshold + hysteresis:
            return alarm.absent(now)
        return []

    def _due(self, now: int) -> list[AlarmEvent]:
        """What has waited for its hold or closing time."""
        return [event for alarm in self._alarms for event in alarm.run(now)]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
