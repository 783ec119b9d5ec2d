"""Reads the recording: a stretch of UTC, across segments, as one stream of samples with its annotations."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from ecg.errors import InputError
from ecg.formats.alarm_note import AlarmNote
from ecg.formats.wfdb.annotations import ANNOTATOR, Annotation, read_annotations
from ecg.formats.wfdb.header import read_header
from ecg.formats.wfdb.reader import WfdbReader
from ecg.recording import Lead, RecordingBlock
from edge.storage.ring import segment_paths
from edge.storage.segment import LEAD
from edge.storage.segment_info import SegmentInfo, info_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from fractions import Fraction
    from pathlib import Path

__all__ = ["Excerpt", "around_event", "end_of", "excerpt"]


@dataclass(frozen=True, slots=True)
class _Stored:
    """A segment as its header tells of it."""

    path: Path
    info: SegmentInfo
    length: int

    def utc(self, sample: float) -> datetime:
        return self.info.start + (self.info.end - self.info.start) * (sample / self.length)

    def sample_at(self, moment: datetime) -> int:
        """The sample next to a moment, within 0 and `length`."""
        share = (moment - self.info.start) / (self.info.end - self.info.start)
        return min(max(round(share * self.length), 0), self.length)


@dataclass(frozen=True, slots=True)
class _Part:
    """Samples `first` to `last` of a segment stand in the excerpt from `offset` on."""

    segment: _Stored
    first: int
    last: int
    offset: int

    @property
    def end(self) -> int:
        return self.offset + self.last - self.first


class Excerpt:
    """A stretch of the recording, a `RecordingStream`: samples that are not in it are gaps.

    Attributes:
        device: pseudonym of the device.
        name: name of the front end.
        leads: the one that is recorded. Each segment has its own scale.
        rate_hz: its nominal rate.
        true_rate_hz: its rate as measured, at the beginning of the stretch.
        start_utc: moment of sample 0.
        length: samples, lost ones included.
        complaints: what could not be read, one sentence each; told once the blocks have been read.
    """

    def __init__(self, parts: list[_Part]) -> None:
        first = parts[0].segment.info
        self.device: str = first.device
        self.name: str = first.source
        self.leads: tuple[Lead, ...] = (Lead(LEAD),)
        self.rate_hz: Fraction = first.exact_rate_hz
        self.true_rate_hz: float = first.true_rate_hz
        self.start_utc: datetime | None = parts[0].segment.utc(parts[0].first)
        self.length: int | None = parts[-1].end
        self.complaints: list[str] = []
        self._parts = parts

    def blocks(self) -> Iterator[RecordingBlock]:
        """The samples in blocks of at most 10 s; a segment that is damaged, or just dropped, is left out."""
        for part in self._parts:
            try:
                for block in WfdbReader(part.segment.path, ["0"]).blocks():
                    first = max(block.first_index, part.first)
                    last = min(block.first_index + block.samples_mv.shape[1], part.last)
                    if first < last:
                        samples_mv = block.samples_mv[:, first - block.first_index : last - block.first_index]
                        yield RecordingBlock(first - part.first + part.offset, samples_mv)
            except InputError as error:
                self.complaints.append(str(error))

    def annotations(self) -> list[Annotation]:
        """The annotations, in samples of the excerpt."""
        return [
            annotation._replace(sample=annotation.sample - part.first + part.offset)
            for part in self._parts
            for annotation in _annotations(part.segment.path)
            if part.first <= annotation.sample < part.last
        ]


def excerpt(directory: Path, start: datetime, end: datetime) -> Excerpt:
    """Cut a stretch out of the recording.

    Within a session the sample index places the samples; from one session to the next it is UTC.

    Args:
        directory: folder of the recording.
        start: UTC.
        end: UTC.

    Raises:
        InputError: nothing is recorded there, or at more than one sampling rate.
    """
    segments = _segments(directory)
    parts: list[_Part] = []
    for segment in segments:
        first, last = segment.sample_at(start), segment.sample_at(end)
        if first < last:
            parts.append(_Part(segment, first, last, _offset(segment, first, parts[-1] if parts else None)))
    if not parts:
        raise InputError(
            f"{directory}: nothing is recorded from {start:%Y-%m-%d %H:%M:%S} to {end:%Y-%m-%d %H:%M:%S} UTC; "
            f"the recording begins {segments[0].info.start:%Y-%m-%d %H:%M:%S} "
            f"and ends {segments[-1].info.end:%Y-%m-%d %H:%M:%S}"
        )
    for before, part in pairwise(parts):
        rates = before.segment.info.rate_hz, part.segment.info.rate_hz
        if rates[0] != rates[1]:
            raise InputError(
                f"{directory}: recorded at {rates[0]} Hz and, from {part.segment.info.start:%Y-%m-%d %H:%M:%S} UTC on, "
                f"at {rates[1]} Hz; export the two apart with --from and --to"
            )
    return Excerpt(parts)


def end_of(directory: Path) -> datetime:
    """The end of the recording, UTC.

    Raises:
        InputError: there is none.
    """
    return _segments(directory)[-1].info.end


def around_event(directory: Path, uuid: str, *, before_s: float, after_s: float) -> tuple[datetime, datetime]:
    """The stretch of UTC around the onset of an alarm; the seconds are those of the signal.

    Raises:
        InputError: the recording has no note of it.
    """
    for segment in reversed(_segments(directory)):
        for annotation in _annotations(segment.path):
            note = AlarmNote.parse(annotation.aux)
            if note is not None and note.uuid == uuid:
                rate_hz = float(segment.info.exact_rate_hz)
                start, end = (
                    segment.utc(second * rate_hz - segment.info.first_index)
                    for second in (note.onset_s - before_s, note.onset_s + after_s)
                )
                return start, end
    raise InputError(f"{directory}: no event {uuid} in the recording; it may be older than what is kept")


def _offset(segment: _Stored, first: int, before: _Part | None) -> int:
    """Where a part stands in the excerpt."""
    if before is None:
        return 0
    if segment.info.session == before.segment.info.session:
        index = segment.info.first_index + first
        return before.offset + index - (before.segment.info.first_index + before.first)
    gap_s = (segment.utc(first) - before.segment.utc(before.last)).total_seconds()
    return before.end + max(0, round(gap_s * segment.info.exact_rate_hz))


def _segments(directory: Path) -> list[_Stored]:
    """What is recorded, oldest first, without segments that cannot be read."""
    segments = []
    for path in segment_paths(directory):
        try:
            header = read_header(path.with_suffix(".hea"))
        except InputError:
            continue
        info = info_of(header)
        if info is not None and header.length and info.end > info.start:
            segments.append(_Stored(path, info, header.length))
    if not segments:
        raise InputError(f"{directory}: holds no recording; check storage.directory and storage.recording")
    return segments


def _annotations(path: Path) -> list[Annotation]:
    try:
        return read_annotations(path.with_suffix(f".{ANNOTATOR}"))
    except InputError:  # it was just dropped
        return []
