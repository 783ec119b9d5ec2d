"""Twelve leads of PTB-XL, each alone through the monitor: R peaks, and beats called ectopic by what a recording shows.

No beat of these recordings is annotated. The reference for R peaks is what most of the leads agree on: a beat is where
the monitor finds an R peak in seven of the twelve within 150 ms. The reference for classes is what a recording is said
to show.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from converter.datasets.folders import read_channel
from converter.datasets.matching import MATCH_WINDOW, match_beats
from converter.datasets.ptbxl import GROUPS, LEADS, STATEMENTS, read_recordings
from converter.evaluation.stream import events_of
from converter.evaluation.tables import Section, Table, percent
from converter.progress import track
from ecg.samples import UNCLASSIFIED, Beat

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from converter.datasets.annotations import IntArray
    from edge.inference import Classifier

__all__ = ["agreed_beats", "leads_sections"]

MOST = 7
"""Leads that must have a beat."""


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
    """R peaks of each lead against those of most leads, in normal recordings; beats called ectopic, by statement.

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
        "Ten seconds are too short to know atrial fibrillation, in which nothing is called S once it is known",
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
