"""Rhythms of the atria."""

from __future__ import annotations

from typing import Final

from ecg.alarms.kinds import AlarmKind
from ecg.events import Rhythm
from edge.simulator.situations.conducted import AtrialFibrillation, AtrialFlutter, Multifocal, Supraventricular
from edge.simulator.situations.expected_alarms import MayBeTold, NotTold, Opens
from edge.simulator.situations.expected_beats import Labels, RhythmTold
from edge.simulator.situations.patient import Traits
from edge.simulator.situations.situation import Phase, Situation
from edge.simulator.situations.textbook.sources import SANDAU, WELLENS
from edge.simulator.situations.textbook.words import FAST, calm, seen, sinus

__all__ = ["SITUATIONS"]

_RATE: Final = (AlarmKind.EXTREME_TACHYCARDIA,)

SITUATIONS: Final = (
    Situation(
        name="atrial_fibrillation",
        title="Atrial fibrillation of 65 to 110 a minute after sinus rhythm",
        sources=(SANDAU,),
        phases=(sinus(30), Phase("fibrillation", 110, AtrialFibrillation())),
        right=(
            *seen("fibrillation"),
            Opens("fibrillation", (AlarmKind.ATRIAL_FIBRILLATION,), 75),
            RhythmTold("fibrillation", (Rhythm.ATRIAL_FIBRILLATION,), 75),
            Labels("fibrillation", ("V",), at_most=0.03),
        ),
    ),
    Situation(
        name="fast_atrial_fibrillation",
        title="Atrial fibrillation of 120 to 150 a minute",
        sources=(SANDAU,),
        phases=(sinus(30), Phase("fibrillation", 110, AtrialFibrillation(bpm=(120, 150)))),
        right=(
            *seen("fibrillation", found=0.95),
            Opens("fibrillation", (AlarmKind.ATRIAL_FIBRILLATION,), 75),
            Labels("fibrillation", ("V",), at_most=0.05),
            MayBeTold("fibrillation", _RATE),
        ),
    ),
    Situation(
        name="atrial_flutter_2_to_1",
        title="Atrial flutter, 2:1: 120 to 160 a minute at once",
        sources=(SANDAU,),
        phases=(sinus(30), Phase("flutter", 60, AtrialFlutter(ratio=2))),
        right=(
            *calm("flutter", found=0.96),
            Opens("flutter", FAST, 40),
            MayBeTold("flutter", _RATE),
        ),
        traits=Traits(qrs_mv=(0.7, 2.0)),
    ),
    Situation(
        name="atrial_flutter_4_to_1",
        title="Atrial flutter, 4:1: 60 to 80 a minute",
        sources=(SANDAU,),
        phases=(sinus(30), Phase("flutter", 60, AtrialFlutter(ratio=4))),
        right=calm("flutter"),
        traits=Traits(qrs_mv=(0.7, 2.0)),
    ),
    Situation(
        name="supraventricular_tachycardia",
        title="Re-entrant supraventricular tachycardia of 150 to 210 a minute, narrow",
        sources=(WELLENS,),
        phases=(sinus(40), Phase("tachycardia", 60, Supraventricular(bpm=(150, 210)))),
        right=(
            *calm("tachycardia", found=0.96),
            Opens("tachycardia", _RATE, 20),
        ),
    ),
    Situation(
        name="supraventricular_tachycardia_with_block",
        title="Supraventricular tachycardia of 145 to 190 a minute in the patient's own bundle branch block",
        sources=(WELLENS,),
        phases=(sinus(40), Phase("tachycardia", 60, Supraventricular(bpm=(145, 190)))),
        right=(
            *calm("tachycardia", found=0.96, ventricular=0.1),
            Opens("tachycardia", _RATE, 20),
        ),
        traits=Traits(form="left_block", bpm=(60, 85)),
    ),
    Situation(
        name="multifocal_atrial_rhythm",
        title="Multifocal atrial rhythm of 80 to 108 a minute",
        sources=(SANDAU,),
        phases=(Phase("multifocal", 90, Multifocal()),),
        right=(*calm("multifocal"), NotTold("multifocal", (AlarmKind.BRADYCARDIA, AlarmKind.PAUSE))),
    ),
)
