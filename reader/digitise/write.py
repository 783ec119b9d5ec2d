"""Digitises a file into a WFDB record, and draws what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecg.formats.wfdb.writer import write_wfdb
from reader.digitise.file import digitise
from reader.digitise.overlay import Drawn, draw
from reader.digitise.recording import recording_of
from reader.digitise.report import Digitisation, digitisation_of, refused_digitisation
from reader.digitise.steps import PageNotUnderstoodError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["digitise_file"]


def digitise_file(path: Path, record: Path, overlay: Path | None, *, speed_mm_s: float, name: str) -> Digitisation:
    """Digitise a file.

    Args:
        path: of the page.
        record: the WFDB record that is written, without suffix.
        overlay: PNG that is drawn with what was found, also of a page that is refused once there is a picture of it.
        speed_mm_s: of the paper.
        name: of the file in the report.

    Raises:
        InputError, OSError: the file cannot be read or the record not be written.
    """
    drawn = Drawn()
    try:
        page = digitise(path, drawn, speed_mm_s=speed_mm_s)
    except PageNotUnderstoodError as error:
        if overlay is not None:
            draw(drawn, overlay, str(error))
        return refused_digitisation(name, f"{name}: {error}", error.step)
    if overlay is not None:
        draw(drawn, overlay)
    record.parent.mkdir(parents=True, exist_ok=True)
    header = write_wfdb(record, recording_of(page, path.name))
    return digitisation_of(page, name, str(header))
