"""Delineators over marked leads: in each lead, and in the QT Database for several choices of one of its two leads."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from converter.evaluation.tables import Table
from converter.evaluation.wave_bounds import BOUNDS, BoundScore, marked_places, match, score_lead
from converter.progress import track

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from converter.datasets.wave_marks import MarkedLead
    from converter.evaluation.wave_bounds import Places

    Delineator = Callable[[Sequence[MarkedLead]], Mapping[str, Places]]

__all__ = ["TOGETHER", "around_marks", "bounds_table", "by_record", "score_records", "summary"]

TOGETHER: Final = "together"
"""Beside the names of the leads, what a delineator finds in all of them together."""

AROUND_S: Final = 12.0
"""Before the first mark and after the last one, what a delineator is shown of a long recording."""

EACH, BEST_OF_RECORD, BEST_OF_MARK = "each lead", "better lead of each record, by the marks", "better lead at each mark"


def by_record(leads: Iterable[MarkedLead]) -> list[list[MarkedLead]]:
    """The leads of each record together."""
    records = defaultdict(list)
    for lead in leads:
        records[lead.record].append(lead)
    return list(records.values())


def around_marks(lead: MarkedLead) -> MarkedLead:
    """A lead without what lies far from its marks."""
    if not lead.known:
        return lead
    reach = round(AROUND_S * lead.rate_hz)
    first = max(lead.known[0][0] - reach, 0)
    last = min(lead.known[-1][1] + reach, len(lead.samples_mv))
    waves = tuple(
        replace(
            wave,
            onset=None if wave.onset is None else wave.onset - first,
            peak=wave.peak - first,
            end=None if wave.end is None else wave.end - first,
        )
        for wave in lead.waves
    )
    known = tuple((start - first, after - first) for start, after in lead.known)
    return replace(lead, samples_mv=lead.samples_mv[first:last], waves=waves, known=known)


def score_records(
    records: Sequence[Sequence[MarkedLead]], delineator: Delineator, description: str
) -> dict[str, dict[str, BoundScore]]:
    """Scores of each bound, by the choice of leads.

    Args:
        records: the leads of each record.
        delineator: gives what it finds in the leads of a record, by their names, and perhaps in all `TOGETHER`.
        description: for the progress bar.
    """
    scores: dict[str, dict[str, BoundScore]] = defaultdict(dict)
    for leads in track(records, description):
        found = delineator(leads)
        for lead in leads:
            score_lead(scores[EACH], lead, found[lead.lead])
        if TOGETHER in found:
            score_lead(scores[TOGETHER], leads[0], found[TOGETHER])
        if len(leads) == 2:
            score_lead(scores[BEST_OF_RECORD], leads[0], _better_of_record(leads, found))
            score_lead(scores[BEST_OF_MARK], leads[0], _better_of_mark(leads, found))
    return dict(scores)


def summary(scores: Mapping[str, BoundScore]) -> dict[str, dict[str, Any]]:
    """The figures of each bound."""
    return {
        bound: {
            "matches": score.matches,
            "f1": round(score.f1, 4),
            "mean_ms": round(score.mean_ms, 1),
            "sd_ms": round(score.sd_ms, 1),
            "sd_within_records_ms": round(score.sd_within_ms, 1),
        }
        for bound in BOUNDS
        if (score := scores.get(bound)) is not None and score.matches
    }


def bounds_table(title: str, bounds: Mapping[str, Any]) -> Table:
    """The figures of each bound for people, with what else is said of them below."""
    rows = [
        (
            bound,
            f"{figures['matches']:,}",
            f"{figures['f1']:.4f}",
            f"{figures['mean_ms']:+.1f}",
            f"{figures['sd_ms']:.1f}",
            f"{figures['sd_within_records_ms']:.1f}",
        )
        for bound in BOUNDS
        if (figures := bounds.get(bound)) is not None
    ]
    columns = ("bound", "matches", "F1 (150 ms)", "mean ms", "SD ms", "SD within records ms")
    notes = [f"{name.replace('_', ' ')}: {value}" for name, value in bounds.items() if name not in BOUNDS]
    return Table(title, columns, rows, notes)


def _better_of_record(leads: Sequence[MarkedLead], found: Mapping[str, Places]) -> Places:
    """Of each bound what was found in the lead whose errors are smaller over the whole record."""
    chosen: Places = {}
    for bound, marks in marked_places(leads[0]).items():
        both = [found[lead.lead][bound] for lead in leads]
        errors = [_error(marks, places) for places in both]
        chosen[bound] = both[errors.index(min(errors))]
    return chosen


def _error(marks: Sequence[float], places: Sequence[float]) -> float:
    pairs = match(marks, places)
    errors = [abs(places[theirs] - marks[ours]) for ours, theirs in pairs]
    return float(np.mean(errors)) + len(marks) - len(pairs) if errors else float("inf")


def _better_of_mark(leads: Sequence[MarkedLead], found: Mapping[str, Places]) -> Places:
    """Of each mark the nearest find in either lead, as Martinez et al. 2004 compare; what has no mark is left out."""
    chosen: Places = {}
    for bound, marks in marked_places(leads[0]).items():
        near: dict[int, list[float]] = defaultdict(list)
        for lead in leads:
            places = found[lead.lead][bound]
            for number, theirs in match(marks, places):
                near[number].append(places[theirs])
        chosen[bound] = sorted(min((abs(place - marks[n]), place) for place in places)[1] for n, places in near.items())
    return chosen
