"""Ventricular tachycardia, slow and fast, and what stands in its way."""

from __future__ import annotations

from typing import Final

from ecg.alarms.kinds import AlarmKind
from edge.simulator.situations.conducted import Sinus
from edge.simulator.situations.disturbances import Broken
from edge.simulator.situations.ectopic import Tachycardia, Torsades
from edge.simulator.situations.expected_alarms import Alarmed, ClosedAsOver, MayBeTold, Opens
from edge.simulator.situations.expected_beats import HeartRate, Labels
from edge.simulator.situations.patient import Traits
from edge.simulator.situations.situation import Phase, Situation
from edge.simulator.situations.textbook.sources import ACLS, EC13, MINDRAY, MRX, SAMPLE_AND_HOLD, SANDAU, WELLENS
from edge.simulator.situations.textbook.words import FIBRILLATION, VENTRICULAR, sinus

__all__ = ["SITUATIONS"]

_RATE: Final = (AlarmKind.EXTREME_TACHYCARDIA,)


def _tachycardia(name: str, title: str, rhythm: Tachycardia, *, within_s: float = 5.0, source: str) -> Situation:
    return Situation(
        name=name,
        title=title,
        sources=(WELLENS, source),
        phases=(sinus(40), Phase("tachycardia", 60, rhythm)),
        right=(
            Alarmed("tachycardia", VENTRICULAR, within_s),
            Labels("tachycardia", ("V",), at_least=0.95),
            MayBeTold("tachycardia", _RATE),
        ),
    )


SITUATIONS: Final = (
    _tachycardia(
        "vt_112_to_135",
        "Slow ventricular tachycardia of 112 to 135 a minute, P waves march through",
        Tachycardia(bpm=(112, 135), p_bpm=(62, 85)),
        within_s=6,
        source=MRX,
    ),
    _tachycardia(
        "vt_135_to_165", "Ventricular tachycardia of 135 to 165 a minute", Tachycardia(bpm=(135, 165)), source=SANDAU
    ),
    _tachycardia(
        "vt_165_to_200", "Ventricular tachycardia of 165 to 200 a minute", Tachycardia(bpm=(165, 200)), source=SANDAU
    ),
    _tachycardia(
        "vt_200_to_230", "Ventricular tachycardia of 200 to 230 a minute", Tachycardia(bpm=(200, 230)), source=SANDAU
    ),
    Situation(
        name="vt_230_to_260",
        title="Ventricular tachycardia of 230 to 260 a minute",
        sources=(WELLENS, ACLS),
        phases=(sinus(40), Phase("tachycardia", 60, Tachycardia(bpm=(230, 260)))),
        right=(Alarmed("tachycardia", VENTRICULAR, 7), MayBeTold("tachycardia", _RATE)),
    ),
    Situation(
        name="vt_with_p_waves",
        title="Ventricular tachycardia of 140 to 180 a minute, P waves march through",
        sources=(WELLENS,),
        phases=(sinus(40), Phase("tachycardia", 60, Tachycardia(bpm=(140, 180), p_bpm=(60, 100)))),
        right=(
            Alarmed("tachycardia", VENTRICULAR, 5),
            Labels("tachycardia", ("V",), at_least=0.95),
            MayBeTold("tachycardia", _RATE),
        ),
        traits=Traits(p_mv=(0.12, 0.22)),
    ),
    Situation(
        name="vt_with_captures",
        title="Ventricular tachycardia of 130 to 170 a minute with capture and fusion beats",
        sources=(WELLENS, MINDRAY),
        phases=(sinus(40), Phase("tachycardia", 60, Tachycardia(bpm=(130, 170), p_bpm=(60, 90), captures=14))),
        right=(Alarmed("tachycardia", VENTRICULAR, 8), MayBeTold("tachycardia", _RATE)),
    ),
    Situation(
        name="vt_over",
        title="Ventricular tachycardia of 150 to 200 a minute for 20 s, then sinus rhythm",
        sources=(SANDAU,),
        phases=(sinus(30), Phase("tachycardia", 20, Tachycardia(bpm=(150, 200))), Phase("after", 50, Sinus())),
        right=(
            Alarmed("tachycardia", VENTRICULAR, 5),
            MayBeTold("tachycardia", _RATE),
            ClosedAsOver("after", VENTRICULAR, 20),
            HeartRate("after", settling_s=15),
            Labels("after", ("V",), at_most=0.04, settling_s=2),
        ),
    ),
    Situation(
        name="vt_from_the_start",
        title="The monitor starts in the middle of a ventricular tachycardia of 140 to 200 a minute",
        sources=(WELLENS, ACLS),
        phases=(Phase("tachycardia", 60, Tachycardia(bpm=(140, 200))),),
        right=(Alarmed("tachycardia", (*VENTRICULAR, *_RATE), 20),),
    ),
    Situation(
        name="vt_contact_breaks",
        title="Ventricular tachycardia while an electrode's contact breaks each 4 s",
        sources=(SAMPLE_AND_HOLD,),
        phases=(
            sinus(40),
            Phase("tachycardia", 12, Tachycardia(bpm=(150, 190))),
            Phase(
                "breaks", 50, Tachycardia(bpm=(150, 190)), (Broken(each_s=(3.5, 4.5), lasts_s=(0.3, 0.6), how="rail"),)
            ),
        ),
        right=(
            Alarmed("tachycardia", VENTRICULAR, 5),
            Alarmed("breaks", VENTRICULAR, 0),
            MayBeTold("", _RATE),
        ),
    ),
    Situation(
        name="vt_samples_lost",
        title="Ventricular tachycardia while 0.1 to 0.3 s of samples are lost each 4 s",
        sources=(SAMPLE_AND_HOLD,),
        phases=(
            sinus(40),
            Phase("tachycardia", 12, Tachycardia(bpm=(150, 190))),
            Phase(
                "losses", 50, Tachycardia(bpm=(150, 190)), (Broken(each_s=(3.5, 4.5), lasts_s=(0.1, 0.3), how="lost"),)
            ),
        ),
        right=(
            Alarmed("tachycardia", VENTRICULAR, 5),
            Alarmed("losses", VENTRICULAR, 0),
            MayBeTold("", _RATE),
        ),
    ),
    Situation(
        name="bidirectional_vt",
        title="Bidirectional ventricular tachycardia of 140 to 180 a minute: two shapes take turns",
        sources=("Vasc Health Risk Manag 18:397, 2022", EC13),
        phases=(sinus(40), Phase("tachycardia", 60, Tachycardia(bpm=(140, 180), both=True))),
        right=(
            Alarmed("tachycardia", (*VENTRICULAR, *_RATE), 10),
            HeartRate("tachycardia", told=0.3),
        ),
    ),
    Situation(
        name="accelerated_idioventricular",
        title="Accelerated idioventricular rhythm of 65 to 92 a minute: wide, and no tachycardia",
        sources=(SANDAU,),
        phases=(sinus(40), Phase("idioventricular", 60, Tachycardia(bpm=(65, 92)))),
        right=(HeartRate("idioventricular"),),
    ),
    Situation(
        name="torsades_de_pointes",
        title="Torsades de pointes of 180 to 250 a minute after a long QT",
        sources=("Dessertenne, Arch Mal Coeur 59:263, 1966", SANDAU),
        phases=(sinus(40), Phase("torsades", 40, Torsades())),
        right=(Alarmed("torsades", FIBRILLATION, 10), MayBeTold("torsades", (*_RATE, AlarmKind.ASYSTOLE))),
        traits=Traits(t_share=(0.4, 0.8), qt=1.3, bpm=(50, 70)),
    ),
    Situation(
        name="polymorphic_vt",
        title="Polymorphic ventricular tachycardia of 160 to 210 a minute: the shape changes from beat to beat",
        sources=(ACLS, SANDAU),
        phases=(sinus(40), Phase("tachycardia", 50, Tachycardia(bpm=(160, 210), spread=(0.04, 0.08), many=True))),
        right=(Alarmed("tachycardia", VENTRICULAR, 8), MayBeTold("tachycardia", _RATE)),
    ),
    Situation(
        name="short_vt",
        title="A run of 8 ventricular beats of 150 to 180 a minute each 30 s",
        sources=(SANDAU, MINDRAY),
        phases=(
            sinus(40),
            Phase("run", 3, Tachycardia(bpm=(160, 180))),
            Phase("after", 30, Sinus()),
        ),
        right=(Opens("run", VENTRICULAR, 7), ClosedAsOver("after", VENTRICULAR, 20)),
    ),
)
