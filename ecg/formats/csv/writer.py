"""Writes a recording as a table, with one sample a line and the annotations beside it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ecg.files import new_file
from ecg.formats.wfdb.annotations import Annotation, in_order
from ecg.recording import RecordingStream, followed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ecg.progress import Progress

__all__ = ["write_csv"]


def write_csv(
    path: Path,
    recording: RecordingStream,
    *,
    annotations: Sequence[Annotation] = (),
    progress: Progress | None = None,
) -> Path:
    """Write the columns `time_s` (from the start), one for each lead, such as `ecg_mv`, and `mark` (annotations).

    The cell of a lost sample is empty. `CsvReader` can read the file.

    Raises:
        InputError: the file cannot be written.
    """
    rate_hz = float(recording.rate_hz)
    marks = {each.sample: f"{each.symbol} {each.aux}".strip() for each in in_order(annotations)}
    lost = "," * len(recording.leads)
    columns = [f"{_column(lead.name, number)}_mv" for number, lead in enumerate(recording.leads)]
    head = [*_comments(recording), ",".join(["time_s", *columns, "mark"])]
    end = 0
    with new_file(path) as file:
        file.write("\n".join([*head, ""]).encode())
        for block in followed(recording, progress):
            rows = [f"{sample / rate_hz:.6f},{lost}" for sample in range(end, block.first_index)]
            for sample, values in enumerate(block.samples_mv.T.tolist(), block.first_index):
                numbers = ",".join("" if value != value else f"{value:.4f}" for value in values)  # noqa: PLR0124 - NaN
                rows.append(f"{sample / rate_hz:.6f},{numbers},{_cell(marks.get(sample, ''))}")
            file.write("\n".join([*rows, ""]).encode())
            end = block.first_index + block.samples_mv.shape[1]
    return path


def _comments(recording: RecordingStream) -> list[str]:
    """Facts about the recording. `CsvReader` uses `rate_hz`."""
    comments = [f"# device: {recording.device}", f"# source: {recording.name}"]
    if recording.start_utc is not None:
        comments.append(f"# start: {recording.start_utc:%Y-%m-%dT%H:%M:%S.%f}Z")
    comments.append(f"# rate_hz: {recording.rate_hz}")
    if recording.true_rate_hz is not None:
        comments.append(f"# true_rate_hz: {recording.true_rate_hz:.6g}")
    return comments


def _column(name: str, number: int) -> str:
    """The name of a lead as a cell of the header."""
    if name == "ECG":
        return "ecg"
    return re.sub(r"[,;\t\r\n\"'#]+", " ", name).strip() or f"lead_{number}"


def _cell(text: str) -> str:
    """Quote a text, which may contain commas and quotes (RFC 4180)."""
    if not text:
        return ""
    doubled = text.replace('"', '""')
    return f'"{doubled}"'
