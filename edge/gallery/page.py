"""The gallery as a page of the documentation: each situation, what is right to tell, its sources, and how it went."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from edge.simulator.situations import FAMILIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from edge.gallery.run import Verdict
    from edge.simulator.situations import Situation

__all__ = ["Results", "page", "results_in", "results_of"]

Results = dict[str, tuple[int, int]]
"""Plays told right, and plays, by the name of the situation."""

_ROW: Final = re.compile(r"^\| `(\w+)` \|.*\| (\d+) of (\d+) \|$", re.MULTILINE)

_HEAD: Final = """# Situations

Made by `ecg-edge situations --plays N --page docs/situations.md`; do not edit. **Not a medical device.**

Textbook situations as synthetic ECGs, each with the telling that is right. `ecg-edge situations` plays them through the
monitor's whole path, from the samples to the alarms, with the model that ships. The dice of a play draw the patient:
shapes from three families of curves, polarity, width, heights of 0.25 to 2.5 mV, rates, noise, and the sampling rate.
`ecg-edge situations NAME --plays 20` prints what was told in each play that was wrong, and when;
`--save DIR` writes the plays as WFDB records.

In each situation a high alarm is wrong that the column *right* does not name. Heart rates are compared with the true
mean of the last 8 intervals, each 5 s. An alarm that *stays open* may hand over to another one of those named, but
there is no moment without one. Synthetic hearts are kinder than real ones: what is right here can be wrong on a
patient. Figures for recordings of patients stand in [Accuracy](accuracy.md).
"""


def results_of(verdicts: Sequence[Verdict]) -> Results:
    """How many plays of each situation were told right."""
    results: Results = {}
    for verdict in verdicts:
        right, plays = results.get(verdict.name, (0, 0))
        results[verdict.name] = (right + verdict.right, plays + 1)
    return results


def results_in(text: str) -> Results:
    """The results that a page has."""
    return {name: (int(right), int(plays)) for name, right, plays in _ROW.findall(text)}


def page(results: Mapping[str, tuple[int, int]]) -> str:
    """The page in Markdown; situations without a result were not played."""
    return "\n".join([_HEAD, *_tables(results)])


def _tables(results: Mapping[str, tuple[int, int]]) -> Iterator[str]:
    plays, right = (sum(counts[place] for counts in results.values()) for place in (1, 0))
    if plays:
        whole = sum(counts[0] == counts[1] for counts in results.values())
        yield f"{len(results)} situations, {plays:,} plays: {right:,} told right, {100 * right / plays:.1f} %."
        yield f"{whole} situations were told right in each play.\n"
    sources: dict[str, int] = {}
    for family, situations in FAMILIES.items():
        yield f"## {family[0].upper()}{family[1:]}\n"
        yield "| name | situation | right | sources | told right |\n|---|---|---|---|---:|"
        for situation in situations:
            numbers = [sources.setdefault(source, len(sources) + 1) for source in situation.sources]
            counts = results.get(situation.name)
            yield _row(situation, numbers, "not played" if counts is None else f"{counts[0]} of {counts[1]}")
        yield ""
    yield "## Sources\n"
    yield from (f"{number}. {source}" for source, number in sources.items())
    yield ""


def _row(situation: Situation, numbers: Sequence[int], result: str) -> str:
    many = len(situation.phases) > 1
    phases = dict.fromkeys(each.phase for each in situation.right)
    right = "<br>".join(
        f"{f'*{phase}*: ' if many and phase else ''}"
        + "; ".join(each.sentence for each in situation.right if each.phase == phase)
        for phase in phases
    )
    cited = ", ".join(str(number) for number in numbers)
    return f"| `{situation.name}` | {situation.title} | {right} | {cited} | {result} |"
