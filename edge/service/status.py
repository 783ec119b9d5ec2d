"""Answers the commands `status` and `selftest` of a running monitor."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import msgspec

from ecg.alarms.notices import AlarmNotice
from ecg.notices import VitalsNotice
from ecg.protocol.encoder import encode, host_message, info_message
from ecg.protocol.payloads import HostState
from ecg.protocol.status import BrokerStatus, RecordingStatus, Status
from ecg.samples import GOOD_SCORE
from edge.storage.recorder import FaultKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecg.alarms.service import AlarmService
    from ecg.events import Vitals
    from ecg.notices import Notice
    from ecg.protocol.message import Message
    from ecg.protocol.status import SelfCheck
    from edge.mqtt.client import MqttClient
    from edge.service.device_info import DeviceInfo
    from edge.service.host import Host
    from edge.service.self_test import SelfTest
    from edge.service.stream import Stream
    from edge.service.supervision import Supervision
    from edge.storage.recorder import Recorder

__all__ = ["LastNotices", "StatusService", "broker_status", "recording_status", "why_not_watching"]


HOST_STATE_S: Final = 30.0
"""Interval of the messages about the host's state."""


class LastNotices:
    """A listener that remembers the newest vitals and the newest change of an alarm; None before the first."""

    def __init__(self) -> None:
        self.vitals: VitalsNotice | None = None
        self.alarm: AlarmNotice | None = None

    def take(self, notices: Sequence[Notice]) -> None:
        """Remember what happened."""
        for notice in notices:
            if isinstance(notice, VitalsNotice):
                self.vitals = notice
            elif isinstance(notice, AlarmNotice):
                self.alarm = notice


class StatusService:
    """Collects the status from the parts of the monitor, without changing them.

    Args:
        device_id: the device's pseudonym.
        alarms, stream, supervision, host, device_info, client, recorder: the parts.
        last_notices: the newest notices.
        self_test: the tests that do not interrupt the monitoring.
    """

    def __init__(
        self,
        *,
        device_id: str,
        alarms: AlarmService,
        stream: Stream,
        supervision: Supervision,
        host: Host,
        device_info: DeviceInfo,
        client: MqttClient,
        recorder: Recorder | None,
        last_notices: LastNotices,
        self_test: SelfTest,
    ) -> None:
        self._device_id = device_id
        self._alarms = alarms
        self._stream = stream
        self._supervision = supervision
        self._host = host
        self._device_info = device_info
        self._client = client
        self._recorder = recorder
        self._last_notices = last_notices
        self._self_test = self_test
        self._host_state_due_s = time.monotonic()

    def status(self) -> Status:
        """The present status."""
        now, device_id = datetime.now(UTC), self._device_id
        trouble = why_not_watching(
            self._stream.vitals,
            silent_s=self._supervision.silent_s,
            no_samples_s=self._supervision.no_samples_s,
            fault=self._supervision.fault,
        )
        return Status(
            watching=trouble is None,
            trouble=trouble,
            front_end_fault=self._supervision.fault,
            labelled_beats=self._stream.labelled_beats,
            broker=broker_status(self._client),
            recording=recording_status(self._recorder, self._host.readings.storage_free_mb),
            vitals=self._encoded(self._last_notices.vitals),
            event=self._encoded(self._last_notices.alarm),
            alarms=msgspec.Raw(
                encode(self._alarms.active_alarms(unchanged_since=self._stream.utc(0)), device_id).payload
            ),
            info=msgspec.Raw(info_message(self._device_info.info(), now, device_id).payload),
            machine=msgspec.Raw(host_message(self.host_state(), now, device_id).payload),
            today=self._encoded(self._alarms.today),
        )

    def self_check(self) -> SelfCheck:
        """Run the self-test; the next message about the host, with the result, is due at once."""
        self._host_state_due_s = time.monotonic()
        return self._self_test.run(self.status(), clock_set=self._host.readings.clock_set)

    def due_host_message(self) -> Message | None:
        """The message about the host's state, each 30 s; None in between."""
        now_s = time.monotonic()
        if now_s < self._host_state_due_s:
            return None
        self._host_state_due_s = now_s + HOST_STATE_S
        return host_message(self.host_state(), datetime.now(UTC), self._device_id)

    def host_state(self) -> HostState:
        """The state of the host."""
        readings, self_check = self._host.readings, self._self_test.last
        return HostState(
            uptime_s=round(self._host.uptime_s),
            lost_s=round(self._stream.lost_s, 3),
            recording=recording_status(self._recorder, readings.storage_free_mb).state,
            undelivered=self._client.waiting,
            battery_percent=readings.battery_percent,
            battery_charging=readings.battery_charging,
            temperature_c=readings.temperature_c,
            storage_free_mb=_rounded_mb(readings.storage_free_mb),
            clock_set=readings.clock_set,
            selftest=None if self_check is None else "passed" if self_check.passed else "failed",
        )

    def _encoded(self, notice: Notice | None) -> msgspec.Raw | None:
        return None if notice is None else msgspec.Raw(encode(notice, self._device_id).payload)


def broker_status(client: MqttClient) -> BrokerStatus:
    """The state of the connection to the broker."""
    # A connection on which the broker has confirmed nothing yet does not end an outage.
    connected = client.connected.is_set() and client.trouble is None
    trouble = None if connected else client.trouble
    return BrokerStatus(address=client.broker, connected=connected, trouble=trouble, undelivered=client.waiting)


def recording_status(recorder: Recorder | None, storage_free_mb: float | None) -> RecordingStatus:
    """The state of the recording; `recorder` is None if the settings turn it off."""
    free_mb = _rounded_mb(storage_free_mb)
    if recorder is None:
        return RecordingStatus(state="off", free_mb=free_mb)
    fault = recorder.fault
    stopped = fault is not None and fault.kind is FaultKind.RECORDING_STOPPED
    return RecordingStatus(
        state="stopped" if stopped else "on",
        trouble=None if fault is None else fault.text,
        kept_mb=None if recorder.stored_bytes is None else _rounded_mb(recorder.stored_bytes / 1e6),
        free_mb=free_mb,
    )


def why_not_watching(vitals: Vitals | None, *, silent_s: float, no_samples_s: float, fault: str | None) -> str | None:
    """Why the heart is not being watched, as a sentence without its full stop; None if it is watched.

    Args:
        vitals: the last vitals.
        silent_s: time since the last samples, lost ones included, came.
        no_samples_s: silence that counts as not watching.
        fault: the fault that the front end reports.
    """
    if silent_s >= no_samples_s or (vitals is not None and "no_samples" in vitals.faults):
        return fault or "no samples come from the front end"
    if vitals is not None and vitals.electrodes == "off":
        return "an electrode is off"
    if vitals is None or vitals.quality is None:
        return "the signal is not judged yet"
    if vitals.quality < GOOD_SCORE:
        return f"the signal is poor ({', '.join(vitals.faults) or 'cause unknown'})"
    return None


def _rounded_mb(value: float | None) -> float | None:
    """Round to a tenth; None stays None."""
    return None if value is None else round(value, 1)
