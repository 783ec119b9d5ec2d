"""One lead of ECG, wherever it comes from: a front end, a recording, the simulator."""

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
        name: what the samples come from, for `info` and logs.
        rate_hz: nominal sampling rate, exact.
        start_utc: time of sample 0; None where unknown.
        length: samples (lost ones included) at `rate_hz`; None where it has no end or is not known yet.
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
        """The samples from the first one on, as fast as asked, in blocks of at most about 10 s.

        Raises:
            InputError: after the last block that could be read, where the source is damaged.
        """
        ...
