"""Premature beats, alone and in their patterns."""

from __future__ import annotations

from typing import Final

from ecg.alarms.kinds import AlarmKind
from edge.simulator.situations.ectopic import Pattern
from edge.simulator.situations.expected_alarms import NotTold, Opens
from edge.simulator.situations.expected_beats import Labels
from edge.simulator.situations.patient import Traits
from edge.simulator.situations.situation import Phase, Situation
from edge.simulator.situations.textbook.sources import EC13, NEUROKIT_818, SANDAU
from edge.simulator.situations.textbook.words import seen, sinus

__all__ = ["SITUATIONS"]

_NOT_SLOW: Final = (AlarmKind.BRADYCARDIA, AlarmKind.PAUSE)

SITUATIONS: Final = (
    Situation(
        name="premature_ventricular",
        title="Sinus rhythm with a ventricular premature beat each six beats",
        sources=(SANDAU,),
        phases=(sinus(20), Phase("premature", 70, Pattern(beats="NNNNNV"))),
        right=(*seen("premature"), Labels("premature", ("V",), at_least=0.12, at_most=0.2)),
    ),
    Situation(
        name="premature_atrial",
        title="Sinus rhythm with an atrial premature beat each five beats",
        sources=(SANDAU,),
        phases=(sinus(20), Phase("premature", 70, Pattern(beats="NNNNA"))),
        right=(*seen("premature"), Labels("premature", ("V",), at_most=0.02)),
    ),
    Situation(
        name="bigeminy",
        title="Ventricular bigeminy after sinus rhythm",
        sources=(SANDAU,),
        phases=(sinus(30), Phase("bigeminy", 60, Pattern(beats="NV"))),
        right=(
            *seen("bigeminy"),
            Labels("bigeminy", ("V",), at_least=0.4),
            Opens("bigeminy", (AlarmKind.BIGEMINY,), 30),
            NotTold("bigeminy", _NOT_SLOW),
        ),
        traits=Traits(bpm=(65, 95)),
    ),
    Situation(
        name="bigeminy_from_the_start",
        title="Bigeminy from the first second: small sinus beats, large premature ones",
        sources=(NEUROKIT_818,),
        phases=(Phase("bigeminy", 80, Pattern(beats="NV")),),
        right=(
            *seen("bigeminy", found=0.94),
            Opens("bigeminy", (AlarmKind.BIGEMINY,), 45),
            NotTold("bigeminy", _NOT_SLOW),
        ),
        traits=Traits(qrs_mv=(0.4, 0.6), ectopic_mv=(1.5, 2.4), bpm=(70, 95)),
    ),
    Situation(
        name="trigeminy",
        title="Ventricular trigeminy after sinus rhythm",
        sources=(SANDAU,),
        phases=(sinus(30), Phase("trigeminy", 60, Pattern(beats="NNV"))),
        right=(
            *seen("trigeminy"),
            Labels("trigeminy", ("V",), at_least=0.28, at_most=0.4),
            Opens("trigeminy", (AlarmKind.TRIGEMINY,), 35),
        ),
    ),
    Situation(
        name="couplets",
        title="Ventricular couplets between sinus beats",
        sources=(SANDAU,),
        phases=(sinus(20), Phase("couplets", 60, Pattern(beats="NNNNVV"))),
        right=(*seen("couplets", found=0.95), Labels("couplets", ("V",), at_least=0.25, at_most=0.4)),
    ),
    Situation(
        name="runs_of_three",
        title="Runs of three ventricular beats between sinus beats",
        sources=(SANDAU,),
        phases=(sinus(20), Phase("runs", 60, Pattern(beats="NNNNNVVV"))),
        right=(*seen("runs", found=0.95), Opens("runs", (AlarmKind.VENTRICULAR_RUN,), 15)),
    ),
    Situation(
        name="r_on_t",
        title="Premature beats on the T wave before (R on T)",
        sources=(SANDAU,),
        phases=(sinus(20), Phase("premature", 60, Pattern(beats="NNNNNV", coupling=(0.40, 0.46)))),
        right=(*seen("premature", found=0.94), Labels("premature", ("V",), at_least=0.1, at_most=0.2)),
        traits=Traits(bpm=(55, 75)),
    ),
    Situation(
        name="multiform_premature",
        title="Premature beats from two places of the ventricles in turn",
        sources=(EC13,),
        phases=(sinus(20), Phase("premature", 60, Pattern(beats="NNNVNNNW"))),
        right=(*seen("premature"), Labels("premature", ("V",), at_least=0.2, at_most=0.3)),
    ),
)
