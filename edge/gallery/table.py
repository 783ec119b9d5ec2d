"""Prints the gallery to a terminal: a line for each situation, and below it what was wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from edge.simulator.situations import SITUATIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.gallery.run import Verdict

__all__ = ["as_json", "open_console", "print_situation", "summary"]

COUNT_WIDTH = 6
NAME_WIDTH = 38
MOST_COMPLAINTS = 6
"""Wrong plays that are told of one situation; `--json` has them all."""


def open_console() -> Console:
    """The console for the results."""
    return Console(highlight=False)


def print_situation(console: Console, verdicts: Sequence[Verdict]) -> None:
    """Print the plays of one situation."""
    situation = SITUATIONS[verdicts[0].name]
    wrong = [verdict for verdict in verdicts if not verdict.right]
    style = "green" if not wrong else "bold red" if len(wrong) == len(verdicts) else "yellow"
    line = Text(f"{f'{len(verdicts) - len(wrong)}/{len(verdicts)}':>{COUNT_WIDTH}}  ", style)
    line.append(f"{situation.name:{NAME_WIDTH}}  ", "bold").append(situation.title, "default")
    console.print(line, soft_wrap=True)
    indent = " " * (COUNT_WIDTH + 2)
    for verdict in wrong[:MOST_COMPLAINTS]:
        console.print(Text(f"{indent}play {verdict.play}: {'; '.join(verdict.complaints)}", "yellow"), soft_wrap=True)
        console.print(Text(f"{indent}  told: {told(verdict)}", "dim"), soft_wrap=True)
    if len(wrong) > MOST_COMPLAINTS:
        console.print(Text(f"{indent}and {len(wrong) - MOST_COMPLAINTS} more plays", "yellow"), soft_wrap=True)


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
