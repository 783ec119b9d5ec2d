"""All labelled beats that a protocol divides, and where they come from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from converter.datasets import short_recordings
from converter.datasets.annotations import FALSE_DETECTION, read_beats
from converter.datasets.beats import AS_RECORDED, MOTION, BeatSet
from converter.datasets.cutting import cut_record, cut_short_recording
from converter.datasets.folders import ANNOTATOR
from converter.datasets.protocols import is_learned
from converter.progress import track
from ecg.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from converter.datasets.catalogue import Dataset
    from converter.datasets.cut_cache import CutCache
    from converter.datasets.folders import Record
    from converter.datasets.protocols import Protocol
    from ecg.model_file.card import Normalisation

__all__ = ["Provenance", "cut_protocol"]


class Provenance(msgspec.Struct, frozen=True, kw_only=True):
    """Where a run's beats come from.

    Attributes:
        datasets: digest of each data set by name.
        beats: digest of the beats that were cut from them: it changes when the signal path cuts otherwise.
        counts: beats annotated and beats cut, by data set.
    """

    datasets: dict[str, str]
    beats: str
    counts: dict[str, dict[str, int]] = msgspec.field(default_factory=dict)


class _Signal(NamedTuple):
    """A signal of a record, as it was recorded or augmented."""

    dataset: Dataset
    record: Record
    channel: int
    augmentation: str


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
    signals = list(_signals(protocol, datasets.values()))
    if not signals:
        raise InputError(f"no record of {', '.join(datasets)} has reference annotations ({ANNOTATOR})")
    parts: list[BeatSet] = []
    for signal in track(signals, "cutting beats"):
        path = cache.path(
            f"{signal.dataset.name} {signal.record.digest}",
            signal.channel,
            augmentation=signal.augmentation,
            peaks=protocol.peaks,
            normalisation=normalisation,
        )
        beats = cache.read(path)
        if beats is None:
            beats = _cut(signal, protocol, normalisation)
            if beats is None:
                continue
            cache.write(path, beats)
        parts.append(beats)
    whole = BeatSet.join(parts)
    return whole, Provenance(
        datasets={name: dataset.digest for name, dataset in datasets.items()},
        beats=whole.digest(),
        counts=_counts(whole, datasets.values()),
    )


def _signals(protocol: Protocol, datasets: Iterable[Dataset]) -> Iterator[_Signal]:
    """Each signal that a protocol asks for, first as recorded and then those with motion."""
    records = [(dataset, record) for dataset in datasets for record in dataset.records]
    for dataset, record in records:
        if record.annotated or short_recordings.is_learned(record):
            for channel in protocol.channels:
                if channel < len(record.signals):
                    yield _Signal(dataset, record, channel, AS_RECORDED)
    for dataset, record in records:
        if protocol.motion and record.annotated and is_learned(f"{dataset.name}/{record.name}"):
            yield _Signal(dataset, record, 0, MOTION)


def _cut(signal: _Signal, protocol: Protocol, normalisation: Normalisation) -> BeatSet | None:
    """The labelled beats of a signal; None where a short recording has none."""
    folder, record, origin = Path(signal.dataset.folder), signal.record, signal.dataset.name
    if record.label:
        return cut_short_recording(folder, record.name, record.label, normalisation=normalisation, origin=origin)
    return cut_record(
        folder,
        record.name,
        signal.channel,
        peaks=protocol.peaks,
        normalisation=normalisation,
        origin=origin,
        augmentation=signal.augmentation,
    )


def _counts(beats: BeatSet, datasets: Iterable[Dataset]) -> dict[str, dict[str, int]]:
    """How many beats the reference has in each data set, and how many of them were cut from the first signal."""
    first = beats.record[beats.is_first_channel & (beats.symbol != FALSE_DETECTION)]
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
