"""Writes a recording as a WFDB record, with its annotations."""

from __future__ import annotations

import json
from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING

import numpy as np

from ecg.files import new_file
from ecg.formats.wfdb.annotations import ANNOTATOR, Annotation, in_order, write_annotations
from ecg.formats.wfdb.encoder import SignalEncoder
from ecg.formats.wfdb.header import Header, record_path, render_header
from ecg.recording import RecordingStream, followed
from ecg.scale import GAIN_PER_MV, MISSING, Scale

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ecg.progress import Progress

__all__ = ["write_wfdb"]


def write_wfdb(
    path: Path,
    recording: RecordingStream,
    *,
    annotations: Sequence[Annotation] = (),
    progress: Progress | None = None,
) -> Path:
    """Write `NAME.dat`, `NAME.edge` and, last, `NAME.hea`.

    A lead with a scale is written with it, so its stored numbers stay the same. A lead without one gets 2.5 uV a step
    around the middle of its samples. The storage format is 16, or 32 if a lead does not fit into 16 bits. The header
    has the nominal rate, and the measured rate is in a comment.

    Args:
        path: the record, with or without `.hea`.
        recording: in memory or as a stream, which may be read twice.
        annotations: in samples of the recording, in any order.
        progress: called after each block.

    Returns:
        The header.

    Raises:
        InputError: the record cannot be written, or its name is not a valid name for a WFDB record.
    """
    path = record_path(path)
    encoder = SignalEncoder(_scales(recording))
    with new_file(path.with_suffix(".dat")) as file:
        for block in followed(recording, progress):
            for lost in encoder.encode_lost(block.first_index - encoder.samples):
                file.write(lost)
            file.write(encoder.encode(block.samples_mv))
    write_annotations(path.with_suffix(f".{ANNOTATOR}"), in_order(annotations))
    about = {"device": recording.device, "source": recording.name, "true_rate_hz": recording.true_rate_hz}
    header = Header(
        path=path.with_suffix(".hea"),
        name=path.name,
        rate_hz=recording.rate_hz,
        length=encoder.samples,
        start_utc=recording.start_utc,
        signals=encoder.signals(path.with_suffix(".dat"), [lead.name for lead in recording.leads]),
        comments=(json.dumps(about),),
    )
    with new_file(header.path) as file:
        file.write(render_header(header).encode())
    return header.path


def _scales(recording: RecordingStream) -> list[Scale]:
    """The scale of each lead. All have the same bits, enough for the widest."""
    stored = [lead.scale for lead in recording.leads]
    fitted = _fit(recording) if None in stored else [Scale()] * len(stored)
    scales = [fit if scale is None else scale for scale, fit in zip(stored, fitted, strict=True)]
    bits = 16 if all(scale.bits <= 16 for scale in scales) else 32
    return [replace(scale, baseline=round(scale.baseline), bits=bits) for scale in scales]


def _fit(recording: RecordingStream) -> list[Scale]:
    """For each lead, a scale around the whole mV in the middle of its samples, wide enough for them."""
    lows_mv, highs_mv = np.full(len(recording.leads), inf), np.full(len(recording.leads), -inf)
    for block in recording.blocks():
        finite = np.isfinite(block.samples_mv)
        lows_mv = np.minimum(lows_mv, np.where(finite, block.samples_mv, inf).min(axis=1, initial=inf))
        highs_mv = np.maximum(highs_mv, np.where(finite, block.samples_mv, -inf).max(axis=1, initial=-inf))
    return [_fit_one(low_mv, high_mv) for low_mv, high_mv in zip(lows_mv.tolist(), highs_mv.tolist(), strict=True)]


def _fit_one(low_mv: float, high_mv: float) -> Scale:
    if low_mv > high_mv:  # not one sample
        return Scale()
    middle_mv = round((low_mv + high_mv) / 2)
    reach_mv = max(high_mv - middle_mv, middle_mv - low_mv)
    return Scale.centred(middle_mv, bits=16 if reach_mv * GAIN_PER_MV < -MISSING - 1 else 32)
