"""Writes a play as a WFDB record, with its true beats and phases as `.atr`, so that other programs can read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecg.errors import InputError
from ecg.formats.wfdb.annotations import NOTE, Annotation, in_order, write_annotations
from ecg.formats.wfdb.writer import write_wfdb
from ecg.recording import Lead, Recording
from edge.simulator.situations import SITUATIONS, compose

if TYPE_CHECKING:
    from pathlib import Path

    from edge.simulator.situations import Play

__all__ = ["save_play"]


def save_play(name: str, play: int, *, seed: int, folder: Path) -> Path:
    """Write `FOLDER/NAME_PLAY`; gives its header.

    A record cannot say that an electrode is off; those samples are at the rail.

    Raises:
        InputError: it cannot be written there.
    """
    source = compose(SITUATIONS[name], seed=seed, play=play)
    recording = Recording(
        samples_mv=source.samples_mv[None, :], leads=(Lead("II"),), rate_hz=source.rate_hz, name=source.name
    )
    path = folder / f"{name}_{play}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        header = write_wfdb(path, recording)
        write_annotations(path.with_suffix(".atr"), in_order(_truth(source)))
    except OSError as error:
        raise InputError(f"{folder}: cannot be written ({error.strerror}); choose another place") from None
    return header


def _truth(source: Play) -> list[Annotation]:
    phases = [
        Annotation(round(phase.start_s * source.rate_hz), NOTE, phase.name or source.name)
        for phase in source.truth.phases
    ]
    beats = [Annotation(round(beat.time_s * source.rate_hz), beat.symbol) for beat in source.truth.beats]
    return [*phases, *(beat for beat in beats if 0 <= beat.sample < source.length)]
