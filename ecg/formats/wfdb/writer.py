"""A stretch of the recording as one WFDB record of its own, with its marks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from ecg.files import new_file
from ecg.formats.output import told
from ecg.formats.wfdb.annotations import in_order, write_annotations
from ecg.formats.wfdb.header import Header, Signal, record_path, render_header
from ecg.formats.wfdb.storage import FORMATS
from ecg.scale import GAIN_PER_MV, Scale
from edge.storage.segment import ANNOTATOR

if TYPE_CHECKING:
    from pathlib import Path

    from ecg.progress import Progress
    from edge.storage.recording import Excerpt

__all__ = ["write_record"]

_FILL = 1 << 16  # samples of a gap written in one piece


def write_record(path: Path, stretch: Excerpt, progress: Progress | None) -> Path:
    """Write `NAME.dat`, `NAME.edge` and, last, `NAME.hea`; give the header.

    Format 16; 32 where the stretch has segments whose offsets are too far apart for that. The rate is the nominal one,
    as in the recording, and the measured one stands in a comment.

    Args:
        path: of the record, with or without `.hea`.
        stretch: what to write.
        progress: told after each block.

    Raises:
        InputError: it cannot be written there, or the name is none for a WFDB record.
    """
    path = record_path(path)
    middle_mv, number = _fit(stretch)
    scale, dtype = Scale.centred(middle_mv, number), {16: "<i2", 32: "<i4"}[number]
    end = checksum = 0
    initial: int | None = None
    with new_file(path.with_suffix(".dat")) as file:
        for block in told(stretch, progress):
            while end < block.first_index:
                gap = min(block.first_index - end, _FILL)
                file.write(np.full(gap, scale.missing).astype(dtype).tobytes())
                checksum += gap * scale.missing
                end += gap
            adc = scale.to_numbers(block.samples_mv)
            file.write(adc.astype(dtype).tobytes())
            checksum += int(adc.sum())
            initial = int(adc[0]) if initial is None else initial
            end += len(adc)
    write_annotations(path.with_suffix(f".{ANNOTATOR}"), in_order(stretch.annotations()))
    signal = Signal(
        name="ECG",
        file=path.with_suffix(".dat"),
        format=number,
        offset=0,
        gain_per_mv=GAIN_PER_MV,
        baseline=-middle_mv * GAIN_PER_MV,
        unit="mV",
        checksum=checksum,
        initial=initial,
    )
    about = {"device": stretch.device, "source": stretch.name, "true_rate_hz": stretch.true_rate_hz}
    header = Header(
        path=path.with_suffix(".hea"),
        name=path.name,
        rate_hz=stretch.rate_hz,
        length=end,
        start_utc=stretch.start_utc,
        signals=(signal,),
        comments=(json.dumps(about),),
    )
    with new_file(header.path) as file:
        file.write(render_header(header).encode())
    return header.path


def _fit(stretch: Excerpt) -> tuple[int, int]:
    """The whole mV in the middle of all samples, and the format that holds them."""
    low_mv, high_mv = np.inf, -np.inf
    for block in stretch.blocks():
        valid_mv = block.samples_mv[np.isfinite(block.samples_mv)]
        if len(valid_mv):
            low_mv, high_mv = min(low_mv, float(valid_mv.min())), max(high_mv, float(valid_mv.max()))
    if low_mv > high_mv:
        return 0, 16
    middle_mv = round((low_mv + high_mv) / 2)
    reach_mv = max(high_mv - middle_mv, middle_mv - low_mv)
    return middle_mv, 16 if reach_mv * GAIN_PER_MV < -FORMATS[16].missing - 1 else 32
