"""The layouts in which recorders print twelve leads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reader.twelve_leads import LEADS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Cell", "Layout", "layouts_of"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A place of a page where one lead is printed.

    Attributes:
        row: number of its row.
        baseline: of the row, pixels.
        first, last: columns, pixels: its beginning, and behind its end.
        leads: that it may be, one unless it is a rhythm strip.
        is_rhythm_strip: it has the whole width below the others.
    """

    row: int
    baseline: float
    first: float
    last: float
    leads: tuple[str, ...]
    is_rhythm_strip: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """Columns of leads, and rhythm strips below them."""

    name: str
    columns: tuple[tuple[str, ...], ...]
    strips: int = 0

    @property
    def rows(self) -> int:
        """Rows of traces."""
        return len(self.columns[0]) + self.strips

    def cells(self, baselines: Sequence[float], span: tuple[int, int], starts: Sequence[int]) -> list[Cell]:
        """The cells, with their columns equally wide unless upright lines part them.

        Args:
            baselines: of the rows, pixels.
            span: first column and the column behind the last.
            starts: columns of upright lines.
        """
        return list(self._cells(baselines, self.bounds(span, starts), span))

    def bounds(self, span: tuple[int, int], starts: Sequence[int]) -> list[float]:
        """Where the columns of leads begin, and the end of the last."""
        width = (span[1] - span[0]) / len(self.columns)
        even = [span[0] + number * width for number in range(len(self.columns) + 1)]
        for number in range(1, len(self.columns)):
            near = [start for start in starts if abs(start - even[number]) < 0.06 * width]
            if near:
                even[number] = min(near, key=lambda start: abs(start - even[number]))
        return even

    def _cells(self, baselines: Sequence[float], bounds: Sequence[float], span: tuple[int, int]) -> Iterator[Cell]:
        for number, leads in enumerate(self.columns):
            for row, lead in enumerate(leads):
                yield Cell(row, baselines[row], bounds[number], bounds[number + 1], (lead,))
        for row in range(len(self.columns[0]), self.rows):
            yield Cell(row, baselines[row], *span, LEADS, is_rhythm_strip=True)


_QUARTERS: Final = (LEADS[:3], LEADS[3:6], LEADS[6:9], LEADS[9:])
_HALVES: Final = (LEADS[:6], LEADS[6:])
_LAYOUTS: Final = (
    *(Layout(f"3 x 4 + {strips}" if strips else "3 x 4", _QUARTERS, strips) for strips in range(4)),
    *(Layout(f"6 x 2 + {strips}" if strips else "6 x 2", _HALVES, strips) for strips in range(2)),
    Layout("12 x 1", (LEADS,)),
)


def layouts_of(rows: int) -> list[Layout]:
    """The layouts with so many rows."""
    return [each for each in _LAYOUTS if each.rows == rows]
