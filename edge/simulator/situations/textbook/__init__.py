"""The textbook: each situation, in families."""

from typing import Final

from edge.simulator.situations.situation import Situation
from edge.simulator.situations.textbook import (
    arrest,
    atrial,
    block,
    disturbed,
    fibrillation,
    normal,
    paced,
    potassium,
    premature,
    standard,
    tachycardia,
)

__all__ = ["FAMILIES"]

FAMILIES: Final[dict[str, tuple[Situation, ...]]] = {
    "sinus rhythm and exertion": normal.SITUATIONS,
    "premature beats": premature.SITUATIONS,
    "ventricular tachycardia": tachycardia.SITUATIONS,
    "ventricular flutter and fibrillation": fibrillation.SITUATIONS,
    "arrests": arrest.SITUATIONS,
    "rhythms of the atria": atrial.SITUATIONS,
    "blocks and pauses": block.SITUATIONS,
    "pacemakers": paced.SITUATIONS,
    "hyperkalaemia": potassium.SITUATIONS,
    "disturbed recordings": disturbed.SITUATIONS,
    "waveforms of the standard": standard.SITUATIONS,
}
