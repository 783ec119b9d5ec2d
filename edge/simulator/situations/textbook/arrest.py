"""Arrests: the ventricles stand still, or nearly so."""

from __future__ import annotations

from typing import Final

from ecg.alarms.kinds import AlarmKind
from edge.simulator.situations.arrests import Escape, SineWave, Standstill
from edge.simulator.situations.conducted import AtrialFlutter, Sinus
from edge.simulator.situations.disturbances import Broken, Compressions
from edge.simulator.situations.expected_alarms import Alarmed, ClosedAsOver, MayBeTold, Opens
from edge.simulator.situations.expected_beats import HeartRate, NoHeartRate
from edge.simulator.situations.patient import Traits
from edge.simulator.situations.situation import Phase, Situation
from edge.simulator.situations.textbook.sources import (
    ACLS,
    PELTER,
    SAMPLE_AND_HOLD,
    SURAWICZ_POTASSIUM,
)
from edge.simulator.situations.textbook.words import ARREST, SLOW, VENTRICULAR, sinus

__all__ = ["SITUATIONS"]

SITUATIONS: Final = (
    Situation(
        name="asystole",
        title="Asystole after sinus rhythm",
        sources=(ACLS,),
        phases=(sinus(40), Phase("asystole", 40, Standstill())),
        right=(Alarmed("asystole", ARREST, 6.5), NoHeartRate("asystole")),
    ),
    Situation(
        name="asystole_over",
        title="Asystole of 15 s, then sinus rhythm",
        sources=(ACLS,),
        phases=(sinus(40), Phase("asystole", 15, Standstill()), Phase("after", 40, Sinus())),
        right=(
            Alarmed("asystole", ARREST, 6.5),
            ClosedAsOver("after", ARREST, 15),
            HeartRate("after"),
        ),
    ),
    Situation(
        name="p_waves_0_10_to_0_15",
        title="Ventricular standstill, P waves of 0.10 to 0.15 mV go on",
        sources=(PELTER,),
        phases=(sinus(40), Phase("standstill", 60, Standstill(p_mv=(0.10, 0.15)))),
        right=(Alarmed("standstill", ARREST, 6.5), NoHeartRate("standstill")),
    ),
    Situation(
        name="p_waves_0_15_to_0_30",
        title="Ventricular standstill, P waves of 0.15 to 0.30 mV go on",
        sources=(PELTER,),
        phases=(sinus(40), Phase("standstill", 60, Standstill(p_mv=(0.15, 0.30)))),
        right=(Alarmed("standstill", ARREST, 6.5), NoHeartRate("standstill")),
        traits=Traits(qrs_mv=(0.7, 2.0), p_mv=(0.15, 0.3)),
    ),
    Situation(
        name="flutter_waves_alone",
        title="Atrial flutter of which nothing is conducted: 0.05 to 0.13 mV; one lead cannot rule out ventricular",
        sources=(PELTER,),
        phases=(sinus(40), Phase("standstill", 50, AtrialFlutter(ratio=None, waves_mv=(0.05, 0.13)))),
        right=(Alarmed("standstill", (*ARREST, AlarmKind.VENTRICULAR_FLUTTER), 6.5), NoHeartRate("standstill")),
    ),
    Situation(
        name="noise_alone",
        title="Asystole under noise of 0.03 to 0.06 mV",
        sources=(PELTER,),
        phases=(sinus(40), Phase("asystole", 50, Standstill())),
        right=(Alarmed("asystole", ARREST, 6.5), NoHeartRate("asystole")),
        traits=Traits(noise_mv=(0.03, 0.06), qrs_mv=(0.9, 2.0)),
    ),
    Situation(
        name="agonal_rhythm",
        title="Agonal rhythm: wide beats of 15 to 32 a minute after a silence",
        sources=(ACLS,),
        phases=(
            sinus(40),
            Phase("agonal", 70, Escape(bpm=(15, 32), wide=True, p_bpm=None, silence_s=(4.5, 8), spread=(0.03, 0.08))),
        ),
        right=(
            Alarmed("agonal", (*SLOW, AlarmKind.PAUSE), 8),
            Opens("agonal", (AlarmKind.EXTREME_BRADYCARDIA,), 45),
        ),
        traits=Traits(ectopic_s=(0.15, 0.22), ectopic_mv=(0.5, 1.5)),
    ),
    Situation(
        name="start_with_p_waves",
        title="The monitor starts during a standstill with P waves of 0.05 to 0.12 mV",
        sources=(PELTER,),
        phases=(Phase("standstill", 60, Standstill(p_mv=(0.05, 0.12))),),
        right=(Alarmed("standstill", ARREST, 20), NoHeartRate("standstill")),
    ),
    Situation(
        name="start_in_asystole",
        title="The monitor starts during an asystole",
        sources=(PELTER,),
        phases=(Phase("asystole", 60, Standstill()),),
        right=(Alarmed("asystole", ARREST, 20), NoHeartRate("asystole")),
    ),
    Situation(
        name="asystole_samples_lost",
        title="Asystole while 20 ms of samples are lost each 3.5 s",
        sources=(SAMPLE_AND_HOLD,),
        phases=(
            sinus(40),
            Phase("asystole", 50, Standstill(), (Broken(each_s=(3.4, 3.6), lasts_s=(0.02, 0.02), how="lost"),)),
        ),
        right=(Alarmed("asystole", ARREST, 9), NoHeartRate("asystole")),
    ),
    Situation(
        name="asystole_bad_blocks",
        title="Asystole while 0.3 s are on the rail each 3.5 s",
        sources=(SAMPLE_AND_HOLD,),
        phases=(
            sinus(40),
            Phase("asystole", 8, Standstill()),
            Phase("bad", 45, Standstill(), (Broken(each_s=(3.4, 3.6), lasts_s=(0.2, 0.3), how="rail"),)),
        ),
        right=(Alarmed("asystole", ARREST, 6.5), Alarmed("bad", ARREST, 0)),
    ),
    Situation(
        name="chest_compressions",
        title="Chest compressions in asystole: the alarm stays, seen or unseen",
        sources=("Aramendi et al., Resuscitation 83:692, 2012", SAMPLE_AND_HOLD),
        phases=(
            sinus(40),
            Phase("asystole", 12, Standstill()),
            Phase("compressions", 45, Standstill(), (Compressions(height_mv=(0.4, 1.5)),)),
        ),
        right=(
            Alarmed("asystole", ARREST, 6.5),
            Alarmed("compressions", (*ARREST, *VENTRICULAR), 0),
            MayBeTold("compressions", (*VENTRICULAR, AlarmKind.EXTREME_TACHYCARDIA)),
        ),
    ),
    Situation(
        name="sine_wave",
        title="Sine wave of severe hyperkalaemia, 55 to 90 a minute: the rate is right, or fibrillation is told",
        sources=(SURAWICZ_POTASSIUM,),
        phases=(sinus(30), Phase("sine wave", 60, SineWave(bpm=(55, 90), height_mv=(0.5, 1.2)))),
        right=(
            HeartRate("sine wave", told=0.0),
            MayBeTold("sine wave", VENTRICULAR),
        ),
    ),
)
