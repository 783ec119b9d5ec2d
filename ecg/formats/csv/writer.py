"""A stretch of the recording as a table: one sample a line, with the marks beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecg.files import new_file
from ecg.formats.output import told
from ecg.formats.wfdb.annotations import in_order

if TYPE_CHECKING:
    from pathlib import Path

    from ecg.progress import Progress
    from edge.storage.recording import Excerpt

__all__ = ["write_csv"]


def write_csv(path: Path, stretch: Excerpt, progress: Progress | None) -> Path:
    """Write columns `time_s` (from the start), `ecg_mv` (empty where a sample was lost) and `mark`; give the path.

    `ecg.formats.csv.reader` reads it back.

    Raises:
        InputError: it cannot be written there.
    """
    rate_hz = float(stretch.rate_hz)
    marks = {mark.sample: f"{mark.symbol} {mark.aux}".strip() for mark in in_order(stretch.annotations())}
    head = [
        f"# device: {stretch.device}",
        f"# source: {stretch.name}",
        f"# start: {stretch.start_utc:%Y-%m-%dT%H:%M:%S.%f}Z",
        f"# rate_hz: {stretch.rate_hz}",
        f"# true_rate_hz: {stretch.true_rate_hz:.6g}",
        "time_s,ecg_mv,mark",
    ]
    end = 0
    with new_file(path) as file:
        file.write("\n".join([*head, ""]).encode())
        for block in told(stretch, progress):
            rows = [f"{sample / rate_hz:.6f},," for sample in range(end, block.first_index)]
            for sample, value in enumerate(block.samples_mv.tolist(), block.first_index):
                number = "" if value != value else f"{value:.4f}"  # noqa: PLR0124 - NaN
                rows.append(f"{sample / rate_hz:.6f},{number},{_cell(marks.get(sample, ''))}")
            file.write("\n".join([*rows, ""]).encode())
            end = block.first_index + len(block.samples_mv)
    return path


def _cell(text: str) -> str:
    """A mark in quotes, as a cell that may hold commas and quotes (RFC 4180)."""
    if not text:
        return ""
    doubled = text.replace('"', '""')
    return f'"{doubled}"'
