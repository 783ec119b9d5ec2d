"""The pages of the report, one after the other."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from ecg.paper.drawing import Page
from ecg.paper.picture import footer
from edge.report.event_pages import event_list, strips
from edge.report.overview import overview
from edge.report.sheet import BOTTOM_MM, LEFT_MM, PAGE_MM

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edge.report.day import Day

__all__ = ["pages_of_day"]


def pages_of_day(directory: Path, day: Day) -> Iterator[Page]:
    """Draw the pages of a report. Strips are read from the recording one at a time.

    Args:
        directory: folder of the recording.
        day: what it tells.
    """
    sheets = chain([overview(day)], event_list(day), strips(directory, day))
    for number, sheet in enumerate(sheets, start=1):
        foot = footer(LEFT_MM, BOTTOM_MM, letters=sheet.letters, page=f"page {number}")
        yield Page(*PAGE_MM, [*sheet.items, *foot])
