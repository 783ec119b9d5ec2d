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

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Final, Generic, TypeVar

import msgspec

from edge.errors import InputError
from edge.samples import AlarmKind

__all__ = [
    "Ack",
    "Answer",
    "Command",
    "Handler",
    "Mark",
    "Mute",
    "Request",
    "SelftestRequest",
    "Snooze",
    "StatusRequest",
    "StripRequest",
    "carry_out",
]

LIFETIME_S: Final = 60.0
"""An acknowledgement of a minute ago may be for another alarm (the design's figure)."""

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


R = TypeVar("R", bound=Request)


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
        reply_topic, correlation: where the answer is expected, and what it must carry (MQTT 5).
    """

    verb: str
    payload: bytes
    source: str
    received_s: float
    expiry_s: float | None = None
    retained: bool = False
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


@dataclass(frozen=True, slots=True)
class Handler(Generic[R]):
    """One verb: the object that it takes, and what carries it out.

    `run` gives a sentence and further fields of the answer, or raises an InputError before it has changed anything.
    """

    request: type[R]
    run: Callable[[R, Command], tuple[str, dict[str, Any]]]


def carry_out(command: Command, handlers: Mapping[str, Handler[Any]], *, now_s: float, time: datetime) -> Answer:
    """Check a command and hand it to its handler; a bad one is answered with why, and changes nothing.

    Args:
        command: as it arrived.
        handlers: by verb.
        now_s: the monotonic clock.
        time: the wall clock.
    """
    try:
        handler = _handler(command, handlers)
        request = _decode(command, handler.request)
    except InputError as error:
        return Answer(ok=False, text=_sentence(error))
    try:
        _check_age(command, request, now_s, time)
        text, result = handler.run(request, command)
    except InputError as error:
        return Answer(ok=False, text=_sentence(error), id=request.id)
    return Answer(ok=True, text=text, result=result, id=request.id)


def _handler(command: Command, handlers: Mapping[str, Handler[Any]]) -> Handler[Any]:
    handler = handlers.get(command.verb)
    if handler is None:
        raise InputError(f"there is no command {_shown(command.verb)}; there are {', '.join(handlers)}")
    return handler


def _decode(command: Command, kind: type[R]) -> R:
    if len(command.payload) > MAX_BYTES:
        raise InputError(f"{command.verb}: {len(command.payload)} bytes are too long; at most {MAX_BYTES} are taken")
    try:
        return msgspec.json.decode(command.payload or b"{}", type=kind)
    except msgspec.ValidationError as error:
        raise InputError(f"{command.verb}: {str(error).replace('`', '')}") from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise InputError(f"{command.verb}: the payload is not a JSON object") from None


def _check_age(command: Command, request: Request, now_s: float, time: datetime) -> None:
    if command.retained:
        raise InputError(f"{command.verb}: the broker had kept it, and it may be old; send it without the retain flag")
    if command.expiry_s is not None and now_s - command.received_s > command.expiry_s:
        raise InputError(f"{command.verb}: it has expired; send it again")
    if request.time is None:
        return
    age_s = (time - request.time).total_seconds()
    if age_s > LIFETIME_S:
        raise InputError(f"{command.verb}: it is {age_s:.0f} s old and has expired; send it again, or check the clocks")
    if age_s < -LIFETIME_S:
        raise InputError(f"{command.verb}: its time is {-age_s:.0f} s ahead of this monitor's; check the clocks")


def _shown(text: str) -> str:
    return ascii(text if len(text) <= 40 else f"{text[:40]}...")


def _sentence(error: InputError) -> str:
    text = str(error)
    return f"{text[0].upper()}{text[1:]}."
