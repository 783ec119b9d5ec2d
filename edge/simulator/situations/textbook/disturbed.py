"""Recordings that are disturbed over a heart that is not."""

from __future__ import annotations

from typing import Final

from ecg.alarms.kinds import AlarmKind
from edge.simulator.situations.conducted import Sinus
from edge.simulator.situations.disturbances import (
    Broken,
    ContactSteps,
    ElectrodeOff,
    FalseSamples,
    Hum,
    Motion,
    Saturation,
    Shiver,
    Tremor,
    Wander,
)
from edge.simulator.situations.expected_alarms import NotTold, Opens
from edge.simulator.situations.expected_beats import Beats, HeartRate, Labels
from edge.simulator.situations.front_ends import ADS1292
from edge.simulator.situations.patient import Traits
from edge.simulator.situations.situation import Phase, Situation
from edge.simulator.situations.textbook.sources import (
    DREW,
    FAMILY_PHYSICIAN,
    HEALTHYPI,
    HUANG,
    IEC_27,
    SAMPLE_AND_HOLD,
)
from edge.simulator.situations.textbook.words import calm, sinus

__all__ = ["SITUATIONS"]

_CLEAR: Final = Traits(qrs_mv=(0.8, 2.0))

SITUATIONS: Final = (
    Situation(
        name="tremor_0_3_to_0_5",
        title="Tremor of 4 to 6 Hz and 0.3 to 0.5 mV over clear beats of 1.2 to 2.2 mV",
        sources=(HUANG, FAMILY_PHYSICIAN),
        phases=(sinus(40), Phase("tremor", 40, Sinus(), (Tremor(height_mv=(0.3, 0.5)),))),
        right=(HeartRate("tremor", told=0.0), Labels("tremor", ("V",), at_most=0.1)),
        traits=Traits(qrs_mv=(1.2, 2.2)),
    ),
    Situation(
        name="tremor_0_5_to_1",
        title="Tremor of 4 to 6 Hz and 0.5 to 1 mV over beats of 1.8 to 2.5 mV",
        sources=(HUANG, FAMILY_PHYSICIAN),
        phases=(sinus(40), Phase("tremor", 40, Sinus(), (Tremor(height_mv=(0.5, 1.0)),))),
        right=(HeartRate("tremor", told=0.0),),
        traits=Traits(qrs_mv=(1.8, 2.5)),
    ),
    Situation(
        name="shivering",
        title="Shivering: muscle noise of 0.1 to 0.3 mV",
        sources=(DREW,),
        phases=(sinus(30), Phase("shivering", 50, Sinus(), (Shiver(rms_mv=(0.1, 0.3)),))),
        right=(HeartRate("shivering", told=0.0, times=2), Labels("shivering", ("V",), at_most=0.1)),
        traits=_CLEAR,
    ),
    Situation(
        name="hum_50",
        title="Mains hum of 50 Hz and 0.1 to 0.5 mV",
        sources=(IEC_27,),
        phases=(sinus(30), Phase("hum", 50, Sinus(), (Hum(hz=50, height_mv=(0.1, 0.5)),))),
        right=(HeartRate("hum", told=0.0), Labels("hum", ("V",), at_most=0.05)),
        traits=_CLEAR,
    ),
    Situation(
        name="hum_60",
        title="Mains hum of 60 Hz and 0.1 to 0.5 mV",
        sources=(IEC_27,),
        phases=(sinus(30), Phase("hum", 50, Sinus(), (Hum(hz=60, height_mv=(0.1, 0.5)),))),
        right=(HeartRate("hum", told=0.0), Labels("hum", ("V",), at_most=0.05)),
        traits=_CLEAR,
    ),
    Situation(
        name="hum_16_7",
        title="Hum of a railway, 16.7 Hz and 0.2 to 1 mV",
        sources=("cases of this project", IEC_27),
        phases=(sinus(30), Phase("hum", 50, Sinus(), (Hum(hz=50 / 3, height_mv=(0.2, 1.0)),))),
        right=(HeartRate("hum", told=0.0),),
        traits=_CLEAR,
    ),
    Situation(
        name="motion",
        title="Electrodes that move: noise of 0.3 to 0.8 mV in the band of the QRS complex",
        sources=(DREW,),
        phases=(sinus(30), Phase("motion", 60, Sinus(), (Motion(rms_mv=(0.3, 0.8)),))),
        right=(HeartRate("motion", told=0.0, times=2),),
        traits=_CLEAR,
    ),
    Situation(
        name="wandering_baseline",
        title="A baseline that wanders by 0.5 to 1.5 mV",
        sources=(IEC_27,),
        phases=(sinus(30), Phase("wander", 60, Sinus(), (Wander(height_mv=(0.5, 1.5)),))),
        right=calm("wander"),
        traits=_CLEAR,
    ),
    Situation(
        name="contact_steps",
        title="An electrode's contact gives way each 4 to 9 s: steps of 1 to 3 mV",
        sources=(DREW,),
        phases=(sinus(30), Phase("steps", 60, Sinus(), (ContactSteps(each_s=(4, 9), height_mv=(1, 3)),))),
        right=(HeartRate("steps", told=0.0, times=2), Beats("steps", found=0.9, extra=0.15)),
        traits=_CLEAR,
    ),
    Situation(
        name="contact_chatters",
        title="An electrode's contact chatters for 6 s: the input is on its rail for 50 to 200 ms, again and again",
        sources=(DREW, SAMPLE_AND_HOLD),
        phases=(
            sinus(30),
            Phase("chatters", 6, Sinus(), (Broken(each_s=(0.2, 0.6), lasts_s=(0.05, 0.2), how="rail"),)),
            Phase("after", 50, Sinus()),
        ),
        right=(Beats("after", found=0.96, settling_s=8), HeartRate("after", settling_s=18)),
        traits=_CLEAR,
    ),
    Situation(
        name="false_samples",
        title="A single false sample about each 5 s",
        sources=(HEALTHYPI,),
        phases=(sinus(20), Phase("false", 80, Sinus(), (FalseSamples(each_s=(2.5, 7.5)),))),
        right=(
            HeartRate("false"),
            Beats("false", found=0.96),
            Labels("false", ("V",), at_most=0.02),
            NotTold("false", (AlarmKind.FREQUENT_PVCS, AlarmKind.VENTRICULAR_RUN)),
        ),
        front_end=ADS1292,
    ),
    Situation(
        name="samples_lost",
        title="Some samples lost: 20 to 300 ms each 3 to 6 s",
        sources=(SAMPLE_AND_HOLD,),
        phases=(sinus(20), Phase("lost", 60, Sinus(), (Broken(each_s=(3, 6), lasts_s=(0.02, 0.3), how="lost"),))),
        right=(HeartRate("lost", told=0.0), Opens("lost", (AlarmKind.SAMPLES_LOST,), 40)),
        traits=_CLEAR,
    ),
    Situation(
        name="electrode_off",
        title="An electrode comes off for 15 s and is put on again",
        sources=(IEC_27,),
        phases=(
            sinus(30),
            Phase("off", 15, Sinus(), (ElectrodeOff(),)),
            Phase("on", 40, Sinus()),
        ),
        right=(Opens("off", (AlarmKind.ELECTRODE_OFF,), 3), *calm("on")),
        traits=_CLEAR,
        front_end=ADS1292,
    ),
    Situation(
        name="saturation",
        title="The input is on its rail for 1 to 3 s, twice, and creeps back; all beats are found afterwards",
        sources=(IEC_27, "IEC 60601-2-27:2011, 201.12.1.101.10 (recovery after a defibrillator)"),
        phases=(
            sinus(30),
            Phase("saturated", 12, Sinus(), (Saturation(each_s=(4, 7), lasts_s=(1, 3)),)),
            Phase("after", 50, Sinus()),
        ),
        right=(Beats("after", found=0.97, settling_s=6), HeartRate("after", settling_s=16)),
        traits=_CLEAR,
    ),
    Situation(
        name="artefact_and_after",
        title="Motion of 2 to 5 mV for 8 s; then clean sinus rhythm of which all beats are found",
        sources=(DREW,),
        phases=(
            sinus(30),
            Phase("artefact", 8, Sinus(), (Motion(rms_mv=(2.0, 5.0)),)),
            Phase("after", 60, Sinus()),
        ),
        right=(Beats("after", found=0.96, settling_s=8), HeartRate("after", settling_s=18)),
        traits=Traits(qrs_mv=(0.4, 1.2)),
    ),
)
