"""Ventricular flutter and fibrillation."""

from __future__ import annotations

from typing import Final

from ecg.alarms.kinds import AlarmKind
from edge.simulator.situations.conducted import Sinus
from edge.simulator.situations.ectopic import Fibrillation, Pattern, Tachycardia
from edge.simulator.situations.expected_alarms import Alarmed, ClosedAsOver, MayBeTold
from edge.simulator.situations.expected_beats import HeartRate
from edge.simulator.situations.patient import Traits
from edge.simulator.situations.situation import Phase, Situation
from edge.simulator.situations.textbook.sources import ACLS, PELTER, SANDAU
from edge.simulator.situations.textbook.words import FIBRILLATION, VENTRICULAR, sinus

__all__ = ["SITUATIONS"]

_DEATH: Final = (AlarmKind.VENTRICULAR_FLUTTER, AlarmKind.ASYSTOLE, AlarmKind.VENTRICULAR_TACHYCARDIA)
_RATE: Final = (AlarmKind.EXTREME_TACHYCARDIA,)

SITUATIONS: Final = (
    Situation(
        name="coarse_vf",
        title="Coarse ventricular fibrillation",
        sources=(ACLS, "Clayton, Murray and Campbell, Med Biol Eng Comput 33:1, 1995"),
        phases=(sinus(40), Phase("fibrillation", 50, Fibrillation(height_mv=(0.35, 0.9)))),
        right=(Alarmed("fibrillation", FIBRILLATION, 10), MayBeTold("fibrillation", (*_RATE, AlarmKind.ASYSTOLE))),
    ),
    Situation(
        name="medium_vf",
        title="Ventricular fibrillation of 0.3 to 0.7 mV peak to peak",
        sources=(ACLS,),
        phases=(sinus(40), Phase("fibrillation", 50, Fibrillation(height_mv=(0.15, 0.3)))),
        right=(Alarmed("fibrillation", _DEATH, 10), MayBeTold("fibrillation", _RATE)),
    ),
    Situation(
        name="fine_vf",
        title="Fine ventricular fibrillation below 0.15 mV: fibrillation or asystole, both are right",
        sources=(PELTER, ACLS),
        phases=(sinus(40), Phase("fibrillation", 60, Fibrillation(height_mv=(0.015, 0.05)))),
        right=(Alarmed("fibrillation", _DEATH, 10),),
    ),
    Situation(
        name="ventricular_flutter",
        title="Ventricular flutter of 240 to 300 a minute",
        sources=(SANDAU,),
        phases=(sinus(40), Phase("flutter", 50, Fibrillation(height_mv=(0.6, 1.3), hz=(4, 5), regular=(0.97, 1.0)))),
        right=(Alarmed("flutter", FIBRILLATION, 10), MayBeTold("flutter", _RATE)),
    ),
    Situation(
        name="vf_after_vt",
        title="Ventricular tachycardia becomes coarse fibrillation",
        sources=(ACLS,),
        phases=(
            sinus(40),
            Phase("tachycardia", 20, Tachycardia(bpm=(170, 210))),
            Phase("fibrillation", 50, Fibrillation(height_mv=(0.35, 0.8))),
        ),
        right=(
            Alarmed("tachycardia", VENTRICULAR, 5),
            Alarmed("fibrillation", FIBRILLATION, 0),
            MayBeTold("tachycardia", _RATE),
            MayBeTold("fibrillation", (*_RATE, AlarmKind.ASYSTOLE)),
        ),
    ),
    Situation(
        name="r_on_t_becomes_vf",
        title="Premature beats on the T wave; one of them starts coarse fibrillation",
        sources=(SANDAU, ACLS),
        phases=(
            sinus(20),
            Phase("premature", 25, Pattern(beats="NNNNNV", coupling=(0.40, 0.46))),
            Phase("fibrillation", 40, Fibrillation(height_mv=(0.35, 0.9))),
        ),
        right=(
            Alarmed("fibrillation", FIBRILLATION, 10),
            MayBeTold("fibrillation", (*_RATE, AlarmKind.ASYSTOLE)),
        ),
        traits=Traits(bpm=(55, 75)),
    ),
    Situation(
        name="vf_becomes_fine",
        title="Coarse fibrillation becomes fine within a minute, and then asystole",
        sources=(ACLS,),
        phases=(
            sinus(40),
            Phase("coarse", 25, Fibrillation(height_mv=(0.35, 0.7))),
            Phase("medium", 20, Fibrillation(height_mv=(0.12, 0.2))),
            Phase("fine", 30, Fibrillation(height_mv=(0.02, 0.05))),
        ),
        right=(
            Alarmed("coarse", FIBRILLATION, 10),
            Alarmed("medium", _DEATH, 0),
            Alarmed("fine", _DEATH, 0),
            MayBeTold("coarse", (*_RATE, AlarmKind.ASYSTOLE)),
        ),
    ),
    Situation(
        name="vf_from_the_start",
        title="The monitor starts in the middle of coarse ventricular fibrillation",
        sources=(ACLS,),
        phases=(Phase("fibrillation", 60, Fibrillation(height_mv=(0.35, 0.9))),),
        right=(Alarmed("fibrillation", (*_DEATH, *_RATE), 15),),
    ),
    Situation(
        name="vf_over",
        title="Coarse fibrillation for 25 s, a shock, then sinus rhythm",
        sources=(ACLS,),
        phases=(
            sinus(40),
            Phase("fibrillation", 25, Fibrillation(height_mv=(0.35, 0.9))),
            Phase("after", 50, Sinus()),
        ),
        right=(
            Alarmed("fibrillation", FIBRILLATION, 10),
            MayBeTold("fibrillation", (*_RATE, AlarmKind.ASYSTOLE)),
            ClosedAsOver("after", _DEATH, 25),
            HeartRate("after", settling_s=20),
        ),
    ),
)
