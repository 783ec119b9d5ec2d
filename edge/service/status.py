"""What the running monitor says of itself when it is asked: the answer to the command `status`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecg.protocol.status import Broker, Recording
from ecg.samples import GOOD_SCORE
from edge.storage.recorder import FaultKind

if TYPE_CHECKING:
    from ecg.events import Vitals
    from edge.mqtt.client import MqttClient
    from edge.service.host_readings import Readings
    from edge.storage.recorder import Recorder

__all__ = ["broker_of", "not_watching", "recording_of", "rounded_mb"]


def broker_of(client: MqttClient) -> Broker:
    """Look at the way out."""
    connected = client.connected.is_set()
    trouble = None if connected else client.trouble
    return Broker(address=client.broker, connected=connected, trouble=trouble, undelivered=client.waiting)


def recording_of(recorder: Recorder | None, readings: Readings) -> Recording:
    """Look at the recording; None is one that the settings do without."""
    free_mb = rounded_mb(readings.storage_free_mb)
    if recorder is None:
        return Recording(state="off", free_mb=free_mb)
    fault = recorder.fault
    stopped = fault is not None and fault.kind is FaultKind.RECORDING_STOPPED
    return Recording(
        state="stopped" if stopped else "on",
        trouble=None if fault is None else fault.text,
        kept_mb=None if recorder.held_bytes is None else rounded_mb(recorder.held_bytes / 1e6),
        free_mb=free_mb,
    )


def rounded_mb(value: float | None) -> float | None:
    """To a tenth; None stays None."""
    return None if value is None else round(value, 1)


def not_watching(vitals: Vitals | None, *, silent_s: float, no_samples_s: float, fault: str | None) -> str | None:
    """Give why the heart is not being watched, as a sentence without its full stop; None if it is.

    Args:
        vitals: the last ones.
        silent_s: since the last samples, lost ones included, came.
        no_samples_s: how long that may be.
        fault: what the front end says is wrong.
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
