"""How well ventricular tachycardia, flutter and fibrillation are told: the daemon's alarms against annotated rhythms.

    python benchmarks/ventricular.py ~/recordings/vfdb
    python benchmarks/ventricular.py ~/recordings/mitdb --records 100 103 105 --channel 1

The alarms are read from the annotation files of `ecg-edge replay RECORD... --annotations DIR`, with the shipped model.

- Reference: stretches annotated (VT, (VFL, (VF or (VFIB; those that touch are one. An *episode* is one of 4 s and more.
- *Found*: an alarm of ventricular tachycardia or ventricular flutter is open at some moment between the onset of the
  episode and 10 s later. *Already open* are those of them whose alarm opened more than 10 s before the onset.
- *False alarm*: an alarm of either kind that, from its onset to its closing, touches no reference stretch of any
  length and no run of three or more annotated ventricular beats. Hours are those outside the reference; seconds under
  alarm there are told too, since an alarm that never closes is only one. What lies in noise, as annotated, counts too.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from converter.datasets.folders import ANNOTATOR, find_records
from converter.evaluation.product_path import run_trial
from converter.evaluation.tables import Table, markdown, percent, show
from ecg.alarms.kinds import AlarmKind, AlarmState
from ecg.errors import EcgEdgeError, InputError
from ecg.formats.alarm_note import AlarmNote
from ecg.formats.wfdb.annotations import BEAT_SYMBOLS, Annotation, read_annotations
from ecg.formats.wfdb.header import read_header
from edge.inference import load_classifier

RHYTHMS = ("(VT", "(VFL", "(VF", "(VFIB")
VENTRICULAR_BEATS = frozenset("VE!")
KINDS = (AlarmKind.VENTRICULAR_TACHYCARDIA, AlarmKind.VENTRICULAR_FLUTTER)
EPISODE_S = 4.0
WITHIN_S = 10.0
RUN_BEATS = 3
TOUCHING_S = 0.1

Stretch = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm; times in s."""

    kind: str
    onset_s: float
    opened_s: float
    closed_s: float


@dataclass(frozen=True, slots=True)
class RecordFigures:
    """What was found in one record.

    Attributes:
        record: its name.
        episodes: kind, onset and length in s, and whether it was found.
        already_open: episodes found whose alarm opened long before.
        false_alarms: alarms that touch nothing ventricular.
        hours: outside the reference.
        false_s: seconds under an alarm outside the reference.
    """

    record: str
    episodes: list[tuple[str, float, float, bool]]
    already_open: int
    false_alarms: list[Alarm]
    hours: float
    false_s: float


def read_reference(annotations: list[Annotation], rate_hz: float, end_s: float) -> list[tuple[str, float, float]]:
    """Ventricular stretches: rhythm of the first of those that touch, start and end in s."""
    changes = [(note.sample / rate_hz, note.aux) for note in annotations if note.symbol == "+"]
    stretches: list[tuple[str, float, float]] = []
    for (start_s, rhythm), (stop_s, _) in pairwise([*changes, (end_s, "")]):
        if rhythm not in RHYTHMS:
            continue
        if stretches and start_s - stretches[-1][2] < TOUCHING_S:
            stretches[-1] = (stretches[-1][0], stretches[-1][1], stop_s)
        else:
            stretches.append((rhythm[1:], start_s, stop_s))
    return stretches


def read_runs(annotations: list[Annotation], rate_hz: float) -> list[Stretch]:
    """Runs of three and more annotated ventricular beats, s."""
    runs: list[Stretch] = []
    run: list[float] = []
    for beat in [*annotations, Annotation(0, "N")]:
        if beat.symbol in VENTRICULAR_BEATS:
            run.append(beat.sample / rate_hz)
        elif beat.symbol in BEAT_SYMBOLS:
            if len(run) >= RUN_BEATS:
                runs.append((run[0], run[-1]))
            run = []
    return runs


def read_alarms(path: Path, rate_hz: float) -> list[Alarm]:
    """The ventricular alarms of a replay."""
    alarms = []
    opened_s: dict[str, float] = {}
    for annotation in read_annotations(path):
        note = AlarmNote.parse(annotation.aux)
        if note is None or note.kind not in KINDS:
            continue
        if note.state == AlarmState.OPENED:
            opened_s[note.kind] = annotation.sample / rate_hz
        elif note.state == AlarmState.CLOSED:
            alarms.append(Alarm(note.kind, note.onset_s, opened_s.pop(note.kind), annotation.sample / rate_hz))
    return alarms


def judge(folder: Path, record: str, annotations: Path) -> RecordFigures:
    """Compare the alarms of one record with its reference."""
    header = read_header(folder / f"{record}.hea")
    rate_hz = float(header.rate_hz)
    end_s = (header.length or 0) / rate_hz
    notes = read_annotations(folder / f"{record}.{ANNOTATOR}")
    reference = read_reference(notes, rate_hz, end_s)
    alarms = read_alarms(annotations / f"{record}.edge", rate_hz)
    episodes = []
    already_open = 0
    for kind, start_s, stop_s in reference:
        if stop_s - start_s < EPISODE_S:
            continue
        hits = [alarm for alarm in alarms if alarm.opened_s <= start_s + WITHIN_S and alarm.closed_s > start_s]
        episodes.append((kind, start_s, stop_s - start_s, bool(hits)))
        already_open += bool(hits) and all(alarm.opened_s < start_s - WITHIN_S for alarm in hits)
    ventricular = [*((start_s, stop_s) for _, start_s, stop_s in reference), *read_runs(notes, rate_hz)]
    false_alarms = [
        alarm
        for alarm in alarms
        if not any(alarm.onset_s < stop_s and alarm.closed_s > start_s for start_s, stop_s in ventricular)
    ]
    outside_s = end_s - sum(stop_s - start_s for _, start_s, stop_s in reference)
    return RecordFigures(record, episodes, already_open, false_alarms, outside_s / 3600, _false_s(alarms, reference))


def _false_s(alarms: list[Alarm], reference: list[tuple[str, float, float]]) -> float:
    """Seconds under an alarm outside the reference; the two kinds follow each other, and at most one is open."""
    total_s = sum(alarm.closed_s - alarm.opened_s for alarm in alarms)
    return total_s - sum(
        max(0.0, min(alarm.closed_s, stop_s) - max(alarm.opened_s, start_s))
        for alarm in alarms
        for _, start_s, stop_s in reference
    )


def tables(title: str, figures: list[RecordFigures]) -> list[Table]:
    """The figures of each record, and of each kind of rhythm."""
    rows = []
    for each in figures:
        missed = [f"{kind} {start_s:.0f} s" for kind, start_s, _, found in each.episodes if not found]
        rows.append(
            [
                each.record,
                str(len(each.episodes)),
                str(sum(found for *_, found in each.episodes)),
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
    shares = [sum(found for *_, found in each.episodes) / len(each.episodes) for each in figures if each.episodes]
    sums = []
    for kind in [*sorted({kind for kind, *_ in episodes}), "all"]:
        mine = [found for each, _, _, found in episodes if kind in {each, "all"}]
        sums.append([kind, str(len(mine)), str(sum(mine)), percent(sum(mine) / len(mine) if mine else None)])
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
        classifier = load_classifier()
        with tempfile.TemporaryDirectory() as scratch:
            annotations = arguments.annotations or Path(scratch)
            run_trial(
                folder,
                records,
                classifier=classifier,
                dataset=folder.name,
                channel=arguments.channel,
                annotations=annotations,
            )
            figures = [judge(folder, record, annotations) for record in records]
    except EcgEdgeError as error:
        print(f"ventricular: {error}", file=sys.stderr)
        return int(error.exit_code)
    for table in tables(f"{folder.name}, signal {arguments.channel}", figures):
        if arguments.markdown:
            print(markdown(table))
        else:
            show(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
