"""The weightiest waves in words: "ST in V2 to V4; Q in III"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reader.explain.perturbation import WAVES
from reader.twelve_leads import LEADS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reader.explain.explanation import Place

__all__ = ["told_by"]

_SHARE: Final = 0.5
"""The weightiest waves that have so much of all that speaks for a finding are told,"""
_MOST: Final = 6
"""but no more of them than a person keeps in mind."""


def told_by(places: Sequence[Place]) -> str:
    """The places that weigh most, by wave.

    Args:
        places: the weightiest first.
    """
    speaking = [place for place in places if place.weight > 0]
    whole = sum(place.weight for place in speaking)
    named: list[Place] = []
    for place in speaking[:_MOST]:
        named.append(place)
        if sum(each.weight for each in named) >= _SHARE * whole:
            break
    waves = sorted({place.wave for place in named}, key=lambda wave: _first(named, wave))
    return "; ".join(f"{wave} in {_leads([p.lead for p in named if p.wave == wave])}" for wave in waves)


def _first(named: Sequence[Place], wave: str) -> tuple[int, int]:
    """Where a wave comes first among the named places."""
    return next(number for number, place in enumerate(named) if place.wave == wave), WAVES.index(wave)


def _leads(leads: Sequence[str]) -> str:
    """Leads in the order in which they are printed; three and more neighbours among the chest leads as a span."""
    numbers = sorted(LEADS.index(lead) for lead in leads)
    said: list[str] = []
    while numbers:
        run = 1
        while run < len(numbers) and numbers[run] == numbers[0] + run and LEADS[numbers[0]].startswith("V"):
            run += 1
        if run >= 3:
            said.append(f"{LEADS[numbers[0]]} to {LEADS[numbers[run - 1]]}")
        else:
            said += [LEADS[number] for number in numbers[:run]]
        numbers = numbers[run:]
    return ", ".join(said)
