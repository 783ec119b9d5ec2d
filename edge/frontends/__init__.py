"""Where samples come from: recordings and the simulator, each a `Source` of sample blocks.

`open_source` makes the one that the settings name; `paced` lets its blocks pass in real time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from edge.frontends.pacing import paced

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from fractions import Fraction

    from edge.config import SourceSettings
    from edge.samples import SampleBlock

__all__ = ["Source", "open_source", "paced"]


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


def open_source(settings: SourceSettings) -> Source:
    """The source that the settings name.

    Raises:
        InputError: the recording cannot be opened, or the scenario is unknown.
    """
    if settings.kind == "simulator":
        from edge.frontends.simulator import Simulator  # noqa: PLC0415 (only the source in use is loaded)

        simulator = settings.simulator
        return Simulator(
            scenario=simulator.scenario,
            heart_rate_bpm=simulator.heart_rate_bpm,
            noise_uv=simulator.noise_uv,
            seed=simulator.seed,
        )
    from edge.frontends.replay import Loop, open_recording  # noqa: PLC0415 (only the source in use is loaded)

    recording = open_recording(settings.replay.record, settings.replay.channel)
    return Loop(recording) if settings.replay.loop else recording
