"""Hyperkalaemia: T waves that are taller than the QRS complex."""

from __future__ import annotations

from typing import Final

from ecg.alarms.kinds import AlarmKind
from edge.simulator.situations.arrests import PeakedT
from edge.simulator.situations.expected_alarms import NotTold, Opens
from edge.simulator.situations.patient import Traits
from edge.simulator.situations.situation import Phase, Situation
from edge.simulator.situations.textbook.sources import NEUROKIT_752, SURAWICZ_POTASSIUM
from edge.simulator.situations.textbook.words import seen

__all__ = ["SITUATIONS"]

_TRAITS: Final = Traits(qrs_mv=(0.35, 0.8), qrs_s=(0.08, 0.11))

SITUATIONS: Final = (
    Situation(
        name="peaked_t_slow",
        title="Peaked T waves 1.5 to 3 times as high as the QRS complex, no P, 31 to 37 a minute",
        sources=(SURAWICZ_POTASSIUM, NEUROKIT_752),
        phases=(Phase("peaked", 90, PeakedT(bpm=(31, 37))),),
        right=(
            *seen("peaked", found=0.95),
            Opens("peaked", (AlarmKind.EXTREME_BRADYCARDIA, AlarmKind.BRADYCARDIA), 45),
            NotTold("peaked", (AlarmKind.BIGEMINY,)),
        ),
        traits=_TRAITS,
    ),
    Situation(
        name="peaked_t",
        title="Peaked T waves 1.5 to 3 times as high as the QRS complex, no P, 60 to 85 a minute",
        sources=(SURAWICZ_POTASSIUM, NEUROKIT_752),
        phases=(Phase("peaked", 90, PeakedT(bpm=(60, 85))),),
        right=(*seen("peaked", found=0.95), NotTold("peaked", (AlarmKind.BIGEMINY, AlarmKind.TACHYCARDIA))),
        traits=_TRAITS,
    ),
)
