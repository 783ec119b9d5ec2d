"""A message as it is published, and the parts that all messages share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum

from ecg.protocol.topics import Topics

__all__ = ["Message", "Urgency", "rfc3339", "status_message"]


class Urgency(IntEnum):
    """What is sent first, and dropped last: the higher one."""

    BULK = -1
    NORMAL = 0
    ALARM = 1


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it is to be published.

    Attributes:
        topic: full topic.
        payload: JSON in UTF-8, or plain text for `status`.
        qos: 0 or 1.
        retain: the broker keeps it for late subscribers; only states, never events.
        expiry_s: seconds after which the broker drops it undelivered; None = never. MQTT 3.1.1 cannot carry it.
        durable: must arrive: goes through the outbox.
        urgency: its place among the durable ones.
        correlation: correlation data of an answer; MQTT 3.1.1 cannot carry it.
    """

    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False
    expiry_s: int | None = None
    durable: bool = False
    urgency: Urgency = Urgency.NORMAL
    correlation: bytes | None = None


def rfc3339(moment: datetime) -> str:
    """Format an aware datetime as RFC 3339 in UTC with milliseconds: `2024-05-01T12:00:00.250Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def status_message(device_id: str, *, online: bool) -> Message:
    """Build the retained `online` or `offline`; the latter is also the will."""
    return Message(Topics(device_id).status, b"online" if online else b"offline", qos=1, retain=True)
