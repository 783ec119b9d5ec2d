"""A source of samples of one lead: a front end, a recording or the simulator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from fractions import Fraction

    from ecg.samples import SampleBlock

__all__ = ["Source"]


class Source(Protocol):
    """One lead of ECG, from sample 0 on.

    Attributes:
        name: name of the source, for `info` and logs.
        rate_hz: nominal sampling rate, exact.
        start_utc: time of sample 0; None if unknown.
        length: samples at `rate_hz`, with the lost ones; None if endless or not known yet.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def rate_hz(self) -> Fraction: ...  # noqa: D102
    @property
    def start_utc(self) -> datetime | None: ...  # noqa: D102
    @property
    def length(self) -> int | None: ...  # noqa: D102

    def blocks(self) -> Iterator[SampleBlock]:
        """All samples, as fast as the caller asks for them, in blocks of at most about 10 s.

        Raises:
            InputError: the source is damaged; raised after the last block that could be read.
        """
        ...
