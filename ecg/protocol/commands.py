"""Commands from a caregiver, a console or this machine: what they say, and how a bad one is refused.

A command is a verb and a JSON object. Each object may hold an `id`, which the answer repeats, and the `time` at which
it was given (RFC 3339); an unknown key is a mistake. No payload is an empty object.

    ack     {"uuid": ...} or {"kind": ...}; without either: all active alarms; {"by": ...}: who knows of them
    snooze  {"kind": ..., "minutes": ...}; 0 minutes end it
    mute    {"minutes": ...}; the buzzer, whatever the kind; 0 minutes end it
    mark    {"text": ...}; the patient's event, now
    status  what `ecg-edge status` shows
    selftest  what can be tested without an interruption of the ECG
    strip   {"event": uuid}, {"from": ..., "to": ...} or {"last_s": ...}; recorded ECG, as a message of its own
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec

from ecg.alarms.kinds import AlarmKind

__all__ = [
    "MAX_BYTES",
    "Ack",
    "Answer",
    "Command",
    "Mark",
    "Mute",
    "Request",
    "SelftestRequest",
    "Snooze",
    "StatusRequest",
    "StripRequest",
]


MAX_BYTES: Final = 4096
"""Longer than any command needs to be."""


class Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What each command may say."""

    id: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    time: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


class Ack(Request, frozen=True, kw_only=True):
    """Somebody knows of an alarm, of the alarm of a kind, or of all that are active."""

    uuid: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    kind: AlarmKind | None = None
    by: Annotated[str, msgspec.Meta(max_length=64)] | None = None


class Snooze(Request, frozen=True, kw_only=True):
    """A kind shall not sound or escalate for some minutes."""

    kind: AlarmKind
    minutes: Annotated[float, msgspec.Meta(ge=0)]


class Mute(Request, frozen=True, kw_only=True):
    """The buzzer shall be silent for some minutes."""

    minutes: Annotated[float, msgspec.Meta(ge=0)]


class Mark(Request, frozen=True, kw_only=True):
    """The patient feels something."""

    text: Annotated[str, msgspec.Meta(max_length=200)] | None = None


class StatusRequest(Request, frozen=True, kw_only=True):
    """Somebody wants to know how things are."""


class SelftestRequest(Request, frozen=True, kw_only=True):
    """Somebody wants to know whether this monitor can be relied on."""


class StripRequest(Request, frozen=True, kw_only=True, rename={"start": "from", "end": "to"}):
    """Somebody wants to see the recorded ECG around an event, between two moments, or of the last seconds."""

    event: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    start: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    end: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    last_s: Annotated[float, msgspec.Meta(gt=0)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command as it arrived.

    Attributes:
        verb: the last part of its topic.
        payload: JSON, not yet looked at.
        source: `mqtt`, `local` or `button`.
        received_s: when, on the monotonic clock.
        expiry_s: how long after that it is worth something (MQTT 5 message expiry); None where that was not said.
        retained: the broker had kept it; nobody gave it now.
        sent_after_s: the broker sent it after this moment of the monotonic clock, perhaps over a network that stood
            still; None where there is no network.
        waited_since_s: the broker may have kept it while the monitor was away, since this moment of the monotonic
            clock; None where it came at once.
        reply_topic, correlation: where the answer is expected, and what it must carry (MQTT 5).
    """

    verb: str
    payload: bytes
    source: str
    received_s: float
    expiry_s: float | None = None
    retained: bool = False
    sent_after_s: float | None = None
    waited_since_s: float | None = None
    reply_topic: str | None = None
    correlation: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of a command.

    Attributes:
        ok: whether it was carried out.
        text: a sentence about it.
        result: further fields of the answer.
        id: the command's own.
    """

    ok: bool
    text: str
    result: dict[str, Any] = field(default_factory=dict)
    id: str | None = None
