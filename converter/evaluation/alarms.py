"""Figures and tables of the monitor's alarms: true and false ones by `converter.evaluation.alarm_scoring`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from converter.datasets.annotations import of_classes
from converter.evaluation.alarm_scoring import DEFINITIONS, can_judge, is_true
from converter.evaluation.records import ATRIAL_FIBRILLATION, ATRIAL_FLUTTER, VENTRICULAR_ARRHYTHMIA
from converter.evaluation.tables import Section, Table
from ecg.alarms.kinds import PRIORITIES
from ecg.samples import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Sequence

    from converter.evaluation.product_path import Trial
    from converter.evaluation.records import Finding, Truth

__all__ = ["KindScore", "alarms_section", "definitions_table", "judge_alarms", "quietest"]

QUIET = 20
"""Records in which an alarm of high priority would most likely be false."""
NOT_JUDGED = "not annotated"

_DAY_S = 86_400


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


def definitions_table() -> Table:
    """What bears out each kind of alarm, in words."""
    rows = [[kind, words] for kind, (_, words) in DEFINITIONS.items()]
    notes = [
        "Within 5 s of the stretch from the alarm's onset to its opening, with thresholds eased by 5 %",
        "Where the reference has ventricular flutter, alarms of rate, pause, runs and asystole are not false",
        "Electrodes, signal quality and lost samples are annotated nowhere: such alarms cannot be judged",
    ]
    return Table("An alarm is true where the reference has", ["kind", "what"], rows, notes)


def judge_alarms(truths: Sequence[Truth], findings: Sequence[Finding]) -> list[KindScore]:
    """Count the true and the false alarms of each kind that the monitor can raise, in the same records."""
    scores = []
    for kind, priority in ((kind.value, priority.value) for kind, priority in PRIORITIES.items()):
        raised = judged = false = 0
        judged_s = 0.0
        for truth, finding in zip(truths, findings, strict=True):
            verdicts = [is_true(alarm, truth) for alarm in finding.alarms if alarm.kind == kind]
            raised += len(verdicts)
            if can_judge(kind, truth):
                judged += len(verdicts)
                false += verdicts.count(False)
                judged_s += truth.end / SAMPLE_RATE_HZ
        scores.append(KindScore(kind, priority, raised, judged, false, judged_s))
    return scores


def quietest(truths: Sequence[Truth], count: int = QUIET) -> list[Truth]:
    """The records that give the least reason for an alarm, by the reference alone.

    No paced beat, no ventricular flutter, none of the rhythms VT, VFL, VFIB, IVR, SVTA, AFIB and AFL; of those the
    ones with the fewest beats of the classes S, V, F and Q.
    """
    restless = VENTRICULAR_ARRHYTHMIA | ATRIAL_FIBRILLATION | ATRIAL_FLUTTER | {"IVR", "SVTA", "P"}
    calm = [truth for truth in truths if truth.has_beats and truth.has_rhythms]
    calm = [truth for truth in calm if not truth.episodes(restless) and not truth.ventricular_episodes]
    calm = [truth for truth in calm if not np.isin(truth.beats.symbol, ("/", "f")).any()]
    return sorted(calm, key=lambda truth: (_ectopic(truth), truth.record))[:count]


def _ectopic(truth: Truth) -> int:
    return int(of_classes(truth.beats.symbol, "SVFQ").sum())


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
    """Record, kind and time of each false alarm of high priority."""
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
