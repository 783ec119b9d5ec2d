"""The rhythm in words, from what the monitor told and what ten seconds show.

The monitor's own rule of atrial fibrillation wants 30 s. Ten seconds tell it by two numbers, irregularity and P waves,
weighed by a logistic regression on the folds 1 to 8 of PTB-XL (`python benchmarks/twelve_leads.py rhythm` measures it).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from ecg.events import Rhythm

if TYPE_CHECKING:
    from reader.rhythm.evidence import Evidence
    from reader.rhythm.watch import Watched

__all__ = ["ATRIAL_FIBRILLATION", "PACED", "NamedRhythm", "name_rhythm"]

ATRIAL_FIBRILLATION: Final = "atrial fibrillation"
PACED: Final = "paced rhythm"

_TOLD: Final = {
    Rhythm.VENTRICULAR_FLUTTER: "ventricular flutter or fibrillation",
    Rhythm.VENTRICULAR_TACHYCARDIA: "ventricular tachycardia",
    Rhythm.ASYSTOLE: "asystole",
    Rhythm.ATRIAL_FIBRILLATION: ATRIAL_FIBRILLATION,
    Rhythm.BIGEMINY: "ventricular bigeminy",
    Rhythm.TRIGEMINY: "ventricular trigeminy",
}
"""What the monitor tells, the gravest first."""

_IRREGULARITY_WEIGHT: Final = 3.66
_P_WAVES_WEIGHT: Final = -5.50
_BIAS: Final = -1.175
_TOLD_FROM: Final = -0.5
"""Log odds of atrial fibrillation in several leads. Folds 1 to 8: 69 of 73, and 11 of 551 others."""
_TOLD_FROM_IN_ONE_LEAD: Final = 0.0
"""In one lead; chosen on `cinc2017`, where one recording in fifty is told so wrongly."""
_EXCLUDED_BELOW: Final = -1.0
_ALIKE: Final = 0.5
"""Share of beats of the usual shape below which intervals say nothing: noise is among the beats."""

_P_WAVES: Final = 0.2
"""Evidence from which on P waves are seen: in 97 % of the ECGs of folds 1 to 8 with a sinus rhythm, and in 3 of 73 with
atrial fibrillation or flutter."""

_IRREGULAR: Final = 0.075
"""Spread of RR intervals from which on a sinus rhythm is called irregular: 95 % of those that PTB-XL calls sinus
arrhythmia have more, and 5 % of the plain ones."""

_SLOW_BPM, _FAST_BPM = 50, 100
"""Sinus bradycardia and tachycardia: ACC/AHA/HRS guidelines of 2018 (Circulation 140:e382) and 2015 (133:e506)."""


class NamedRhythm(NamedTuple):
    """The rhythm.

    Attributes:
        name: in words; None where it cannot be told.
        why_not: the reason where it cannot.
    """

    name: str | None
    why_not: str = ""


def name_rhythm(watched: Watched, evidence: Evidence, *, leads: int, is_paced: bool) -> NamedRhythm:
    """Name the rhythm.

    Args:
        watched: what the monitor told of the whole recording.
        evidence: of the seconds that are read.
        leads: number of leads that the evidence comes from.
        is_paced: whether a pacemaker's pulses are seen in them.
    """
    told = {change.rhythm for change in watched.rhythms}
    for rhythm, name in _TOLD.items():
        if rhythm in told:
            return NamedRhythm(name)
    if evidence.heart_rate_bpm is None:
        beats = len(watched.beats)
        return NamedRhythm(None, f"{beats} heartbeat{'' if beats == 1 else 's'} found: too few to tell a rhythm")
    if is_paced:
        return NamedRhythm(PACED)
    return _by_evidence(evidence, leads)


def _by_evidence(evidence: Evidence, leads: int) -> NamedRhythm:
    assert evidence.heart_rate_bpm is not None
    log_odds = _BIAS + _IRREGULARITY_WEIGHT * evidence.irregularity + _P_WAVES_WEIGHT * evidence.p_waves
    is_doubtful = evidence.alike < _ALIKE
    if log_odds >= (_TOLD_FROM if leads > 1 else _TOLD_FROM_IN_ONE_LEAD):
        if is_doubtful:
            return NamedRhythm(None, "irregular, and the beats differ in shape: noise may be among them")
        return NamedRhythm(ATRIAL_FIBRILLATION)
    if evidence.p_waves >= _P_WAVES:
        return NamedRhythm(_sinus(evidence, evidence.heart_rate_bpm))
    if log_odds >= _EXCLUDED_BELOW:
        return NamedRhythm(None, "irregular without clear P waves: atrial fibrillation is neither told nor excluded")
    if is_doubtful:
        return NamedRhythm(None, "the beats differ in shape, and no P waves are seen")
    return NamedRhythm("regular rhythm without visible P waves")


def _sinus(evidence: Evidence, heart_rate_bpm: float) -> str:
    if evidence.ventricular:
        return "sinus rhythm with ventricular premature beats"
    if heart_rate_bpm > _FAST_BPM:
        return "sinus tachycardia"
    if heart_rate_bpm < _SLOW_BPM:
        return "sinus bradycardia"
    return "sinus rhythm, irregular" if evidence.spread >= _IRREGULAR else "sinus rhythm"
