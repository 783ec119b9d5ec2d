"""When an episode counts as found by an alarm, and when an alarm counts as true: for the report, benchmarks and tests.

Found: an alarm is open at some moment between the onset of the episode and 10 s later (`found_by`).

True: the same thing, eased by 5 %, is in the reference annotations within 5 s of the stretch that the alarm tells of,
from its onset to its opening; else it is false (`is_true`). `DEFINITIONS` says for each kind what that thing is. What
the annotations cannot tell is not judged: it is None, never 0. Where the reference has ventricular flutter or
fibrillation it has no beats, so an alarm of rate, pause or asystole there is not false: the patient is in danger, and
the alarm says so under another name.

Of ventricular alarms a milder question is asked too: whether anything ventricular is in the reference while they last,
from onset to closing, be it at another moment, of another kind or slower (`touches_ventricular`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np

from converter.datasets.annotations import IntArray, of_classes
from converter.evaluation.episodes import Interval, overlaps
from converter.evaluation.records import ATRIAL_FIBRILLATION, ATRIAL_FLUTTER, VENTRICULAR_ARRHYTHMIA, Alarm, Truth
from ecg.samples import SAMPLE_RATE_HZ
from edge.rhythm.settings import RhythmSettings

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "DEFINITIONS",
    "EPISODE_S",
    "FOUND_WITHIN_S",
    "can_judge",
    "found_by",
    "is_true",
    "touches_ventricular",
]

EPISODE_S: Final = 4.0
"""A ventricular arrhythmia that lasts so long must be alarmed ..."""
FOUND_WITHIN_S: Final = 10.0
"""... at the latest so long after its onset."""
RUN_BEATS: Final = 3
"""Ventricular beats in a row that an alarm may touch."""

ALLOWANCE: Final = 5 * SAMPLE_RATE_HZ
EASED: Final = 0.05
RATE_INTERVALS: Final = 8
"""RR intervals that the monitor's heart rate is averaged over."""

_RULES = RhythmSettings()
_VT = _RULES.ventricular_tachycardia_beats, _RULES.ventricular_tachycardia_bpm
_EXTREME_FAST = _RULES.extreme_tachycardia_bpm, _RULES.extreme_tachycardia_beats - 1
_EXTREME_SLOW = _RULES.extreme_bradycardia_bpm, _RULES.extreme_bradycardia_beats - 1
_HOUR = 3600 * SAMPLE_RATE_HZ

Judge = Callable[[Truth, "Interval"], bool | None]
"""Whether the reference bears out an alarm that tells of a stretch; None: it cannot tell."""


def found_by(onset: int, alarms: Iterable[Alarm]) -> list[Alarm]:
    """The alarms that found an episode; empty where it was missed.

    Args:
        onset: of the episode, 360 Hz index.
        alarms: of the kinds that may tell of it.
    """
    latest = onset + FOUND_WITHIN_S * SAMPLE_RATE_HZ
    return [alarm for alarm in alarms if alarm.opened <= latest and alarm.closed > onset]


def is_true(alarm: Alarm, truth: Truth) -> bool | None:
    """Whether the reference bears out an alarm; None where its annotations cannot tell."""
    if alarm.kind not in DEFINITIONS:
        return None
    judge, _ = DEFINITIONS[alarm.kind]
    return judge(truth, (alarm.onset - ALLOWANCE, alarm.opened + ALLOWANCE))


def can_judge(kind: str, truth: Truth) -> bool:
    """Whether a record's annotations can tell true alarms of this kind from false; no matter which alarm it is."""
    return is_true(Alarm(kind, "", 0, 0, 0), truth) is not None


def touches_ventricular(alarm: Alarm, truth: Truth) -> bool:
    """Whether a ventricular arrhythmia, or three beats V in a row, is in the reference while an alarm lasts."""
    return overlaps((alarm.onset, alarm.closed), [*truth.ventricular_episodes, *_runs(truth, "V", RUN_BEATS)])


def _beats_can_tell(judge: Callable[[Truth, Interval], bool]) -> Judge:
    """A judge that needs labelled beats; ventricular flutter, which has none, bears out any alarm."""

    def judged(truth: Truth, stretch: Interval) -> bool | None:
        if not truth.has_beats:
            return None
        return overlaps(stretch, truth.ventricular_episodes) or judge(truth, stretch)

    return judged


def _longest_rr(threshold_s: float) -> Judge:
    @_beats_can_tell
    def judge(truth: Truth, stretch: Interval) -> bool:
        ends, intervals = _rr(truth.beats.index, 1)
        long = intervals >= threshold_s * (1 - EASED) * SAMPLE_RATE_HZ
        return any(overlaps((end - rr, end), [stretch]) for end, rr in zip(ends[long], intervals[long], strict=True))

    return judge


def _rate(bound_bpm: float, count: int, *, above: bool) -> Judge:
    """Mean of `count` RR intervals on the wrong side of a rate."""

    @_beats_can_tell
    def judge(truth: Truth, stretch: Interval) -> bool:
        ends, spans = _rr(truth.beats.index, count)
        bpm = 60 * SAMPLE_RATE_HZ * count / np.maximum(spans, 1)
        wrong = bpm > bound_bpm * (1 - EASED) if above else bpm < bound_bpm * (1 + EASED)
        return any(overlaps((end - span, end), [stretch]) for end, span in zip(ends[wrong], spans[wrong], strict=True))

    return judge


def _run(count: int, bound_bpm: float | None) -> Judge:
    """`count` ventricular or fusion beats in a row, faster than a rate if one is given."""

    @_beats_can_tell
    def judge(truth: Truth, stretch: Interval) -> bool:
        for begin, end in _runs(truth, "VF", count):
            bpm = 60 * SAMPLE_RATE_HZ * (count - 1) / max(end - begin, 1)
            fast = bound_bpm is None or bpm > bound_bpm * (1 - EASED)
            if fast and overlaps((begin, end + 1), [stretch]):
                return True
        return False

    return judge


def _pattern(every: int) -> Judge:
    """Every second (or third) beat is ventricular or fusion, as often in a row as the rule asks."""

    @_beats_can_tell
    def judge(truth: Truth, stretch: Interval) -> bool:
        count = _RULES.ectopic_pattern_repeats * every
        wanted = np.arange(count) % every == every - 1
        index = truth.beats.index
        ventricular = of_classes(truth.beats.symbol, "VF")
        return any(
            (ventricular[first : first + count] == wanted).all()
            and overlaps((int(index[first]), int(index[first + count - 1]) + 1), [stretch])
            for first in range(len(index) - count + 1)
        )

    return judge


@_beats_can_tell
def _frequent_pvcs(truth: Truth, stretch: Interval) -> bool:
    before = truth.beats.index < stretch[1] + ALLOWANCE
    ventricular = of_classes(truth.beats.symbol, "VF")[before & (truth.beats.index >= stretch[1] - _HOUR)]
    return int(ventricular.sum()) >= _RULES.frequent_pvcs_per_hour * (1 - EASED)


def _asystole(truth: Truth, stretch: Interval) -> bool | None:
    if truth.has_rhythms and overlaps(stretch, [*truth.episodes({"ASYS"}), *truth.ventricular_episodes]):
        return True
    if not truth.has_beats:
        return False if truth.has_rhythms else None
    return _longest_rr(_RULES.asystole_s)(truth, stretch)


def _ventricular_tachycardia(truth: Truth, stretch: Interval) -> bool | None:
    if truth.has_rhythms and overlaps(stretch, truth.episodes(VENTRICULAR_ARRHYTHMIA)):
        return True
    if not truth.has_beats:
        return False if truth.has_rhythms else None
    return _run(*_VT)(truth, stretch)


def _atrial_fibrillation(truth: Truth, stretch: Interval) -> bool | None:
    return overlaps(stretch, truth.episodes(ATRIAL_FIBRILLATION | ATRIAL_FLUTTER)) if truth.has_rhythms else None


def _ventricular_flutter(truth: Truth, stretch: Interval) -> bool | None:
    return overlaps(stretch, truth.ventricular_episodes) if truth.has_rhythms else None


DEFINITIONS: dict[str, tuple[Judge, str]] = {
    "asystole": (_asystole, f"an RR interval of {_RULES.asystole_s:g} s, or the rhythm ASYS, VT, VFL or VFIB"),
    "extreme_bradycardia": (
        _rate(*_EXTREME_SLOW, above=False),
        f"{_EXTREME_SLOW[1]} RR intervals with a mean under {_EXTREME_SLOW[0]:g} bpm",
    ),
    "extreme_tachycardia": (
        _rate(*_EXTREME_FAST, above=True),
        f"{_EXTREME_FAST[1]} RR intervals with a mean over {_EXTREME_FAST[0]:g} bpm",
    ),
    "ventricular_tachycardia": (
        _ventricular_tachycardia,
        f"the rhythm VT, VFL or VFIB, or {_VT[0]} V or F beats in a row over {_VT[1]:g} bpm",
    ),
    "ventricular_flutter": (_ventricular_flutter, "the rhythm VT, VFL or VFIB"),
    "pause": (_longest_rr(_RULES.pause_s), f"an RR interval of {_RULES.pause_s:g} s"),
    "tachycardia": (
        _rate(_RULES.tachycardia_bpm, RATE_INTERVALS, above=True),
        f"{RATE_INTERVALS} RR intervals with a mean over {_RULES.tachycardia_bpm:g} bpm",
    ),
    "bradycardia": (
        _rate(_RULES.bradycardia_bpm, RATE_INTERVALS, above=False),
        f"{RATE_INTERVALS} RR intervals with a mean under {_RULES.bradycardia_bpm:g} bpm",
    ),
    "atrial_fibrillation": (_atrial_fibrillation, "the rhythm AFIB or AFL"),
    "ventricular_run": (
        _run(_RULES.ventricular_run_beats, None),
        f"{_RULES.ventricular_run_beats} V or F beats in a row",
    ),
    "bigeminy": (_pattern(2), f"{_RULES.ectopic_pattern_repeats} times in a row each second beat V or F"),
    "trigeminy": (_pattern(3), f"{_RULES.ectopic_pattern_repeats} times in a row each third beat V or F"),
    "frequent_pvcs": (_frequent_pvcs, f"{_RULES.frequent_pvcs_per_hour:g} V or F beats in the hour before"),
}
"""What of the reference bears out each kind of alarm, and the same in words. Kinds that are not here (electrodes,
signal quality, lost samples) are not annotated in any database."""


def _runs(truth: Truth, classes: str, count: int) -> list[Interval]:
    """The R peaks of the first and the last of each `count` beats in a row that are all of these classes."""
    if not truth.has_beats:
        return []
    index = truth.beats.index
    is_run = np.convolve(of_classes(truth.beats.symbol, classes), np.ones(count, dtype=int), mode="valid") == count
    return [(int(index[first]), int(index[first + count - 1])) for first in np.flatnonzero(is_run).tolist()]


def _rr(index: IntArray, count: int) -> tuple[IntArray, IntArray]:
    """End and length of each stretch of `count` RR intervals, 360 Hz samples."""
    return index[count:], index[count:] - index[:-count]
