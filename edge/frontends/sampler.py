"""The interface of a front end's driver."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Sample", "Sampler"]


class Sample(NamedTuple):
    """One sample.

    Attributes:
        number: counts the front end's sampling intervals since `start`; a jump is a gap.
        ns: its time on the monotonic clock.
        counts: in converter steps; NaN where it is clipped.
        electrode_off: None where the front end cannot tell.
    """

    number: int
    ns: int
    counts: float
    electrode_off: bool | None


class Sampler(Protocol):
    """The driver of a front end.

    Attributes:
        name: display name of the chip that was found.
        rate_hz: nominal sampling rate.
        true_rate_hz: rate measured by this host's clock; None until it is known.
        mv_per_count: voltage of one converter step at the electrodes.
        warning: a problem that does not stop the samples, as a sentence; None if there is none.
        damaged: number of damaged frames or replies since it was opened.
        lost: number of samples lost since it was opened, damaged ones included.
    """

    name: str
    warning: str | None
    damaged: int
    lost: int

    @property
    def rate_hz(self) -> int: ...  # noqa: D102
    @property
    def true_rate_hz(self) -> float | None: ...  # noqa: D102
    @property
    def mv_per_count(self) -> float: ...  # noqa: D102

    def start(self) -> None:
        """Start the front end, whatever state it is in.

        Raises:
            HardwareError: it does not answer as it should.
        """
        ...

    def read(self) -> Sequence[Sample]:
        """The next samples; waits less than a second for them.

        Raises:
            HardwareError: it has failed; `stop` it and open it again.
        """
        ...

    def stop(self) -> None:
        """Stop the front end if it still answers, and release the bus."""
        ...
