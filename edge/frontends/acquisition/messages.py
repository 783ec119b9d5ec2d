"""The messages that the acquisition process sends to the daemon."""

from __future__ import annotations

import msgspec

__all__ = ["MAX_SAMPLES", "MAX_TEXT_CHARS", "Fault", "LogWarning", "Message", "Samples", "Started"]

MAX_SAMPLES = 800
"""In one message. The whole message then stays below the 4096 bytes that a pipe writes at once."""

MAX_TEXT_CHARS = 500


class Started(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The front end has started; sample numbers begin at 0 again."""

    name: str
    mv_per_count: float


class Samples(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Consecutive samples with one electrode state.

    Attributes:
        first: number of the first sample since `Started`.
        last_ns: time of the last sample on the monotonic clock.
        rate_hz: measured rate; None until it is known.
        electrode_off: None where the front end cannot tell.
        warning: a problem that does not stop the samples; None if there is none.
        dropped: samples that found no room in the pipe since the process started.
        counts: little-endian 32-bit floats; NaN marks a clipped sample.
    """

    first: int
    last_ns: int
    rate_hz: float | None
    electrode_off: bool | None
    warning: str | None
    dropped: int
    counts: bytes


class Fault(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The front end does not work; repeated each second until it does.

    Attributes:
        cause: a sentence that is the same for the same fault.
        detail: what was read or measured, for the log.
    """

    cause: str
    detail: str = ""


class LogWarning(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A warning for the log."""

    text: str


Message = Started | Samples | Fault | LogWarning
