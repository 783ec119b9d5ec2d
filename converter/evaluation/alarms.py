"""Which of the monitor's alarms the reference bears out.

An alarm is true where the same thing, eased by 5 %, is in the reference annotations within 5 s of the stretch that the
alarm tells of, from its onset to its opening; else it is false. `DEFINITIONS` says for each kind what that thing is.
What the annotations cannot tell is not judged: it is None, never 0.

Where the reference has ventricular flutter or fibrillation it has no beats, so an alarm of rate, pause or asystole
there is not false: the patient is in danger, and the alarm says so under another name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from converter.datasets.annotations import IntArray, of_classes
from converter.evaluation.episodes import overlaps
from converter.evaluation.records import FIBRILLATION, FLUTTER, VENTRICULAR, Alarm, Truth
from converter.evaluation.tables import Section, Table
from ecg.alarms.kinds import PRIORITIES
from ecg.samples import SAMPLE_RATE_HZ
from edge.rhythm.settings import RhythmSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from converter.evaluation.episodes import Interval
    from converter.evaluation.product_path import Trial
    from converter.evaluation.records import Finding

__all__ = ["DEFINITIONS", "KindScore", "alarms_section", "definitions_table", "is_true", "judge_alarms", "quietest"]

ALLOWANCE = 5 * SAMPLE_RATE_HZ
EASED = 0.05
RATE_INTERVALS = 8
"""RR intervals that the monitor's heart rate is averaged over."""
QUIET = 20
"""Records in which an alarm of high priority would most likely be false."""
NOT_JUDGED = "not annotated"

_RULES = RhythmSettings()
_VT = _RULES.ventricular_tachycardia_beats, _RULES.ventricular_tachycardia_bpm
_EXTREME_FAST = _RULES.extreme_tachycardia_bpm, _RULES.extreme_tachycardia_beats - 1
_EXTREME_SLOW = _RULES.extreme_bradycardia_bpm, _RULES.extreme_bradycardia_beats - 1
_DAY_S = 86_400
_HOUR = 3600 * SAMPLE_RATE_HZ

Judge = Callable[[Truth, "Interval"], bool | None]
"""Whether the reference bears out an alarm that tells of a stretch; None: it cannot tell."""


@dataclass(frozen=True, slots=True)
class KindScore:
    """Alarms of one kind over several records.

    Attributes:
        kind, priority: of the alarms.
        raised: how many.
        judged: those of them in records whose annotations can tell.
        false: those of the judged.
        judged_s: length of the records whose annotations can tell.
    """

    kind: str
    priority: str
    raised: int
    judged: int
    false: int
    judged_s: float

    @property
    def false_a_day(self) -> float | None:
        """False alarms in 24 h; None where no record's annotations can tell."""
        return self.false * _DAY_S / self.judged_s if self.judged_s else None


def _beats_can_tell(judge: Callable[[Truth, Interval], bool]) -> Judge:
    """What needs labelled beats; ventricular flutter, where there are none, bears out anything."""

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
    """So many ventricular or fusion beats in a row, where asked faster than a rate."""

    @_beats_can_tell
    def judge(truth: Truth, stretch: Interval) -> bool:
        index = truth.beats.index
        ventricular = of_classes(truth.beats.symbol, "VF")
        run = np.convolve(ventricular, np.ones(count, dtype=int), mode="valid") == count
        for first in np.flatnonzero(run).tolist():
            begin, end = int(index[first]), int(index[first + count - 1])
            bpm = 60 * SAMPLE_RATE_HZ * (count - 1) / max(end - begin, 1)
            fast = bound_bpm is None or bpm > bound_bpm * (1 - EASED)
            if fast and overlaps((begin, end + 1), [stretch]):
                return True
        return False

    return judge


def _pattern(every: int) -> Judge:
    """Each second, or each third, beat ventricular or fusion, as often as the rule asks."""

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
    if truth.has_rhythms and overlaps(stretch, truth.episodes(VENTRICULAR)):
        return True
    if not truth.has_beats:
        return False if truth.has_rhythms else None
    return _run(*_VT)(truth, stretch)


def _atrial_fibrillation(truth: Truth, stretch: Interval) -> bool | None:
    return overlaps(stretch, truth.episodes(FIBRILLATION | FLUTTER)) if truth.has_rhythms else None


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


def definitions_table() -> Table:
    """What bears out each kind of alarm, in words."""
    rows = [[kind, words] for kind, (_, words) in DEFINITIONS.items()]
    notes = [
        "Within 5 s of the stretch from the alarm's onset to its opening, with thresholds eased by 5 %",
        "Where the reference has ventricular flutter, alarms of rate, pause, runs and asystole are not false",
        "Electrodes, signal quality and lost samples are annotated nowhere: such alarms cannot be judged",
    ]
    return Table("An alarm is true where the reference has", ["kind", "what"], rows, notes)


def is_true(alarm: Alarm, truth: Truth) -> bool | None:
    """Whether the reference bears out an alarm; None where its annotations cannot tell."""
    if alarm.kind not in DEFINITIONS:
        return None
    judge, _ = DEFINITIONS[alarm.kind]
    return judge(truth, (alarm.onset - ALLOWANCE, alarm.opened + ALLOWANCE))


def judge_alarms(truths: Sequence[Truth], findings: Sequence[Finding]) -> list[KindScore]:
    """Count the true and the false alarms of each kind that the monitor can raise, in the same records."""
    scores = []
    for kind, priority in ((kind.value, priority.value) for kind, priority in PRIORITIES.items()):
        raised = judged = false = 0
        judged_s = 0.0
        for truth, finding in zip(truths, findings, strict=True):
            verdicts = [is_true(alarm, truth) for alarm in finding.alarms if alarm.kind == kind]
            raised += len(verdicts)
            if _can_judge(kind, truth):
                judged += len(verdicts)
                false += verdicts.count(False)
                judged_s += truth.end / SAMPLE_RATE_HZ
        scores.append(KindScore(kind, priority, raised, judged, false, judged_s))
    return scores


def _can_judge(kind: str, truth: Truth) -> bool:
    """Whether a record's annotations can tell true alarms of this kind from false; no matter which alarm it is."""
    return is_true(Alarm(kind, "", 0, 0, 0), truth) is not None


def quietest(truths: Sequence[Truth], count: int = QUIET) -> list[Truth]:
    """The records that give the least reason for an alarm, by the reference alone.

    No paced beat, no ventricular flutter, none of the rhythms VT, VFL, VFIB, IVR, SVTA, AFIB and AFL; of those the
    ones with the fewest beats of the classes S, V, F and Q.
    """
    restless = VENTRICULAR | FIBRILLATION | FLUTTER | {"IVR", "SVTA", "P"}
    calm = [truth for truth in truths if truth.has_beats and truth.has_rhythms]
    calm = [truth for truth in calm if not truth.episodes(restless) and not truth.ventricular_episodes]
    calm = [truth for truth in calm if not np.isin(truth.beats.symbol, ("/", "f")).any()]
    return sorted(calm, key=lambda truth: (_ectopic(truth), truth.record))[:count]


def _ectopic(truth: Truth) -> int:
    return int(of_classes(truth.beats.symbol, "SVFQ").sum())


def _rr(index: IntArray, count: int) -> tuple[IntArray, IntArray]:
    """End and length of each stretch of `count` RR intervals, 360 Hz samples."""
    return index[count:], index[count:] - index[:-count]


def alarms_section(trial: Trial) -> Section:
    """False alarms in 24 h of every kind that the monitor can raise, and of high priority in the quietest records.

    `definitions_table` goes with it.
    """
    scores = judge_alarms(trial.truths, trial.findings)
    title = f"Alarms, {trial.scope}"
    cells = [
        [
            score.kind,
            score.priority,
            f"{score.raised:,}",
            f"{score.judged:,}",
            "-" if score.false_a_day is None else f"{score.false:,}",
            NOT_JUDGED if score.false_a_day is None else f"{score.false_a_day:.2f}",
        ]
        for score in scores
    ]
    columns = ["kind", "priority", "raised", "judged", "false", "false in 24 h"]
    quiet, quiet_table = _quiet(trial)
    figures = {
        "kinds": {score.kind: {**asdict(score), "false_a_day": score.false_a_day} for score in scores},
        "false_high": _false_high(trial),
        "quietest": quiet,
    }
    return Section("alarms", figures, (Table(title, columns, cells), *quiet_table))


def _false_high(trial: Trial) -> list[dict[str, Any]]:
    """Each false alarm of high priority, so that it can be looked at."""
    return [
        {
            "record": truth.record,
            "kind": alarm.kind,
            "onset_s": round(alarm.onset / SAMPLE_RATE_HZ, 1),
            "opened_s": round(alarm.opened / SAMPLE_RATE_HZ, 1),
        }
        for truth, finding in zip(trial.truths, trial.findings, strict=True)
        for alarm in finding.alarms
        if alarm.priority == "high" and is_true(alarm, truth) is False
    ]


def _quiet(trial: Trial) -> tuple[dict[str, Any], tuple[Table, ...]]:
    """High-priority alarms in the quietest records; nothing where there are too few of them."""
    truths = quietest(trial.truths)
    if len(truths) < QUIET:
        return {}, ()
    chosen = trial.only({truth.record for truth in truths})
    scores = [score for score in judge_alarms(chosen.truths, chosen.findings) if score.priority == "high"]
    length_s = sum(truth.end for truth in truths) / SAMPLE_RATE_HZ
    false, raised = sum(score.false for score in scores), sum(score.raised for score in scores)
    figures: dict[str, Any] = {
        "records": [truth.record for truth in truths],
        "ectopic_beats": sum(map(_ectopic, truths)),
        "hours": length_s / 3600,
        "raised": raised,
        "false": false,
        "false_a_day": false * _DAY_S / length_s,
    }
    title = f"High-priority alarms in the quietest records, {chosen.scope}"
    row = [f"{length_s / 3600:.1f}", str(raised), str(false), f"{figures['false_a_day']:.2f}"]
    note = (
        "Quiet by the reference alone: no paced beat, no VT, VFL, VFIB, IVR, SVTA, AFIB or AFL; of those the fewest "
        f"beats of S, V, F and Q ({figures['ectopic_beats']} in all): {' '.join(truth.record for truth in truths)}"
    )
    return figures, (Table(title, ["hours", "raised", "false", "false in 24 h"], [row], [note]),)
