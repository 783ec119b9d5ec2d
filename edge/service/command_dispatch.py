"""Checks a command and passes it to its handler, or refuses it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

import msgspec

from ecg.errors import InputError
from ecg.protocol.commands import MAX_BYTES, Answer, Command, Request
from ecg.validation import in_words

__all__ = ["Handler", "carry_out", "given_s"]


LIFETIME_S: Final = 60.0
"""An older acknowledgement may be for another alarm (the design's figure)."""


R = TypeVar("R", bound=Request)


@dataclass(frozen=True, slots=True)
class Handler(Generic[R]):
    """The handler of one verb: its request type and the function that carries it out.

    `run` returns the text and further fields of the answer, or raises an InputError before it has changed anything.
    """

    request: type[R]
    run: Callable[[R, Command], tuple[str, dict[str, Any]]]


def carry_out(command: Command, handlers: Mapping[str, Handler[Any]], *, now_s: float, time: datetime) -> Answer:
    """Check a command and carry it out; a refused one changes nothing, and its answer says why.

    Args:
        command: the command as it arrived.
        handlers: handlers by verb.
        now_s: monotonic clock, in s.
        time: wall clock.
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


def given_s(command: Command, request: Request, *, now_s: float, time: datetime) -> float:
    """The moment at which a command was given, at the earliest, on the monotonic clock.

    Its own time says so, and can only make it older. One without a time can have been on its way since the last message
    that the broker answered before it, or, if it may have waited in the broker, as long as the monitor was away.

    Args:
        command: the command as it arrived.
        request: its content.
        now_s: monotonic clock, in s.
        time: wall clock.
    """
    if request.time is not None:
        return min(command.received_s, now_s - (time - request.time).total_seconds())
    bounds = (command.received_s, command.sent_after_s, command.waited_since_s)
    return min(bound for bound in bounds if bound is not None)


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
        raise InputError(f"{command.verb}: {in_words(str(error))}") from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise InputError(f"{command.verb}: the payload is not a JSON object") from None


def _check_age(command: Command, request: Request, now_s: float, time: datetime) -> None:
    if command.retained:
        raise InputError(f"{command.verb}: the broker had kept it, and it may be old; send it without the retain flag")
    if command.expiry_s is not None and now_s - command.received_s > command.expiry_s:
        raise InputError(f"{command.verb}: it has expired; send it again")
    if request.time is None:
        if command.waited_since_s is not None and (command.expiry_s is None or command.expiry_s > LIFETIME_S):
            raise InputError(
                f"{command.verb}: it may have waited while this monitor was away; send it again, with a `time` or a "
                f"message expiry of {LIFETIME_S:.0f} s"
            )
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
