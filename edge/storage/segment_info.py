"""What a segment of the recording says of itself, in one comment line of its header."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - msgspec reads the types
from fractions import Fraction
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from ecg.formats.wfdb.header import Header

__all__ = ["SegmentInfo", "info_of", "render_info"]

_PREFIX = "ecg-edge "


class SegmentInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A segment's place in its stream and in time, written as JSON behind `# ecg-edge`.

    The header's own rate is the nominal one; UTC within the segment runs evenly from `start` to `end`.

    Attributes:
        device: pseudonym of the device.
        source: name of the front end.
        session: one run of the monitor; indices of one session count from the same sample.
        first_index: index of the segment's first sample since the session began, at the source's rate.
        rate_hz: nominal rate, exact, such as `500` or `1000/3`.
        true_rate_hz: measured against this machine's clock.
        start, end: UTC of the first sample, and of the one that would follow the last.
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
    """The comment, without its `#`."""
    return _PREFIX + msgspec.json.encode(info).decode()


def info_of(header: Header) -> SegmentInfo | None:
    """The comment of a header read back; None where it has none or a damaged one."""
    for comment in header.comments:
        if comment.startswith(_PREFIX):
            try:
                return msgspec.json.decode(comment.removeprefix(_PREFIX), type=SegmentInfo)
            except msgspec.DecodeError:
                return None
    return None
