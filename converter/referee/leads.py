"""Twelve leads at 500 Hz: normal recordings of PTB-XL, each lead on its own through the monitor.

Data: Wagner et al., PTB-XL, a large publicly available electrocardiography dataset, Scientific Data 7:154, 2020: 12
leads of 10 s, statements for each recording in `ptbxl_database.csv`, no beat annotated. The reference is what most of
the leads agree on: a beat is where the monitor finds an R peak in seven of the twelve within 150 ms. In a normal
recording none of them is ectopic.
"""

from __future__ import annotations

import ast
import csv
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from converter.data import read_channel
from converter.progress import track
from converter.referee.stream import events_of
from converter.reports import Section, Table, percent
from converter.scoring import MATCH_WINDOW, match_beats
from edge.errors import InputError
from edge.samples import UNCLASSIFIED, Beat

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from converter.annotations import IntArray
    from edge.inference import Classifier

__all__ = ["LEADS", "STATEMENTS", "agreed_beats", "leads_section", "normal_recordings"]

STATEMENTS = "ptbxl_database.csv"
LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
MOST = 7
"""Leads that must have a beat."""
CERTAIN = 80.0
"""Percent: likelihood from which on the statement "normal" counts."""
SINUS = {"SR", "SBRAD", "STACH", "SARRH"}
"""Rhythm statements of the sinus node."""


def normal_recordings(folder: Path) -> list[str]:
    """Names, below the folder, of the 500 Hz recordings that are there and said to be normal and without extra beats.

    Raises:
        InputError: there are no statements, or no such recording.
    """
    path = folder / STATEMENTS
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if not row["extra_beats"].strip()]
        said = {row["filename_hr"]: ast.literal_eval(row["scp_codes"]) for row in rows}
    except OSError as error:
        raise InputError(f"{path}: the statements cannot be read ({error.strerror})") from error
    except (KeyError, ValueError, SyntaxError, AttributeError) as error:
        raise InputError(f"{path} is not the table of statements of PTB-XL ({error})") from error
    names = [
        name
        for name, codes in sorted(said.items())
        if codes.get("NORM", 0.0) >= CERTAIN and set(codes) <= {"NORM", *SINUS} and (folder / f"{name}.hea").is_file()
    ]
    if not names:
        raise InputError(f"{folder} holds no normal recording at 500 Hz that {STATEMENTS} names")
    return names


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


def leads_section(folder: Path, classifier: Classifier | None) -> Section:
    """R peaks of each lead against those of most leads, and what is called ectopic in normal recordings."""
    names = normal_recordings(folder)
    figures = {lead: Counter[str]() for lead in LEADS}
    for name in track(names, f"leads of {folder.name}"):
        leads = [_beats(folder, name, number, classifier) for number in range(len(LEADS))]
        found = [np.array([beat.index for beat in own], dtype=np.int64) for own in leads]
        reference = agreed_beats(found)
        for lead, own, index in zip(LEADS, leads, found, strict=True):
            partner = match_beats(reference, index)
            missed = int((partner < 0).sum())
            figures[lead].update(
                {
                    "beats": len(reference),
                    "missed": missed,
                    "false": len(index) - (len(reference) - missed),
                    **Counter(beat.label for beat in own),
                }
            )
    whole = sum(figures.values(), Counter[str]())
    shown = {**figures, "all": whole}
    title = (
        f"Twelve leads, {folder.name}, {len(names)} recordings of 10 s at 500 Hz said to be normal, "
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
