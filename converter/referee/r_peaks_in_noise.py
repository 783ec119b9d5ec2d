"""How well R peaks are found in noise: clean records of `mitdb` with noise of `nstdb` mixed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from converter.annotations import BeatAnnotations, read_beats
from converter.data import read_channel
from converter.noise import add_noise, noisy_spans_s
from converter.progress import track
from converter.referee.r_peaks import CLEAN_RECORDS, NOISES, OURS, SNRS_DB, Found, found, noise_table
from converter.referee.stream import r_peaks_of
from converter.reports import Section
from converter.scoring import score_record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from converter.referee.r_peaks import PeerResults
    from converter.reports import Table

__all__ = ["NOISY", "noise_section"]

NOISY = "noisy blocks"
"""Part of the records that the page shows; `benchmarks/peers.py` also has the whole."""


def noise_section(
    clean: Path, noises: Path, peers: PeerResults | None, records: Sequence[str] = CLEAN_RECORDS
) -> Section:
    """Errors of our detector in the noisy stretches, beside those of the others where they were measured.

    Args:
        clean: folder of `mitdb`.
        noises: folder of `nstdb`.
        peers: what the others find.
        records: of `mitdb`.

    Raises:
        InputError: one of the records is not there.
    """
    ours = {noise: {snr_db: _measure(clean, noises, noise, snr_db, records) for snr_db in SNRS_DB} for noise in NOISES}
    tables: list[Table] = []
    for noise, by_snr in ours.items():
        theirs = peers.noise.get(noise, {}) if peers is not None else {}
        rows = {}
        for snr_db, own in by_snr.items():
            others = theirs.get(snr_db, {})
            same = others.get(OURS, {}).get(NOISY)
            is_comparable = same is not None and same.beats == own.beats
            rows[snr_db] = {OURS: {NOISY: own}} | {
                name: parts for name, parts in others.items() if name != OURS and is_comparable
            }
        beats = next(iter(by_snr.values())).beats
        title = (
            f"{NOISES[noise]} ({noise}), {len(records)} records of mitdb, {beats:,} beats in noise, labels from .atr"
        )
        tables.append(
            noise_table(title, rows, NOISY, [f"Errors % in the noisy stretches; records {' '.join(records)}"])
        )
    return Section("noise", msgspec.to_builtins(ours, str_keys=True), tuple(tables))


def _measure(clean: Path, noises: Path, noise: str, snr_db: int, records: Sequence[str]) -> Found:
    noise_mv, _ = read_channel(noises, noise, 0)
    scores = []
    for record in track(records, f"{noise} at {snr_db} dB"):
        signal_mv, rate_hz = read_channel(clean, record, 0)
        reference = read_beats(clean / record)
        index = r_peaks_of(add_noise(signal_mv, noise_mv, rate_hz, reference, snr_db), rate_hz)
        test = BeatAnnotations(index, np.full(len(index), "N"))
        spans_s = noisy_spans_s(len(signal_mv) / rate_hz)
        scores.append(score_record(record, reference, test, spans_s=spans_s))
    return found(scores)
