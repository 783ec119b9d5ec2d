"""Writes the report of a day as PDF."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecg.errors import InputError
from ecg.files import new_file
from ecg.paper.pdf import write_pdf
from edge.report.day import read_day
from edge.report.pages import pages_of_day

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from ecg.progress import Progress
    from edge.report.day import Day

__all__ = ["write_report"]


def write_report(path: Path, directory: Path, day: date, *, progress: Progress | None = None) -> Day:
    """Write the report of a day; what it tells.

    Args:
        path: the PDF.
        directory: folder of the recording.
        day: in UTC.
        progress: called after each hour.

    Raises:
        InputError: nothing is recorded on that day, ReportLab is missing, or the file cannot be written.
    """
    if path.suffix.casefold() != ".pdf":
        raise InputError(f"{path}: a report is a PDF; give it a name that ends in .pdf")
    found = read_day(directory, day, progress=progress)
    with new_file(path) as file:
        write_pdf(file, pages_of_day(directory, found), title=f"Report of {found.device}, {day:%Y-%m-%d} UTC")
    return found
