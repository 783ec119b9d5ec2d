"""What the acquisition process asks of a front end's driver."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Sample", "Sampler"]


class Sample(NamedTuple):
    """One sample.

    Attributes:
        number: counts the front end's sampling intervals since `start`; a jump is a gap.
        ns: its moment on the monotonic clock.
        counts: in steps of the converter; NaN where it is no ECG (clipped).
        electrode_off: None where the front end cannot tell.
    """

    number: int
    ns: int
    counts: float
    electrode_off: bool | None


class Sampler(Protocol):
    """A front end that is read.

    Attributes:
        name: what was found, for a person.
        rate_hz: nominal sampling rate.
        true_rate_hz: as measured by this machine's clock; None until it is known.
        mv_per_count: voltage of one step at the electrodes.
        complaint: what is wrong although samples come, as a sentence; None while all is well.
        damaged: frames or replies damaged since the beginning.
        lost: samples lost since the beginning, the damaged ones among them.
    """

    name: str
    complaint: str | None
    damaged: int
    lost: int

    @property
    def rate_hz(self) -> int: ...  # noqa: D102
    @property
    def true_rate_hz(self) -> float | None: ...  # noqa: D102
    @property
    def mv_per_count(self) -> float: ...  # noqa: D102

    def start(self) -> None:
        """Bring the front end up, from whatever state it is in.

        Raises:
            HardwareError: it does not answer as it should.
        """
        ...

    def read(self) -> Sequence[Sample]:
        """The next samples; waits for them less than a second.

        Raises:
            HardwareError: it does not work any more; `stop` it and open it anew.
        """
        ...

    def stop(self) -> None:
        """Put it to rest, as far as it answers, and release the bus."""
        ...
