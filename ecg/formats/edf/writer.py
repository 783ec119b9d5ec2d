"""Writes a recording as EDF+, with edfio (the extra `ecg-edge[edf]`)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ecg.errors import InputError
from ecg.extras import how_to_install
from ecg.files import new_file
from ecg.recording import RecordingStream, read_whole
from ecg.scale import Scale

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from ecg.formats.wfdb.annotations import Annotation
    from ecg.progress import Progress
    from ecg.samples import FloatArray

__all__ = ["write_edf"]

LONGEST_SAMPLES = 20_000_000
"""11 h of one lead at 500 Hz. edfio keeps all of it in memory, about 0.5 GB."""

LONGEST_CODE = 54
"""Letters that remain of the 80 of a field of EDF+ after `Startdate 01-DEC-2026 X X `."""

LOWEST, HIGHEST = -32768, 32767
"""EDF has 16 bits. The lowest number is reserved for lost samples, as in WFDB."""


def write_edf(
    path: Path,
    recording: RecordingStream,
    *,
    annotations: Sequence[Annotation] = (),
    progress: Progress | None = None,
) -> Path:
    """Write a signal in mV for each lead, and the annotations.

    A lead with a scale of up to 16 bits is written with it, so its stored numbers stay the same. Any other lead gets
    2.5 uV a step. EDF has no value for a lost sample: it gets the lowest value, and an annotation `samples lost` spans
    the stretch. The last data record is filled up in the same way.

    Raises:
        InputError: edfio is not installed, the recording is too long, or the file cannot be written.
    """
    try:
        import edfio  # noqa: PLC0415 (an extra that only EDF+ needs)
    except ImportError:
        raise InputError(f"{path}: EDF+ needs the package edfio; {how_to_install('edf')}") from None
    per_record = recording.rate_hz.numerator  # a data record holds whole samples and whole seconds
    longest = LONGEST_SAMPLES // len(recording.leads)
    if (recording.length or 0) > longest:
        hours = float(longest / recording.rate_hz / 3600)
        raise InputError(f"{path}: longer than the {hours:.1f} h that fit into memory; export it in parts, or as WFDB")
    read_mv = read_whole(recording, progress).samples_mv
    samples_mv = np.full((len(read_mv), -(-read_mv.shape[1] // per_record) * per_record), np.nan)
    samples_mv[:, : read_mv.shape[1]] = read_mv
    rate_hz = float(recording.rate_hz)
    labels = [_label(lead.name) for lead in recording.leads]
    start = recording.start_utc
    if start is not None and not 1985 <= start.year <= 2084:
        start = None  # the two digits of a year in EDF cannot tell it
    file = edfio.Edf(
        [
            _signal(row_mv, _scale(row_mv, lead.scale), rate_hz, label, edfio)
            for row_mv, lead, label in zip(samples_mv, recording.leads, labels, strict=True)
        ],
        patient=edfio.Patient(code=_code(recording.device)),
        recording=edfio.Recording(
            startdate=None if start is None else start.date(), equipment_code=_code(recording.name)
        ),
        starttime=None if start is None else start.time(),
        data_record_duration=float(recording.rate_hz.denominator),
        annotations=[
            *(edfio.EdfAnnotation(each.sample / rate_hz, None, each.aux or each.symbol) for each in annotations),
            *_lost(np.isnan(samples_mv), labels, rate_hz, edfio),
        ],
    )
    with new_file(path) as output:
        file.write(output)
    return path


def _code(text: str) -> str:
    """Convert a text to what a header of EDF+ may contain: ASCII without spaces, cut to what its field has left."""
    return re.sub(r"[^!-~]+", "_", text)[:LONGEST_CODE] or "X"


def _label(name: str) -> str:
    """The label of a lead: its type and its name, as EDF+ asks for, in at most 16 letters of ASCII."""
    plain = re.sub(r"[^ -~]+", "_", name).strip()
    return (plain if plain.startswith(("ECG", "EKG")) else f"ECG {plain}".strip())[:16]


def _scale(samples_mv: FloatArray, stored: Scale | None) -> Scale:
    """The scale to write a lead with."""
    fits = stored is not None and stored.gain_per_mv > 0 and abs(stored.middle_mv) - LOWEST / stored.gain_per_mv < 1e6
    if stored is not None and fits and stored.bits <= 16:  # a limit has eight letters
        return replace(stored, bits=16)
    valid_mv = samples_mv[np.isfinite(samples_mv)]
    return Scale.centred(round((float(valid_mv.min()) + float(valid_mv.max())) / 2) if len(valid_mv) else 0)


def _signal(samples_mv: FloatArray, scale: Scale, rate_hz: float, label: str, edfio: Any) -> Any:
    low_mv, high_mv = (scale.middle_mv + end / scale.gain_per_mv for end in (LOWEST, HIGHEST))
    clipped_mv = np.where(np.isnan(samples_mv), low_mv, np.clip(samples_mv, low_mv + 1 / scale.gain_per_mv, high_mv))
    return edfio.EdfSignal(clipped_mv, rate_hz, label=label, physical_dimension="mV", physical_range=(low_mv, high_mv))


def _lost(lost: NDArray[np.bool_], labels: Sequence[str], rate_hz: float, edfio: Any) -> list[Any]:
    """Annotate lost samples, shape (leads, n). With several leads the annotation names its lead, as EDF+ defines."""
    annotations = []
    for row, label in zip(lost, labels, strict=True):
        text = "samples lost" if len(labels) == 1 else f"samples lost@@{label}"
        edges = np.flatnonzero(np.diff(np.concatenate(([False], row, [False])).astype(np.int8))).reshape(-1, 2)
        for first, end in edges.tolist():
            annotations.append(edfio.EdfAnnotation(first / rate_hz, (end - first) / rate_hz, text))
    return annotations
