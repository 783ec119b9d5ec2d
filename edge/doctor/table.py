"""Prints the doctor's results to a terminal, one line each, as soon as they are known."""

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

    from edge.doctor.runner import Check

__all__ = ["open_console", "print_result", "show_running", "summary"]

WIDE = 240
"""Columns without a terminal, so that a script reads one line per result."""

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
    """The console for the results: a terminal as it is, otherwise plain and wide."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)


def show_running(console: Console, check: Check) -> None:
    """On a terminal, print the name of the running check on the line of its result.

    There is no animation: a thread that draws would lose some of the samples that are being counted.
    """
    if console.is_terminal:
        console.print(f"{' ' * (OUTCOME_WIDTH + PADDING)}{check.name} ...", style="dim", end="\r")


def print_result(console: Console, result: Result) -> None:
    """Print a result, with the advice below the finding."""
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


def summary(results: Sequence[Result]) -> str:
    """All results in one sentence."""
    counts = Counter(result.outcome for result in results)
    text = ", ".join(f"{counts[outcome]} {outcome.value}" for outcome in Outcome if counts[outcome])
    return f"{len(results)} checks: {text}."
