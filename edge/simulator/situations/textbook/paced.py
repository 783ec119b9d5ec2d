"""Rhythms of pacemakers, seen through the front ends that this monitor has."""

from __future__ import annotations

from typing import Final

from ecg.alarms.kinds import AlarmKind
from edge.simulator.situations.expected_alarms import Alarmed, NotTold
from edge.simulator.situations.expected_beats import Labels, NoHeartRate
from edge.simulator.situations.front_ends import AD8232, ADS1292
from edge.simulator.situations.paced import Paced, PacedInVain, Undersensed
from edge.simulator.situations.patient import Traits
from edge.simulator.situations.situation import Phase, Situation
from edge.simulator.situations.textbook.sources import IEC_27, PHILIPS_MP2, SANDAU
from edge.simulator.situations.textbook.words import ARREST, SLOW, seen, sinus

__all__ = ["SITUATIONS"]

_CALM: Final = NotTold("", (AlarmKind.PAUSE, AlarmKind.BRADYCARDIA, AlarmKind.TACHYCARDIA, AlarmKind.VENTRICULAR_RUN))
_TRAITS: Final = Traits(ectopic_s=(0.13, 0.17), ectopic_mv=(0.7, 2.0))

SITUATIONS: Final = (
    Situation(
        name="paced_atrium",
        title="Pacing of the atrium, conducted, through an ADS1292R",
        sources=(SANDAU, IEC_27),
        phases=(Phase("paced", 90, Paced(chambers="A")),),
        right=(*seen("paced"), Labels("paced", ("V",), at_most=0.03), _CALM),
        front_end=ADS1292,
    ),
    Situation(
        name="paced_ventricle",
        title="Pacing of the ventricle, captured, through an ADS1292R",
        sources=(SANDAU, IEC_27),
        phases=(Phase("paced", 90, Paced(chambers="V")),),
        right=(*seen("paced"), _CALM),
        traits=_TRAITS,
        front_end=ADS1292,
    ),
    Situation(
        name="paced_ventricle_fast",
        title="Pacing of the ventricle at 100 to 120 a minute, captured, through an ADS1292R",
        sources=(SANDAU, IEC_27),
        phases=(Phase("paced", 90, Paced(chambers="V", bpm=(100, 120))),),
        right=(*seen("paced"), NotTold("paced", (AlarmKind.PAUSE, AlarmKind.BRADYCARDIA))),
        traits=_TRAITS,
        front_end=ADS1292,
    ),
    Situation(
        name="paced_both",
        title="Pacing of atrium and ventricle, captured, through an ADS1292R",
        sources=(SANDAU, IEC_27),
        phases=(Phase("paced", 90, Paced(chambers="AV")),),
        right=(*seen("paced"), _CALM),
        traits=_TRAITS,
        front_end=ADS1292,
    ),
    Situation(
        name="paced_ventricle_ad8232",
        title="Pacing of the ventricle, captured, through an AD8232 with a filter of 40 Hz",
        sources=(SANDAU, IEC_27),
        phases=(Phase("paced", 90, Paced(chambers="V")),),
        right=(*seen("paced"), _CALM),
        traits=_TRAITS,
        front_end=AD8232,
    ),
    Situation(
        name="paced_both_ad8232",
        title="Pacing of atrium and ventricle, captured, through an AD8232 with a filter of 40 Hz",
        sources=(SANDAU, IEC_27),
        phases=(Phase("paced", 90, Paced(chambers="AV")),),
        right=(*seen("paced"), _CALM),
        traits=_TRAITS,
        front_end=AD8232,
    ),
    Situation(
        name="capture_fails_each_fourth",
        title="Each fourth pulse does not capture; nothing comes instead",
        sources=(SANDAU,),
        phases=(Phase("paced", 90, Paced(chambers="V", lost=0.25)),),
        right=seen("paced"),
        traits=_TRAITS,
        front_end=ADS1292,
    ),
    Situation(
        name="capture_fails_with_escape",
        title="Each fourth pulse does not capture; the patient's own beat comes instead",
        sources=(SANDAU,),
        phases=(Phase("paced", 90, Paced(chambers="V", lost=0.25, escape=True)),),
        right=seen("paced", found=0.95),
        traits=_TRAITS,
        front_end=ADS1292,
    ),
    Situation(
        name="sensing_fails",
        title="The pacemaker does not see the patient's own beats: pulses fall where they like",
        sources=(SANDAU,),
        phases=(Phase("paced", 90, Undersensed()),),
        right=seen("paced", found=0.95),
        traits=_TRAITS,
        front_end=ADS1292,
    ),
    Situation(
        name="pulses_in_asystole",
        title="Asystole with pulses of 60 to 90 a minute that do not capture, through an ADS1292R",
        sources=(PHILIPS_MP2, IEC_27),
        phases=(sinus(40), Phase("in vain", 60, PacedInVain())),
        right=(Alarmed("in vain", ARREST, 8), NoHeartRate("in vain")),
        front_end=ADS1292,
    ),
    Situation(
        name="pulses_in_asystole_ad8232",
        title="Asystole with pulses of 60 to 90 a minute that do not capture, through an AD8232 with a filter of 40 Hz",
        sources=(PHILIPS_MP2, IEC_27),
        phases=(sinus(40), Phase("in vain", 60, PacedInVain())),
        right=(Alarmed("in vain", ARREST, 8), NoHeartRate("in vain")),
        front_end=AD8232,
    ),
    Situation(
        name="capture_lost_for_good",
        title="Captured pacing of the ventricle loses capture; the pulses go on",
        sources=(PHILIPS_MP2,),
        phases=(Phase("paced", 60, Paced(chambers="V")), Phase("in vain", 60, PacedInVain())),
        right=(*seen("paced"), Alarmed("in vain", ARREST, 8), NoHeartRate("in vain")),
        traits=_TRAITS,
        front_end=ADS1292,
    ),
    Situation(
        name="pulses_and_p_waves",
        title="Ventricular standstill with P waves and pulses that do not capture",
        sources=(PHILIPS_MP2,),
        phases=(sinus(40), Phase("in vain", 60, PacedInVain(p_bpm=(60, 90)))),
        right=(Alarmed("in vain", SLOW, 8), NoHeartRate("in vain")),
        front_end=ADS1292,
    ),
    Situation(
        name="pacemaker_saves",
        title="Sinus rhythm stops; the pacemaker takes over and captures",
        sources=(SANDAU,),
        phases=(sinus(40), Phase("paced", 60, Paced(chambers="V"))),
        right=seen("paced"),
        traits=_TRAITS,
        front_end=ADS1292,
    ),
)
