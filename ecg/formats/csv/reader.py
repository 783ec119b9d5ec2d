"""Reads CSV files, which have one sample a line, a few seconds at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time
from fractions import Fraction
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.errors import InputError
from ecg.formats.csv.clock import Clock, TimeGrid, learn_grid
from ecg.formats.csv.dialect import ONE_COLUMN, SPACES
from ecg.formats.csv.layout import Column, is_data, read_layout
from ecg.formats.csv.text import TextFile
from ecg.formats.reader import NO_OPTIONS, Channel, Reader, choose, no_voltage, worth_mv
from ecg.formats.units import UNKNOWN_UNITS
from ecg.recording import BLOCK_S, Lead, RecordingBlock
from ecg.swing import HIGHEST_MV, LOWEST_MV, SwingMeter

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ecg.formats.options import ReadOptions
    from ecg.samples import FloatArray

__all__ = ["CsvReader"]

HEAD_LINES: Final = 4096
"""Lines from which the layout and the rate are learned."""

_MOST_ROWS: Final = 1 << 14
_BLANK: Final = " \t\r\n\0,;|"
_FOOTER_LINES: Final = 3
_FORGIVEN_ROWS = 20
_FORGIVEN_SHARE = 0.05


class CsvReader(Reader):
    """A table of numbers, in any usual coding and way of writing: see `TextFile`, `find_dialect` and `read_layout`.

    The rate comes from the options, from the lines above the table, such as `# rate_hz: 360`, or from the time column;
    jumps of the time column are gaps. A column without a unit is in mV if its numbers swing as an ECG in mV does;
    otherwise the unit is asked for.

    An empty cell or `nan` is a lost sample. A cell with text, or a missing one, is treated as a lost sample too, and
    `remarks` says so, so that a few damaged rows cost no beats. Reading stops if more than 20 rows, and more than one
    row in twenty, are damaged: then the file is something else.

    Memory: lines have at most 65,536 characters, and at most 16,384 are held at a time.
    """

    def __init__(self, path: Path, channels: Sequence[str] | None = None, options: ReadOptions = NO_OPTIONS) -> None:
        """Open a file.

        Args:
            path: the file.
            channels: signals by name, with or without unit, or by number; None selects every lead.
            options: what a person told.

        Raises:
            InputError: the file is missing or empty; a signal does not exist or is not a voltage; the rate, or the unit
                of a signal or of the times, is not known.
        """
        self._path = path
        self._text = TextFile(path)
        head = list(islice(self._text.lines(), HEAD_LINES))
        self._layout = read_layout(head, str(path), options)
        self.remarks = []
        self._grid: TimeGrid | None = None
        columns = self._layout.columns
        kinds = [
            not column.is_text and (not column.unit or worth_mv(column.name, column.unit, options) is not None)
            for column in columns
        ]
        full = [column.full_name for column in columns]
        if channels is not None:
            channels = [str(full.index(each)) if each and each in full else each for each in channels]
        unrated = [
            Channel(column.name, "text" if column.is_text else column.unit, Fraction(0), is_lead)
            for column, is_lead in zip(columns, kinds, strict=True)
        ]
        self._columns = [columns[number] for number in choose(unrated, channels, path)]
        below = [line for line in head[self._layout.first_line - 1 :] if is_data(line)]
        self.rate_hz, self.rate_from = self._rate(below, options)
        self.channels = tuple(replace(channel, rate_hz=self.rate_hz) for channel in unrated)
        first_rows = [self._layout.dialect.split(line) for line in below]
        units = [self._unit(column, first_rows, options) for column in self._columns]
        self._mv_per_unit = np.array([[worth] for _, worth in units])
        self.leads = tuple(Lead(column.name, unit=unit) for column, (unit, _) in zip(self._columns, units, strict=True))
        self.name = path.stem
        self.length = None
        self.start_utc = self._start(head)
        self.format = f"CSV ({self._layout.dialect.description})"

    def _rate(self, lines: Sequence[str], options: ReadOptions) -> tuple[Fraction, str]:
        """The sampling rate, and where it comes from."""
        told = options.rate_hz or self._layout.preamble.rate_hz
        source = "--rate" if options.rate_hz else "the lines above the table"
        column = self._layout.time
        if column is not None and not column.counts_samples:
            times_s = self._times(lines)
            times_s = times_s[~np.isnan(times_s)]
            self._grid = learn_grid(times_s, told)
            own = learn_grid(times_s, None) if told else None
            if told and own and not 0.95 < own.rate_hz / told < 1.05:
                self._grid = None  # or each row would seem to lie beside a gap
                self.remarks.append(
                    f"{float(told):.6g} Hz by {source}, but {float(own.rate_hz):.6g} Hz by its times, "
                    "which are not followed"
                )
            if self._grid and not told:
                if column.note:
                    self.remarks.append(column.note)
                return self._grid.rate_hz, f"column {column.name}" if column.name else "its times"
        if told is None:
            why = "; its times are too few or too much alike to tell it" if self._layout.time else ""
            raise InputError(
                f"{self._path}: its sampling rate is not known{why}; give it with --rate, or put a line like "
                "'# rate_hz: 360' at its top"
            )
        return told, source

    def _start(self, head: Sequence[str]) -> datetime | None:
        """The time of the first sample, if its date is known."""
        column, day = self._layout.time, self._layout.day
        if column is not None and not column.counts_samples:
            line = next(line for line in head[self._layout.first_line - 1 :] if is_data(line))
            (first_s,) = self._times([line])
            try:
                if not np.isnan(first_s) and day is not None and column.times.wraps:
                    return datetime.fromtimestamp(float(first_s) + datetime.combine(day, time(), UTC).timestamp(), UTC)
                if not np.isnan(first_s) and ((day and not column.times.is_number) or 1e9 <= first_s < 4.2e9):
                    return datetime.fromtimestamp(float(first_s), UTC)
            except (ValueError, OverflowError, OSError):
                return None
        return self._layout.preamble.start_utc

    def _unit(self, column: Column, rows: Sequence[Sequence[str]], options: ReadOptions) -> tuple[str, float]:
        """The unit of a column and what it is worth in mV.

        Raises:
            InputError: it is no voltage; or there is none, and the numbers do not look like mV.
        """
        worth = worth_mv(column.name, column.unit, options)
        title = column.name or f"number {column.place}"
        if worth is not None:
            return options.unit or column.unit, worth
        if column.unit.strip().casefold() in UNKNOWN_UNITS - {""}:
            raise InputError(
                f"{self._path}: column {title} is in {column.unit}, whose worth is not known; give it with --unit, "
                "such as 200/mV or 0.005mV"
            )
        if column.unit or column.is_text:
            raise no_voltage(self._path, title, "text" if column.is_text else column.unit)
        meter = SwingMeter(self.rate_hz)
        numbers = [self._layout.dialect.number(row[column.place]) for row in rows if column.place < len(row)]
        meter.push(np.array([np.nan if number is None else number for number in numbers]))
        swing = meter.usual
        if swing and not LOWEST_MV <= swing <= HIGHEST_MV:
            raise InputError(
                f"{self._path}: column {title} has no unit, and its numbers swing by {swing:.3g}, which no ECG in "
                "mV does; give the unit with --unit, such as uV, V or 200/mV"
            )
        self.assumes_mv = True
        self.remarks.append(f"column {title} has no unit: taken for mV")
        return "mV", 1.0

    def blocks(self) -> Iterator[RecordingBlock]:
        """Read the leads in blocks of at most 10 s. What was damaged is among the `remarks` at the end.

        Raises:
            InputError: most rows are text, or the file cannot be read to its end.
        """
        rows_a_block = min(max(1, round(BLOCK_S * self.rate_hz)), _MOST_ROWS)
        damage = _Damage(self._path)
        clock = self._clock()
        next_index = 0
        any_number = False
        line_number = self._layout.first_line
        rest = self._text.lines(self._layout.first_line)
        lines = list(islice(rest, rows_a_block))
        while lines:
            following = list(islice(rest, rows_a_block))
            first_line, line_number = line_number, line_number + len(lines)
            rows = [(number, line) for number, line in enumerate(lines, first_line) if is_data(line)]
            if not following:
                end = len(rows)
                while end and self._is_footer(rows[end - 1][1]):
                    end -= 1
                written = [place for place in range(end, len(rows)) if rows[place][1].strip(_BLANK)]
                # Blank lines and a last remark are no samples; more text than that is damage.
                del rows[end if len(written) <= _FOOTER_LINES else written[-1] + 1 :]
            lines = following
            if not rows:
                continue
            samples_mv = self._samples_mv(rows, damage)
            any_number = any_number or not np.isnan(samples_mv).all()
            lost = self._lost_before(rows, clock)
            positions = next_index + np.arange(len(rows)) + np.cumsum(lost)
            next_index = int(positions[-1]) + 1
            edges = [0, *(int(edge) for edge in np.flatnonzero(lost) if edge), len(rows)]
            for start, end in pairwise(edges):
                yield RecordingBlock(int(positions[start]), samples_mv[:, start:end])
            damage.stop_if_hopeless()
        for remark in (*(clock.remarks if clock else ()), *damage.remarks):
            if remark not in self.remarks:
                self.remarks.append(remark)
        if not any_number:
            names = ", ".join(column.name for column in self._columns)
            raise InputError(f"{self._path}: no number in column {names}; choose another with --channel")

    def _is_footer(self, line: str) -> bool:
        """Whether a line at the end of the file has no cell of numbers, nor one of a lost sample beside a time."""
        cells = [cell for cell in self._layout.dialect.split(line.strip(_BLANK)) if cell]
        time = self._layout.time
        return not any(
            self._layout.dialect.number(cell) is not None or (time is not None and time.times.read(cell) is not None)
            for cell in cells
        )

    def _samples_mv(self, rows: Sequence[tuple[int, str]], damage: _Damage) -> FloatArray:
        """Read the numbers of rows, shape (leads, n), mV."""
        dialect, places = self._layout.dialect, [column.place for column in self._columns]
        damage.rows += len(rows)
        lines = [line for _, line in rows]
        try:
            if any('"' in line or "[" in line or "\u2212" in line for line in lines):
                raise ValueError  # noqa: TRY301 - the slow way
            # One pass, without a list of all cells: this loop takes most of the time of reading a file.
            if dialect.decimal_comma and dialect.delimiter != ",":
                lines = [line.replace(",", ".") for line in lines]
            if dialect.delimiter == ONE_COLUMN:
                values = [float(line) for line in lines for _ in places]
            else:
                delimiter = None if dialect.delimiter == SPACES else dialect.delimiter
                values = [
                    float(cells[place]) for line in lines for cells in (line.split(delimiter),) for place in places
                ]
        except (ValueError, IndexError):
            values = [value for number, line in rows for value in self._values(number, line, damage)]
        table = np.array(values).reshape(len(rows), len(places))
        with np.errstate(over="ignore"):
            samples_mv: FloatArray = np.ascontiguousarray(table.T) * self._mv_per_unit
        samples_mv[np.isinf(samples_mv)] = np.nan
        return samples_mv

    def _values(self, number: int, line: str, damage: _Damage) -> list[float]:
        """Read the numbers of a row that may be damaged. NaN stands for a lost sample."""
        cells = self._layout.dialect.split(line)
        values, bad = [], None
        for column in self._columns:
            cell = cells[column.place] if column.place < len(cells) else None
            value = self._layout.dialect.number(cell) if cell is not None else None
            if value is None and bad is None:
                bad = line.strip() if cell is None else cell
            values.append(np.nan if value is None else value)
        if bad is not None and line.strip():
            damage.note(number, bad)
        return values

    def _times(self, lines: Sequence[str]) -> FloatArray:
        """Times of rows in s, or sample numbers, shape (n,); NaN where there is none."""
        column, dialect = self._layout.time, self._layout.dialect
        assert column is not None
        times = []
        for line in lines:
            cells = dialect.split(line)
            found = column.times.read(cells[column.place]) if column.place < len(cells) else None
            times.append(np.nan if found is None else found * column.scale)
        return np.array(times)

    def _clock(self) -> Clock | None:
        """What follows the times or the sample numbers; None where there are none."""
        column = self._layout.time
        if column is None:
            return None
        if column.counts_samples:
            step_s = float(1 / self.rate_hz)
            return Clock(TimeGrid(self.rate_hz, step_s, 1.5 * step_s), counts=step_s)
        if self._grid is None:
            return None
        times = column.times
        is_local = not (times.is_number or times.wraps or times.has_zone)
        return Clock(self._grid, counts=column.scale if times.is_number else 0.0, wraps=times.wraps, is_local=is_local)

    def _lost_before(self, rows: Sequence[tuple[int, str]], clock: Clock | None) -> np.ndarray:
        """How many samples were lost before each row, shape (n,)."""
        if clock is None:
            return np.zeros(len(rows), dtype=np.int64)
        times_s = self._times([line for _, line in rows])
        if self._layout.time is not None and self._layout.time.counts_samples:
            times_s /= float(self.rate_hz)
        return clock.lost_before(times_s, np.array([number for number, _ in rows]))


class _Damage:
    """Rows that could not be read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.rows = 0
        self.bad = 0
        self._first = (0, "")

    def note(self, line_number: int, text: str) -> None:
        self.bad += 1
        if self.bad == 1:
            self._first = (line_number, text[:40])

    def stop_if_hopeless(self) -> None:
        if self.bad > max(_FORGIVEN_ROWS, _FORGIVEN_SHARE * self.rows):
            line, text = self._first
            raise InputError(
                f"{self._path}: line {line}: {text!r} is no number, nor are {self.bad - 1} more of {self.rows} rows; "
                "give a CSV file with one sample a line"
            )

    @property
    def remarks(self) -> list[str]:
        """What was damaged, one sentence; none if nothing was."""
        if not self.bad:
            return []
        line, text = self._first
        rows = "1 row" if self.bad == 1 else f"{self.bad} rows"
        return [f"{rows} taken as lost samples, the first at line {line}: {text!r} is no number"]
