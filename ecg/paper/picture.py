"""Writes a recording as a picture on ECG paper: a PNG or an SVG of one page, or a PDF with as many as it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecg.errors import InputError
from ecg.files import new_file
from ecg.formats.wfdb.annotations import in_order
from ecg.paper.drawing import INK, PALE_INK, Page, Text
from ecg.paper.font import font
from ecg.paper.grid import MM_PER_MV, MM_PER_S
from ecg.paper.pdf import write_pdf
from ecg.paper.png import write_png
from ecg.paper.strip import WIDTH_MM, strip_of
from ecg.paper.svg import write_svg
from ecg.paper.wording import LABELS
from ecg.recording import Recording, RecordingStream, read_whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ecg.formats.wfdb.annotations import Annotation
    from ecg.paper.drawing import Item
    from ecg.paper.strip import Row, Strip
    from ecg.progress import Progress

__all__ = ["DISCLAIMER", "LONGEST_S", "SUFFIXES", "footer", "header", "pages_of", "write_picture"]

SUFFIXES: Final = (".png", ".svg", ".pdf")

LONGEST_S: Final = {".png": 180, ".svg": 600, ".pdf": 3600}
"""A PNG of 3 minutes is nearly a metre high, and takes 50 MB of memory; a PDF of an hour has about 90 pages."""

A4_MM: Final = (297.0, 210.0)
MARGIN_MM: Final = 10.0
PICTURE_MARGIN_MM: Final = 5.0
HEAD_MM, FOOT_MM = 15.0, 7.0
TITLE_MM, TEXT_MM, SMALL_MM = 4.6, 3.2, 2.8

SEPARATOR: Final = " \N{MIDDLE DOT} "

DISCLAIMER: Final = "ECG Edge is not a medical device: not for diagnosis."


def write_picture(
    path: Path,
    recording: RecordingStream,
    *,
    annotations: Sequence[Annotation] = (),
    progress: Progress | None = None,
) -> Path:
    """Draw a recording with its annotations at 25 mm/s and 10 mm/mV. The suffix of the path selects the kind of file.

    Each row has its own baseline, the median of its signal, so the offset of the electrodes is not visible.

    Raises:
        InputError: the recording is too long, a package is missing, or the file cannot be written.
    """
    suffix = path.suffix.casefold()
    _refuse_long(path, recording.length, recording)
    whole = read_whole(recording, progress)
    _refuse_long(path, whole.length, recording)
    strip = strip_of(whole, in_order(annotations))
    title = f"ECG of {whole.device or whole.name}"
    if whole.start_utc is not None:
        title += f", {whole.start_utc:%Y-%m-%d %H:%M:%S} UTC"
    with new_file(path) as file:
        if suffix == ".pdf":
            write_pdf(file, pages_of(whole, strip, *A4_MM), title=title)
        else:
            height_mm = HEAD_MM + sum(row.height_mm for row in strip.rows) + FOOT_MM + 2 * PICTURE_MARGIN_MM
            width_mm = WIDTH_MM + 2 * PICTURE_MARGIN_MM
            (page,) = pages_of(whole, strip, width_mm, height_mm, margin_mm=PICTURE_MARGIN_MM)
            (write_png if suffix == ".png" else write_svg)(file, page, title=title)
    return path


def _refuse_long(path: Path, length: int | None, recording: RecordingStream) -> None:
    suffix = path.suffix.casefold()
    longest_s = LONGEST_S[suffix]
    seconds = (length or 0) / float(recording.rate_hz)
    if seconds > longest_s:
        other = next((f"as {each[1:].upper()}" for each in SUFFIXES if LONGEST_S[each] >= seconds), "as WFDB")
        raise InputError(
            f"{path}: {seconds:.0f} s are too long for this kind of picture, which takes {longest_s} s; "
            f"export them {other}"
        )


def pages_of(
    recording: Recording, strip: Strip, width_mm: float, height_mm: float, *, margin_mm: float = MARGIN_MM
) -> Iterator[Page]:
    """Distribute the rows of a strip over pages of one size."""
    room_mm = height_mm - 2 * margin_mm - HEAD_MM - FOOT_MM
    sheets: list[list[Row]] = [[]]
    used_mm = 0.0
    for row in strip.rows:
        if sheets[-1] and used_mm + row.height_mm > room_mm + 1e-6:
            sheets.append([])
            used_mm = 0.0
        sheets[-1].append(row)
        used_mm += row.height_mm
    left_mm = (width_mm - WIDTH_MM) / 2
    for number, rows in enumerate(sheets, start=1):
        items = header(recording, strip, left_mm, margin_mm)
        y_mm = margin_mm + HEAD_MM
        for row in rows:
            items += row.draw(y_mm, left_mm)
            y_mm += row.height_mm
        page = f"page {number} of {len(sheets)}" if len(sheets) > 1 else ""
        items += footer(left_mm, height_mm - margin_mm, letters=strip.letters, page=page)
        yield Page(width_mm, height_mm, items)


def header(recording: Recording, strip: Strip, x_mm: float, y_mm: float) -> list[Item]:
    """Whose ECG it is, when it began, the heart rate, and the scales."""
    start = "" if recording.start_utc is None else f"{recording.start_utc:%Y-%m-%d %H:%M:%S} UTC"
    seconds = recording.length / float(recording.rate_hz)
    about = [start, f"{seconds:.1f} s", recording.name, f"{float(recording.rate_hz):g} Hz"]
    rate = "unknown" if strip.heart_rate_bpm is None else f"{strip.heart_rate_bpm:.0f} bpm"
    right_mm = x_mm + WIDTH_MM
    return [
        Text(x_mm, y_mm + 4, font().fitted(recording.device or recording.name, TITLE_MM, 150), TITLE_MM, INK),
        Text(right_mm, y_mm + 4, f"Mean heart rate {rate}", TITLE_MM, INK, "end"),
        Text(
            x_mm,
            y_mm + 10,
            font().fitted(SEPARATOR.join(each for each in about if each), TEXT_MM, 170),
            TEXT_MM,
            PALE_INK,
        ),
        Text(
            right_mm,
            y_mm + 10,
            SEPARATOR.join((f"{MM_PER_S} mm/s", f"{MM_PER_MV} mm/mV", "no filter")),
            TEXT_MM,
            PALE_INK,
            "end",
        ),
    ]


def footer(x_mm: float, bottom_mm: float, *, letters: frozenset[str] = frozenset(), page: str = "") -> list[Item]:
    """What the letters above the beats mean, what this is not, and the number of the page."""
    meanings = SEPARATOR.join(f"{letter} {LABELS.get(letter, 'beat')}" for letter in sorted(letters, key=_order))
    right = SEPARATOR.join(part for part in (DISCLAIMER, page) if part)
    right_mm = font().width_mm(right, SMALL_MM)
    return [
        Text(x_mm, bottom_mm - 1, font().fitted(meanings, SMALL_MM, WIDTH_MM - right_mm - 5), SMALL_MM, PALE_INK),
        Text(x_mm + WIDTH_MM, bottom_mm - 1, right, SMALL_MM, PALE_INK, "end"),
    ]


def _order(letter: str) -> tuple[int, str]:
    known = list(LABELS)
    return (known.index(letter) if letter in LABELS else len(known), letter)
