"""Twelve leads of PTB-XL, each on its own through the monitor: R peaks, and what is called ectopic in which hearts.

Data: Wagner et al., PTB-XL, a large publicly available electrocardiography dataset, Scientific Data 7:154, 2020: 12
leads of 10 s, statements for each recording in `ptbxl_database.csv`, no beat annotated. The reference for R peaks is
what most of the leads agree on: a beat is where the monitor finds an R peak in seven of the twelve within 150 ms. The
reference for classes is what a recording is said to show.
"""

from __future__ import annotations

import ast
import csv
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from converter.datasets.folders import read_channel
from converter.datasets.matching import MATCH_WINDOW, match_beats
from converter.evaluation.stream import events_of
from converter.evaluation.tables import Section, Table, percent
from converter.progress import track
from ecg.errors import InputError
from ecg.samples import UNCLASSIFIED, Beat

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from converter.datasets.annotations import IntArray
    from edge.inference import Classifier

__all__ = ["GROUPS", "LEADS", "STATEMENTS", "Recording", "agreed_beats", "leads_sections", "read_recordings"]

STATEMENTS = "ptbxl_database.csv"
LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
MOST = 7
"""Leads that must have a beat."""
CERTAIN = 80.0
"""Percent: likelihood from which on the statement "normal" counts."""
SINUS = {"SR", "SBRAD", "STACH", "SARRH"}
"""Rhythm statements of the sinus node."""
ECTOPIC = {"PAC", "BIGU", "TRIGU", "SVTAC", "PSVT", "SVARR"}
"""Statements on beats and rhythms from elsewhere, not certainly the ventricles."""

VENTRICULAR, PACED, EXTRA = "ventricular premature beats", "paced", "other extra beats, or of unknown origin"
FIBRILLATION, BUNDLE_BRANCH_BLOCK = "atrial fibrillation or flutter", "bundle branch block"
NORMAL, OTHER = "normal", "other findings (infarction, hypertrophy, conduction, ST-T)"
GROUPS = (VENTRICULAR, PACED, EXTRA, FIBRILLATION, BUNDLE_BRANCH_BLOCK, OTHER, NORMAL)
"""Each recording is in the first that holds."""


@dataclass(frozen=True, slots=True)
class Recording:
    """One that is there, and what it is said to show.

    Attributes:
        name: below the folder; of the 500 Hz file if it is there, else of the 100 Hz one.
        codes: SCP-ECG statements, with their likelihood in percent (0: not said).
        has_extra_beats: somebody noted extra beats.
        is_fast: it has 500 Hz.
    """

    name: str
    codes: Mapping[str, float]
    has_extra_beats: bool
    is_fast: bool

    @property
    def is_certainly_normal(self) -> bool:
        """Said to be normal in sinus rhythm, and nothing else."""
        return (
            self.codes.get("NORM", 0.0) >= CERTAIN and set(self.codes) <= {"NORM", *SINUS} and not self.has_extra_beats
        )

    @property
    def group(self) -> str:
        """Which of `GROUPS` it is in."""
        codes = set(self.codes)
        holds = {
            VENTRICULAR: "PVC" in codes,
            PACED: "PACE" in codes,
            EXTRA: bool(codes & ECTOPIC) or self.has_extra_beats,
            FIBRILLATION: bool(codes & {"AFIB", "AFLT"}),
            BUNDLE_BRANCH_BLOCK: bool(codes & {"CLBBB", "CRBBB"}),
            OTHER: "NORM" not in codes,
            NORMAL: True,
        }
        return next(group for group in GROUPS if holds[group])


def read_recordings(folder: Path) -> list[Recording]:
    """Those that the tables of statements name and of which a file is there, by name.

    Args:
        folder: of PTB-XL, or of a part of it; tables of parts may lie beside the one of the database.

    Raises:
        InputError: there are no statements, or no such recording.
    """
    found = {}
    for path in sorted({folder / STATEMENTS, *folder.glob(STATEMENTS.replace(".", "*."))}):
        try:
            with path.open(encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file):
                    for column in ("filename_hr", "filename_lr"):
                        if (folder / f"{row[column]}.hea").is_file():
                            codes, extra = ast.literal_eval(row["scp_codes"]), bool(row["extra_beats"].strip())
                            found[row[column]] = Recording(row[column], codes, extra, column == "filename_hr")
                            break
        except OSError as error:
            raise InputError(f"{path}: the statements cannot be read ({error.strerror})") from error
        except (KeyError, ValueError, SyntaxError, AttributeError) as error:
            raise InputError(f"{path} is not a table of statements of PTB-XL ({error})") from error
    if not found:
        raise InputError(f"{folder} holds no recording that {STATEMENTS} names")
    return [found[name] for name in sorted(found)]


def agreed_beats(leads: Sequence[IntArray]) -> IntArray:
    """Shape (n,), 360 Hz: the median R peak of each group within 150 ms that has one of seven leads or more.

    Args:
        leads: R peaks of each lead, 360 Hz indices in order of time.
    """
    index = np.concatenate(leads)
    lead = np.repeat(np.arange(len(leads)), [len(own) for own in leads])
    order = np.argsort(index, kind="stable")
    index, lead = index[order], lead[order]
    found = []
    first = 0
    while first < len(index):
        last = int(np.searchsorted(index, index[first] + MATCH_WINDOW, side="right"))
        if len(set(lead[first:last].tolist())) >= MOST:
            found.append(round(float(np.median(index[first:last]))))
            first = last
        else:
            first += 1
    return np.array(found, dtype=np.int64)


def leads_sections(folder: Path, classifier: Classifier | None) -> tuple[Section, Section]:
    """R peaks of each lead against those of most leads, in normal recordings; and what is called ectopic in which.

    Raises:
        InputError: there are no recordings with statements.
    """
    recordings = read_recordings(folder)
    normal = {lead: Counter[str]() for lead in LEADS}
    groups = {group: Counter[str]() for group in GROUPS}
    for recording in track(recordings, f"leads of {folder.name}"):
        leads = [_beats(folder, recording.name, number, classifier) for number in range(len(LEADS))]
        groups[recording.group].update(_ectopy(leads))
        if recording.is_fast and recording.is_certainly_normal:
            for lead, own in zip(LEADS, _agreement(leads), strict=True):
                normal[lead].update(own)
    return _leads_section(folder, normal), _statements_section(folder, groups)


def _agreement(leads: Sequence[Sequence[Beat]]) -> list[Counter[str]]:
    """For each lead of a recording, how its R peaks agree with those of most, and its labels."""
    found = [np.array([beat.index for beat in own], dtype=np.int64) for own in leads]
    reference = agreed_beats(found)
    counts = []
    for own, index in zip(leads, found, strict=True):
        missed = int((match_beats(reference, index) < 0).sum())
        counts.append(
            Counter[str](
                {
                    "recordings": 1,
                    "beats": len(reference),
                    "missed": missed,
                    "false": len(index) - (len(reference) - missed),
                    **Counter(beat.label for beat in own),
                }
            )
        )
    return counts


def _ectopy(leads: Sequence[Sequence[Beat]]) -> Counter[str]:
    """Labels of a recording in all its leads, and in how many of them a beat is called V."""
    labels = [[beat.label for beat in own] for own in leads]
    return Counter[str](
        {
            "recordings": 1,
            "beats": sum(map(len, labels)),
            "leads_with_v": sum("V" in own for own in labels),
            "lead_ii_with_v": int("V" in labels[LEADS.index("II")]),
            **Counter(label for own in labels for label in own),
        }
    )


def _leads_section(folder: Path, figures: Mapping[str, Counter[str]]) -> Section:
    recordings = figures[LEADS[0]]["recordings"]
    shown = {**figures, "all": sum(figures.values(), Counter[str]())}
    title = (
        f"Twelve leads, {folder.name}, {recordings} recordings of 10 s at 500 Hz said to be normal, "
        f"labels from {STATEMENTS}"
    )
    columns = ["lead", "beats", "missed", "false", "errors %", "called S", "called V", "V %", UNCLASSIFIED]
    notes = [
        f"A beat: an R peak in {MOST} of the 12 leads within 150 ms; nobody annotated them",
        "Nothing of the product was developed on these recordings",
    ]
    return Section(
        "leads",
        {lead: dict(own) for lead, own in shown.items()},
        (Table(title, columns, [_row(lead, own) for lead, own in shown.items()], notes),),
    )


def _statements_section(folder: Path, figures: Mapping[str, Counter[str]]) -> Section:
    recordings = sum(own["recordings"] for own in figures.values())
    rows = []
    for group, own in figures.items():
        count, beats = own["recordings"], own["beats"]
        rows.append(
            [
                group,
                f"{count:,}",
                f"{beats:,}",
                percent(own["leads_with_v"] / (count * len(LEADS)) if count else None),
                f"{own['lead_ii_with_v']:,}",
                *(percent(own[label] / beats if beats else None) for label in ("V", "S", UNCLASSIFIED)),
            ]
        )
    title = f"Beats called ectopic, by what a recording shows, {folder.name}, {recordings} recordings of 10 s, 12 leads"
    columns = ["said to show", "recordings", "beats", "leads with a V %", "II with a V", "V %", "S %", UNCLASSIFIED]
    notes = [
        f"Labels of whole recordings from {STATEMENTS}, at 500 Hz, or at 100 Hz where that is all there is",
        "Beats of all leads, as the monitor found them; nobody annotated them",
        "A recording stands in the first line that holds",
        "Ten seconds are too short to know fibrillation, in which nothing is called S once it is known",
        "Nothing of the product was developed on these recordings",
    ]
    return Section(
        "statements", {group: dict(own) for group, own in figures.items()}, (Table(title, columns, rows, notes),)
    )


def _beats(folder: Path, name: str, number: int, classifier: Classifier | None) -> list[Beat]:
    samples_mv, rate_hz = read_channel(folder, name, number)
    return [event for event in events_of(samples_mv, rate_hz, classifier=classifier) if isinstance(event, Beat)]


def _row(lead: str, own: dict[str, Any]) -> list[str]:
    beats = own["beats"]
    return [
        lead,
        f"{beats:,}",
        f"{own['missed']:,}",
        f"{own['false']:,}",
        percent((own["missed"] + own["false"]) / beats if beats else None),
        f"{own['S']:,}",
        f"{own['V']:,}",
        percent(own["V"] / beats if beats else None),
        f"{own[UNCLASSIFIED]:,}",
    ]
