"""Prints the gallery to a terminal: a line for each situation, and below it what was wrong."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from edge.simulator.situations import SITUATIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.gallery.run import Verdict

__all__ = ["as_json", "open_console", "print_situation", "summary"]

WIDE = 240
"""Columns without a terminal, so that a script reads one line for each fact."""
MOST_COMPLAINTS = 6
"""Wrong plays that are told of one situation; `--json` has them all."""


def open_console() -> Console:
    """The console for the results: a terminal as it is, otherwise plain and wide."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)


def print_situation(console: Console, verdicts: Sequence[Verdict]) -> None:
    """Print the plays of one situation."""
    situation = SITUATIONS[verdicts[0].name]
    wrong = [verdict for verdict in verdicts if not verdict.right]
    line = Table.grid(padding=(0, 2))
    line.add_column(width=7, justify="right", no_wrap=True)
    line.add_column(width=38, no_wrap=True)
    line.add_column(overflow="fold")
    text = Text(situation.title)
    for verdict in wrong[:MOST_COMPLAINTS]:
        text.append(f"\n  play {verdict.play}: {'; '.join(verdict.complaints)}", "yellow")
        text.append(f"\n    told: {told(verdict)}", "dim")
    if len(wrong) > MOST_COMPLAINTS:
        text.append(f"\n  and {len(wrong) - MOST_COMPLAINTS} more plays", "yellow")
    style = "green" if not wrong else "bold red" if len(wrong) == len(verdicts) else "yellow"
    line.add_row(Text(f"{len(verdicts) - len(wrong)}/{len(verdicts)}", style), Text(situation.name), text)
    console.print(line)


def told(verdict: Verdict) -> str:
    """The alarms of a play with their times, and its beats."""
    alarms = [
        f"{alarm.kind} {alarm.opened_s:.1f}-"
        + ("end" if alarm.closed_s is None else f"{alarm.closed_s:.1f} ({alarm.reason})")
        for alarm in verdict.alarms
    ]
    beats = " ".join(f"{label} {count}" for label, count in sorted(verdict.beats.items()))
    return f"{', '.join(alarms) or 'no alarm'}; beats {beats or 'none'}"


def summary(verdicts: Sequence[Verdict]) -> str:
    """All plays in one sentence."""
    right = sum(verdict.right for verdict in verdicts)
    names = {verdict.name for verdict in verdicts}
    whole = names - {verdict.name for verdict in verdicts if not verdict.right}
    return (
        f"{len(names)} situations, {len(verdicts)} plays: {right} right ({right / len(verdicts):.1%}); "
        f"{len(whole)} situations right in each play."
    )


def as_json(verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    """The verdicts for a program."""
    return [
        {
            "situation": verdict.name,
            "title": SITUATIONS[verdict.name].title,
            "play": verdict.play,
            "right": verdict.right,
            "complaints": list(verdict.complaints),
            "alarms": [
                {
                    "kind": alarm.kind.value,
                    "opened_s": round(alarm.opened_s, 2),
                    "closed_s": None if alarm.closed_s is None else round(alarm.closed_s, 2),
                    "reason": alarm.reason,
                }
                for alarm in verdict.alarms
            ],
            "heart_rates_bpm": [None if rate is None else round(rate, 1) for rate in verdict.heart_rates_bpm],
            "beats": verdict.beats,
        }
        for verdict in verdicts
    ]
