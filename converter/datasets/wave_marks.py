"""LUDB and the QT Database: leads whose P waves, QRS complexes and T waves were marked by hand.

LUDB (Kalyakulina et al., IEEE Access 8:186181, 2020): twelve leads of 10 s at 500 Hz, each lead marked by itself; waves
at the ends of a recording are not marked. QT Database (Laguna et al., Computers in Cardiology 24:673, 1997): two leads
of 15 min at 250 Hz; some 30 beats marked, each once for both leads together; the begin of most T waves is not marked.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from ecg.formats.registry import open_file
from ecg.formats.wfdb.annotations import BEAT_SYMBOLS, read_annotations
from ecg.recording import read_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from fractions import Fraction
    from pathlib import Path

    from ecg.formats.wfdb.annotations import Annotation
    from ecg.samples import FloatArray

__all__ = ["KINDS", "MarkedLead", "MarkedWave", "read_ludb", "read_qtdb", "waves_of"]

KINDS: Final = ("P", "QRS", "T")

_LONGEST_PAUSE: Final = 1.6
"""Of marked beats that are farther apart than so many median intervals, one between them may be unmarked."""


@dataclass(frozen=True, slots=True)
class MarkedWave:
    """A wave as it was marked, in samples of its record; None where a mark is missing."""

    kind: Literal["P", "QRS", "T"]
    onset: int | None
    peak: int
    end: int | None


@dataclass(frozen=True, slots=True, eq=False)
class MarkedLead:
    """A lead with its marks.

    Attributes:
        record: name of the record, below the name of its database.
        lead: its name.
        samples_mv: shape (n,), mV.
        rate_hz: of the samples and marks.
        waves: in order of their peaks.
        known: stretches in which whatever is not marked is no wave, first sample and the one after the last.
        is_complete: whether a QRS complex without a marked T wave has none; otherwise nobody marked it.
    """

    record: str
    lead: str
    samples_mv: FloatArray
    rate_hz: Fraction
    waves: tuple[MarkedWave, ...]
    known: tuple[tuple[int, int], ...]
    is_complete: bool


def read_ludb(folder: Path, records: Iterable[str] | None = None) -> list[MarkedLead]:
    """All leads of LUDB, or of some of its records.

    Raises:
        InputError: a record cannot be read.
    """
    names = sorted((path.stem for path in (folder / "data").glob("*.hea")), key=int) if records is None else records
    found = []
    for name in names:
        recording = read_whole(open_file(folder / "data" / f"{name}.hea"))
        for lead, samples_mv in zip(recording.leads, recording.samples_mv, strict=True):
            waves = waves_of(read_annotations(folder / "data" / f"{name}.{lead.name.lower()}"))
            bounds = [place for wave in waves for place in (wave.onset, wave.peak, wave.end) if place is not None]
            known = ((min(bounds), max(bounds) + 1),) if bounds else ()
            found.append(
                MarkedLead(f"ludb/{name}", lead.name, samples_mv, recording.rate_hz, waves, known, is_complete=True)
            )
    return found


def read_qtdb(folder: Path, records: Iterable[str] | None = None, *, reader: str = "q1c") -> list[MarkedLead]:
    """Both leads of each record of the QT Database that a reader marked, or of some of its records.

    Args:
        folder: of the database.
        records: their names; None: all that are there.
        reader: whose marks, `q1c` or `q2c`.

    Raises:
        InputError: a record cannot be read.
    """
    names = sorted(path.stem for path in folder.glob(f"*.{reader}")) if records is None else records
    found = []
    for name in names:
        recording = read_whole(open_file(folder / f"{name}.hea"))
        waves = waves_of(read_annotations(folder / f"{name}.{reader}"))
        for number, (lead, samples_mv) in enumerate(zip(recording.leads, recording.samples_mv, strict=True)):
            label = lead.name or str(number)
            known = _stretches(waves)
            found.append(
                MarkedLead(f"qtdb/{name}", label, samples_mv, recording.rate_hz, waves, known, is_complete=False)
            )
    return found


def waves_of(annotations: Sequence[Annotation]) -> tuple[MarkedWave, ...]:
    """The waves among annotations of `(`, `)`, `p`, `t` and the symbols of beats. Of two peaks the first counts."""
    waves = []
    for number, annotation in enumerate(annotations):
        kind = _kind(annotation.symbol)
        if kind is None:
            continue
        first = last = number
        if number and _kind(annotations[number - 1].symbol) == kind:
            continue
        while last + 1 < len(annotations) and _kind(annotations[last + 1].symbol) == kind:
            last += 1
        onset = annotations[first - 1].sample if first and annotations[first - 1].symbol == "(" else None
        closed = last + 1 < len(annotations) and annotations[last + 1].symbol == ")"
        waves.append(MarkedWave(kind, onset, annotation.sample, annotations[last + 1].sample if closed else None))
    return tuple(waves)


def _kind(symbol: str) -> Literal["P", "QRS", "T"] | None:
    if symbol in BEAT_SYMBOLS:
        return "QRS"
    return {"p": "P", "t": "T"}.get(symbol)  # type: ignore[return-value]


def _stretches(waves: Sequence[MarkedWave]) -> tuple[tuple[int, int], ...]:
    """Where beats are marked one after the other without a gap; there is nothing beyond a beat without a T wave."""
    beats: list[list[int]] = []
    for wave in waves:
        places = [place for place in (wave.onset, wave.peak, wave.end) if place is not None]
        if not beats or wave.kind == "P" or (wave.kind == "QRS" and beats[-1][2] >= 0):
            beats.append([min(places), max(places), -1])
        beats[-1][1] = max(beats[-1][1], *places)
        if wave.kind == "QRS":
            beats[-1][2] = wave.peak
    return _joined([beat for beat in beats if beat[2] >= 0])


def _joined(beats: list[list[int]]) -> tuple[tuple[int, int], ...]:
    if not beats:
        return ()
    longest = _LONGEST_PAUSE * float(np.median(np.diff([peak for *_, peak in beats]))) if len(beats) > 1 else 0.0
    found = [beats[0][:2]]
    for before, beat in pairwise(beats):
        if beat[2] - before[2] <= longest:
            found[-1][1] = beat[1]
        else:
            found.append(beat[:2])
    return tuple((first, last + 1) for first, last in found)
