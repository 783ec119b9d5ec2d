"""Reads CSV files, which have one sample a line, a few seconds at a time."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice, pairwise
from typing import TYPE_CHECKING, TextIO

import numpy as np

from ecg.errors import InputError
from ecg.formats.csv.layout import Column, Layout, number_or_none, read_layout, split_cells
from ecg.formats.csv.times import TimeGrid, learn_grid, seconds_or_none
from ecg.formats.reader import Channel, Reader, every_lead, no_voltage
from ecg.recording import BLOCK_S, Lead, RecordingBlock, choose_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from fractions import Fraction
    from pathlib import Path

    from ecg.samples import FloatArray

__all__ = ["CsvReader"]

HEAD_LINES = 4096
"""Lines from which the layout and the rate are learned."""

EPOCH_S = 1e9
"""Numeric times beyond this (2001) count from 1970; smaller ones from the start of the recording."""

_LONGEST_GAP_S = 366 * 86400.0
"""A longer leap is a damaged cell, not a pause in a recording."""

_FORGIVEN_ROWS = 20
_FORGIVEN_SHARE = 0.05


class CsvReader(Reader):
    """A table of numbers.

    The delimiter is a comma, a semicolon or a tab, and the decimal sign a point. `read_layout` has the rules for the
    columns. The rate comes from a comment `# rate_hz: 360` or from the time column; jumps of the time column are gaps.

    An empty cell or `nan` is a lost sample. A cell with text, or a missing one, is treated as a lost sample too, and
    its row is reported at the end of the file, so that a few damaged rows cost no beats. Reading stops if more than 20
    rows, and more than one row in twenty, are damaged: then the file is something else.
    """

    def __init__(self, path: Path, channels: Sequence[str] | None = None) -> None:
        """Open a file.

        Args:
            path: the file.
            channels: signals by name, with or without unit, or by number; None selects every lead.

        Raises:
            InputError: the file is missing, empty or without a rate; a signal does not exist or is not a voltage.
        """
        self._path = path
        head = self._head()
        self._layout = read_layout(head, str(path))
        self._columns = _choose(self._layout, channels, path)
        self._grid: TimeGrid | None = None
        rate_hz = self._layout.rate_hz
        self.start_utc = None
        if self._layout.time_column is not None and not self._layout.counts_samples:
            times_s = self._times_s([line for line in head[self._layout.first_line - 1 :] if self._is_data(line)])
            self._grid = learn_grid(times_s[~np.isnan(times_s)], rate_hz)
            rate_hz = self._grid.rate_hz if self._grid else rate_hz
            if times_s.size and times_s[0] > EPOCH_S:
                self.start_utc = datetime.fromtimestamp(float(times_s[0]), UTC)
        if rate_hz is None:
            raise InputError(f"{path}: its sampling rate is not known; put a line like '# rate_hz: 360' at its top")
        self.rate_hz: Fraction = rate_hz
        self.channels = tuple(
            Channel(column.name, "text" if column.is_text else column.unit, rate_hz, is_lead=_is_lead(column))
            for column in self._layout.columns
        )
        self.leads = tuple(Lead(column.name, unit=column.unit) for column in self._columns)
        self.name = path.stem
        self.length = None

    def _open(self) -> TextIO:
        return self._path.open(encoding="utf-8-sig", errors="replace")

    def _head(self) -> list[str]:
        try:
            with self._open() as file:
                return list(islice(file, HEAD_LINES))
        except OSError as error:
            raise InputError(f"{self._path}: cannot be read ({error.strerror}); check the name") from None

    @staticmethod
    def _is_data(line: str) -> bool:
        return not line.startswith("#")

    def blocks(self) -> Iterator[RecordingBlock]:
        """Read the leads in blocks of at most 10 s.

        Raises:
            InputError: at the end, if rows could not be read; at once, if time runs backwards or most rows are text.
        """
        rows_a_block = max(1, round(BLOCK_S * self.rate_hz))
        damage = _Damage(self._path)
        next_index = 0
        last_time: float | None = None
        any_number = False
        with self._open() as file:
            line_number = self._layout.first_line
            rest = islice(file, self._layout.first_line - 1, None)
            while lines := list(islice(rest, rows_a_block)):
                first_line, line_number = line_number, line_number + len(lines)
                rows = [(number, line) for number, line in enumerate(lines, first_line) if self._is_data(line)]
                if len(lines) < rows_a_block:
                    while rows and not rows[-1][1].strip():
                        rows.pop()  # blank lines at the end of the file are no samples
                if not rows:
                    continue
                samples_mv = self._samples_mv(rows, damage)
                any_number = any_number or not np.isnan(samples_mv).all()
                lost, last_time = self._lost_before(rows, last_time)
                positions = next_index + np.arange(len(rows)) + np.cumsum(lost)
                next_index = int(positions[-1]) + 1
                edges = [0, *(int(edge) for edge in np.flatnonzero(lost) if edge), len(rows)]
                for start, end in pairwise(edges):
                    yield RecordingBlock(int(positions[start]), samples_mv[:, start:end])
                damage.stop_if_hopeless()
        damage.report()
        if not any_number:
            names = ", ".join(column.name for column in self._columns)
            raise InputError(f"{self._path}: no number in column {names}; choose another with --channel")

    def _samples_mv(self, rows: Sequence[tuple[int, str]], damage: _Damage) -> FloatArray:
        """Read the numbers of rows, shape (leads, n), mV."""
        delimiter, places = self._layout.delimiter, [column.place for column in self._columns]
        damage.rows += len(rows)
        try:
            # One pass, without a list of all cells: this loop takes most of the time of reading a file.
            values = [float(cells[place]) for _, line in rows for cells in (line.split(delimiter),) for place in places]
        except (ValueError, IndexError):
            values = [value for number, line in rows for value in self._values(number, line, damage)]
        table = np.array(values).reshape(len(rows), len(places))
        samples_mv: FloatArray = np.ascontiguousarray(table.T) * np.array(
            [[column.mv_per_unit] for column in self._columns]
        )
        samples_mv[np.isinf(samples_mv)] = np.nan
        return samples_mv

    def _values(self, number: int, line: str, damage: _Damage) -> list[float]:
        """Read the numbers of a row that may be damaged. NaN stands for a lost sample."""
        cells = split_cells(line, self._layout.delimiter)
        values, bad = [], None
        for column in self._columns:
            cell = cells[column.place] if column.place < len(cells) else None
            value = number_or_none(cell) if cell is not None else None
            if value is None and bad is None:
                bad = line.strip() if cell is None else cell
            values.append(np.nan if value is None else value)
        if bad is not None and line.strip():
            damage.note(number, bad)
        return values

    def _times_s(self, lines: Sequence[str]) -> FloatArray:
        """Times of rows, shape (n,); NaN where there is none. Sample numbers are left as they are."""
        column, delimiter = self._layout.time_column, self._layout.delimiter
        assert column is not None
        scale = 1.0 if self._layout.counts_samples else self._layout.seconds_per_unit
        times = []
        for line in lines:
            cells = line.split(delimiter, column + 1)
            time_s = seconds_or_none(cells[column], scale) if column < len(cells) else None
            times.append(np.nan if time_s is None else time_s)
        return np.array(times)

    def _lost_before(self, rows: Sequence[tuple[int, str]], last: float | None) -> tuple[np.ndarray, float | None]:
        """How many samples were lost before each row, shape (n,), and the time of the last row."""
        none = np.zeros(len(rows), dtype=np.int64)
        if self._layout.counts_samples:
            step, longest, impossible = 1.0, 1.5, _LONGEST_GAP_S * float(self.rate_hz)
        elif self._grid is not None:
            step, longest, impossible = self._grid.step_s, self._grid.longest_step_s, _LONGEST_GAP_S
        else:
            return none, None
        times = self._times_s([line for _, line in rows])
        if np.isnan(times[0]):
            times[0] = 0.0 if last is None else last + step
        for unknown in np.flatnonzero(np.isnan(times)):
            times[unknown] = times[unknown - 1] + step
        steps = np.diff(times, prepend=times[0] - step if last is None else last)
        backwards = np.flatnonzero(steps < 0)
        if len(backwards):
            number, line = rows[int(backwards[0])]
            raise InputError(f"{self._path}: line {number}: time runs backwards ({line.strip()[:40]}); sort the rows")
        far = np.flatnonzero(steps > impossible)
        if len(far):
            number, line = rows[int(far[0])]
            raise InputError(
                f"{self._path}: line {number}: time leaps by over a year ({line.strip()[:40]}); correct it"
            )
        jumps = steps > longest
        none[jumps] = np.round(steps[jumps] / step).astype(np.int64) - 1
        return none, float(times[-1])


def _choose(layout: Layout, wanted: Sequence[str] | None, path: Path) -> list[Column]:
    """Select the columns to read. The cell of the header, with its unit, is a name too."""
    names = [column.name for column in layout.columns]
    if wanted is None:
        are_leads = [_is_lead(column) for column in layout.columns]
        return [layout.columns[number] for number in every_lead(names, are_leads, path)]
    full = [column.full_name for column in layout.columns]
    numbers = [full.index(each) if each in full else choose_name(names, each, str(path)) for each in wanted]
    chosen = [layout.columns[number] for number in numbers]
    for column in chosen:
        if column.mv_per_unit is None:
            raise no_voltage(path, column.name, column.unit)
    return chosen


def _is_lead(column: Column) -> bool:
    return column.mv_per_unit is not None and not column.is_text


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

    def report(self) -> None:
        if self.bad:
            line, text = self._first
            rows = "1 row" if self.bad == 1 else f"{self.bad} rows"
            raise InputError(
                f"{self._path}: {rows} taken as lost samples, the first at line {line}: {text!r} is no number; "
                "correct or empty the cell"
            )
