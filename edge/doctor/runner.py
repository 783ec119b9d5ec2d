"""Runs checks in order. A check whose precondition failed is skipped with the reason; no check ever raises."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecg.errors import EcgEdgeError
from edge.doctor.results import Area, Finding, Outcome, Result, failed, skipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["Check", "run_checks"]


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Attributes:
        name: unique display name.
        area: what it is about.
        run: runs the check; an `EcgEdgeError` counts as a failure with its message.
        needs: names of earlier checks that must not have failed.
    """

    name: str
    area: Area
    run: Callable[[], Finding]
    needs: tuple[str, ...] = ()


def run_checks(checks: Iterable[Check], *, on_start: Callable[[Check], object] = lambda _: None) -> Iterator[Result]:
    """Run checks in order and yield each result as soon as it is known.

    Args:
        checks: each after the checks that it needs.
        on_start: called with each check before it runs.
    """
    results: dict[str, Result] = {}
    for check in checks:
        on_start(check)
        began_s = time.monotonic()
        finding = _skip_reason(check, results) or _run(check)
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


def _skip_reason(check: Check, results: dict[str, Result]) -> Finding | None:
    """Why a check cannot run; None if it can."""
    for need in check.needs:
        if results[need].outcome is Outcome.FAILED:
            return skipped(f'"{need}" failed')
        if results[need].outcome is Outcome.SKIPPED:
            return skipped(results[need].found)
    return None


def _run(check: Check) -> Finding:
    try:
        return check.run()
    except EcgEdgeError as error:  # its text is "what is wrong; what to do"
        found, _, advice = str(error).partition("; ")
        return failed(found, advice)
    except Exception as error:  # noqa: BLE001 - a bug in one check must not hide the others
        return failed(f"the check itself failed: {error!r}", "please report it")
