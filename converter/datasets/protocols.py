"""Which beats a model learns from, which set its temperature, and which report on it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from ecg.errors import CheckFailedError, InputError

if TYPE_CHECKING:
    from converter.datasets.annotations import IntArray
    from converter.datasets.beats import BeatSet

__all__ = ["DS1", "DS2", "FIFTHS", "PROTOCOLS", "Protocol", "Split", "is_learned", "split"]

DS1: tuple[str, ...] = tuple(
    "101 106 108 109 112 114 115 116 118 119 122 124 201 203 205 207 208 209 215 220 223 230".split()  # noqa: SIM905
)
DS2: tuple[str, ...] = tuple(
    "100 103 105 111 113 117 121 123 200 202 210 212 213 214 219 221 222 228 231 232 233 234".split()  # noqa: SIM905
)
"""The inter-patient split of `mitdb` of de Chazal, O'Dwyer and Reilly 2004; the four paced records are in neither half.
Records 201 (DS1) and 202 (DS2) come from the same person: the split is kept as published, and reports say so."""

VALIDATION_SHARE = 0.15
TEST_SHARE_RANDOM = VALIDATION_SHARE_RANDOM = 0.10
FIFTHS = 5
_DRAWS = 500  # of validation records, of which the one nearest to the wanted share of each class is kept


@dataclass(frozen=True, slots=True)
class Protocol:
    """A way of dividing recordings into what is learned from and what is reported on.

    Attributes:
        name: what commands call it.
        datasets: names of the data sets it needs.
        peaks: whether beats are cut around the monitor's own R peaks or around the reference's.
        channels: numbers of the signals that are learned from; the report is on the first alone.
        motion: whether the first signal of each annotated record that is learned from is there once more, with
            simulated motion mixed in.
        description: one sentence for reports.
    """

    name: Literal["random", "inter-patient"]
    datasets: tuple[str, ...]
    peaks: Literal["detected", "annotated"]
    channels: tuple[int, ...]
    motion: bool
    description: str


PROTOCOLS: dict[str, Protocol] = {
    protocol.name: protocol
    for protocol in (
        Protocol(
            "random",
            ("mitdb",),
            "annotated",
            (0,),
            False,
            "beats of all 48 records of mitdb, first channel, divided 80/10/10 at random within each class; the same "
            "patients are on both sides",
        ),
        Protocol(
            "inter-patient",
            ("mitdb", "svdb", "cinc2017"),
            "detected",
            (0, 1),
            True,
            "trained on DS1 of mitdb, on svdb and on one half of cinc2017, reported on DS2 of mitdb, first channel; no "
            "record on both sides (201 in DS1 and 202 in DS2 are the same person)",
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Split:
    """Numbers of the beats in each part of a `BeatSet`; what is in none is not used."""

    train: IntArray
    validation: IntArray
    test: IntArray


def split(
    protocol: Protocol, beats: BeatSet, labels: tuple[str, ...], seed: int, *, left_out: int | None = None
) -> Split:
    """Divide beats as a protocol says; the same beats and seed give the same parts.

    Args:
        protocol: which.
        beats: all of them.
        labels: of the model.
        seed: of the draw.
        left_out: inter-patient alone: which fifth of svdb's records, 0 to 4, is reported on in place of DS2, and not
            learned from; the fifths do not depend on `seed`.

    Raises:
        InputError: a part would be empty.
        CheckFailedError: a beat would stand on two sides.
    """
    classes = beats.classes(labels)
    rng = np.random.default_rng(seed)
    if protocol.name == "random":
        parts = _random(beats, classes, len(labels), rng)
    else:
        parts = _inter_patient(beats, classes, len(labels), rng, left_out)
    for name in ("train", "validation", "test"):
        if not len(getattr(parts, name)):
            raise InputError(f"protocol {protocol.name} leaves no beat for {name}: are all records there?")
    _check_disjoint(beats, parts)
    return parts


def _random(beats: BeatSet, classes: IntArray, count: int, rng: np.random.Generator) -> Split:
    """Shuffle each class and deal it out."""
    train, validation, test = [], [], []
    for number in range(count):
        members = rng.permutation(np.flatnonzero((classes == number) & beats.is_first_channel))
        first = round(len(members) * TEST_SHARE_RANDOM)
        second = first + round(len(members) * VALIDATION_SHARE_RANDOM)
        test.append(members[:first])
        validation.append(members[first:second])
        train.append(members[second:])
    return Split(*(np.sort(np.concatenate(part)) for part in (train, validation, test)))


def _inter_patient(
    beats: BeatSet, classes: IntArray, count: int, rng: np.random.Generator, left_out: int | None
) -> Split:
    """DS1 and svdb by record into training and validation, cinc2017 to training; DS2, or a fifth of svdb, reports."""
    records = np.unique(beats.record).tolist()
    reported = [f"mitdb/{record}" for record in DS2]
    if left_out is not None:
        order = np.random.default_rng(0).permutation([name for name in records if name.startswith("svdb/")])
        reported = order[left_out::FIFTHS].tolist()
    held_out = np.isin(beats.record, reported)
    learned = np.isin(beats.record, [name for name in records if is_learned(name)]) & ~held_out
    first_channel = beats.is_first_channel
    known = classes >= 0
    chosen: list[str] = []
    for dataset in ("mitdb/", "svdb/"):
        mine = learned & known & first_channel & np.char.startswith(beats.record, dataset)
        if mine.any():
            chosen += _validation_records(beats.record[mine], classes[mine], count, rng)
    validation = np.isin(beats.record, chosen) & learned
    return Split(
        train=np.flatnonzero(learned & ~validation & known),
        validation=np.flatnonzero(validation & known & first_channel),
        test=np.flatnonzero(held_out & known & first_channel),
    )


def is_learned(record: str) -> bool:
    """Whether the protocol inter-patient learns from `data set/record`; of `cinc2017` only one half is cut."""
    dataset, _, name = record.partition("/")
    return dataset in {"svdb", "cinc2017"} or (dataset == "mitdb" and name in DS1)


def _validation_records(record: np.ndarray, classes: IntArray, count: int, rng: np.random.Generator) -> list[str]:
    """Draw records at random such that each class has about its share of beats among them.

    The premature beats sit in few records; a single draw may well take nearly all of them or none.
    """
    names, number = np.unique(record, return_inverse=True)
    per_record = np.zeros((len(names), count))
    np.add.at(per_record, (number, classes), 1)
    total = per_record.sum(axis=0)
    frequent = total >= 0.005 * total.sum()  # rarer classes sit in one or two records and cannot be shared out
    size = max(1, round(len(names) * VALIDATION_SHARE))
    draws = [rng.choice(len(names), size, replace=False) for _ in range(_DRAWS)]
    shares = np.array([per_record[draw].sum(axis=0)[frequent] / total[frequent] for draw in draws])
    best = int(np.argmin(np.abs(shares - VALIDATION_SHARE).max(axis=1)))
    return [str(name) for name in names[np.sort(draws[best])]]


def _check_disjoint(beats: BeatSet, parts: Split) -> None:
    """Refuse beats that are on two sides; a beat is known by the content of its waveform."""
    waveforms = beats.inputs["waveform"]
    owner: dict[bytes, str] = {}
    for name, numbers in (("train", parts.train), ("validation", parts.validation), ("test", parts.test)):
        for number in numbers.tolist():
            key = hashlib.blake2b(waveforms[number].tobytes(), digest_size=16).digest()
            if owner.setdefault(key, name) != name:
                raise CheckFailedError(
                    f"the beat at {beats.index[number]} of {beats.record[number]} is in {owner[key]} and in {name}: "
                    "one record is there twice under two names, or beats were copied"
                )
