"""Reads the recording: a stretch of UTC, across segments, as one stream of samples with annotations."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from ecg.errors import InputError
from ecg.formats.alarm_note import AlarmNote
from ecg.formats.wfdb.annotations import ANNOTATOR, NOTE, Annotation, read_annotations
from ecg.formats.wfdb.events import ELECTRODE_OFF, ELECTRODE_ON
from ecg.formats.wfdb.header import read_header
from ecg.formats.wfdb.reader import WfdbReader
from ecg.recording import Lead, RecordingBlock
from edge.storage.ring import segment_paths
from edge.storage.segment import LEAD
from edge.storage.segment_info import SegmentInfo, parse_info

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, timedelta
    from fractions import Fraction
    from pathlib import Path

__all__ = [
    "Excerpt",
    "Part",
    "StoredSegment",
    "event_span",
    "excerpt",
    "parts_of",
    "recording_end",
    "stored_segments",
]

CLOCK_TOLERANCE: Final = 0.02
CLOCK_STEP_S: Final = 2.0
"""A stretch may have so many more samples than its length says: a front end's rate is off, a clock is corrected."""


@dataclass(frozen=True, slots=True)
class StoredSegment:
    """A segment, as its header describes it.

    Attributes:
        path: of the record, without suffix.
        info: its place in time.
        length: number of its samples.
    """

    path: Path
    info: SegmentInfo
    length: int

    def utc(self, sample: float) -> datetime:
        """UTC of a sample."""
        return self.info.start + (self.info.end - self.info.start) * (sample / self.length)

    def utc_of_second(self, second: float) -> datetime:
        """UTC of a second of its session, which may lie outside the segment."""
        return self.utc(second * float(self.info.exact_rate_hz) - self.info.first_index)

    def annotations(self) -> list[Annotation]:
        """Its annotations; none if the segment was just deleted."""
        try:
            return read_annotations(self.path.with_suffix(f".{ANNOTATOR}"))
        except InputError:
            return []

    def mentions(self, text: str) -> bool:
        """Whether a text stands in its annotations."""
        try:
            return text.encode() in self.path.with_suffix(f".{ANNOTATOR}").read_bytes()
        except OSError:  # the segment was just deleted
            return False

    def sample_at(self, moment: datetime) -> int:
        """The sample nearest to a moment, limited to 0 to `length`."""
        share = (moment - self.info.start) / (self.info.end - self.info.start)
        return min(max(round(share * self.length), 0), self.length)


@dataclass(frozen=True, slots=True)
class Part:
    """Samples `first` to `last` of a segment, at `offset` in the excerpt."""

    segment: StoredSegment
    first: int
    last: int
    offset: int

    @property
    def end(self) -> int:
        """The sample of the excerpt after its last one."""
        return self.offset + self.last - self.first

    def blocks(self) -> Iterator[RecordingBlock]:
        """Its samples, with sample numbers of the segment.

        Raises:
            InputError: the segment is damaged, or was just deleted.
        """
        for block in WfdbReader(self.segment.path, ["0"]).blocks():
            first = max(block.first_index, self.first)
            last = min(block.first_index + block.samples_mv.shape[1], self.last)
            if first < last:
                samples_mv = block.samples_mv[:, first - block.first_index : last - block.first_index]
                yield RecordingBlock(first, samples_mv)


class Excerpt:
    """A stretch of the recording, as a `RecordingStream`; missing samples are gaps.

    Attributes:
        device: pseudonym of the device.
        name: name of the front end.
        leads: the one recorded lead. Each segment has its own scale.
        rate_hz: nominal rate.
        true_rate_hz: measured rate at the beginning of the stretch.
        start_utc: UTC of sample 0.
        length: number of samples, lost ones included.
        complaints: what could not be read, one sentence each; complete after all blocks have been read.
    """

    def __init__(self, parts: list[Part]) -> None:
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
        """The samples in blocks of at most 10 s, without segments that are damaged or were just deleted."""
        for part in self._parts:
            try:
                for block in part.blocks():
                    yield RecordingBlock(block.first_index - part.first + part.offset, block.samples_mv)
            except InputError as error:
                self.complaints.append(str(error))

    def annotations(self) -> list[Annotation]:
        """The annotations, with sample numbers of the excerpt. An electrode that was off before is off at its start."""
        return self._electrode_off() + [
            annotation._replace(sample=annotation.sample - part.first + part.offset)
            for part in self._parts
            for annotation in part.segment.annotations()
            if part.first <= annotation.sample < part.last
        ]

    def _electrode_off(self) -> list[Annotation]:
        """The note of an electrode that was off when the excerpt began."""
        first = self._parts[0].first
        states = [
            annotation
            for annotation in self._parts[0].segment.annotations()
            if annotation.symbol == NOTE and annotation.aux in {ELECTRODE_OFF, ELECTRODE_ON}
        ]
        before = [annotation for annotation in states if annotation.sample < first]
        return [Annotation(0, NOTE, ELECTRODE_OFF)] if before and before[-1].aux == ELECTRODE_OFF else []


def excerpt(directory: Path, start: datetime, end: datetime) -> Excerpt:
    """Select a stretch of the recording.

    Within a session, samples are placed by their index; from one session to the next, by UTC. Where a clock was set
    back, the same time came twice: the later pass is selected.

    Args:
        directory: folder of the recording.
        start: first moment, UTC.
        end: last moment, UTC.

    Raises:
        InputError: nothing is recorded in the stretch, or it has more than one sampling rate.
    """
    parts, repeated = parts_of(directory, start, end)
    for before, part in pairwise(parts):
        rates = before.segment.info.rate_hz, part.segment.info.rate_hz
        if rates[0] != rates[1]:
            raise InputError(
                f"{directory}: recorded at {rates[0]} Hz and, from {part.segment.info.start:%Y-%m-%d %H:%M:%S} UTC on, "
                f"at {rates[1]} Hz; export the two parts separately with --from and --to"
            )
    selected = Excerpt(parts)
    if repeated:
        selected.complaints.append("the clock was set back, so the same time came twice; the later pass is given")
    return selected


def parts_of(directory: Path, start: datetime, end: datetime) -> tuple[list[Part], bool]:
    """The parts of the recording in a stretch of UTC, and whether a clock that was set back made some of it come twice.

    Raises:
        InputError: nothing is recorded in the stretch.
    """
    segments = stored_segments(directory)
    found = [(segment, segment.sample_at(start), segment.sample_at(end)) for segment in segments]
    stretches = [each for each in found if each[1] < each[2]]
    latest = _without_repeats(stretches, end - start)
    parts: list[Part] = []
    for segment, first, last in latest:
        parts.append(Part(segment, first, last, _offset(segment, first, parts[-1] if parts else None)))
    if not parts:
        raise InputError(
            f"{directory}: nothing is recorded from {start:%Y-%m-%d %H:%M:%S} to {end:%Y-%m-%d %H:%M:%S} UTC; "
            f"the recording begins {segments[0].info.start:%Y-%m-%d %H:%M:%S} "
            f"and ends {segments[-1].info.end:%Y-%m-%d %H:%M:%S}"
        )
    return parts, len(latest) < len(stretches)


def recording_end(directory: Path) -> datetime:
    """The end of the recording, UTC.

    Raises:
        InputError: there is no recording.
    """
    return stored_segments(directory)[-1].info.end


def event_span(directory: Path, uuid: str, *, before_s: float, after_s: float) -> tuple[datetime, datetime]:
    """Start and end, UTC, of the stretch around an alarm's onset; the seconds are stream time.

    Raises:
        InputError: the recording has no note of the alarm.
    """
    for segment in reversed(stored_segments(directory)):
        for annotation in segment.annotations():
            note = AlarmNote.parse(annotation.aux)
            if note is not None and note.uuid == uuid:
                return segment.utc_of_second(note.onset_s - before_s), segment.utc_of_second(note.onset_s + after_s)
    raise InputError(f"{directory}: no event {uuid} in the recording; its part may be deleted already")


def _without_repeats(
    found: list[tuple[StoredSegment, int, int]], length: timedelta
) -> list[tuple[StoredSegment, int, int]]:
    """Of each session, the latest samples that fit into the length; earlier ones have their time from a wrong clock."""
    longest_s = length.total_seconds() * (1 + CLOCK_TOLERANCE) + CLOCK_STEP_S
    ends: dict[str, int] = {}
    kept = []
    for segment, first, last in reversed(found):
        info = segment.info
        is_latest = info.session not in ends
        end = ends.setdefault(info.session, info.first_index + last)
        if is_latest or end - (info.first_index + first) <= longest_s * info.true_rate_hz:
            kept.append((segment, first, last))
    return kept[::-1]


def _offset(segment: StoredSegment, first: int, before: Part | None) -> int:
    """Offset of a part in the excerpt."""
    if before is None:
        return 0
    if segment.info.session == before.segment.info.session:
        index = segment.info.first_index + first
        return before.offset + index - (before.segment.info.first_index + before.first)
    gap_s = (segment.utc(first) - before.segment.utc(before.last)).total_seconds()
    return before.end + max(0, round(gap_s * segment.info.exact_rate_hz))


def stored_segments(directory: Path) -> list[StoredSegment]:
    """The readable segments, oldest first.

    Raises:
        InputError: there is none.
    """
    segments = []
    for path in segment_paths(directory):
        try:
            header = read_header(path.with_suffix(".hea"))
        except InputError:
            continue
        info = parse_info(header)
        if info is not None and header.length and info.end > info.start:
            segments.append(StoredSegment(path, info, header.length))
    if not segments:
        raise InputError(f"{directory}: there is no recording; check storage.directory and storage.recording")
    return segments
