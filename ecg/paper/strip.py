"""Rows of an ECG: 10 s of one lead, with the letters of its beats, tags, gaps, heart rate and time of day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.paper.drawing import INK, PALE_INK, Box, Segments, Text
from ecg.paper.font import font
from ecg.paper.grid import MM_PER_S, grid
from ecg.paper.marks import Marks, marks_of
from ecg.paper.tags import Tag, TagRow
from ecg.paper.trace import PULSE_MM, missing, pulse, range_of, trace
from ecg.paper.wording import NOT_CLASSIFIED
from ecg.samples import runs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ecg.formats.wfdb.annotations import Annotation
    from ecg.paper.drawing import Item
    from ecg.paper.marks import BeatMark
    from ecg.paper.trace import Range
    from ecg.recording import Recording
    from ecg.samples import FloatArray

__all__ = ["ROW_S", "WIDTH_MM", "Row", "Strip", "clock_of", "heart_rate_bpm", "strip_of"]

ROW_S: Final = 10
RIGHT_MM: Final = 5
WIDTH_MM: Final = PULSE_MM + ROW_S * MM_PER_S + RIGHT_MM

LETTERS_MM: Final = 5.0
"""Room for the letters of the beats, above the trace: no wave reaches them."""

CLOCK_MM: Final = 6.0
"""Room for the time of day, below the trace."""

CLOCK_S: Final = 5
TICK_MM: Final = 1.0
LETTER_MM, SMALL_MM = 3.2, 2.8
"""Sizes of the letters above the beats, and of what is written at the edges."""

NAMED_GAP_S: Final = 0.1
"""A gap without room for its word gets a tag if it is at least so long."""

LONGEST_RR_S: Final = 10.0
"""Between two beats so far apart some were missed, or the heart stood still: no heart rate is told from them."""


@dataclass(frozen=True, slots=True)
class _Gap:
    """A stretch without ECG, in s from the beginning of the row, and what to write there: the longest words first."""

    first_s: float
    last_s: float
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """Up to 10 s of one lead.

    Attributes:
        samples_mv: shape (n,), with the first sample of the next row at the end; NaN where there is no ECG.
        rate_hz: sampling rate.
        lead: its name.
        scale: its part of the voltage axis.
        letters: above beats, in s from the beginning.
        tags: above the row.
        gaps: stretches without ECG.
        clocks: times of day below the row, in s from the beginning.
        heart_rate_bpm: mean over the row; None where it cannot be told.
    """

    samples_mv: FloatArray
    rate_hz: float
    lead: str
    scale: Range
    letters: tuple[tuple[float, str], ...]
    tags: TagRow
    gaps: tuple[_Gap, ...]
    clocks: tuple[tuple[float, str], ...]
    heart_rate_bpm: float | None

    @property
    def height_mm(self) -> float:
        """The room that the row takes on a page."""
        return self.tags.height_mm + LETTERS_MM + self.scale.height_mm + CLOCK_MM

    def draw(self, y_mm: float, x_mm: float = 0.0) -> list[Item]:
        """Draw the row with its upper left corner at a point."""
        top_mm = y_mm + self.tags.height_mm + LETTERS_MM
        paper = Box(x_mm, top_mm, WIDTH_MM, self.scale.height_mm)
        left_mm = x_mm + PULSE_MM
        box = Box(left_mm, top_mm, ROW_S * MM_PER_S, self.scale.height_mm)
        items: list[Item] = [*grid(paper)]
        for gap in self.gaps:
            items += missing(box, gap.first_s, gap.last_s, gap.words)
        items.append(pulse(x_mm, top_mm + self.scale.above_mm))
        items += trace(box, self.samples_mv, self.scale, self.rate_hz)
        items += self.tags.draw(x_mm, y_mm + self.tags.height_mm, box)
        for second, letter in self.letters:
            colour = PALE_INK if letter in _PALE else INK
            items.append(Text(left_mm + second * MM_PER_S, top_mm - 1.4, letter, LETTER_MM, colour, "middle"))
        return items + self._edges(box, x_mm)

    def _edges(self, box: Box, x_mm: float) -> list[Item]:
        """Lead and heart rate at the left, seconds and times of day below."""
        rate = "" if self.heart_rate_bpm is None else f"{self.heart_rate_bpm:.0f} bpm"
        clock_y_mm = box.bottom_mm + 4.2
        items: list[Item] = [
            Text(x_mm + 1, box.y_mm + 3.4, font().fitted(self.lead, LETTER_MM, PULSE_MM - 2), LETTER_MM, INK),
            Text(x_mm + 1, clock_y_mm, rate, SMALL_MM, INK),
        ]
        seconds_mm = box.x_mm + MM_PER_S * np.arange(ROW_S + 1.0)
        ends = [[x, box.bottom_mm, x, box.bottom_mm + TICK_MM] for x in seconds_mm.tolist()]
        items.append(Segments(np.array(ends), PALE_INK))
        for second, text in self.clocks:
            items.append(Text(box.x_mm + second * MM_PER_S + 0.6, clock_y_mm, text, SMALL_MM, PALE_INK))
        return items


_PALE = frozenset("N?")
"""Letters that a reader passes over: those of normal beats and of beats without a class."""


@dataclass(frozen=True, slots=True)
class Strip:
    """A recording, ready to be drawn.

    Attributes:
        rows: in order of time; in each stretch of time the leads in their order.
        letters: that stand above beats.
        heart_rate_bpm: mean over the strip; None where it cannot be told.
    """

    rows: tuple[Row, ...]
    letters: frozenset[str]
    heart_rate_bpm: float | None


def strip_of(recording: Recording, annotations: Sequence[Annotation]) -> Strip:
    """Cut a recording into rows.

    Args:
        recording: in memory.
        annotations: in order of their samples.
    """
    rate_hz = float(recording.rate_hz)
    marks = marks_of(annotations, recording.length, lambda sample: clock_of(recording, sample))
    samples_mv = recording.samples_mv.copy()
    for off in marks.electrode_off:
        samples_mv[:, off.start : off.stop] = np.nan
    per_row = ROW_S * rate_hz
    borders = [round(row * per_row) for row in range(ceil(recording.length / per_row) + 1)]
    lost: NDArray[np.bool_] = np.asarray(np.isnan(samples_mv).all(axis=0))
    rows = []
    for first, last in pairwise(borders):
        here = _marks_within(marks, first, first + per_row)
        for number, lead in enumerate(recording.leads):
            # The sample after the row draws the line up to the edge; it has no part in the gaps.
            part_mv = samples_mv[number, first : last + 1]
            rows.append(
                _row(
                    recording,
                    part_mv,
                    first=first,
                    lead=lead.name,
                    marks=here if number == 0 else _NO_MARKS,
                    electrode_off=marks.electrode_off,
                    heart_rate_bpm=heart_rate_bpm(here.beats, lost, rate_hz),
                )
            )
    letters = frozenset(beat.letter for beat in marks.beats)
    return Strip(tuple(rows), letters, heart_rate_bpm(marks.beats, lost, rate_hz))


def heart_rate_bpm(beats: Sequence[BeatMark], lost: NDArray[np.bool_], rate_hz: float) -> float | None:
    """Mean heart rate over the intervals between classified beats that no gap interrupts; None without one.

    A beat without a class comes from a signal that cannot be believed.

    Args:
        beats: in order.
        lost: shape (n,), true where samples are lost.
        rate_hz: sampling rate.
    """
    intervals = [
        after.sample - before.sample
        for before, after in pairwise(beats)
        if NOT_CLASSIFIED not in {before.letter, after.letter}
        and 0 < after.sample - before.sample <= LONGEST_RR_S * rate_hz
        and not lost[before.sample : after.sample].any()
    ]
    return 60 * rate_hz * len(intervals) / sum(intervals) if intervals else None


def clock_of(recording: Recording, sample: float) -> str:
    """The time of day of a sample, by the measured rate, or the time since sample 0 if the start is unknown."""
    since = timedelta(seconds=sample / (recording.true_rate_hz or float(recording.rate_hz)))
    if recording.start_utc is None:
        return f"{timedelta(seconds=int(since.total_seconds()))}"
    return f"{recording.start_utc + since:%H:%M:%S}"


def _marks_within(marks: Marks, first: int, end: float) -> Marks:
    return Marks(
        tuple(beat for beat in marks.beats if first <= beat.sample < end),
        tuple(tag for tag in marks.tags if first <= tag.sample < end),
        (),
    )


_NO_MARKS = Marks((), (), ())


def _row(
    recording: Recording,
    part_mv: FloatArray,
    *,
    first: int,
    lead: str,
    marks: Marks,
    electrode_off: Sequence[range],
    heart_rate_bpm: float | None,
) -> Row:
    rate_hz = float(recording.rate_hz)
    own = min(len(part_mv), round(ROW_S * rate_hz))
    gaps = _gaps(part_mv[:own], first, rate_hz, electrode_off)
    tags = [Tag(_at_mm((tag.sample - first) / rate_hz), tag.text, tag.colour) for tag in marks.tags]
    tags += [
        Tag(_at_mm(gap.first_s), f"{gap.words[-1]} {gap.last_s - gap.first_s:.1f} s")
        for gap in gaps
        if gap.last_s - gap.first_s >= NAMED_GAP_S and not _has_room(gap)
    ]
    seconds = range(0, ceil(own / rate_hz), CLOCK_S)
    return Row(
        samples_mv=part_mv,
        rate_hz=rate_hz,
        lead=lead,
        scale=range_of(part_mv, rate_hz),
        letters=tuple(((beat.sample - first) / rate_hz, beat.letter) for beat in marks.beats),
        tags=TagRow(tags, 0.0, WIDTH_MM),
        gaps=gaps,
        clocks=tuple((float(second), clock_of(recording, first + second * rate_hz)) for second in seconds),
        heart_rate_bpm=heart_rate_bpm,
    )


def _at_mm(second: float) -> float:
    return PULSE_MM + second * MM_PER_S


def _gaps(samples_mv: FloatArray, first: int, rate_hz: float, electrode_off: Sequence[range]) -> tuple[_Gap, ...]:
    """The stretches without samples, each with its cause; a stretch with two causes is two gaps."""
    off = np.zeros(len(samples_mv), dtype=bool)
    for stretch in electrode_off:
        off[max(stretch.start - first, 0) : max(stretch.stop - first, 0)] = True
    lost = np.isnan(samples_mv) & ~off
    return tuple(
        _Gap(start / rate_hz, stop / rate_hz, words)
        for flags, words in ((off, ("electrode off", "off")), (lost, ("samples lost", "lost")))
        for start, stop in runs(flags)
    )


def _has_room(gap: _Gap) -> bool:
    return font().width_mm(gap.words[-1], SMALL_MM) + 1 <= (gap.last_s - gap.first_s) * MM_PER_S
