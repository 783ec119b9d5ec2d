"""The stored segments of the recording. The oldest are deleted when a limit of size, age or free space is passed."""

from __future__ import annotations

import logging
import re
import shutil
from collections import deque
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from ecg.errors import InputError
from ecg.files import UNFINISHED
from ecg.formats.wfdb.header import read_header

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from edge.storage.segment import Segment

__all__ = ["Ring", "segment_paths"]

_NAME = re.compile(r"(\d{8})_\d{8}T\d{6}Z")
_SUFFIXES = (".hea", ".edge", ".dat")  # in order of deletion: no reader finds a header without its samples

_log = logging.getLogger(__name__)


def segment_paths(directory: Path) -> list[Path]:
    """The records in a recording's folder, oldest first, without suffix."""
    return sorted(path.with_suffix("") for path in directory.glob("*.hea") if _NAME.fullmatch(path.stem))


@dataclass(frozen=True, slots=True)
class _StoredSegment:
    path: Path
    bytes: int
    duration_s: float


class Ring:
    """The stored segments, oldest first. Names begin with a growing number, because the clock may be set back.

    Attributes:
        short_of_space: segments were deleted to keep disk space free, so the recording is shorter than its limits
            allow. Other files fill the disk, or the size limit is larger than the disk.
        disk_full: less than the space to be left free remains, and there is no segment left to delete.

    Args:
        directory: created if it is missing. Unfinished files in it are deleted.
        max_bytes: limit of all segments together.
        max_age: limit of a segment's age: of the ECG that was recorded after it. Samples count it, not the clock:
            a clock that is set forward must not delete a recording.
        leave_free_bytes: disk space to leave free.

    Raises:
        OSError: the directory cannot be created or read.
    """

    def __init__(self, directory: Path, *, max_bytes: int, max_age: timedelta, leave_free_bytes: int) -> None:
        self.short_of_space = False
        self.disk_full = False
        self._directory = directory
        self._max_bytes = max_bytes
        self._max_age = max_age
        self._leave_free_bytes = leave_free_bytes
        directory.mkdir(parents=True, exist_ok=True, mode=0o750)
        _delete_unfinished(directory)
        self._stored = deque(_measure(path) for path in segment_paths(directory))
        self._bytes = sum(stored.bytes for stored in self._stored)
        self._duration_s = sum(stored.duration_s for stored in self._stored)
        self._growing_bytes = 0
        self._number = int(self._stored[-1].path.name[:8]) if self._stored else 0

    @property
    def stored_bytes(self) -> int:
        """Size of all segments at the last `trim`."""
        return self._bytes + self._growing_bytes

    def next_path(self, start: datetime) -> Path:
        """Path for the next segment."""
        self._number += 1
        return self._directory / f"{self._number:08d}_{start:%Y%m%dT%H%M%SZ}"

    def add(self, segment: Segment) -> None:
        """Add a finished segment."""
        self._stored.append(_StoredSegment(segment.path, segment.size_bytes, segment.duration_s))
        self._bytes += segment.size_bytes
        self._duration_s += segment.duration_s

    def trim(self, *, growing_bytes: int, growing_s: float) -> None:
        """Delete the oldest segments until the limits are kept.

        Args:
            growing_bytes: size of the unfinished segments.
            growing_s: their length.
        """
        self._growing_bytes = growing_bytes
        while self._stored and self._bytes + growing_bytes > self._max_bytes:
            self._drop_oldest(f"it is larger than {self._max_bytes / 1e6:g} MB")
        max_age_s = self._max_age.total_seconds()
        while self._stored and self._duration_s - self._stored[0].duration_s + growing_s > max_age_s:
            self._drop_oldest(f"{self._max_age / timedelta(days=1):g} days of ECG were recorded after it")
        free_bytes = self._free_bytes()
        while self._stored and free_bytes < self._leave_free_bytes:
            self.short_of_space = True
            self._drop_oldest(f"the disk has less than {self._leave_free_bytes / 1e6:g} MB free")
            free_bytes = self._free_bytes()
        self.disk_full = free_bytes < self._leave_free_bytes
        # Hysteresis: between once and twice the limit the state stays, or it would change with every deletion.
        if self.disk_full:
            self.short_of_space = True
        elif free_bytes >= 2 * self._leave_free_bytes:
            self.short_of_space = False

    def _free_bytes(self) -> int:
        return shutil.disk_usage(self._directory).free

    def _drop_oldest(self, reason: str) -> None:
        stored = self._stored.popleft()
        self._bytes -= stored.bytes
        self._duration_s -= stored.duration_s
        for suffix in _SUFFIXES:
            stored.path.with_suffix(suffix).unlink(missing_ok=True)
        _log.info(
            "The oldest part of the recording, %s (%.1f MB), was deleted: %s.",
            stored.path.name,
            stored.bytes / 1e6,
            reason,
        )


def _measure(path: Path) -> _StoredSegment:
    size = sum(part.stat().st_size for suffix in _SUFFIXES if (part := path.with_suffix(suffix)).exists())
    try:
        header = read_header(path.with_suffix(".hea"))
    except InputError:  # damaged
        return _StoredSegment(path, size, 0.0)
    return _StoredSegment(path, size, float((header.length or 0) / header.rate_hz))


def _delete_unfinished(directory: Path) -> None:
    """Delete what a kill left unfinished: files with the unfinished suffix, and samples without a header."""
    for path in directory.iterdir():
        orphan = _NAME.fullmatch(path.stem) and path.suffix in _SUFFIXES and not path.with_suffix(".hea").exists()
        if orphan or path.suffix == UNFINISHED:
            path.unlink(missing_ok=True)
