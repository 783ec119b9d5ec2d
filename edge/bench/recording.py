"""Records a source's own samples as one WFDB record: for the bench, at full resolution.

What was lost is WFDB's invalid value, and the state of the electrodes and each fault are notes at their samples. The
record can be read at any moment of its growing, and after a kill.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np

from ecg.errors import EcgEdgeError, HardwareError, InputError
from ecg.formats.wfdb.annotations import NOTE, Annotation
from ecg.formats.wfdb.header import record_path
from ecg.samples import SAMPLE_RATE_HZ, SampleBlock
from ecg.scale import FINE
from edge.frontends import open_source
from edge.frontends.feed import Feed
from edge.frontends.pacing import paced
from edge.frontends.timebase import TimeBase, UtcLine
from edge.storage.in_use import refuse_if_in_use
from edge.storage.segment import Origin, Segment
from edge.storage.segment_writer import ELECTRODE_OFF, ELECTRODE_ON

if TYPE_CHECKING:
    import threading
    from fractions import Fraction
    from typing import Protocol

    from edge.config import Settings
    from edge.frontends.feed import Arrival

    class Watcher(Protocol):
        """Sees what is recorded; called about ten times a second, with None where no samples came."""

        def __call__(self, block: SampleBlock | None, *, rate_hz: float | None) -> None: ...


__all__ = ["BenchRecording", "Recorded"]

SYNC_S = 2.0
"""So often the record is brought onto the disk."""

POLL_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What was recorded.

    Attributes:
        header: of the record.
        samples: all, the invalid ones among them.
        invalid: samples that were lost or clipped.
        rate_hz: nominal.
        true_rate_hz: measured; None in the first 20 s.
        faults: each fault that was told, once.
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
        """For a person."""
        measured = "" if self.true_rate_hz is None else f" (measured {self.true_rate_hz:.2f})"
        said = f"{self.header}: {self.seconds:.1f} s at {float(self.rate_hz):g} Hz{measured}, "
        said += f"{self.invalid} of {self.samples} samples lost or clipped"
        return "; ".join([said, *self.faults])

    def facts(self) -> dict[str, Any]:
        """For a program."""
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
    """A recording that is to be made.

    Args:
        settings: whose source is recorded.
        out: the record, with or without `.hea`.
        duration_s: of the record.
        stop: ends it before its time; what came until then is a whole record.

    Attributes:
        name: of the source.
        rate_hz: its nominal rate.

    Raises:
        InputError: the record is there already or cannot be called so, or the source cannot be opened.
        HardwareError: a monitor has the front end.
    """

    def __init__(self, settings: Settings, out: Path, *, duration_s: float, stop: threading.Event) -> None:
        self._path = record_path(out)
        for suffix in (".hea", ".dat"):
            if self._path.with_suffix(suffix).exists():
                raise InputError(f"{self._path.with_suffix(suffix)}: is there already; choose another name")
        # A front end has no speed: it delivers in its own time.
        speed: float | None = getattr(getattr(settings.source, settings.source.kind), "speed", None)
        if speed is None:
            refuse_if_in_use(Path(settings.storage.directory))
        source = open_source(settings.source)
        self.name = source.name
        self.rate_hz = source.rate_hz
        self._live = speed != 0
        self._began = source.start_utc or datetime.now(UTC)
        self._timebase = TimeBase(speed=speed or 1.0)
        blocks = source.blocks()
        if speed:
            blocks = paced(blocks, rate_hz=source.rate_hz, speed=speed, stop=stop)
        self._stop = stop
        self._feed = Feed(blocks, live=self._live, stop=stop)
        self._origin = Origin(settings.device.id, source.name, str(uuid4()), source.rate_hz)
        self._length = round(duration_s * source.rate_hz)
        self._segment: Segment | None = None
        self._valid = 0
        self._electrode_off: bool | None = None
        self._fault: str | None = None
        self._faults: dict[str, None] = {}  # in order

    def run(self, watch: Watcher) -> Recorded:
        """Record until the duration is over, the source ends, or `stop` is set.

        Args:
            watch: sees the blocks as they come.

        Raises:
            InputError: the record cannot be written, or the source is damaged; what came before is in the record.
            HardwareError: the front end gave not one sample; says why.
        """
        self._feed.start()
        sync_due_s = time.monotonic() + SYNC_S
        try:
            while not (self._stop.is_set() or self._feed.ended or self._is_full):
                arrival = self._feed.next(POLL_S)
                watch(None if arrival is None else self._take(arrival), rate_hz=self._true_rate_hz)
                if time.monotonic() >= sync_due_s:
                    self._sync()
                    sync_due_s = time.monotonic() + SYNC_S
        finally:
            self._stop.set()
            self._sync()
        if isinstance(self._feed.error, EcgEdgeError):
            raise self._feed.error
        if self._segment is None or not self._valid:
            cause = next(iter(self._faults), "it is silent; check it with: ecg-edge doctor")
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

    def _take(self, arrival: Arrival) -> SampleBlock:
        """Record a block, or the part of it that belongs to the record; gives that."""
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
        # As fast as possible: arrival times mean nothing, and the record keeps the recording's own time.
        line = self._timebase.line if self._live else UtcLine(0, self._began.timestamp(), 1 / SAMPLE_RATE_HZ)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._segment.sync(line)
        except OSError as error:
            raise InputError(f"{self._path}: cannot be written ({error.strerror}); choose another place") from None
