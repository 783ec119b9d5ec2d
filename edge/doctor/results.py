"""What a check finds, and what all of them amount to."""

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
    """What a check is about; decides the exit code where it fails."""

    HARDWARE = "hardware"
    NETWORK = "network"
    SYSTEM = "system"


class Finding(NamedTuple):
    """What a check gives.

    Attributes:
        outcome: see `Outcome`.
        found: what was seen, with its figures; of a skipped check the reason.
        advice: the likely cause and the thing to check, where there is something to do.
    """

    outcome: Outcome
    found: str
    advice: str = ""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """A finding with the check that it comes from.

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
    """All is well."""
    return Finding(Outcome.PASSED, found)


def warning(found: str, advice: str) -> Finding:
    """The monitor does its work all the same."""
    return Finding(Outcome.WARNING, found, advice)


def failed(found: str, advice: str) -> Finding:
    """It does not."""
    return Finding(Outcome.FAILED, found, advice)


def skipped(reason: str) -> Finding:
    """Not known: it could not be checked."""
    return Finding(Outcome.SKIPPED, reason)


def exit_code(results: Iterable[Result]) -> ExitCode:
    """3 if a check of the hardware failed, else 4 if one of the network did, else 1 if any other did, else 0."""
    areas = {result.area for result in results if result.outcome is Outcome.FAILED}
    if Area.HARDWARE in areas:
        return ExitCode.HARDWARE
    if Area.NETWORK in areas:
        return ExitCode.NETWORK
    return ExitCode.CHECK_FAILED if areas else ExitCode.DONE
