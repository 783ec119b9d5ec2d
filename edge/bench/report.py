"""The report of a self-test for a technician's files: figures with limits and verdicts, as Markdown or JSON."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - msgspec reads the types
from typing import TYPE_CHECKING

import msgspec

from ecg.errors import InputError
from ecg.files import replace_file

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Figure", "Report", "save_report"]


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One measured value with its limits.

    Attributes:
        name: what was measured.
        value: None if it could not be measured.
        unit: of the value and the limits.
        low, high: limits; None = no limit on that side.
        source: origin of the limits.
        passed: whether the value is known and within the limits; computed from the others.
    """

    name: str
    value: float | None
    unit: str
    low: float | None
    high: float | None
    source: str
    passed: bool = False

    def __post_init__(self) -> None:
        """Compare the value with the limits."""
        within = (
            self.value is not None
            and (self.low is None or self.value >= self.low)
            and (self.high is None or self.value <= self.high)
        )
        msgspec.structs.force_setattr(self, "passed", within)

    @property
    def value_text(self) -> str:
        """The value with its unit."""
        return "unknown" if self.value is None else f"{_number(self.value)} {self.unit}".strip()

    @property
    def limits(self) -> str:
        """The limits in words."""
        if self.low is not None and self.high is not None:
            return f"{_number(self.low)} to {_number(self.high)}" if self.low != self.high else _number(self.low)
        return f"at most {_number(self.high)}" if self.high is not None else f"at least {_number(self.low or 0)}"


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a self-test.

    Attributes:
        device: pseudonym of the device.
        time: UTC.
        version, python, system: versions of the software that ran it.
        chip: the chip that was found.
        board: its board.
        setup: other conditions of the measurement, such as register sets and channel.
        figures: the measured values.
        notes: what was not tested, and how to test it.
    """

    device: str
    time: datetime
    version: str
    python: str
    system: str
    chip: str
    board: str
    setup: str
    figures: list[Figure]
    notes: list[str]

    @property
    def passed(self) -> bool:
        """Whether every figure is within its limits."""
        return all(figure.passed for figure in self.figures)

    def markdown(self) -> str:
        """The report as Markdown."""
        lines = [
            f"# Self-test of {self.device}: {'passed' if self.passed else 'FAILED'}",
            "",
            f"{self.time:%Y-%m-%d %H:%M:%S} UTC, ecg-edge {self.version}, Python {self.python}, {self.system}.",
            f"{self.chip}, {self.board}; {self.setup}.",
            "",
            "| figure | value | limits | verdict | source of the limits |",
            "|---|---|---|---|---|",
        ]
        lines += [
            f"| {figure.name} | {figure.value_text} | {figure.limits} | {'passed' if figure.passed else 'FAILED'} "
            f"| {figure.source} |"
            for figure in self.figures
        ]
        lines += [line for note in self.notes for line in ("", note)]
        return "\n".join([*lines, "", "Not a medical device.", ""])

    def json(self) -> bytes:
        """The report as JSON."""
        content = {"passed": self.passed} | msgspec.to_builtins(self)
        return msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n"


def save_report(report: Report, path: Path) -> None:
    """Write a report atomically, as JSON if the path ends in `.json`, otherwise as Markdown.

    Raises:
        InputError: it cannot be written there.
    """
    content = report.json() if path.suffix.casefold() == ".json" else report.markdown().encode()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, content)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror}); choose another place") from None


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.4g}"
