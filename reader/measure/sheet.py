"""What was measured so far, and why the rest is unknown."""

from __future__ import annotations

from typing import Final

__all__ = ["NO_BEAT", "NO_P", "NO_QRS", "NO_SIGNAL", "NO_T", "UNCALIBRATED", "Sheet"]

NO_SIGNAL: Final = "no lead has a signal"
NO_BEAT: Final = "no heartbeat was found"
NO_QRS: Final = "no QRS complex was found here"
NO_P: Final = "no P wave keeps its place before the QRS complexes"
NO_T: Final = "no T wave was found"
UNCALIBRATED: Final = "the recording has no known unit"


class Sheet:
    """Fields and their values.

    Attributes:
        values: those that are known, by the name of the field.
        unknown: why each of the others is unknown.
    """

    def __init__(self) -> None:
        self.values: dict[str, float] = {}
        self.unknown: dict[str, str] = {}

    def put(self, field: str, value: float | None, reason: str, *, digits: int = 1) -> None:
        """Write down a field, rounded, or why it is unknown."""
        if value is None:
            self.unknown[field] = reason
        else:
            self.values[field] = round(value, digits) + 0.0  # no -0.0
