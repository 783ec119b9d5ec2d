"""What a shell may put for a value when it completes a command line. Called once for each press of the key."""

from __future__ import annotations

from typing import get_args, get_type_hints

__all__ = ["scenarios", "situations", "sources"]


def sources(incomplete: str) -> list[str]:
    """The kinds of source that begin so."""
    from edge.config import SourceSettings  # noqa: PLC0415 - only where one is asked for

    return [kind for kind in get_args(get_type_hints(SourceSettings)["kind"]) if kind.startswith(incomplete)]


def situations(incomplete: str) -> list[str]:
    """The textbook situations that begin so."""
    from edge.simulator.situations import SITUATIONS  # noqa: PLC0415 - only where one is asked for

    return [name for name in SITUATIONS if name.startswith(incomplete)]


def scenarios(incomplete: str) -> list[str]:
    """The simulator's scenarios and the textbook situations that begin so."""
    from edge.simulator.scenarios import SCENARIOS  # noqa: PLC0415 - only where one is asked for

    return [name for name in (*SCENARIOS, *situations("")) if name.startswith(incomplete)]
