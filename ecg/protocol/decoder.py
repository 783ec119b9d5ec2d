"""From a message to its payload: what a console or another receiver in Python does with what the monitor publishes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from ecg.errors import InputError
from ecg.protocol.payloads import Payload
from ecg.protocol.schemas import MESSAGES
from ecg.validation import in_words

if TYPE_CHECKING:
    from ecg.protocol.payloads import Body

__all__ = ["Received", "decode"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A message as it was understood.

    Attributes:
        device_id: of its topic.
        name: of the kind of message: `status`, `vitals`, `event` and so on, a key of `ecg.protocol.schemas.MESSAGES`.
        head: what every payload begins with; None of `status`.
        body: the payload; of `status` whether the device is online.
    """

    device_id: str
    name: str
    head: Payload | None
    body: Body | bool


def decode(topic: str, payload: bytes) -> Received:
    """Decode a message that a monitor published below `ecg/<device_id>/`.

    Fields that this version does not know are passed over, so that a monitor of a later version is understood.

    Raises:
        InputError: no topic of a monitor, no JSON, another kind or version of message than its topic says, or a
            payload of another device.
    """
    root, _, rest = topic.partition("/")
    device_id, _, path = rest.partition("/")
    name = path.partition("/")[0]
    if root != "ecg" or not device_id or name not in {*MESSAGES, "status"}:
        raise InputError(f"{topic}: no topic on which a monitor publishes")
    if name == "status":
        if payload not in {b"online", b"offline"}:
            raise InputError(f"{topic}: neither online nor offline")
        return Received(device_id=device_id, name=name, head=None, body=payload == b"online")
    kind, versions = MESSAGES[name]
    try:
        head = msgspec.json.decode(payload, type=Payload)
        if head.schema not in versions:
            raise InputError(
                f"{topic}: it says that it is {head.schema}, and this version reads {' and '.join(versions)}"
            )
        body = msgspec.json.decode(payload, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{topic}: its payload cannot be understood ({in_words(str(error))})") from None
    if head.device != device_id:
        raise InputError(f"{topic}: its payload is one of the device {head.device}")
    return Received(device_id=device_id, name=name, head=head, body=body)
