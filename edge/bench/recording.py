"""Records a source's own samples as one WFDB record, at full resolution.

A lost sample has WFDB's invalid value. Changes of the electrodes and faults are notes at their samples. The record is
readable while it grows, and after a kill.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np

from ecg.errors import EcgEdgeError, HardwareError, InputError
from ecg.formats.wfdb.annotations import NOTE, Annotation
from ecg.formats.wfdb.events import ELECTRODE_OFF, ELECTRODE_ON
from ecg.formats.wfdb.header import record_path
from ecg.samples import SAMPLE_RATE_HZ, SampleBlock
from ecg.scale import FINE
from edge.frontends import open_source
from edge.frontends.playback import play_at_speed
from edge.frontends.source_thread import SourceThread
from edge.frontends.timebase import TimeBase, UtcLine
from edge.storage.in_use import refuse_if_in_use
from edge.storage.segment import Origin, Segment

if TYPE_CHECKING:
    import threading
    from fractions import Fraction
    from pathlib import Path
    from typing import Protocol

    from edge.config import Settings
    from edge.frontends.source_thread import Arrival

    class BlockListener(Protocol):
        """Receives the recorded blocks; called about ten times a second, with None if no samples came."""

        def __call__(self, block: SampleBlock | None, *, rate_hz: float | None) -> None: ...


__all__ = ["BenchRecording", "Recorded"]

SYNC_S = 2.0
"""Sync interval: the most data that a power cut can lose."""

POLL_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """The result of a recording.

    Attributes:
        header: path of the record's header file.
        samples: number of samples, invalid ones included.
        invalid: number of lost or clipped samples.
        rate_hz: nominal rate.
        true_rate_hz: measured rate; None in the first 20 s.
        faults: each fault that occurred, once.
    """

    header: Path
    samples: int
    invalid: int
    rate_hz: Fraction
    true_rate_hz: float | None
    faults: tuple[str, ...]

    @property
    def seconds(self) -> float:
        """Length of the record."""
        return float(self.samples / self.rate_hz)

    def sentence(self) -> str:
        """The result as text."""
        measured = "" if self.true_rate_hz is None else f" (measured {self.true_rate_hz:.2f})"
        text = f"{self.header}: {self.seconds:.1f} s at {float(self.rate_hz):g} Hz{measured}, "
        text += f"{self.invalid} of {self.samples} samples lost or clipped"
        return "; ".join([text, *self.faults])

    def facts(self) -> dict[str, Any]:
        """The result for `--json`."""
        return {
            "file": str(self.header),
            "seconds": round(self.seconds, 3),
            "samples": self.samples,
            "invalid": self.invalid,
            "rate_hz": float(self.rate_hz),
            "true_rate_hz": self.true_rate_hz,
            "faults": self.faults,
        }


class BenchRecording:
    """Records a source to a new WFDB record.

    Args:
        settings: name the source.
        out: path of the record, with or without `.hea`.
        duration_s: of the record.
        stop: ends the recording early; the record is then complete up to there.

    Attributes:
        name: of the source.
        rate_hz: its nominal rate.

    Raises:
        InputError: the record exists or has an invalid name, or the source cannot be opened.
        HardwareError: a monitor uses the front end.
    """

    def __init__(self, settings: Settings, out: Path, *, duration_s: float, stop: threading.Event) -> None:
        self._path = record_path(out)
        for suffix in (".hea", ".dat"):
            if self._path.with_suffix(suffix).exists():
                raise InputError(f"{self._path.with_suffix(suffix)}: exists already; choose another name")
        # A front end has no speed setting.
        speed: float | None = getattr(getattr(settings.source, settings.source.kind), "speed", None)
        if speed is None:
            refuse_if_in_use(settings.storage.folder)
        source = open_source(settings.source)
        self.name = source.name
        self.rate_hz = source.rate_hz
        self._live = speed != 0
        self._began = source.start_utc or datetime.now(UTC)
        self._timebase = TimeBase(speed=speed or 1.0)
        blocks = source.blocks()
        if speed:
            blocks = play_at_speed(blocks, rate_hz=source.rate_hz, speed=speed, stop=stop)
        self._stop = stop
        self._source_thread = SourceThread(blocks, live=self._live, stop=stop)
        self._origin = Origin(settings.device.id, source.name, str(uuid4()), source.rate_hz)
        self._length = round(duration_s * source.rate_hz)
        self._segment: Segment | None = None
        self._valid = 0
        self._electrode_off: bool | None = None
        self._fault: str | None = None
        self._faults: dict[str, None] = {}  # an ordered set

    def run(self, on_block: BlockListener) -> Recorded:
        """Record until the duration is over, the source ends, or `stop` is set.

        Args:
            on_block: receives the blocks as they come.

        Raises:
            InputError: the record cannot be written, or the source is damaged; the record keeps the samples before.
            HardwareError: the front end gave no sample; the message says why.
        """
        self._source_thread.start()
        sync_due_s = time.monotonic() + SYNC_S
        try:
            while not (self._stop.is_set() or self._source_thread.ended or self._is_full):
                arrival = self._source_thread.next(POLL_S)
                on_block(None if arrival is None else self._record(arrival), rate_hz=self._true_rate_hz)
                if time.monotonic() >= sync_due_s:
                    self._sync()
                    sync_due_s = time.monotonic() + SYNC_S
        finally:
            self._stop.set()
            self._sync()
        if isinstance(self._source_thread.error, EcgEdgeError):
            raise self._source_thread.error
        if self._segment is None or not self._valid:
            cause = next(iter(self._faults), "it sent nothing; check it with: ecg-edge doctor")
            raise HardwareError(f"{self.name} gave no sample: {cause}")
        return Recorded(
            header=self._path.with_suffix(".hea"),
            samples=self._segment.synced,
            invalid=self._segment.synced - self._valid,
            rate_hz=self.rate_hz,
            true_rate_hz=self._true_rate_hz,
            faults=tuple(self._faults),
        )

    @property
    def _is_full(self) -> bool:
        return self._segment is not None and self._segment.end - self._segment.first_index >= self._length

    @property
    def _true_rate_hz(self) -> float | None:
        ratio = self._timebase.rate_ratio if self._live else None
        return None if ratio is None else float(self.rate_hz) * ratio

    def _record(self, arrival: Arrival) -> SampleBlock:
        """Record a block up to the end of the record; returns the recorded part."""
        block = arrival.block
        end_index = round((block.first_index + len(block.samples_mv)) * SAMPLE_RATE_HZ / self.rate_hz)
        self._timebase.arrived(end_index, monotonic_s=arrival.monotonic_s, wall_s=arrival.wall_s)
        if self._segment is None:
            self._segment = Segment(self._path, self._origin, first_index=block.first_index, scale=FINE)
        left = max(self._segment.first_index + self._length - block.first_index, 0)
        block = SampleBlock(block.first_index, block.samples_mv[:left], block.electrode_off, block.fault)
        self._note(self._segment, block)
        self._segment.append(block.first_index, block.samples_mv)
        self._valid += int(np.isfinite(block.samples_mv).sum())
        return block

    def _note(self, segment: Segment, block: SampleBlock) -> None:
        if block.electrode_off is not None and block.electrode_off != self._electrode_off:
            self._electrode_off = block.electrode_off
            segment.annotate(
                Annotation(block.first_index, NOTE, ELECTRODE_OFF if block.electrode_off else ELECTRODE_ON)
            )
        if block.fault != self._fault:
            self._fault = block.fault
            segment.annotate(Annotation(block.first_index, NOTE, "fault over" if block.fault is None else block.fault))
            if block.fault is not None:
                self._faults[block.fault] = None

    def _sync(self) -> None:
        if self._segment is None:
            return
        # A recording read as fast as possible keeps its own time: its arrival times mean nothing.
        line = self._timebase.line if self._live else UtcLine(0, self._began.timestamp(), 1 / SAMPLE_RATE_HZ)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._segment.sync(line)
        except OSError as error:
            raise InputError(f"{self._path}: cannot be written ({error.strerror}); choose another place") from None
