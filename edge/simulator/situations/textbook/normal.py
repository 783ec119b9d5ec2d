"""Hearts that no high alarm belongs to: sinus rhythm, exertion, unusual shapes that are the patient's own."""

from __future__ import annotations

from typing import Final

from ecg.alarms.kinds import AlarmKind
from edge.simulator.situations.conducted import Climb, Sinus
from edge.simulator.situations.expected_alarms import MayBeTold, NotTold, Opens
from edge.simulator.situations.expected_beats import Beats, Labels
from edge.simulator.situations.patient import Traits
from edge.simulator.situations.situation import Phase, Situation
from edge.simulator.situations.textbook.sources import IEC_27, KLIGFIELD, NEUROKIT_752, SANDAU, SURAWICZ
from edge.simulator.situations.textbook.words import calm, seen, sinus

__all__ = ["SITUATIONS"]

_QUIET: Final = NotTold("", (AlarmKind.TACHYCARDIA, AlarmKind.BRADYCARDIA, AlarmKind.PAUSE, AlarmKind.BIGEMINY))

SITUATIONS: Final = (
    Situation(
        name="sinus",
        title="Sinus rhythm of 55 to 95 a minute",
        sources=(KLIGFIELD,),
        phases=(Phase("sinus", 90, Sinus()),),
        right=(*calm("sinus", found=0.99), _QUIET),
    ),
    Situation(
        name="sinus_bradycardia",
        title="Sinus bradycardia of 42 to 47 a minute",
        sources=(SANDAU,),
        phases=(Phase("slow", 90, Sinus()),),
        right=(*calm("slow"), Opens("slow", (AlarmKind.BRADYCARDIA,), 40)),
        traits=Traits(bpm=(42, 47)),
    ),
    Situation(
        name="sinus_tachycardia",
        title="Sinus tachycardia of 118 to 132 a minute from the first second",
        sources=(SANDAU,),
        phases=(Phase("fast", 90, Sinus()),),
        right=(*calm("fast"), Opens("fast", (AlarmKind.TACHYCARDIA,), 40)),
        traits=Traits(bpm=(118, 132)),
    ),
    Situation(
        name="exertion",
        title="Exertion: sinus rhythm climbs to 120 to 165 a minute within 30 to 60 s",
        sources=(SANDAU,),
        phases=(sinus(40), Phase("exertion", 120, Climb(to_bpm=(120, 165), climb_s=(30, 60)))),
        right=(
            *seen("exertion", found=0.96),
            Labels("exertion", ("N",), at_least=0.98),
            Opens("exertion", (AlarmKind.TACHYCARDIA,), 100),
        ),
    ),
    Situation(
        name="jump_to_135",
        title="Sinus rhythm jumps to 128 to 138 a minute within 3 s (startled, or an atrial tachycardia)",
        sources=(SANDAU,),
        phases=(sinus(40), Phase("fast", 60, Climb(to_bpm=(128, 138), climb_s=(2, 4)))),
        right=(*calm("fast"), Opens("fast", (AlarmKind.TACHYCARDIA,), 40)),
    ),
    Situation(
        name="left_bundle_branch_block",
        title="Left bundle branch block in sinus rhythm of 60 to 95 a minute",
        sources=(SURAWICZ,),
        phases=(Phase("sinus", 90, Sinus()),),
        right=(*calm("sinus"), _QUIET),
        traits=Traits(form="left_block", bpm=(60, 95)),
    ),
    Situation(
        name="right_bundle_branch_block",
        title="Right bundle branch block in sinus rhythm of 60 to 95 a minute",
        sources=(SURAWICZ,),
        phases=(Phase("sinus", 90, Sinus()),),
        right=(*calm("sinus"), _QUIET),
        traits=Traits(form="right_block", bpm=(60, 95)),
    ),
    Situation(
        name="left_bundle_branch_block_exertion",
        title="Left bundle branch block: sinus rhythm climbs to 110 to 130 a minute",
        sources=(SURAWICZ,),
        phases=(sinus(40), Phase("exertion", 90, Climb(to_bpm=(110, 130), climb_s=(20, 45)))),
        right=calm("exertion", found=0.96),
        traits=Traits(form="left_block", bpm=(60, 85)),
    ),
    Situation(
        name="left_bundle_branch_block_at_125",
        title="Left bundle branch block at 115 to 128 a minute from the first second",
        sources=(SURAWICZ,),
        phases=(Phase("fast", 90, Sinus()),),
        right=(*seen("fast"), MayBeTold("fast", (AlarmKind.VENTRICULAR_TACHYCARDIA,))),
        traits=Traits(form="left_block", bpm=(115, 128)),
    ),
    Situation(
        name="pre_excitation",
        title="Wolff-Parkinson-White: short PR, a delta wave, 60 to 95 a minute",
        sources=(SURAWICZ,),
        phases=(Phase("sinus", 90, Sinus()),),
        right=(*calm("sinus"), _QUIET),
        traits=Traits(form="pre_excited", bpm=(60, 95)),
    ),
    Situation(
        name="low_voltage",
        title="Low voltage: QRS complexes of 0.25 to 0.4 mV",
        sources=(IEC_27,),
        phases=(Phase("sinus", 90, Sinus()),),
        right=(*calm("sinus"), _QUIET),
        traits=Traits(qrs_mv=(0.25, 0.4), noise_mv=(0.008, 0.015), p_mv=(0.03, 0.06), wander_mv=(0.02, 0.05)),
    ),
    Situation(
        name="st_elevation",
        title="ST elevation of 0.2 to 0.6 mV that runs into the T wave: R peaks are told where they are",
        sources=(SANDAU,),
        phases=(Phase("sinus", 90, Sinus()),),
        right=(*calm("sinus"), Beats("sinus", near_s=0.08), _QUIET),
        traits=Traits(st_mv=(0.2, 0.6), qrs_mv=(0.6, 1.6)),
    ),
    Situation(
        name="st_elevation_as_high_as_r",
        title="ST elevation as high as the R peak (tombstone): R peaks are told where they are",
        sources=(SANDAU,),
        phases=(Phase("sinus", 90, Sinus()),),
        right=(*seen("sinus"), Beats("sinus", near_s=0.08, found=0.95)),
        traits=Traits(st_mv=(0.8, 1.3), qrs_mv=(0.8, 1.3), t_share=(0.3, 0.5)),
    ),
    Situation(
        name="long_qt_with_tall_t",
        title="Long QT with T waves of 0.6 to 1 times the QRS complex",
        sources=(SANDAU, NEUROKIT_752),
        phases=(Phase("sinus", 90, Sinus()),),
        right=(*calm("sinus"), _QUIET),
        traits=Traits(t_share=(0.6, 1.0), qt=1.25, bpm=(52, 75)),
    ),
    Situation(
        name="tall_p_waves",
        title="P waves of 0.25 to 0.35 mV before QRS complexes of 0.6 to 1 mV",
        sources=(IEC_27,),
        phases=(Phase("sinus", 90, Sinus()),),
        right=(*calm("sinus"), _QUIET),
        traits=Traits(p_mv=(0.25, 0.35), qrs_mv=(0.6, 1.0)),
    ),
    Situation(
        name="polarity_change",
        title="The electrodes are changed over: all beats upside down from one moment on",
        sources=(KLIGFIELD,),
        phases=(sinus(40), Phase("changed", 60, Sinus(), height=(-1.0, -1.0))),
        right=(*seen("changed"), Labels("changed", ("V",), at_most=0.3)),
    ),
    Situation(
        name="polarity_alternates",
        title="Every other beat upside down (an axis that alternates, or a contact that does)",
        sources=(SURAWICZ,),
        phases=(sinus(20), Phase("alternates", 70, Sinus(alternans=(-0.9, -0.6)))),
        right=(*seen("alternates", found=0.95), NotTold("alternates", (AlarmKind.BRADYCARDIA, AlarmKind.PAUSE))),
        traits=Traits(qrs_mv=(0.7, 1.8), bpm=(65, 100)),
    ),
    Situation(
        name="height_falls_sevenfold",
        title="QRS complexes of 1.4 to 2.4 mV fall sevenfold from one beat to the next",
        sources=(IEC_27,),
        phases=(sinus(40), Phase("low", 60, Sinus(), height=(0.14, 0.15))),
        right=(*seen("low", found=0.9), Labels("low", ("V",), at_most=0.1)),
        traits=Traits(qrs_mv=(1.4, 2.4), noise_mv=(0.006, 0.012), wander_mv=(0.02, 0.05)),
    ),
    Situation(
        name="alternans",
        title="Electrical alternans: every other QRS complex half as high",
        sources=(SURAWICZ,),
        phases=(Phase("sinus", 90, Sinus(alternans=(0.4, 0.6))),),
        right=(*calm("sinus"), NotTold("sinus", (AlarmKind.BRADYCARDIA, AlarmKind.PAUSE))),
        traits=Traits(qrs_mv=(0.7, 1.6), bpm=(70, 110)),
    ),
)
