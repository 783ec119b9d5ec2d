"""The six limb leads come from three electrodes: any two of them give the others, and three can be checked.

Einthoven 1913: III = II - I. Goldberger 1942: aVR = -(I + II) / 2, aVL = I - II / 2, aVF = II - I / 2.
"""

from __future__ import annotations

import math
from itertools import combinations
from typing import TYPE_CHECKING, Final

import numpy as np

from reader.twelve_leads import LEADS, LIMB_LEADS

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ecg.samples import FloatArray

__all__ = ["contradiction", "derive"]

_OF_I_AND_II: Final = {
    "I": (1.0, 0.0),
    "II": (0.0, 1.0),
    "III": (-1.0, 1.0),
    "aVR": (-0.5, -0.5),
    "aVL": (1.0, -0.5),
    "aVF": (-0.5, 1.0),
}
_STEP_S: Final = 0.02
"""What is compared is how far a lead moves within 20 ms: QRS complexes count, and wander of the baseline does not."""

_MISFIT: Final = 0.3
"""R.m.s. of what does not add up, over that of the leads."""


def derive(samples_mv: FloatArray, known: Collection[str], *, keep: Collection[str] = ()) -> tuple[str, ...]:
    """Fill in the limb leads that are missing.

    Args:
        samples_mv: shape (12, n), by `LEADS`; the missing rows are overwritten.
        known: limb leads that have a signal.
        keep: leads that are not overwritten, though they may have no signal.

    Returns:
        The leads that were derived; none where fewer than two are known.
    """
    sources = [lead for lead in _OF_I_AND_II if lead in known][:2]
    missing = [lead for lead in LIMB_LEADS if lead not in known and lead not in keep]
    if len(sources) < 2 or not missing:
        return ()
    rows = [LEADS.index(lead) for lead in sources]
    i_and_ii = np.linalg.inv([_OF_I_AND_II[lead] for lead in sources]) @ samples_mv[rows]
    for lead in missing:
        samples_mv[LEADS.index(lead)] = np.array(_OF_I_AND_II[lead]) @ i_and_ii
    return tuple(missing)


def contradiction(samples_mv: FloatArray, recorded: Sequence[str], rate_hz: float) -> str:
    """How recorded limb leads contradict each other, as a sentence; empty where they do not.

    Where they would add up if two names were exchanged, or one lead turned over, the sentence says so. In three leads
    several such mistakes look alike.

    Args:
        samples_mv: shape (12, n), by `LEADS`.
        recorded: limb leads that the file has, with a signal.
        rate_hz: sampling rate.
    """
    names = [lead for lead in _OF_I_AND_II if lead in recorded]
    step = max(1, round(_STEP_S * rate_hz))
    rows = samples_mv[[LEADS.index(lead) for lead in names]]
    moves = rows[:, step:] - rows[:, :-step]
    moves = moves[:, np.isfinite(moves).all(axis=0)]
    if len(names) < 3 or not moves.shape[1]:
        return ""
    products = moves @ moves.T
    worst, equation = _misfit(products, names)
    if worst <= _MISFIT:
        return ""
    ways_out = []
    for number, lead in enumerate(names):
        turned = np.ones(len(names))
        turned[number] = -1
        if _misfit(products * np.outer(turned, turned), names)[0] <= _MISFIT:
            ways_out.append(f"{lead} is upside down")
    for one, other in combinations(range(len(names)), 2):
        order = list(range(len(names)))
        order[one], order[other] = other, one
        if _misfit(products[np.ix_(order, order)], names)[0] <= _MISFIT:
            ways_out.append(f"{names[one]} and {names[other]} are exchanged")
    said = f"the limb leads do not add up ({equation} does not hold)"
    if ways_out:
        return f"{said}: {' or '.join(ways_out)}"
    return f"{said}: a lead is mislabelled, or they were recorded or scaled apart; axes may be wrong"


def _misfit(products: FloatArray, names: Sequence[str]) -> tuple[float, str]:
    """The largest misfit of any three leads, and the equation that does not hold.

    Args:
        products: scalar products of the leads with each other, shape (leads, leads).
        names: of the leads.
    """
    worst, equation = 0.0, ""
    for three in combinations(range(len(names)), 3):
        of = products[np.ix_(three, three)]
        weights = _weights([names[number] for number in three])
        size = float(np.abs(weights) @ np.diag(of))
        misfit = math.sqrt(max(0.0, float(weights @ of @ weights)) / size) if size > 0 else 0.0
        if misfit > worst:
            worst, equation = misfit, _equation([names[number] for number in three], weights)
    return worst, equation


def _weights(leads: Sequence[str]) -> FloatArray:
    """Factors with which the three leads add up to nothing."""
    one, two, three = (np.array(_OF_I_AND_II[lead]) for lead in leads)
    of_one, of_two = np.linalg.solve(np.array([one, two]).T, three)
    return np.array([of_one, of_two, -1.0])


def _equation(leads: Sequence[str], weights: FloatArray) -> str:
    """Such as `III = II - I`."""
    terms = ""
    for lead, weight in sorted(zip(leads[:2], weights[:2], strict=True), key=lambda each: -each[1]):
        sign = " - " if weight < 0 else " + "
        size = "" if abs(weight) == 1 else f"{abs(weight):g} "
        terms += (sign if terms or weight < 0 else "").replace(" - ", " - " if terms else "-") + size + lead
    return f"{leads[2]} = {terms}"
