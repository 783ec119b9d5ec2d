"""What the reference says of a record, and what the monitor said of it in the annotation file of a replay."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from converter.datasets.annotations import BeatAnnotations, Note, read_beats, read_notes
from converter.evaluation.episodes import Interval, merged
from ecg.alarms.kinds import AlarmState
from ecg.formats.alarm_note import AlarmNote
from ecg.formats.wfdb.annotations import NOTE
from ecg.samples import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence
    from pathlib import Path

__all__ = [
    "ATRIAL_FIBRILLATION",
    "ATRIAL_FLUTTER",
    "VENTRICULAR_ARRHYTHMIA",
    "Alarm",
    "Finding",
    "Truth",
    "read_finding",
    "read_truth",
]

ATRIAL_FIBRILLATION = frozenset({"AFIB"})
ATRIAL_FLUTTER = frozenset({"AFL"})
VENTRICULAR_ARRHYTHMIA = frozenset({"VT", "VFL", "VFIB", "VF"})
"""Rhythm notes of PhysioNet's databases: atrial fibrillation, atrial flutter; ventricular tachycardia, flutter and
fibrillation, which are one to a caregiver and often pass into each other."""


@dataclass(frozen=True, slots=True)
class Truth:
    """The reference's view of one record.

    Attributes:
        record: name.
        end: 360 Hz index after the last sample.
        beats: with classes; none where the database labels rhythms only.
        rhythms: (rhythm, first 360 Hz index, index after the last); none where the database labels beats only.
    """

    record: str
    end: int
    beats: BeatAnnotations
    rhythms: tuple[tuple[str, int, int], ...]

    @property
    def has_beats(self) -> bool:
        """Whether beats are labelled."""
        return len(self.beats.index) > 0

    @property
    def has_rhythms(self) -> bool:
        """Whether rhythms are labelled."""
        return len(self.rhythms) > 0

    def episodes(self, rhythms: Container[str]) -> list[Interval]:
        """Where it is one of these rhythms."""
        return merged((first, end) for rhythm, first, end in self.rhythms if rhythm in rhythms)

    @property
    def ventricular_episodes(self) -> list[Interval]:
        """Ventricular tachycardia, flutter and fibrillation, by rhythm notes and by `[` and `]`."""
        return merged(
            [
                *self.episodes(VENTRICULAR_ARRHYTHMIA),
                *((first, last + 1) for first, last in self.beats.ventricular_flutter),
            ]
        )


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm of the monitor's from its opening to its closing; 360 Hz indices."""

    kind: str
    priority: str
    onset: int
    opened: int
    closed: int


@dataclass(frozen=True, slots=True)
class Finding:
    """The monitor's view of one record.

    Attributes:
        record: name.
        beats: as labelled.
        rhythms: as in `Truth`.
        alarms: in order of their opening.
    """

    record: str
    beats: BeatAnnotations
    rhythms: tuple[tuple[str, int, int], ...]
    alarms: tuple[Alarm, ...]

    def episodes(self, rhythms: Container[str]) -> list[Interval]:
        """Where it told of one of these rhythms."""
        return merged((first, end) for rhythm, first, end in self.rhythms if rhythm in rhythms)


def read_truth(record: Path, *, name: str, duration_s: float, rate_hz: float) -> Truth:
    """Read a record's reference annotations (`atr`).

    Args:
        record: path without extension.
        name: to carry along.
        duration_s: of the record.
        rate_hz: of the annotation's sample numbers.

    Raises:
        InputError: they are missing or cannot be read.
    """
    end = round(duration_s * SAMPLE_RATE_HZ)
    notes = read_notes(record, rate_hz=rate_hz)
    return Truth(name, end, read_beats(record, rate_hz=rate_hz), _rhythms(notes, end))


def read_finding(record: Path, *, name: str, duration_s: float, rate_hz: float) -> Finding:
    """Read the annotation file of a replay (`edge`); arguments and errors as of `read_truth`."""
    end = round(duration_s * SAMPLE_RATE_HZ)
    notes = read_notes(record, "edge", rate_hz=rate_hz)
    beats = read_beats(record, "edge", rate_hz=rate_hz)
    return Finding(name, beats, _rhythms(notes, end), _alarms(notes, end))


def _rhythms(notes: Iterable[Note], end: int) -> tuple[tuple[str, int, int], ...]:
    changes = [
        (note.index, note.text.removeprefix("(")) for note in notes if note.symbol == "+" and note.text[0] == "("
    ]
    return tuple((rhythm, first, stop) for (first, rhythm), (stop, _) in pairwise([*changes, (end, "")]))


def _alarms(notes: Sequence[Note], end: int) -> tuple[Alarm, ...]:
    """Pair each opening with the closing of the same kind and onset; one that is never closed lasts to the end."""
    opened: dict[tuple[str, float], Alarm] = {}
    for note in notes:
        told = AlarmNote.parse(note.text) if note.symbol == NOTE else None
        if told is None:
            continue
        key = told.kind, told.onset_s
        if told.state == AlarmState.OPENED:
            opened[key] = Alarm(told.kind, told.priority, round(told.onset_s * SAMPLE_RATE_HZ), note.index, end)
        elif told.state == AlarmState.CLOSED and key in opened:
            opened[key] = replace(opened[key], closed=note.index)
    return tuple(opened.values())
