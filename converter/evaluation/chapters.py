"""The chapters of the report on accuracy: what each asks of the recordings, and what it says where they are missing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from converter.datasets.noise_recordings import read_noises
from converter.datasets.protocols import DS2, PROTOCOLS
from converter.datasets.ptbxl import STATEMENTS
from converter.datasets.short_recordings import REFERENCE
from converter.evaluation.alarm_scoring import DEFINITIONS
from converter.evaluation.alarms import alarms_section, definitions_table
from converter.evaluation.beats import beats_section
from converter.evaluation.cut_beats import cut_beats_section, model_name
from converter.evaluation.delays import delays_section
from converter.evaluation.in_noise import labels_in_noise_section, noise_section
from converter.evaluation.leads import leads_sections
from converter.evaluation.perturbations import perturbations_section
from converter.evaluation.r_peaks import CLEAN_RECORDS, OURS, SPANS, detector_table, found, span_table
from converter.evaluation.rhythms import atrial_fibrillation_section, ventricular_section
from converter.evaluation.short_recordings import short_recordings_section
from converter.evaluation.split_leakage import leakage_section
from converter.evaluation.tables import Section

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from converter.datasets.catalogue import Dataset
    from converter.evaluation.measurements import Measurements

__all__ = ["CHAPTERS", "Chapter"]

CHANNELS: Final = ("0", "1")


@dataclass(frozen=True, slots=True)
class Chapter:
    """A heading, a paragraph below it, and what was found."""

    title: str
    text: str
    sections: tuple[Section, ...] = ()


def _r_peaks(measured: Measurements) -> Chapter:
    names = [name for name in ("mitdb", "svdb") if name in measured.datasets]
    trials = {(name, channel): measured.trial(name, channel) for name in names for channel in CHANNELS}
    rows = {
        f"{name}, signal {channel}, {span}": found(trial.scores(spans_s))
        for (name, channel), trial in trials.items()
        for span, spans_s in SPANS.items()
    }
    sizes = ", ".join(f"{name} {len(measured.trial(name).truths)} records" for name in names)
    tables = [span_table(f"Both channels, {sizes}, labels from .atr", rows)]
    for name in names:
        own = {span: rows[f"{name}, signal 0, {span}"] for span in SPANS}
        others = measured.peers.databases.get(name, {}) if measured.peers is not None else {}
        same = others.get(OURS, {}).get("whole")
        if measured.peers is None or same is None or same.beats != own["whole"].beats:
            continue
        versions = ", ".join(f"{package} {version}" for package, version in measured.peers.versions.items())
        title = f"Beside detectors on PyPI, {name}, {same.records} records, {same.beats:,} beats, first channel"
        notes = [f"By benchmarks/peers.py: {versions}; they are shown the whole record at once"]
        tables.append(detector_table(title, {**others, OURS: own}, notes))
    text = "How well beats are found, whatever their class; thresholds were chosen on DS1 of `mitdb` and on `svdb`."
    if len(tables) == 1:
        text += " Other detectors were not measured on these records (`benchmarks/peers.py` does it)."
    if "svdb" not in names:
        text += " `svdb` is not among the recordings."
    return Chapter("R peaks", text, (Section("r_peaks", msgspec.to_builtins(rows), tuple(tables)),))


def _noise(measured: Measurements) -> Chapter:
    title = "In noise"
    present = {record.name for record in measured.datasets["mitdb"].records}
    noises = read_noises(measured.recordings)
    if not noises or not present.issuperset(CLEAN_RECORDS):
        return Chapter(title, "Not measured: `nstdb`, or the clean records of `mitdb`, are not among the recordings.")
    text = (
        "Noise of real recordings mixed into clean records as for the MIT-BIH Noise Stress Test Database: two minutes "
        "with and two without in turn, after five clean ones; `converter/datasets/noise.py` has the definition of the "
        "ratio. The noise is that of `nstdb`, and of the recordings of `cinc2017` that are labelled too noisy, of the "
        "half that nothing was developed on: faint beats of other hearts are in it. Noises that are not among the "
        "recordings are left out."
    )
    clean = Path(measured.datasets["mitdb"].folder)
    sections = (
        noise_section(clean, noises, measured.peers),
        labels_in_noise_section(clean, noises, measured.light),
    )
    return Chapter(title, text, sections)


def _delays(measured: Measurements) -> Chapter:
    records = [truth.record for truth in measured.ds2().truths]
    folder = Path(measured.datasets["mitdb"].folder)
    section = delays_section(folder, records, classifier=measured.light, dataset="DS2 of mitdb")
    return Chapter("Delays", "How long after an R peak the monitor knows of it, and names it.", (section,))


def _beats(measured: Measurements) -> Chapter:
    cut = cut_beats_section(
        measured.light, PROTOCOLS["inter-patient"], _only(measured.datasets["mitdb"], DS2), measured.cache
    )
    text = (
        "Patients that the model never saw, but for one: records 201 (DS1) and 202 (DS2) come from the same person. "
        "Whole product path first, then the int8 model alone."
    )
    return Chapter("Beats", text, (beats_section(measured.ds2(), model_name(measured.light)), cut))


def _perturbations(measured: Measurements) -> Chapter:
    records = [truth.record for truth in measured.ds2().truths]
    folder = Path(measured.datasets["mitdb"].folder)
    section = perturbations_section(
        folder, records, classifier=measured.light, dataset="DS2 of mitdb", model=model_name(measured.light)
    )
    return Chapter(
        "Perturbations", "The same records as electrodes, amplifiers and clocks may hand them over.", (section,)
    )


def _leads(measured: Measurements) -> Chapter:
    title, text = "Other leads and other hearts", "Each of the twelve leads on its own, of patients never seen."
    folder = measured.recordings / "ptbxl"
    if not (folder / STATEMENTS).is_file():
        return Chapter(title, "Not measured: `ptbxl` is not among the recordings.")
    return Chapter(title, text, leads_sections(folder, measured.light))


def _protocols(measured: Measurements) -> Chapter:
    cut = cut_beats_section(measured.published, PROTOCOLS["random"], measured.datasets["mitdb"], measured.cache)
    section = leakage_section(cut.figures, measured.between_patients, model_name(measured.published))
    text = (
        "The model of the published size as it was published, beats divided at random with the same patients on both "
        "sides, and between patients."
    )
    if measured.between_patients is not None:
        text += (
            f" Between patients it was trained on fewer beats ({measured.between_patients['epochs']} epochs), on DS1 "
            "and on `svdb`, which does not mark bundle branch block: part of the difference may come from that."
        )
    return Chapter("Both published protocols", text, (section,))


def _atrial_fibrillation(measured: Measurements) -> Chapter:
    sections = [atrial_fibrillation_section(measured.ds2()), atrial_fibrillation_section(measured.trial("mitdb"))]
    sections[0] = replace(sections[0], name="atrial_fibrillation_ds2")
    text = "Episodes by the monitor's rhythm notes against the reference's (AFIB), overlap as in EC57."
    folder = measured.recordings / "cinc2017"
    if (folder / REFERENCE).is_file():
        sections.append(short_recordings_section(folder, measured.light))
    else:
        text += " `cinc2017` is not among the recordings."
    return Chapter("Atrial fibrillation", text, tuple(sections))


def _ventricular(measured: Measurements) -> Chapter:
    text = "Ventricular tachycardia, flutter and fibrillation are one kind of episode here: they pass into each other."
    sections = []
    if "vfdb" in measured.datasets:
        sections.append(replace(ventricular_section(measured.trial("vfdb")), name="vfdb"))
    else:
        text += " `vfdb` is not among the recordings."
    sections.append(replace(ventricular_section(measured.trial("mitdb")), name="mitdb"))
    return Chapter("Ventricular tachycardia, flutter and fibrillation", text, tuple(sections))


def _alarms(measured: Measurements) -> Chapter:
    sections = [
        replace(alarms_section(measured.trial(name)), name=name)
        for name in ("mitdb", "vfdb")
        if name in measured.datasets
    ]
    definitions = Section(
        "definitions", {kind: words for kind, (_, words) in DEFINITIONS.items()}, (definitions_table(),)
    )
    text = "False alarms in 24 h of every kind that the monitor can raise, with its default settings."
    return Chapter("Alarms", text, (definitions, *sections))


def _only(dataset: Dataset, records: Sequence[str]) -> Dataset:
    return msgspec.structs.replace(
        dataset, records=tuple(record for record in dataset.records if record.name in records)
    )


CHAPTERS: Final[tuple[Callable[[Measurements], Chapter], ...]] = (
    _r_peaks,
    _noise,
    _delays,
    _beats,
    _perturbations,
    _leads,
    _protocols,
    _atrial_fibrillation,
    _ventricular,
    _alarms,
)
"""In the order of the page."""
