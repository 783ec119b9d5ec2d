"""The description of a segment, in one comment line of its header."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - msgspec reads the types
from fractions import Fraction
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from ecg.formats.wfdb.header import Header

__all__ = ["SegmentInfo", "parse_info", "render_info"]

_PREFIX = "ecg-edge "


class SegmentInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A segment's place in its stream and in time, written as JSON after `# ecg-edge`.

    The rate in the header itself is the nominal one. Within the segment UTC runs linearly from `start` to `end`.

    Attributes:
        device: pseudonym of the device.
        source: name of the front end.
        session: id of the monitor's run; all indices of a session count from the same sample.
        first_index: index of the segment's first sample, from the start of the session, at the source's rate.
        rate_hz: exact nominal rate, such as `500` or `1000/3`.
        true_rate_hz: rate measured against this machine's clock.
        start, end: UTC of the first sample, and of the sample that would follow the last.
    """

    device: str
    source: str
    session: str
    first_index: int
    rate_hz: str
    true_rate_hz: float
    start: datetime
    end: datetime

    @property
    def exact_rate_hz(self) -> Fraction:
        """The nominal rate."""
        return Fraction(self.rate_hz)


def render_info(info: SegmentInfo) -> str:
    """Format the comment, without `#`."""
    return _PREFIX + msgspec.json.encode(info).decode()


def parse_info(header: Header) -> SegmentInfo | None:
    """Parse the comment of a header; None if it is missing or damaged."""
    for comment in header.comments:
        if comment.startswith(_PREFIX):
            try:
                return msgspec.json.decode(comment.removeprefix(_PREFIX), type=SegmentInfo)
            except msgspec.DecodeError:
                return None
    return None
