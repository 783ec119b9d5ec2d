"""Reads one file from beginning to end: intake, rhythm, measurements, classification."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from ecg.errors import InputError
from reader.classify import classify as classify_ecg
from reader.intake import read_file
from reader.intake.electrodes import doubts_about_electrodes
from reader.measure import KnownRhythm, measure
from reader.reading import Reading, Superclasses
from reader.rhythm import tell_rhythm

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ecg.formats.options import ReadOptions
    from reader.classify import Classification
    from reader.explain.explain import Explained
    from reader.explain.methods import Method
    from reader.intake import FileEcg
    from reader.measure import Measurements
    from reader.page.wanted import Pages
    from reader.rhythm import ToldRhythm

__all__ = ["read_one"]

NORMAL: Final = "NORM"
_LIKELY: Final = 0.5
_FEWEST_BEATS: Final = 3
"""With fewer in what was recorded, a model that learned from beating hearts has nothing to say."""


def read_one(
    path: Path,
    options: ReadOptions,
    *,
    name: str,
    classify: bool = True,
    method: Method | None = None,
    pages: Pages | None = None,
) -> Reading:
    """Read a file.

    Args:
        path: the file.
        options: what a person told about it.
        name: of the file in the reading.
        classify: False measures only.
        method: by which findings are explained; None: they are not.
        pages: written of what was read; a page that cannot be written does not cost the reading.

    Raises:
        InputError: it cannot be read; the message says why and what to do.
    """
    from edge.inference.classifier import load_classifier  # noqa: PLC0415 - costs the runtime

    file = read_file(path, options)
    rhythm = tell_rhythm(
        file.ecg,
        file.filtered,
        file.quality,
        classifier=load_classifier(),
        start_s=file.start_s,
        whole_lead=file.whole_lead,
    )
    told, why_not = _classified(file) if classify else (None, "not asked for")
    if told is not None and told.abstained is None and sum(rhythm.beats.values()) < _FEWEST_BEATS:
        told = replace(told, abstained=rhythm.why_not or "too few heartbeats")
    measured = measure(file.ecg, rhythm=_known(rhythm))
    reading = _reading(name, file, rhythm, measured=measured, told=told, why_not=why_not)
    explained = [] if method is None or told is None else _explained(file, measured, told, method)
    reading = msgspec.structs.replace(reading, explanations=tuple(each.explanation for each in explained))
    return reading if pages is None else _with_pages(reading, pages, file, told, explained)


def _explained(file: FileEcg, measured: Measurements, told: Classification, method: Method) -> list[Explained]:
    """Explanations of what is more likely than not, the most likely first; none where the model abstains."""
    from reader.explain.explain import explain  # noqa: PLC0415 - only where it is wanted

    if told.superclasses is None or told.abstained is not None:
        return []
    found = {label: probability for label, probability in told.superclasses.items() if label != NORMAL}
    likely = sorted((label for label in found if found[label] >= _LIKELY), key=lambda label: -found[label])
    return explain(file.ecg, measured.beats, likely, method=method)


def _with_pages(
    reading: Reading, pages: Pages, file: FileEcg, told: Classification | None, explained: Sequence[Explained]
) -> Reading:
    from reader.fhir.write import write_bundle  # noqa: PLC0415 - only where one is wanted
    from reader.page.write import write_pages  # noqa: PLC0415 - likewise

    try:
        if pages.fhir is not None:
            write_bundle(Path(pages.fhir), reading, file.ecg)
        write_pages(pages, reading, file.ecg, None if told is None else told.card, explained)
    except InputError as error:
        return msgspec.structs.replace(reading, unwritten=str(error))
    return reading


def _classified(file: FileEcg) -> tuple[Classification | None, str]:
    """What the ECG may show; without a model that runs here a reading has all but that, and the reason."""
    try:
        return classify_ecg(file.ecg), ""
    except InputError as error:
        return None, str(error)


def _known(rhythm: ToldRhythm) -> KnownRhythm:
    if rhythm.name is None:
        return KnownRhythm()
    return KnownRhythm(is_atrial_fibrillation=rhythm.is_atrial_fibrillation, is_paced=rhythm.has_pacemaker)


def _reading(
    name: str,
    file: FileEcg,
    rhythm: ToldRhythm,
    *,
    measured: Measurements,
    told: Classification | None,
    why_not: str,
) -> Reading:
    ecg = file.ecg
    recorded = {lead: beat for lead, beat in rhythm.median_beats.items() if lead in ecg.recorded}
    remarks = list(file.remarks)
    if not rhythm.has_pacemaker and ecg.is_lead_known and (doubt := doubts_about_electrodes(recorded)):
        remarks.append(doubt)
    unknown = {"rhythm": rhythm.why_not} if rhythm.name is None else {}
    superclasses = None if told is None else told.superclasses
    if superclasses is None:
        unknown["superclasses"] = unknown["mi_or_ischaemia"] = why_not or (told and told.abstained) or ""
    return Reading(
        file=name,
        route=file.route,
        leads=ecg.recorded,
        rate_hz=float(ecg.rate_hz),
        recorded_at=None if file.start_utc is None else f"{file.start_utc:%Y-%m-%dT%H:%M:%SZ}",
        duration_s=file.duration_s,
        quality={lead: round(file.quality[lead], 3) if lead in file.quality else 0.0 for lead in ecg.recorded},
        superclasses=None if superclasses is None else _superclasses(superclasses),
        mi_or_ischaemia=None if told is None or told.mi_or_ischaemia is None else round(told.mi_or_ischaemia, 4),
        abstained=None if told is None else told.abstained,
        model=None if told is None else told.model,
        rhythm=rhythm.name,
        measurements=measured,
        remarks=tuple(remarks),
        unknown=unknown,
        calibrated=ecg.is_calibrated,
        lead_known=ecg.is_lead_known,
        derived_leads=ecg.derived,
        flat_leads=ecg.flat,
        read_from_s=file.start_s,
        rhythm_lead=rhythm.lead,
        beats=rhythm.beats,
    )


def _superclasses(found: Mapping[str, float]) -> Superclasses:
    return Superclasses(**{label.lower(): round(probability, 4) for label, probability in found.items()})
