"""How the doctor's results look in a terminal: a line for each, as soon as it is known."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from edge.doctor.results import Outcome, Result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.doctor.walk import Check

__all__ = ["announce", "open_console", "show", "sum_up"]

WIDE = 240
"""Columns where no terminal tells: what a script reads is one line."""

NAME_WIDTH = 18
OUTCOME_WIDTH = 7
PADDING = 2

_STYLES = {
    Outcome.PASSED: "green",
    Outcome.WARNING: "yellow",
    Outcome.FAILED: "bold red",
    Outcome.SKIPPED: "dim",
}


def open_console() -> Console:
    """Give what the results are printed on: a terminal as it is, else plain and wide."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)


def announce(console: Console, check: Check) -> None:
    """Say on a terminal what is being checked, where its result will stand.

    Nothing moves meanwhile: a thread that draws would cost the samples that are being counted.
    """
    if console.is_terminal:
        console.print(f"{' ' * (OUTCOME_WIDTH + PADDING)}{check.name} ...", style="dim", end="\r")


def show(console: Console, result: Result) -> None:
    """Print a result; what to do stands under what was found."""
    line = Table.grid(padding=(0, PADDING))
    line.add_column(width=OUTCOME_WIDTH, no_wrap=True)
    line.add_column(width=NAME_WIDTH, no_wrap=True)
    line.add_column(overflow="fold")
    style = _STYLES[result.outcome]
    text = Text(result.found, "dim" if result.outcome is Outcome.SKIPPED else "")
    if result.advice:
        text.append(f"\n-> {result.advice}", style)
    line.add_row(Text(result.outcome.value, style), Text(result.check), text)
    console.print(line)


def sum_up(results: Sequence[Result]) -> str:
    """All results in one sentence."""
    counts = Counter(result.outcome for result in results)
    said = ", ".join(f"{counts[outcome]} {outcome.value}" for outcome in Outcome if counts[outcome])
    return f"{len(results)} checks: {said}."
