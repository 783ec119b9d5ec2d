"""Recordings with one or more leads, in memory or as a stream of blocks, and one lead of them as a source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from ecg.errors import InputError
from ecg.samples import FloatArray, SampleBlock

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from fractions import Fraction

    from ecg.progress import Progress
    from ecg.scale import Scale

__all__ = [
    "BLOCK_S",
    "MOST_SAMPLES",
    "Lead",
    "OneLead",
    "Recording",
    "RecordingBlock",
    "RecordingStream",
    "choose_name",
    "followed",
    "read_whole",
]

BLOCK_S: Final = 10
"""Length of a block: long enough that numpy's cost per call does not count, short enough for a small memory."""

MOST_SAMPLES: Final = 1 << 28
"""Samples, of all leads together, that are read into memory: 2 GiB, which is a day of six leads at 500 Hz."""

_LISTED: Final = 16


@dataclass(frozen=True, slots=True)
class Lead:
    """One lead of a recording.

    Attributes:
        name: such as `MLII`; empty if the recording has none.
        scale: of the stored numbers, so that a writer can store the same numbers again. None if the lead was stored as
            text, or with several scales.
        unit: in which the lead was stored, as it was written. Samples are always in mV.
    """

    name: str
    scale: Scale | None = None
    unit: str = "mV"


@dataclass(frozen=True, slots=True)
class RecordingBlock:
    """The next samples of all leads.

    Attributes:
        first_index: index of the first sample. A jump from the end of the block before is a gap.
        samples_mv: shape (leads, n), mV. NaN marks a lost sample.
    """

    first_index: int
    samples_mv: FloatArray


class RecordingStream(Protocol):
    """A recording that is read from its beginning, a few seconds at a time.

    Attributes:
        name: name of the front end or of the file.
        device: pseudonym of the device; empty if unknown.
        leads: in the order of the rows of a block.
        rate_hz: nominal sampling rate of every lead, exact.
        true_rate_hz: measured sampling rate; None if unknown.
        start_utc: time of sample 0; None if unknown.
        length: samples of each lead, with the lost ones; None if it is known only after reading.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def device(self) -> str: ...  # noqa: D102
    @property
    def leads(self) -> tuple[Lead, ...]: ...  # noqa: D102
    @property
    def rate_hz(self) -> Fraction: ...  # noqa: D102
    @property
    def true_rate_hz(self) -> float | None: ...  # noqa: D102
    @property
    def start_utc(self) -> datetime | None: ...  # noqa: D102
    @property
    def length(self) -> int | None: ...  # noqa: D102

    def blocks(self) -> Iterator[RecordingBlock]:
        """Read all samples, in blocks of at most about 10 s.

        Raises:
            InputError: the recording is damaged; raised after the last block that could be read.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recording:
    """A recording in memory, which is a `RecordingStream` too.

    Attributes:
        samples_mv: shape (leads, n), mV. NaN marks a lost sample.
        leads: one for each row.
        rate_hz: nominal sampling rate of every lead, exact.
        start_utc: time of sample 0; None if unknown.
        name: name of the front end or of the file.
        device: pseudonym of the device; empty if unknown.
        true_rate_hz: measured sampling rate; None if unknown.
        gaps: stretches that are lost in every lead, in order. Single lost samples need not be among them.
    """

    samples_mv: FloatArray
    leads: tuple[Lead, ...]
    rate_hz: Fraction
    start_utc: datetime | None = None
    name: str = ""
    device: str = ""
    true_rate_hz: float | None = None
    gaps: tuple[range, ...] = ()

    @property
    def length(self) -> int:
        """Samples of each lead, with the lost ones."""
        return int(self.samples_mv.shape[1])

    def blocks(self) -> Iterator[RecordingBlock]:
        """All samples outside the gaps, in blocks of at most 10 s that share memory with the recording."""
        samples = max(1, round(BLOCK_S * self.rate_hz))
        first = 0
        for gap in (*self.gaps, range(self.length, self.length)):
            for start in range(first, gap.start, samples):
                yield RecordingBlock(start, self.samples_mv[:, start : min(start + samples, gap.start)])
            first = gap.stop


def followed(stream: RecordingStream, progress: Progress | None) -> Iterator[RecordingBlock]:
    """The blocks of a recording. `progress` is called after each."""
    for block in stream.blocks():
        yield block
        if progress is not None:
            progress(stream.name, done=block.first_index + block.samples_mv.shape[1], total=stream.length)


def read_whole(stream: RecordingStream, progress: Progress | None = None) -> Recording:
    """Read a recording into memory. It takes 8 bytes a sample, and up to 24 if the length is not known beforehand.

    Raises:
        InputError: the recording is damaged, or has more than `MOST_SAMPLES`.
    """
    _refuse_long(stream, stream.length or 0)
    samples_mv = np.full((len(stream.leads), stream.length or 0), np.nan)
    gaps, end = [], 0
    for block in followed(stream, progress):
        if block.first_index > end:
            gaps.append(range(end, block.first_index))
        end = block.first_index + block.samples_mv.shape[1]
        if end > samples_mv.shape[1]:
            _refuse_long(stream, end)
            grown = np.full((len(stream.leads), 2 * end), np.nan)
            grown[:, : samples_mv.shape[1]] = samples_mv
            samples_mv = grown
        samples_mv[:, block.first_index : end] = block.samples_mv
    length = max(end, stream.length or 0)
    if length > end:
        gaps.append(range(end, length))
    return Recording(
        samples_mv=samples_mv[:, :length],
        leads=stream.leads,
        rate_hz=stream.rate_hz,
        start_utc=stream.start_utc,
        name=stream.name,
        device=stream.device,
        true_rate_hz=stream.true_rate_hz,
        gaps=tuple(gaps),
    )


def _refuse_long(stream: RecordingStream, length: int) -> None:
    if length * len(stream.leads) > MOST_SAMPLES:
        hours = float(length / stream.rate_hz / 3600)
        raise InputError(
            f"{stream.name}: {hours:.1f} h of {len(stream.leads)} leads do not fit into memory; read one lead"
        )


class OneLead:
    """One lead of a recording as a `Source`.

    Args:
        recording: in memory or as a stream.
        lead: by name or number.

    Raises:
        InputError: the recording has no such lead.
    """

    def __init__(self, recording: RecordingStream, lead: str = "0") -> None:
        self._recording = recording
        self._number = choose_name([each.name for each in recording.leads], lead, recording.name)
        self.name: str = f"{recording.name} {recording.leads[self._number].name}".strip()
        self.rate_hz: Fraction = recording.rate_hz
        self.start_utc: datetime | None = recording.start_utc
        self.length: int | None = recording.length

    def blocks(self) -> Iterator[SampleBlock]:
        """The samples of the lead, in the blocks of the recording.

        Raises:
            InputError: the recording is damaged; raised after the last block that could be read.
        """
        for block in self._recording.blocks():
            yield SampleBlock(block.first_index, block.samples_mv[self._number])


def choose_name(names: Sequence[str], wanted: str, recording: str) -> int:
    """Find a signal by name, in any case, or by number from 0 on. Return its number.

    A name takes precedence over a number. Of equal names the first is found.

    Args:
        names: names of all signals.
        wanted: name or number.
        recording: name of the recording, for the message.

    Raises:
        InputError: there is no such signal. The message lists all signals.
    """
    lowered = [name.casefold() for name in names]
    if wanted.casefold() in lowered:
        return lowered.index(wanted.casefold())
    if wanted.isdecimal() and int(wanted) < len(names):
        return int(wanted)
    listed = [f"{number} = {name or 'unnamed'}" for number, name in enumerate(names[:_LISTED])]
    present = ", ".join(listed + ["..."] * (len(names) > _LISTED)) or "none"
    raise InputError(f"{recording}: no signal {wanted!r}; choose one with --channel by name or number: {present}")
