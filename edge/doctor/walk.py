"""Runs checks in order: one whose precondition did not hold is skipped with the reason, and none ever raises."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecg.errors import EcgEdgeError
from edge.doctor.results import Area, Finding, Outcome, Result, failed, skipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["Check", "walk"]


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Attributes:
        name: for a person; no two are the same.
        area: what it is about.
        look: does it. An error of ours that it raises is a failure with that sentence.
        needs: names of checks before it without which it makes no sense.
    """

    name: str
    area: Area
    look: Callable[[], Finding]
    needs: tuple[str, ...] = ()


def walk(checks: Iterable[Check], *, begun: Callable[[Check], object] = lambda _: None) -> Iterator[Result]:
    """Run checks in order and give each result as it is known.

    Args:
        checks: those that one needs come before it.
        begun: told of each check before it is run.
    """
    results: dict[str, Result] = {}
    for check in checks:
        begun(check)
        began_s = time.monotonic()
        finding = _barred(check, results) or _look(check)
        result = Result(
            check=check.name,
            area=check.area,
            outcome=finding.outcome,
            found=finding.found,
            advice=finding.advice,
            seconds=round(time.monotonic() - began_s, 3),
        )
        results[check.name] = result
        yield result


def _barred(check: Check, results: dict[str, Result]) -> Finding | None:
    """Why a check cannot be run; None if it can."""
    for need in check.needs:
        if results[need].outcome is Outcome.FAILED:
            return skipped(f'"{need}" failed')
        if results[need].outcome is Outcome.SKIPPED:
            return skipped(results[need].found)
    return None


def _look(check: Check) -> Finding:
    try:
        return check.look()
    except EcgEdgeError as error:  # "what is wrong; what to do"
        found, _, advice = str(error).partition("; ")
        return failed(found, advice)
    except Exception as error:  # noqa: BLE001 - a check that fails by itself must not hide the others
        return failed(f"the check itself failed: {error!r}", "please report it")
