"""Tables of figures, for a terminal and for Markdown, and the sections that they stand in."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

__all__ = ["Picture", "Section", "Table", "confusion_table", "markdown", "percent", "show"]

WIDTH = 140
"""Characters of a line that goes to a file or another program."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a title and notes.

    Attributes:
        title: what it is about: data, split, source of the labels.
        columns: their heads.
        rows: cells as text.
        notes: sentences below it.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG that goes with a section.

    Attributes:
        name: of the file.
        title: what it shows.
        draw: writes it to a path.
    """

    name: str
    title: str
    draw: Callable[[Path], None]


@dataclass(frozen=True, slots=True)
class Section:
    """What was found about one thing.

    Attributes:
        name: key among the figures of a report.
        figures: JSON-able.
        tables: the same for people.
        pictures: the same at a glance.
    """

    name: str
    figures: dict[str, Any]
    tables: tuple[Table, ...]
    pictures: tuple[Picture, ...] = ()


def percent(share: float | None, digits: int = 2) -> str:
    """A share in percent; a dash where it is not defined."""
    return "-" if share is None else f"{100 * share:.{digits}f}"


def confusion_table(summary: dict[str, Any], title: str) -> Table:
    """Each class's row of the confusion matrix beside its figures.

    Args:
        summary: of a classifier, by `converter.evaluation.metrics.summary`.
        title: of the table.
    """
    labels = summary["labels"]
    rows = []
    for label, counts in zip(labels, summary["confusion"], strict=True):
        scores = summary["classes"][label]
        figures = (percent(scores["sensitivity"]), percent(scores["predictivity"]), percent(scores["f1"]))
        rows.append([label, *(f"{count:,}" for count in counts), *figures])
    note = (
        f"{summary['beats']:,} beats, accuracy {percent(summary['accuracy'])} %, macro F1 {summary['macro_f1']:.4f} "
        "over the classes that occur"
    )
    return Table(title, ["reference \\ model", *labels, "Se %", "+P %", "F1 %"], rows, [note])


def show(table: Table) -> None:
    """Print a table to the terminal."""
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415 - only where a table is shown
    from rich.console import Console  # noqa: PLC0415
    from rich.markup import escape  # noqa: PLC0415
    from rich.table import Table as RichTable  # noqa: PLC0415

    drawn = RichTable(title=escape(table.title), title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    for number, column in enumerate(table.columns):
        drawn.add_column(escape(column), justify="right" if number else "left", no_wrap=True)
    for row in table.rows:
        drawn.add_row(*(escape(cell) for cell in row))
    console = Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH)
    console.print(drawn)
    for note in table.notes:
        console.print(escape(note if note.endswith(".") else f"{note}."))


def markdown(table: Table, level: int = 2) -> str:
    """A table as Markdown, with its title as a heading of this level."""

    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

    parts = [f"{'#' * level} {table.title}", ""]
    parts += [line(table.columns), "|---" + "|---:" * (len(table.columns) - 1) + "|", *map(line, table.rows), ""]
    return "\n".join(parts + [note if note.endswith(".") else f"{note}." for note in table.notes]) + "\n"
