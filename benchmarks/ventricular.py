"""How well ventricular tachycardia, flutter and fibrillation are told: the daemon's alarms against annotated rhythms.

    python benchmarks/ventricular.py ~/recordings/vfdb
    python benchmarks/ventricular.py ~/recordings/mitdb --records 100 103 105 --channel 1

The alarms are read from the annotation files of `ecg-edge replay RECORD... --annotations DIR`, with the shipped model.

`converter.evaluation.alarm_scoring` says what *found* is.

- Reference: stretches annotated (VT, (VFL, (VF or (VFIB, or between `[` and `]`; those that touch are one. An *episode*
  is one of 4 s and more.
- *Already open* are the episodes found whose alarm opened more than 10 s before the onset.
- *False alarm*: an alarm of ventricular tachycardia or flutter that touches nothing ventricular
  (`touches_ventricular`). Hours are those outside the reference; seconds under alarm there are told too, since an alarm
  that never closes is only one. What lies in noise, as annotated, counts too.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from converter.datasets.folders import ANNOTATOR, find_records
from converter.evaluation.alarm_scoring import EPISODE_S, FOUND_WITHIN_S, found_by, touches_ventricular
from converter.evaluation.episodes import length, overlap, overlaps
from converter.evaluation.product_path import run_trial
from converter.evaluation.records import VENTRICULAR_ARRHYTHMIA
from converter.evaluation.tables import Table, markdown, percent, show
from ecg.alarms.kinds import AlarmKind
from ecg.errors import EcgEdgeError, InputError
from ecg.samples import SAMPLE_RATE_HZ
from edge.inference import load_classifier

if TYPE_CHECKING:
    from converter.evaluation.records import Alarm, Finding, Truth

KINDS = (AlarmKind.VENTRICULAR_TACHYCARDIA, AlarmKind.VENTRICULAR_FLUTTER)


@dataclass(frozen=True, slots=True)
class Episode:
    """A stretch of the reference that must be found: rhythm of its beginning, onset in s, and whether it was."""

    rhythm: str
    onset_s: float
    is_found: bool


@dataclass(frozen=True, slots=True)
class RecordFigures:
    """What was found in one record.

    Attributes:
        record: its name.
        episodes: those of 4 s and more.
        already_open: episodes found whose alarm opened long before.
        false_alarms: alarms that touch nothing ventricular.
        hours: outside the reference.
        false_s: seconds under an alarm outside the reference.
    """

    record: str
    episodes: list[Episode]
    already_open: int
    false_alarms: list[Alarm]
    hours: float
    false_s: float


def judge(truth: Truth, finding: Finding) -> RecordFigures:
    """Compare the alarms of one record with its reference."""
    reference = truth.ventricular_episodes
    alarms = [alarm for alarm in finding.alarms if alarm.kind in KINDS]
    episodes = []
    already_open = 0
    for onset, end in reference:
        if end - onset < EPISODE_S * SAMPLE_RATE_HZ:
            continue
        hits = found_by(onset, alarms)
        episodes.append(Episode(_rhythm(truth, onset, end), onset / SAMPLE_RATE_HZ, bool(hits)))
        already_open += bool(hits) and all(alarm.opened < onset - FOUND_WITHIN_S * SAMPLE_RATE_HZ for alarm in hits)
    # The two kinds follow each other, and at most one is open.
    open_for = [(alarm.opened, alarm.closed) for alarm in alarms]
    return RecordFigures(
        truth.record,
        episodes,
        already_open,
        [alarm for alarm in alarms if not touches_ventricular(alarm, truth)],
        (truth.end - length(reference)) / SAMPLE_RATE_HZ / 3600,
        (length(open_for) - overlap(open_for, reference)) / SAMPLE_RATE_HZ,
    )


def _rhythm(truth: Truth, onset: int, end: int) -> str:
    """The first ventricular rhythm of an episode; VFL where it is marked by `[` and `]` alone."""
    named = (rhythm for rhythm, *stretch in truth.rhythms if overlaps((onset, end), [(stretch[0], stretch[1])]))
    return next((rhythm for rhythm in named if rhythm in VENTRICULAR_ARRHYTHMIA), "VFL")


def tables(title: str, figures: list[RecordFigures]) -> list[Table]:
    """The figures of each record, and of each kind of rhythm."""
    rows = []
    for each in figures:
        missed = [f"{own.rhythm} {own.onset_s:.0f} s" for own in each.episodes if not own.is_found]
        rows.append(
            [
                each.record,
                str(len(each.episodes)),
                str(sum(own.is_found for own in each.episodes)),
                str(each.already_open),
                str(len(each.false_alarms)),
                f"{each.hours:.2f}",
                f"{each.false_s:.0f}",
                ", ".join(missed),
            ]
        )
    hours = sum(each.hours for each in figures)
    false_alarms = [alarm for each in figures for alarm in each.false_alarms]
    episodes = [episode for each in figures for episode in each.episodes]
    shares = [sum(own.is_found for own in each.episodes) / len(each.episodes) for each in figures if each.episodes]
    sums = []
    for rhythm in [*sorted({own.rhythm for own in episodes}), "all"]:
        mine = [own.is_found for own in episodes if rhythm in {own.rhythm, "all"}]
        sums.append([rhythm, str(len(mine)), str(sum(mine)), percent(sum(mine) / len(mine) if mine else None)])
    by_kind = ", ".join(f"{sum(alarm.kind == kind for alarm in false_alarms)} {kind}" for kind in KINDS)
    false_share = sum(each.false_s for each in figures) / hours / 3600
    notes = [
        f"Mean over records: {percent(sum(shares) / len(shares) if shares else None)} %.",
        f"False alarms: {len(false_alarms)} in {hours:.1f} h, {len(false_alarms) / hours:.2f} an hour ({by_kind}).",
        f"Outside the reference {percent(false_share)} % of the time is under alarm.",
    ]
    columns = ["record", "episodes", "found", "already open", "false alarms", "hours", "false s", "missed"]
    return [
        Table(f"{title}: ventricular alarms", columns, rows),
        Table(f"{title}: episodes of {EPISODE_S:g} s and more", ["rhythm", "episodes", "found", "Se %"], sums, notes),
    ]


def main() -> int:
    """Replay, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of WFDB records with reference annotations (.atr)")
    parser.add_argument("--records", nargs="+", help="only these")
    parser.add_argument("--channel", default="0", help="signal by name or number")
    parser.add_argument("--annotations", type=Path, help="keep the annotation files here")
    parser.add_argument("--markdown", action="store_true", help="print Markdown")
    arguments = parser.parse_args()
    folder = arguments.folder
    try:
        records = arguments.records or [
            name for name in find_records(folder) if (folder / f"{name}.{ANNOTATOR}").is_file()
        ]
        if not records:
            raise InputError(f"{folder} has no reference annotations (*.{ANNOTATOR})")
        trial = run_trial(
            folder,
            records,
            classifier=load_classifier(),
            dataset=folder.name,
            channel=arguments.channel,
            annotations=arguments.annotations,
        )
    except EcgEdgeError as error:
        print(f"ventricular: {error}", file=sys.stderr)
        return int(error.exit_code)
    figures = [judge(truth, finding) for truth, finding in zip(trial.truths, trial.findings, strict=True)]
    for table in tables(f"{folder.name}, signal {arguments.channel}", figures):
        if arguments.markdown:
            print(markdown(table))
        else:
            show(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
