"""Blocks between the atria and the ventricles, and pauses."""

from __future__ import annotations

from typing import Final

from ecg.alarms.kinds import AlarmKind
from edge.simulator.situations.arrests import Escape
from edge.simulator.situations.conducted import Pauses, Sinus, Wenckebach
from edge.simulator.situations.expected_alarms import NotTold, Opens
from edge.simulator.situations.patient import Traits
from edge.simulator.situations.situation import Phase, Situation
from edge.simulator.situations.textbook.sources import SANDAU, SURAWICZ
from edge.simulator.situations.textbook.words import calm, seen, sinus

__all__ = ["SITUATIONS"]

SITUATIONS: Final = (
    Situation(
        name="wenckebach",
        title="Block of the second degree, Wenckebach 4:3",
        sources=(SANDAU,),
        phases=(sinus(20), Phase("block", 80, Wenckebach(ratio=4))),
        right=(*calm("block"), NotTold("block", (AlarmKind.PAUSE,))),
        traits=Traits(bpm=(70, 95)),
    ),
    Situation(
        name="block_2_to_1",
        title="Block of 2:1: 38 to 47 beats a minute below P waves of 76 to 94",
        sources=(SANDAU,),
        phases=(sinus(20), Phase("block", 80, Wenckebach(ratio=2, bpm=(84, 95)))),
        right=(*calm("block"), Opens("block", (AlarmKind.BRADYCARDIA, AlarmKind.EXTREME_BRADYCARDIA), 45)),
        traits=Traits(bpm=(84, 95)),
    ),
    Situation(
        name="complete_block_narrow_escape",
        title="Complete block, narrow escape rhythm of 42 to 48 a minute",
        sources=(SANDAU,),
        phases=(sinus(20), Phase("block", 80, Escape(bpm=(42, 48), wide=False))),
        right=(*calm("block"), Opens("block", (AlarmKind.BRADYCARDIA,), 45)),
    ),
    Situation(
        name="complete_block_wide_escape",
        title="Complete block, wide escape rhythm of 26 to 36 a minute",
        sources=(SANDAU,),
        phases=(sinus(20), Phase("block", 80, Escape(bpm=(26, 36), wide=True))),
        right=(
            *seen("block"),
            Opens("block", (AlarmKind.EXTREME_BRADYCARDIA,), 25),
        ),
    ),
    Situation(
        name="sinus_pauses",
        title="Sinus pauses of 2.8 to 3.6 s",
        sources=(SANDAU,),
        phases=(sinus(30), Phase("pauses", 70, Pauses(lasts_s=(2.8, 3.6)))),
        right=(*seen("pauses"), Opens("pauses", (AlarmKind.PAUSE,), 25)),
    ),
    Situation(
        name="first_degree_block",
        title="Block of the first degree: PR of 0.22 to 0.32 s",
        sources=(SURAWICZ,),
        phases=(Phase("sinus", 80, Sinus()),),
        right=calm("sinus"),
        traits=Traits(pr_s=(0.22, 0.32), bpm=(55, 80)),
    ),
)
