"""A stretch of the recording as EDF+, written with edfio (the extra `ecg-edge[edf]`)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from ecg.errors import InputError
from ecg.files import new_file
from ecg.formats.output import told
from ecg.scale import GAIN_PER_MV

if TYPE_CHECKING:
    from pathlib import Path

    from ecg.progress import Progress
    from edge.storage.recording import Excerpt

__all__ = ["write_edf"]

LONGEST_SAMPLES = 20_000_000
"""11 h at 500 Hz; edfio holds all of it in memory, some 0.5 GB."""

LOWEST, HIGHEST = -32768, 32767
"""EDF has 16 bits; the lowest number is kept for lost samples, as in WFDB."""


def write_edf(path: Path, stretch: Excerpt, progress: Progress | None) -> Path:
    """Write one signal in mV, 2.5 uV a step, and the marks as annotations; give the path.

    EDF knows no lost samples: they lie at the lowest value, and an annotation `samples lost` spans them. The last data
    record is filled up in the same way.

    Raises:
        InputError: edfio is not installed, the stretch is too long, or it cannot be written there.
    """
    try:
        import edfio  # noqa: PLC0415 (an extra that only EDF+ needs)
    except ImportError:
        raise InputError(f"{path}: EDF+ needs the package edfio; pip install 'ecg-edge[edf]'") from None
    assert stretch.length is not None
    assert stretch.start_utc is not None
    if stretch.length > LONGEST_SAMPLES:
        hours = float(LONGEST_SAMPLES / stretch.rate_hz / 3600)
        raise InputError(f"{path}: longer than the {hours:.1f} h that fit into memory; export it in parts, or as WFDB")
    # A data record holds whole samples and whole seconds.
    per_record = stretch.rate_hz.numerator
    samples_mv = np.full(-(-stretch.length // per_record) * per_record, np.nan)
    for block in told(stretch, progress):
        samples_mv[block.first_index : block.first_index + len(block.samples_mv)] = block.samples_mv
    valid_mv = samples_mv[np.isfinite(samples_mv)]
    middle_mv = round((float(valid_mv.min()) + float(valid_mv.max())) / 2) if len(valid_mv) else 0
    bounds_mv = middle_mv + LOWEST / GAIN_PER_MV, middle_mv + HIGHEST / GAIN_PER_MV
    lost = np.isnan(samples_mv)
    clipped_mv = np.where(lost, bounds_mv[0], np.clip(samples_mv, bounds_mv[0] + 1 / GAIN_PER_MV, bounds_mv[1]))
    signal = edfio.EdfSignal(
        clipped_mv, float(stretch.rate_hz), label="ECG", physical_dimension="mV", physical_range=bounds_mv
    )
    file = edfio.Edf(
        [signal],
        patient=edfio.Patient(code=_code(stretch.device)),
        recording=edfio.Recording(startdate=stretch.start_utc.date(), equipment_code=_code(stretch.name)),
        starttime=stretch.start_utc.time(),
        data_record_duration=float(stretch.rate_hz.denominator),
        annotations=[*_marks(stretch, edfio), *_lost(lost, float(stretch.rate_hz), edfio)],
    )
    with new_file(path) as output:
        file.write(output)
    return path


def _code(text: str) -> str:
    """Text as EDF+ takes it in its header: ASCII without spaces."""
    return re.sub(r"[^!-~]+", "_", text) or "X"


def _marks(stretch: Excerpt, edfio: Any) -> list[Any]:
    rate_hz = float(stretch.rate_hz)
    return [edfio.EdfAnnotation(mark.sample / rate_hz, None, mark.aux or mark.symbol) for mark in stretch.annotations()]


def _lost(lost: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], rate_hz: float, edfio: Any) -> list[Any]:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], lost, [False])).astype(np.int8))).reshape(-1, 2)
    return [
        edfio.EdfAnnotation(first / rate_hz, (end - first) / rate_hz, "samples lost") for first, end in edges.tolist()
    ]
