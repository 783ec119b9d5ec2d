"""Runs the daemon's pipeline over recordings and writes beats and messages to files."""

from __future__ import annotations

import threading
import time
from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, BinaryIO, Self
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec

from ecg.alarms.kinds import AlarmEvent, AlarmState
from ecg.alarms.service import AlarmService
from ecg.errors import EcgEdgeError, InputError
from ecg.events import Event, RhythmChange, Vitals
from ecg.formats.reader import FIRST_ECG
from ecg.formats.registry import open_file, record_name, recordings_in
from ecg.formats.wfdb.annotations import write_annotations
from ecg.formats.wfdb.events import annotations_of
from ecg.protocol.encoder import encode
from ecg.recording import OneLead
from ecg.samples import SAMPLE_RATE_HZ, Beat, Gap
from ecg.swing import SwingMeter
from edge.frontends.playback import play_at_speed
from edge.pipeline import Pipeline
from edge.service.reporter import Reporter

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from fractions import Fraction
    from pathlib import Path
    from types import TracebackType

    from ecg.formats.options import ReadOptions
    from ecg.formats.reader import Reader
    from ecg.notices import Notice
    from ecg.progress import Progress
    from ecg.protocol.message import Message
    from edge.config import Settings
    from edge.inference import Classifier

__all__ = ["RecordResult", "replay"]

UNKNOWN_START = datetime(1970, 1, 1, tzinfo=UTC)
"""Start of a recording without a start time, so that the times in its messages are times since its beginning."""

SILENT_S = 60
"""From this length on a stretch without a beat is told: it is an asystole, or the signal is no ECG."""

LEAST_S = 10
FEWEST_BPM, MOST_BPM = 15, 300
"""Mean rates beyond these, over 10 s and more, are told: unit of time or sampling rate may be wrong."""


@dataclass(frozen=True, slots=True)
class RecordResult:
    """Result of one record.

    Attributes:
        record: its name.
        duration_s: stream time that was read.
        elapsed_s: time that this took.
        beats: number of beats by label, only labels that occurred.
        alarms: number of opened alarms by kind, only kinds that occurred.
        lost_s: lost samples, in s.
        error: why the record was not read, or not to its end; None without an error.
        understood: what was read: format, lead, unit, rate, length; empty if the record could not be opened.
        warnings: what was assumed or damaged, and what is implausible, one sentence each.
    """

    record: str
    duration_s: float
    elapsed_s: float
    beats: dict[str, int]
    alarms: dict[str, int]
    lost_s: float
    error: str | None
    understood: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """The result as one line of text."""
        minutes, seconds = divmod(round(self.duration_s), 60)
        parts = [
            f"{self.record}: {minutes}:{seconds:02d} min",
            f"{sum(self.beats.values())} beats{_counts(self.beats)}",
            f"{sum(self.alarms.values())} alarms{_counts(self.alarms)}",
        ]
        if self.lost_s:
            parts.append(f"{self.lost_s:.1f} s lost")
        if self.elapsed_s:
            parts.append(f"{self.duration_s / self.elapsed_s:.0f} times real time")
        return ", ".join(parts)


def _counts(counts: dict[str, int]) -> str:
    return f" ({', '.join(f'{name} {count}' for name, count in sorted(counts.items()))})" if counts else ""


def replay(
    records: Sequence[Path],
    *,
    settings: Settings,
    classifier: Classifier | None,
    channel: str = FIRST_ECG,
    options: ReadOptions | None = None,
    annotations: Path | None = None,
    events: Path | None = None,
    speed: float = 0.0,
    progress: Progress | None = None,
) -> list[RecordResult]:
    """Run the pipeline over recordings.

    A record that cannot be read to its end does not stop the others. What was detected in it is written, and its result
    has the error. The files appear once they are complete.

    Args:
        records: WFDB records, EDF+ or CSV files; folders and zip archives stand for the recordings in them.
        settings: settings of the pipeline and the device.
        classifier: labels the beats; None leaves them unclassified.
        channel: name or number of the signal; by default the first that is an ECG.
        options: what a person told about the files.
        annotations: folder for each record's beats, `<record>.edge` at the record's own sampling rate.
        events: file for the messages that the monitor would publish, one JSON object a line: `record`, `topic`, `qos`,
            `retain` and `payload`.
        speed: speed relative to real time; 0 = as fast as possible.
        progress: called after each block.

    Returns:
        One result for each record, in order.

    Raises:
        InputError: no records, two records of the same name, or an output that cannot be written.
    """
    records = [each for path in records for each in _expanded(path)]
    names = [record_name(path) for path in records]
    if not names:
        raise InputError("no recording is given; name WFDB records, EDF+ or CSV files")
    twice = next((name for name, count in Counter(names).items() if count > 1), None)
    if twice is not None and annotations is not None:
        raise InputError(
            f"two records are named {twice}, so their annotation files would collide; replay them one at a time"
        )
    if annotations is not None:
        try:
            annotations.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"{annotations}: the folder cannot be created ({error.strerror})") from None
    results = []
    with nullcontext() if events is None else _EventsFile(events) as events_file:
        for path, name in zip(records, names, strict=True):
            run = _Run(name, settings, classifier, events_file)
            try:
                run.play(open_file(path, [channel], options), speed, progress)
            except EcgEdgeError as error:
                run.error = str(error)
            finally:  # on Ctrl-C too: nothing that was detected is lost
                run.finish()
                if annotations is not None and run.rate_hz is not None:
                    write_annotations(annotations / f"{name}.edge", annotations_of(run.events, run.rate_hz))
            results.append(run.result())
    return results


def _expanded(path: Path) -> list[Path]:
    """The recordings of a folder or an archive; a path in which none is found, which is refused as a record."""
    try:
        return recordings_in(path)
    except InputError:
        return [path]


class _EventsFile:
    """A file of messages, written under another name until it is complete."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._unfinished = path.with_name(path.name + ".part")
        self._file: BinaryIO
        self._json = msgspec.json.Encoder()

    def __enter__(self) -> Self:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._unfinished.open("wb")
        except OSError as error:
            raise InputError(f"{self._path}: cannot be written ({error.strerror}); choose another place") from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._unfinished.replace(self._path)

    def write(self, record: str, messages: Iterable[Message]) -> None:
        for message in messages:
            line = {
                "record": record,
                "topic": message.topic,
                "qos": message.qos,
                "retain": message.retain,
                "payload": msgspec.Raw(message.payload),
            }
            self._file.write(self._json.encode(line) + b"\n")


class _Run:
    """One record's run through the pipeline."""

    def __init__(
        self, record: str, settings: Settings, classifier: Classifier | None, events_file: _EventsFile | None
    ) -> None:
        self._record = record
        self._settings = settings
        self._classifier = classifier
        self._events_file = events_file
        self._messages: _Messages | None = None
        self._pipeline: Pipeline | None = None
        self._started_s = time.perf_counter()
        self._end = 0
        self._reader: Reader | None = None
        self._swing: SwingMeter | None = None
        self.rate_hz: Fraction | None = None
        self.events: list[Event] = []
        self.error: str | None = None

    def play(self, reader: Reader, speed: float, progress: Progress | None) -> None:
        """Push all blocks of the one lead of a reader."""
        self._reader = reader
        self._swing = SwingMeter(reader.rate_hz)
        source = OneLead(reader)
        self._pipeline = Pipeline(rate_hz=source.rate_hz, settings=self._settings.rhythm, classifier=self._classifier)
        self.rate_hz = source.rate_hz
        if self._events_file is not None:
            began = source.start_utc or UNKNOWN_START
            self._messages = _Messages(self._record, self._settings, self._events_file, began)
        blocks = source.blocks()
        if speed:
            blocks = play_at_speed(blocks, rate_hz=source.rate_hz, speed=speed, stop=threading.Event())
        for block in blocks:
            self._swing.push(block.samples_mv)
            self._take(self._pipeline.push(block))
            self._end = block.first_index + len(block.samples_mv)
            if progress is not None:
                progress(self._record, done=self._end, total=source.length)

    def finish(self) -> None:
        """Flush the pipeline."""
        if self._pipeline is None:
            return
        self._take(self._pipeline.finish())
        if self._messages is not None:
            self._messages.finish()

    def _take(self, events: list[Event]) -> None:
        # Vitals and summaries are needed only for the messages.
        self.events += [event for event in events if isinstance(event, Beat | RhythmChange | AlarmEvent | Gap)]
        if self._messages is not None:
            for event in events:
                self._messages.take(event)

    def result(self) -> RecordResult:
        opened = (event for event in self.events if isinstance(event, AlarmEvent) and event.state is AlarmState.OPENED)
        lost = sum(event.length for event in self.events if isinstance(event, Gap))
        return RecordResult(
            record=self._record,
            duration_s=float(self._end / self.rate_hz) if self.rate_hz else 0.0,
            elapsed_s=time.perf_counter() - self._started_s,
            beats=dict(Counter(event.label for event in self.events if isinstance(event, Beat))),
            alarms=dict(Counter(event.kind.value for event in opened)),
            lost_s=lost / SAMPLE_RATE_HZ,
            error=self.error,
            understood=self._understood(),
            warnings=tuple(self._warnings()),
        )

    def _understood(self) -> str:
        if self._reader is None:
            return ""
        length = f", {float(self._end / self._reader.rate_hz):.1f} s" if self._reader.length is None else ""
        return f"{self._reader.understood}{length}"

    def _warnings(self) -> list[str]:
        """What was assumed, what was damaged, and what no ECG does."""
        if self._reader is None or self._swing is None or not self._end:
            return []
        warnings = [*self._reader.remarks]
        if complaint := self._swing.complaint():
            warnings.append(complaint)
        beats = [event.index for event in self.events if isinstance(event, Beat)]
        duration_s = float(self._end / self._reader.rate_hz)
        edges = [0, *beats, round(duration_s * SAMPLE_RATE_HZ)]
        silence = max(range(len(edges) - 1), key=lambda place: edges[place + 1] - edges[place])
        silent_s = (edges[silence + 1] - edges[silence]) / SAMPLE_RATE_HZ
        bpm = 60 * len(beats) / duration_s
        if not beats and duration_s >= LEAST_S:
            warnings.append(f"not one beat was found in {duration_s:.0f} s; check that the signal is an ECG")
        elif beats and silent_s >= SILENT_S:
            minutes, seconds = divmod(edges[silence] // SAMPLE_RATE_HZ, 60)
            warnings.append(f"no beat was found for {silent_s:.0f} s from {minutes}:{seconds:02d} on")
        elif beats and duration_s >= LEAST_S and not FEWEST_BPM <= bpm <= MOST_BPM:
            warnings.append(f"{bpm:.0f} beats a minute on average; check the sampling rate (--rate) and the channel")
        return warnings


class _Messages:
    """Writes the messages that the monitor would publish for one record."""

    def __init__(self, record: str, settings: Settings, file: _EventsFile, began: datetime) -> None:
        self._record = record
        self._device_id = settings.device.id
        self._file = file
        self._began = began
        self._alarms = AlarmService(settings.alarms, _session(record))
        self._reporter = Reporter(self._alarms, self._utc)

    def take(self, event: Event) -> None:
        """Write the messages of an event."""
        self._write(self._reporter.report(event))
        if isinstance(event, Vitals):  # every 5 s of stream time; nobody can acknowledge in a replay
            self._write(self._alarms.tick(event.index / SAMPLE_RATE_HZ, self._utc(event.index)))

    def finish(self) -> None:
        """Write the messages of unfinished beats and periods."""
        self._write([*self._reporter.flush(), *self._alarms.finish_periods()])

    def _write(self, notices: Sequence[Notice]) -> None:
        self._file.write(self._record, [encode(notice, self._device_id) for notice in notices])

    def _utc(self, index: int) -> datetime:
        return self._began + timedelta(seconds=index / SAMPLE_RATE_HZ)


def _session(record: str) -> UUID:
    """The session's UUID: the same for each replay of a record, so that two replays can be compared line by line."""
    return uuid5(NAMESPACE_URL, f"ecg-edge:replay:{record}")
