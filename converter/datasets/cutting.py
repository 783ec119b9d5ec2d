"""Cutting labelled beats out of recordings with the very code that runs on the Pi."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

import edge
from converter.datasets import folders as data
from converter.datasets import short_recordings
from converter.datasets.annotations import FALSE_DETECTION, read_beats
from converter.datasets.beats import BeatSet
from converter.datasets.noise import qrs_height_mv
from converter.datasets.protocols import is_learned
from converter.evaluation.scoring import counted_within, match_beats
from converter.progress import track
from converter.simulation.motion import add_motion
from converter.training.run_folder import Provenance
from ecg.errors import InputError
from ecg.samples import SAMPLE_RATE_HZ, UNCLASSIFIED, Beat, FloatArray, SampleBlock
from edge.config import Settings
from edge.pipeline import Detector, Pipeline
from edge.signal.annotated import AnnotatedPeaks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from converter.datasets.annotations import IntArray, StrArray
    from converter.datasets.catalogue import Dataset
    from converter.datasets.protocols import Protocol
    from ecg.model_file.card import Normalisation
    from ecg.samples import Float32Array

__all__ = ["MOVING", "CutCache", "code_digest", "cut_protocol", "cut_record", "cut_short_recording"]

Peaks = Literal["detected", "annotated"]

MOVING = 10
"""Added to the number of a signal, in `BeatSet.channel`, that motion was mixed into."""

_BLOCK_S = 60  # pushed at once: few calls, little memory


class _Collector:
    """Stands where the monitor has its model, and keeps what the model would be shown."""

    labels: tuple[str, ...] = ("N",)
    inputs: tuple[str, ...] = ("waveform", "rhythm")

    def __init__(self, normalisation: Normalisation) -> None:
        self.normalisation: Normalisation = normalisation
        self.shown: list[dict[str, Float32Array]] = []

    def classify(self, inputs: Mapping[str, Float32Array]) -> FloatArray:
        """Keep the inputs; the answer has no say in which beats are cut."""
        self.shown.append({name: values.copy() for name, values in inputs.items()})
        return np.ones(1)


def cut_record(
    folder: Path,
    record: str,
    channel: int,
    *,
    peaks: Peaks,
    normalisation: Normalisation,
    origin: str,
    moving: bool = False,
) -> BeatSet:
    """Run the pipeline over one signal of a record and label the beats that it cuts by the reference.

    Args:
        folder: of the data set.
        record: name below it.
        channel: number of the signal.
        peaks: `detected`: the monitor's own R peaks, matched one to one with the reference within 150 ms, and what
            matches none is a false detection; `annotated`: the reference's, refined as the monitor refines its own.
        normalisation: of the waveform.
        origin: name of the data set, for `BeatSet.record`.
        moving: simulated motion is mixed in (`converter.simulation.motion`), the same each time, and every second beat
            is taken.

    Returns:
        The beats that a model would have been shown; those in bad signal or at an end of the record are not among them.

    Raises:
        InputError: the record or its annotations cannot be read.
    """
    samples_mv, rate_hz = data.read_channel(folder, record, channel)
    reference = read_beats(folder / record, rate_hz=rate_hz)
    if moving:
        rng = np.random.default_rng(zlib.crc32(f"{origin}/{record}".encode()))
        samples_mv = add_motion(samples_mv, rate_hz, qrs_height_mv(samples_mv, rate_hz, reference), rng)
    detector = AnnotatedPeaks(reference.index.tolist()) if peaks == "annotated" else None
    index, shown = _cut(samples_mv, rate_hz, normalisation, detector)
    if not len(index):
        raise InputError(f"{folder / record}: no beat can be cut from signal {channel}")
    partner = match_beats(index, reference.index)
    symbol = np.where(partner >= 0, reference.symbol[partner], FALSE_DETECTION)
    annotated = (reference.index[0] / SAMPLE_RATE_HZ, reference.index[-1] / SAMPLE_RATE_HZ)
    labelled = (partner >= 0) | counted_within(index, reference, (annotated,))
    if moving:
        labelled[1::2] = False
    return _beat_set(shown, index, symbol, f"{origin}/{record}", channel + moving * MOVING).take(labelled)


def cut_short_recording(
    folder: Path, name: str, label: str, *, normalisation: Normalisation, origin: str
) -> BeatSet | None:
    """Run the pipeline over a recording that has one label, and give its beats those that follow from it.

    Args:
        folder: of the data set.
        name: of the recording.
        label: of the recording, see `converter.datasets.short_recordings`.
        normalisation: of the waveform.
        origin: name of the data set, for `BeatSet.record`.

    Returns:
        The beats of which the label tells what they are, there may be none; None where no beat was found.

    Raises:
        InputError: the recording cannot be read.
    """
    samples_mv = short_recordings.read_recording(folder / f"{name}.mat")
    index, shown = _cut(samples_mv, short_recordings.RATE_HZ, normalisation, None)
    if not len(index):
        return None
    windows = np.stack([inputs["waveform"][:, 0] for inputs in shown]).astype(np.float64)
    symbol = short_recordings.beat_symbols(windows, index, label)
    return _beat_set(shown, index, symbol, f"{origin}/{name}", 0).take(symbol != "")


def _cut(
    samples_mv: FloatArray, rate_hz: float, normalisation: Normalisation, detector: Detector | None
) -> tuple[IntArray, list[dict[str, Float32Array]]]:
    """The R peaks of the beats that a model is shown, shape (n,), and what it is shown of each."""
    collector = _Collector(normalisation)
    pipeline = Pipeline(
        rate_hz=Fraction(rate_hz).limit_denominator(1000), settings=Settings(), classifier=collector, detector=detector
    )
    events = []
    step = round(_BLOCK_S * rate_hz)
    for first in range(0, len(samples_mv), step):
        events += pipeline.push(SampleBlock(first, samples_mv[first : first + step]))
    events += pipeline.finish()
    index = np.array(
        [event.index for event in events if isinstance(event, Beat) and event.label != UNCLASSIFIED], dtype=np.int64
    )
    return index, collector.shown


def _beat_set(
    shown: list[dict[str, Float32Array]], index: IntArray, symbol: StrArray, record: str, channel: int
) -> BeatSet:
    return BeatSet(
        {name: np.stack([inputs[name] for inputs in shown]) for name in shown[0]},
        symbol,
        index,
        np.full(len(index), record),
        np.full(len(index), channel, dtype=np.int64),
    )


def code_digest() -> str:
    """SHA-256 over the source that decides how a beat is cut, shown and labelled."""
    root = Path(edge.__file__).parent
    here = Path(__file__).parent
    return data.digest_of(
        [
            *(root / "signal").glob("*.py"),
            root / "inference" / "inputs.py",
            root / "inference" / "intervals.npz",
            root / "inference" / "intervals.py",
            root / "inference" / "sinus.py",
            root / "inference" / "two_rhythms.py",
            root / "pipeline.py",
            root / "samples.py",
            here / "cutting.py",
            here / "annotations.py",
            here / "motion.py",
            here / "noise.py",
            here / "scoring.py",
            here / "short_recordings.py",
        ]
    )


class CutCache:
    """Cut beats on disk, by the digest of their record and of the code that cut them.

    Args:
        directory: beats cut by other code are deleted from it.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory / code_digest()[:16]

    def path(self, record: str, channel: int, peaks: Peaks, normalisation: Normalisation) -> Path:
        """Where the beats of one signal are kept; `record` names the data set and the record's digest."""
        key = hashlib.sha256(f"{record} {channel} {peaks} {normalisation}".encode()).hexdigest()[:32]
        return self.directory / f"{key}.npz"

    def read(self, path: Path) -> BeatSet | None:
        """The beats kept there; None where there are none, or the file is damaged."""
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                names = set(arrays.files) - {"symbol", "index", "record", "channel"}
                return BeatSet(
                    {name: arrays[name] for name in sorted(names)},
                    arrays["symbol"],
                    arrays["index"],
                    arrays["record"],
                    arrays["channel"],
                )
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None

    def write(self, path: Path, beats: BeatSet) -> None:
        """Keep beats, whole or not at all."""
        if not self.directory.is_dir():
            self._forget_other_code()
            self.directory.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".new.npz")
        arrays: dict[str, Any] = {
            "symbol": beats.symbol,
            "index": beats.index,
            "record": beats.record,
            "channel": beats.channel,
            **beats.inputs,
        }
        np.savez(draft, **arrays)
        draft.replace(path)

    def _forget_other_code(self) -> None:
        for stale in self.directory.parent.glob("*/*.npz"):
            stale.unlink(missing_ok=True)


def cut_protocol(
    protocol: Protocol,
    datasets: Mapping[str, Dataset],
    *,
    normalisation: Normalisation,
    cache: CutCache,
) -> tuple[BeatSet, Provenance]:
    """All labelled beats that a protocol divides, cut anew or taken from the cache.

    Args:
        protocol: which data sets, signals and R peaks.
        datasets: by name.
        normalisation: of the waveform.
        cache: where cut beats are kept.

    Raises:
        InputError: a record cannot be read, or there is no annotated one.
    """
    wanted = [
        (dataset, record, channel, False)
        for dataset in datasets.values()
        for record in dataset.records
        if record.annotated or short_recordings.is_learned(record)
        for channel in protocol.channels
        if channel < len(record.signals)
    ]
    wanted += [
        (dataset, record, 0, True)
        for dataset in datasets.values()
        for record in dataset.records
        if protocol.motion and record.annotated and is_learned(f"{dataset.name}/{record.name}")
    ]
    if not wanted:
        raise InputError(f"no record of {', '.join(datasets)} has reference annotations ({data.ANNOTATOR})")
    paths = [
        cache.path(f"{dataset.name} {record.digest}", channel + moving * MOVING, protocol.peaks, normalisation)
        for dataset, record, channel, moving in wanted
    ]
    parts: list[BeatSet] = []
    for (dataset, record, channel, moving), path in track(list(zip(wanted, paths, strict=True)), "cutting beats"):
        beats = cache.read(path)
        if beats is None:
            folder, name = Path(dataset.folder), record.name
            if record.label:
                beats = cut_short_recording(
                    folder, name, record.label, normalisation=normalisation, origin=dataset.name
                )
                if beats is None:
                    continue
            else:
                beats = cut_record(
                    folder,
                    name,
                    channel,
                    peaks=protocol.peaks,
                    normalisation=normalisation,
                    origin=dataset.name,
                    moving=moving,
                )
            cache.write(path, beats)
        parts.append(beats)
    whole = BeatSet.join(parts)
    return whole, Provenance(
        datasets={name: dataset.digest for name, dataset in datasets.items()},
        beats=whole.digest(),
        counts=_counts(whole, datasets.values()),
    )


def _counts(beats: BeatSet, datasets: Iterable[Dataset]) -> dict[str, dict[str, int]]:
    """How many beats the reference has in each data set, and how many of them were cut from the first signal."""
    first = beats.record[(beats.channel == 0) & (beats.symbol != FALSE_DETECTION)]
    return {
        dataset.name: {
            "annotated": sum(
                len(read_beats(Path(dataset.folder) / record.name, rate_hz=record.rate_hz).index)
                for record in dataset.records
                if record.annotated
            ),
            "cut": int(np.char.startswith(first, f"{dataset.name}/").sum()),
        }
        for dataset in datasets
    }
