"""What noise does to R peaks, labels and alarms: clean records of `mitdb` with noise of real recordings mixed in."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from converter.datasets.annotations import BeatAnnotations, read_beats
from converter.datasets.folders import read_channel
from converter.datasets.noise import add_noise, noisy_spans_s
from converter.datasets.noise_recordings import NOISES
from converter.datasets.protocols import DS2
from converter.evaluation.r_peaks import CLEAN_RECORDS, OURS, SNRS_DB, found, noise_table
from converter.evaluation.scoring import FALSE, score_record, total_matrix
from converter.evaluation.stream import beats_of, events_of, r_peaks_of
from converter.evaluation.tables import Section, Table, percent
from converter.progress import track
from ecg.alarms.kinds import PRIORITIES, AlarmEvent, AlarmState, Priority
from ecg.samples import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from converter.evaluation.r_peaks import Found, PeerResults
    from converter.evaluation.scoring import RecordScore
    from ecg.samples import FloatArray
    from edge.inference import Classifier

__all__ = ["NOISY", "labels_in_noise_section", "noise_section"]

NOISY = "noisy blocks"
"""Part of the records that the page shows; `benchmarks/peers.py` also has the whole."""

UNSEEN_RECORDS = tuple(record for record in CLEAN_RECORDS if record in DS2)
LABELS_SNRS_DB = (12, 6)

_KINDS = {
    "called_n": "called N",
    "called_s": "called S",
    "called_v": "called V",
    "set_aside": "set aside",
    "false_v": "no beat, called V",
    "false_s": "no beat, called S",
}


def noise_section(
    clean: Path, noises: Mapping[str, FloatArray], peers: PeerResults | None, records: Sequence[str] = CLEAN_RECORDS
) -> Section:
    """Errors of our detector in the noisy stretches, beside those of the others where they were measured.

    Args:
        clean: folder of `mitdb`.
        noises: of `converter.datasets.noise_recordings`.
        peers: what the others find.
        records: of `mitdb`.

    Raises:
        InputError: one of the records is not there.
    """
    figures: dict[str, dict[int, Found]] = {}
    tables: list[Table] = []
    for noise, noise_mv in noises.items():
        figures[noise] = {
            snr_db: found([_peaks_scored(clean, record, noise_mv, snr_db) for record in track(records, noise)])
            for snr_db in SNRS_DB
        }
        theirs = peers.noise.get(noise, {}) if peers is not None else {}
        rows = {}
        for snr_db, own in figures[noise].items():
            others = theirs.get(snr_db, {})
            same = others.get(OURS, {}).get(NOISY)
            is_comparable = same is not None and same.beats == own.beats
            rows[snr_db] = {OURS: {NOISY: own}} | {
                name: parts for name, parts in others.items() if name != OURS and is_comparable
            }
        beats = next(iter(figures[noise].values())).beats
        title = (
            f"{NOISES[noise]} ({noise}), {len(records)} records of mitdb, {beats:,} beats in noise, labels from .atr"
        )
        tables.append(
            noise_table(title, rows, NOISY, [f"Errors % in the noisy stretches; records {' '.join(records)}"])
        )
    return Section("noise", msgspec.to_builtins(figures, str_keys=True), tuple(tables))


@dataclass(frozen=True, slots=True)
class _NoisyRecord:
    """What the whole product path tells of the noisy stretches of one record."""

    score: RecordScore
    high_priority: int
    seconds: float


def labels_in_noise_section(
    clean: Path, noises: Mapping[str, FloatArray], classifier: Classifier, records: Sequence[str] = UNSEEN_RECORDS
) -> Section:
    """How normal beats in noise are labelled and how many alarms of high priority they raise, on the product path.

    Args:
        clean: folder of `mitdb`.
        noises: of `converter.datasets.noise_recordings`.
        classifier: labels the beats.
        records: of `mitdb`.

    Raises:
        InputError: one of the records is not there.
    """
    figures: dict[str, Any] = {}
    rows = []
    for (noise, noise_mv), snr_db in product(noises.items(), LABELS_SNRS_DB):
        own = _labels_figures(
            [_run_noisy(clean, record, noise_mv, snr_db, classifier) for record in track(records, f"{noise} labels")]
        )
        figures[f"{noise} {snr_db} dB"] = own
        beats = own["beats"]
        rows.append(
            [
                f"{NOISES[noise]}, {snr_db} dB",
                f"{beats:,}",
                *(f"{own[kind]:,} ({percent(own[kind] / beats if beats else None)} %)" for kind in _KINDS),
                f"{own['high_priority_alarms']:,} in {own['hours']:.1f} h",
            ]
        )
    title = f"Labels in noise, records {' '.join(records)} of mitdb, which nothing was learned from, labels from .atr"
    columns = ["noise", "beats N", *_KINDS.values(), "alarms of high priority"]
    notes = [
        "In the noisy stretches; shares of the beats that the reference calls N; no beat: a false detection",
        "Set aside: called Q, or unclassified because the signal is poor; a missed beat is none of these",
    ]
    return Section("labels_in_noise", figures, (Table(title, columns, rows, notes),))


def _labels_figures(heard: Sequence[_NoisyRecord]) -> dict[str, Any]:
    matrix = total_matrix([each.score for each in heard])
    normal, none = matrix[0], matrix[FALSE]
    return {
        "beats": int(normal.sum()),
        "called_n": int(normal[0]),
        "called_s": int(normal[1]),
        "called_v": int(normal[2]),
        "set_aside": int(normal[3:FALSE].sum()),
        "false_v": int(none[2]),
        "false_s": int(none[1]),
        "high_priority_alarms": sum(each.high_priority for each in heard),
        "hours": sum(each.seconds for each in heard) / 3600,
    }


def _mixed(clean: Path, record: str, noise_mv: FloatArray, snr_db: int) -> tuple[FloatArray, float, BeatAnnotations]:
    signal_mv, rate_hz = read_channel(clean, record, 0)
    reference = read_beats(clean / record)
    return add_noise(signal_mv, noise_mv, rate_hz, reference, snr_db), rate_hz, reference


def _peaks_scored(clean: Path, record: str, noise_mv: FloatArray, snr_db: int) -> RecordScore:
    mixed_mv, rate_hz, reference = _mixed(clean, record, noise_mv, snr_db)
    index = r_peaks_of(mixed_mv, rate_hz)
    test = BeatAnnotations(index, np.full(len(index), "N"))
    return score_record(record, reference, test, spans_s=noisy_spans_s(len(mixed_mv) / rate_hz))


def _run_noisy(clean: Path, record: str, noise_mv: FloatArray, snr_db: int, classifier: Classifier) -> _NoisyRecord:
    mixed_mv, rate_hz, reference = _mixed(clean, record, noise_mv, snr_db)
    duration_s = len(mixed_mv) / rate_hz
    spans_s = noisy_spans_s(duration_s)
    events = events_of(mixed_mv, rate_hz, classifier=classifier)
    alarms = [
        event
        for event in events
        if isinstance(event, AlarmEvent)
        and event.state is AlarmState.OPENED
        and PRIORITIES[event.kind] is Priority.HIGH
        and any(start <= event.index / SAMPLE_RATE_HZ < stop for start, stop in spans_s)
    ]
    return _NoisyRecord(
        score_record(record, reference, beats_of(events), spans_s=spans_s),
        len(alarms),
        sum(stop - start for start, stop in spans_s),
    )
