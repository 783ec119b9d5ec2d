"""The page on accuracy, `docs/accuracy.md`: rebuilt from the committed models and the recordings by one command.

Every figure on it is measured by the command, but for two kinds that cost too much to measure each time and are read
from files beside the pictures: what other detectors find (`peers.json`, of `benchmarks/peers.py`), and how the model of
the published size does between patients (`mitbih6-inter-patient.json`, the `metrics.json` of its training run). Where
one of them, or a database, is not there, the page says so in words.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from converter.datasets.cut_cache import CutCache
from converter.datasets.protocols import DS2, PROTOCOLS
from converter.datasets.short_recordings import REFERENCE
from converter.evaluation.alarm_scoring import DEFINITIONS
from converter.evaluation.alarms import alarms_section, definitions_table
from converter.evaluation.beats import beats_section
from converter.evaluation.delays import delays_section
from converter.evaluation.evaluate import cut_beats_section, model_name
from converter.evaluation.in_noise import labels_in_noise_section, noise_section, read_noises
from converter.evaluation.leads import STATEMENTS, leads_sections
from converter.evaluation.perturbations import wearer_section
from converter.evaluation.product_path import Trial, run_trial
from converter.evaluation.r_peaks import CLEAN_RECORDS, OURS, SPANS, detector_table, found, read_peers, span_table
from converter.evaluation.rhythms import fibrillation_section, ventricular_section
from converter.evaluation.short_recordings import short_recordings_section
from converter.evaluation.split_leakage import illusion_section, read_results
from converter.evaluation.tables import Section, markdown
from ecg.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from converter.datasets.catalogue import Catalogue, Dataset
    from converter.evaluation.r_peaks import PeerResults
    from edge.inference import TFLiteClassifier

__all__ = ["write_report"]

PAGE = "accuracy.md"
FOLDER = "accuracy"
PEERS = "peers.json"
BETWEEN_PATIENTS = "mitbih6-inter-patient.json"
DATABASES = ("mitdb", "svdb", "vfdb")
CHANNELS = ("0", "1")
_INTRODUCTION = """\
Made by `ecg-converter report RECORDINGS`; do not edit. Beats are compared as ANSI/AAMI EC57 asks, within 150 ms, from
the annotation files of `ecg-edge replay --annotations`: own R peaks, int8 model, own rhythm calls and alarms. DS1 and
DS2 are the split of `mitdb` of de Chazal et al. 2004; no model of the product path was trained on DS2. A dash is what
cannot be told, never a zero. **Not a medical device.**"""


@dataclass(frozen=True, slots=True)
class _Chapter:
    """A heading, a paragraph below it, and what was found."""

    title: str
    text: str
    sections: tuple[Section, ...] = ()


class _Bench:
    """The recordings and models at hand; each database goes through the product path once for each channel.

    Args:
        recordings: folder that holds the databases.
        catalogue: knows what was checked before, and keeps cut beats.
        light: the classifier of the product path.
        published: the model of the published size.
        results: folder of what other commands measured.
    """

    def __init__(
        self,
        recordings: Path,
        catalogue: Catalogue,
        *,
        light: TFLiteClassifier,
        published: TFLiteClassifier,
        results: Path,
    ) -> None:
        self.recordings = recordings
        self.light = light
        self.published = published
        self.cache = CutCache(catalogue.directory / "beats")
        self.datasets: dict[str, Dataset] = {}
        for name in DATABASES:
            if (recordings / name).is_dir():
                self.datasets |= catalogue.resolve([str(recordings / name)], [name])
        self._results = results
        self._trials: dict[tuple[str, str], Trial] = {}

    @cached_property
    def peers(self) -> PeerResults | None:
        """What other detectors find."""
        return read_peers(self._results / PEERS)

    @cached_property
    def between_patients(self) -> dict[str, Any] | None:
        """How the model of the published size does between patients."""
        return read_results(self._results / BETWEEN_PATIENTS)

    def trial(self, name: str, channel: str = "0") -> Trial:
        """A database that is there, through the whole product path."""
        key = name, channel
        if key not in self._trials:
            dataset = self.datasets[name]
            records = [
                record.name for record in dataset.records if record.annotated and len(record.signals) > int(channel)
            ]
            self._trials[key] = run_trial(
                Path(dataset.folder), records, classifier=self.light, dataset=name, channel=channel
            )
        return self._trials[key]

    def ds2(self) -> Trial:
        """The half of `mitdb` that nothing was learned from."""
        trial = self.trial("mitdb").only(DS2)
        return replace(trial, dataset="DS2 of mitdb")


def write_report(
    recordings: Path, out: Path, *, catalogue: Catalogue, light: TFLiteClassifier, published: TFLiteClassifier
) -> Path:
    """Measure everything and write the page, its pictures and its figures.

    Args:
        recordings: holds `mitdb`, `svdb`, `vfdb`, `nstdb`, `cinc2017` and `ptbxl`; what is missing is said to be.
        out: folder of the page; pictures, `accuracy.json` and the files of other commands lie in `accuracy/` below it.
        catalogue: of recordings on this machine.
        light: the classifier that the product path is judged with.
        published: the model of the published size, for the comparison of protocols.

    Returns:
        The page.

    Raises:
        InputError: there is no `mitdb`, a record is refused, or the page cannot be written.
    """
    bench = _Bench(recordings, catalogue, light=light, published=published, results=out / FOLDER)
    if "mitdb" not in bench.datasets:
        raise InputError(f"{recordings} has no mitdb in it: give the folder that holds mitdb/ and the other databases")
    makers: Sequence[Callable[[_Bench], _Chapter]] = (
        _r_peaks,
        _noise,
        _delays,
        _beats,
        _wearer,
        _leads,
        _protocols,
        _fibrillation,
        _ventricular,
        _alarms,
    )
    chapters = [maker(bench) for maker in makers]
    folder = out / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for section in (section for chapter in chapters for section in chapter.sections):
            for picture in section.pictures:
                picture.draw(folder / picture.name)
        figures = {chapter.title: {part.name: part.figures for part in chapter.sections} for chapter in chapters}
        (folder / "accuracy.json").write_bytes(msgspec.json.format(msgspec.json.encode(figures)) + b"\n")
        page = out / PAGE
        page.write_text("\n".join([_head(bench), *map(_render, chapters)]), encoding="utf-8")
    except OSError as error:
        raise InputError(f"{out} cannot be written: {error.strerror}") from error
    return page


def _head(bench: _Bench) -> str:
    data = [
        f"- `{name}`: {len(dataset.records)} records, {dataset.hours:.1f} h, digest `{dataset.digest[:12]}`"
        for name, dataset in bench.datasets.items()
    ]
    data += [f"- `{name}`: not among the recordings" for name in DATABASES if name not in bench.datasets]
    models = [
        f"- `{model.card.name}` {model.card.version}, `{model.card.flatbuffer_sha256[:12]}`, trained by the protocol "
        f"`{model.card.training.protocol}`, seed {model.card.training.seed}"
        for model in (bench.light, bench.published)
    ]
    return "\n".join(["# Accuracy", "", _INTRODUCTION, "", *data, "", *models, ""])


def _render(chapter: _Chapter) -> str:
    parts = [f"## {chapter.title}", "", chapter.text, ""]
    for section in chapter.sections:
        parts += [markdown(table, level=3) for table in section.tables]
        parts += [f"![{picture.title}]({FOLDER}/{picture.name})\n" for picture in section.pictures]
    return "\n".join(parts)


def _r_peaks(bench: _Bench) -> _Chapter:
    names = [name for name in ("mitdb", "svdb") if name in bench.datasets]
    trials = {(name, channel): bench.trial(name, channel) for name in names for channel in CHANNELS}
    rows = {
        f"{name}, signal {channel}, {span}": found(trial.scores(spans_s))
        for (name, channel), trial in trials.items()
        for span, spans_s in SPANS.items()
    }
    sizes = ", ".join(f"{name} {len(bench.trial(name).truths)} records" for name in names)
    tables = [span_table(f"Both channels, {sizes}, labels from .atr", rows)]
    for name in names:
        own = {span: rows[f"{name}, signal 0, {span}"] for span in SPANS}
        others = bench.peers.databases.get(name, {}) if bench.peers is not None else {}
        same = others.get(OURS, {}).get("whole")
        if bench.peers is None or same is None or same.beats != own["whole"].beats:
            continue
        versions = ", ".join(f"{package} {version}" for package, version in bench.peers.versions.items())
        title = f"Beside detectors on PyPI, {name}, {same.records} records, {same.beats:,} beats, first channel"
        notes = [f"By benchmarks/peers.py: {versions}; they are shown the whole record at once"]
        tables.append(detector_table(title, {**others, OURS: own}, notes))
    text = "How well beats are found, whatever their class; thresholds were chosen on DS1 of `mitdb` and on `svdb`."
    if len(tables) == 1:
        text += " Other detectors were not measured on these records (`benchmarks/peers.py` does it)."
    if "svdb" not in names:
        text += " `svdb` is not among the recordings."
    return _Chapter("R peaks", text, (Section("r_peaks", msgspec.to_builtins(rows), tuple(tables)),))


def _noise(bench: _Bench) -> _Chapter:
    title = "In noise"
    present = {record.name for record in bench.datasets["mitdb"].records}
    noises = read_noises(bench.recordings)
    if not noises or not present.issuperset(CLEAN_RECORDS):
        return _Chapter(title, "Not measured: `nstdb`, or the clean records of `mitdb`, are not among the recordings.")
    text = (
        "Noise of real recordings mixed into clean records as for the MIT-BIH Noise Stress Test Database: two minutes "
        "with and two without in turn, after five clean ones; `converter/datasets/noise.py` has the definition of the "
        "ratio. The noise is that of `nstdb`, and of the recordings of `cinc2017` that are labelled too noisy, of the "
        "half that nothing was developed on: faint beats of other hearts are in it. Noises that are not among the "
        "recordings are left out."
    )
    clean = Path(bench.datasets["mitdb"].folder)
    sections = (
        noise_section(clean, noises, bench.peers),
        labels_in_noise_section(clean, noises, bench.light),
    )
    return _Chapter(title, text, sections)


def _delays(bench: _Bench) -> _Chapter:
    records = [truth.record for truth in bench.ds2().truths]
    folder = Path(bench.datasets["mitdb"].folder)
    section = delays_section(folder, records, classifier=bench.light, dataset="DS2 of mitdb")
    return _Chapter("Delays", "How long after an R peak the monitor knows of it, and names it.", (section,))


def _beats(bench: _Bench) -> _Chapter:
    cut = cut_beats_section(bench.light, PROTOCOLS["inter-patient"], _only(bench.datasets["mitdb"], DS2), bench.cache)
    text = (
        "Patients that the model never saw, but for one: records 201 (DS1) and 202 (DS2) come from the same person. "
        "Whole product path first, then the int8 model alone."
    )
    return _Chapter("Beats", text, (beats_section(bench.ds2(), model_name(bench.light)), cut))


def _wearer(bench: _Bench) -> _Chapter:
    records = [truth.record for truth in bench.ds2().truths]
    folder = Path(bench.datasets["mitdb"].folder)
    section = wearer_section(
        folder, records, classifier=bench.light, dataset="DS2 of mitdb", model=model_name(bench.light)
    )
    return _Chapter(
        "On a wearer", "The same records as electrodes, amplifiers and clocks may hand them over.", (section,)
    )


def _leads(bench: _Bench) -> _Chapter:
    title, text = "Other leads and other hearts", "Each of the twelve leads on its own, of patients never seen."
    folder = bench.recordings / "ptbxl"
    if not (folder / STATEMENTS).is_file():
        return _Chapter(title, "Not measured: `ptbxl` is not among the recordings.")
    return _Chapter(title, text, leads_sections(folder, bench.light))


def _protocols(bench: _Bench) -> _Chapter:
    cut = cut_beats_section(bench.published, PROTOCOLS["random"], bench.datasets["mitdb"], bench.cache)
    section = illusion_section(cut.figures, bench.between_patients, model_name(bench.published))
    text = (
        "The model of the published size as it was published, beats divided at random with the same patients on both "
        "sides, and between patients."
    )
    if bench.between_patients is not None:
        text += (
            f" Between patients it was trained on fewer beats ({bench.between_patients['epochs']} epochs), on DS1 and "
            "on `svdb`, which does not mark bundle branch block: part of the difference may come from that."
        )
    return _Chapter("Both published protocols", text, (section,))


def _fibrillation(bench: _Bench) -> _Chapter:
    sections = [fibrillation_section(bench.ds2()), fibrillation_section(bench.trial("mitdb"))]
    sections[0] = replace(sections[0], name="atrial_fibrillation_ds2")
    text = "Episodes by the monitor's rhythm notes against the reference's (AFIB), overlap as in EC57."
    folder = bench.recordings / "cinc2017"
    if (folder / REFERENCE).is_file():
        sections.append(short_recordings_section(folder, bench.light))
    else:
        text += " `cinc2017` is not among the recordings."
    return _Chapter("Atrial fibrillation", text, tuple(sections))


def _ventricular(bench: _Bench) -> _Chapter:
    text = "Ventricular tachycardia, flutter and fibrillation are one kind of episode here: they pass into each other."
    sections = []
    if "vfdb" in bench.datasets:
        sections.append(replace(ventricular_section(bench.trial("vfdb")), name="vfdb"))
    else:
        text += " `vfdb` is not among the recordings."
    sections.append(replace(ventricular_section(bench.trial("mitdb")), name="mitdb"))
    return _Chapter("Ventricular tachycardia, flutter and fibrillation", text, tuple(sections))


def _alarms(bench: _Bench) -> _Chapter:
    sections = [
        replace(alarms_section(bench.trial(name)), name=name) for name in ("mitdb", "vfdb") if name in bench.datasets
    ]
    definitions = Section(
        "definitions", {kind: words for kind, (_, words) in DEFINITIONS.items()}, (definitions_table(),)
    )
    text = "False alarms in 24 h of every kind that the monitor can raise, with its default settings."
    return _Chapter("Alarms", text, (definitions, *sections))


def _only(dataset: Dataset, records: Sequence[str]) -> Dataset:
    return msgspec.structs.replace(
        dataset, records=tuple(record for record in dataset.records if record.name in records)
    )
