"""Findings and results of checks, and the exit code that follows from them."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from ecg.errors import ExitCode
from ecg.protocol.status import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Area", "Finding", "Outcome", "Result", "exit_code", "failed", "passed", "skipped", "warning"]


class Area(StrEnum):
    """What a check is about; a failure's area decides the exit code."""

    HARDWARE = "hardware"
    NETWORK = "network"
    SYSTEM = "system"


class Finding(NamedTuple):
    """The return value of a check.

    Attributes:
        outcome: see `Outcome`.
        found: what the check found, with its values; for a skipped check, the reason.
        advice: the likely cause and what to check; empty if there is nothing to do.
    """

    outcome: Outcome
    found: str
    advice: str = ""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """A finding and the check that it comes from.

    Attributes:
        check: its name.
        area: what it is about.
        outcome, found, advice: see `Finding`.
        seconds: how long it took.
    """

    check: str
    area: Area
    outcome: Outcome
    found: str
    advice: str
    seconds: float


def passed(found: str) -> Finding:
    """The check found no problem."""
    return Finding(Outcome.PASSED, found)


def warning(found: str, advice: str) -> Finding:
    """The check found a problem, but the monitor works."""
    return Finding(Outcome.WARNING, found, advice)


def failed(found: str, advice: str) -> Finding:
    """The check found a problem that keeps the monitor from working."""
    return Finding(Outcome.FAILED, found, advice)


def skipped(reason: str) -> Finding:
    """The check could not run."""
    return Finding(Outcome.SKIPPED, reason)


def exit_code(results: Iterable[Result]) -> ExitCode:
    """3 if a hardware check failed, else 4 if a network check failed, else 1 if any other failed, else 0."""
    areas = {result.area for result in results if result.outcome is Outcome.FAILED}
    if Area.HARDWARE in areas:
        return ExitCode.HARDWARE
    if Area.NETWORK in areas:
        return ExitCode.NETWORK
    return ExitCode.CHECK_FAILED if areas else ExitCode.DONE
