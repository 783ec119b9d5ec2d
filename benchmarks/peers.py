"""R peaks: ours against the detectors that are on PyPI, on the same records, by the same scorer (EC57, 150 ms).

    pip install '.[converter,bench]'
    python benchmarks/peers.py ~/recordings --cache ~/peers-cache --json docs/accuracy/peers.json

Needs mitdb/, svdb/, nstdb/ and cinc2017/ below the folder; what is missing is left out and the tables say so. The
others' answers are kept in the cache, one file for each detector, version and signal. Noise: see
`converter/datasets/noise.py` and `converter/datasets/noise_recordings.py`. Ours streams and has no second look; the
others are shown the whole record at once.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import importlib.metadata
import io
import sys
import warnings
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from converter.datasets.annotations import BeatAnnotations, read_beats
from converter.datasets.folders import ANNOTATOR, find_records, read_channel, read_duration_s
from converter.datasets.matching import WHOLE
from converter.datasets.noise import add_noise, noisy_spans_s
from converter.datasets.noise_recordings import NOISES, read_noises
from converter.evaluation.in_noise import NOISY
from converter.evaluation.r_peaks import (
    CLEAN_RECORDS,
    OURS,
    SNRS_DB,
    SPANS,
    PeerResults,
    detector_table,
    found,
    noise_table,
)
from converter.evaluation.scoring import score_record
from converter.evaluation.stream import r_peaks_of
from converter.evaluation.tables import markdown, show
from converter.progress import bars
from ecg.errors import EcgEdgeError, InputError
from ecg.samples import SAMPLE_RATE_HZ, FloatArray

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from converter.datasets.matching import Span
    from converter.evaluation.r_peaks import Found
    from converter.evaluation.scoring import RecordScore
    from converter.evaluation.tables import Table

DATABASES = ("mitdb", "svdb")
GQRS_UNITS_A_MV = 200


def gqrs(signal_mv: FloatArray, rate_hz: float) -> Any:
    """WFDB's gqrs, as wfdb-python has it."""
    from wfdb.processing import gqrs_detect  # noqa: PLC0415 - each process loads what it runs

    # In 1/200 mV, as mitdb is stored: given mV, it scales by the record's largest sample, and its threshold with it.
    digital = np.rint(signal_mv * GQRS_UNITS_A_MV).astype(np.int64)
    return gqrs_detect(d_sig=digital, fs=rate_hz, adc_gain=GQRS_UNITS_A_MV, adc_zero=0)


def xqrs(signal_mv: FloatArray, rate_hz: float) -> Any:
    """The detector of wfdb-python's own."""
    from wfdb.processing import xqrs_detect  # noqa: PLC0415

    return xqrs_detect(sig=signal_mv, fs=rate_hz, verbose=False)


def biosppy(signal_mv: FloatArray, rate_hz: float) -> Any:
    """Pan-Tompkins++ of biosppy, with the filter and the correction that its `ecg` puts around it."""
    from biosppy.signals.ecg import ecg  # noqa: PLC0415

    return ecg(signal_mv, rate_hz, show=False, segmenter="pan-tompkins")["rpeaks"]


def sleepecg(signal_mv: FloatArray, rate_hz: float) -> Any:
    """The modified Pan-Tompkins of sleepecg."""
    from sleepecg import detect_heartbeats  # noqa: PLC0415

    return detect_heartbeats(signal_mv, rate_hz)


def neurokit_pan_tompkins(signal_mv: FloatArray, rate_hz: float) -> Any:
    """Pan-Tompkins of neurokit2, with its own cleaning."""
    return _neurokit(signal_mv, rate_hz, "pantompkins1985")


def neurokit_default(signal_mv: FloatArray, rate_hz: float) -> Any:
    """What neurokit2 takes where nothing is chosen, with its own cleaning."""
    return _neurokit(signal_mv, rate_hz, "neurokit")


def _neurokit(signal_mv: FloatArray, rate_hz: float, method: str) -> Any:
    import neurokit2  # noqa: PLC0415

    rate_hz = round(rate_hz)
    clean = neurokit2.ecg_clean(signal_mv, sampling_rate=rate_hz, method=method)
    return neurokit2.ecg_peaks(clean, sampling_rate=rate_hz, method=method)[1]["ECG_R_Peaks"]


PEERS = {
    "wfdb-python gqrs": ("wfdb", gqrs),
    "wfdb XQRS": ("wfdb", xqrs),
    "biosppy Pan-Tompkins++": ("biosppy", biosppy),
    "sleepecg": ("sleepecg", sleepecg),
    "neurokit2 Pan-Tompkins": ("neurokit2", neurokit_pan_tompkins),
    "neurokit2 default": ("neurokit2", neurokit_default),
}
"""Name in the tables: package, and the function that gives sample numbers of R peaks. The cache goes by the name: who
calls a detector in another way gives it another name."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One channel to find beats in.

    Attributes:
        folder: of the database.
        record: in it.
        noise: folder of all recordings, and name of the noise mixed in; None for the record as it is.
        snr_db: of that.
    """

    folder: Path
    record: str
    noise: tuple[Path, str] | None = None
    snr_db: int = 0

    def read(self) -> tuple[FloatArray, float]:
        """Samples in mV and their rate in Hz."""
        signal_mv, rate_hz = read_channel(self.folder, self.record, 0)
        if self.noise is not None:
            recordings, name = self.noise
            signal_mv = add_noise(signal_mv, _noises(recordings)[name], rate_hz, self.reference(), self.snr_db)
        return signal_mv, rate_hz

    def reference(self) -> BeatAnnotations:
        """Its reference beats."""
        return _reference(self.folder / self.record)


_noises = cache(read_noises)


@cache
def _reference(record: Path) -> BeatAnnotations:
    return read_beats(record)


def detect(signal: Signal, kept_in: Path) -> dict[str, list[int]]:
    """360 Hz indices of the beats that each detector finds in one signal; runs in a process of its own."""
    signal_mv, rate_hz = signal.read()
    beats = {OURS: r_peaks_of(signal_mv, rate_hz).tolist()}
    for name, (package, function) in PEERS.items():
        version = importlib.metadata.version(package)
        key = hashlib.sha256(f"{name} {version} {rate_hz}".encode() + signal_mv.tobytes()).hexdigest()
        kept = kept_in / f"{key}.npy"
        if kept.is_file():
            samples = np.load(kept)
        else:
            with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
                warnings.simplefilter("ignore")  # theirs, of libraries older than their dependencies
                samples = np.unique(np.asarray(function(signal_mv.copy(), rate_hz), dtype=np.int64))
            draft = kept.with_suffix(".new.npy")
            np.save(draft, samples)
            draft.replace(kept)
        beats[name] = np.rint(samples * (SAMPLE_RATE_HZ / rate_hz)).astype(np.int64).tolist()
    return beats


def measure(recordings: Path, kept_in: Path, jobs: int) -> PeerResults:
    """Run all detectors over everything that is there."""
    folders = {name: recordings / name for name in DATABASES if (recordings / name).is_dir()}
    noises = list(_noises(recordings)) if "mitdb" in folders else []
    clean = {
        (name, record): Signal(folders[name], record)
        for name in DATABASES
        if name in folders
        for record in find_records(folders[name])
        if (folders[name] / f"{record}.{ANNOTATOR}").is_file()
    }
    if not clean:
        raise InputError(f"{recordings} has neither mitdb nor svdb in it")
    noisy = {
        (noise, snr_db, record): Signal(folders["mitdb"], record, (recordings, noise), snr_db)
        for noise in noises
        for snr_db in SNRS_DB
        for record in CLEAN_RECORDS
    }
    signals = [*clean.values(), *noisy.values()]
    beats = dict(zip([*clean, *noisy], run_all(signals, kept_in, jobs), strict=True))
    return PeerResults(
        versions={package: importlib.metadata.version(package) for package, _ in PEERS.values()},
        databases={
            name: {
                detector: {
                    span: found(
                        [
                            score(signal, beats[key][detector], spans_s)
                            for key, signal in clean.items()
                            if key[0] == name
                        ]
                    )
                    for span, spans_s in SPANS.items()
                }
                for detector in (OURS, *PEERS)
            }
            for name in dict.fromkeys(name for name, _ in clean)
        },
        noise={noise: {snr_db: noise_figures(noise, snr_db, noisy, beats) for snr_db in SNRS_DB} for noise in noises},
    )


def run_all(signals: list[Signal], kept_in: Path, jobs: int) -> Iterator[dict[str, list[int]]]:
    """Beats of each signal by detector, in order."""
    kept_in.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(jobs) as pool, bars() as display:
        task = display.add_task("detecting", total=len(signals), note="")
        for signal, beats in zip(signals, pool.map(detect, signals, [kept_in] * len(signals)), strict=True):
            display.update(task, advance=1, note=f"{signal.folder.name}/{signal.record}")
            yield beats


def noise_figures(noise: str, snr_db: int, noisy: dict[Any, Signal], beats: dict[Any, Any]) -> Any:
    """By detector and part of the record."""
    chosen = {key: signal for key, signal in noisy.items() if key[:2] == (noise, snr_db)}
    figures: dict[str, dict[str, Found]] = {}
    for detector in (OURS, *PEERS):
        in_noise = [
            score(signal, beats[key][detector], noisy_spans_s(read_duration_s(signal.folder, signal.record)))
            for key, signal in chosen.items()
        ]
        whole = [score(signal, beats[key][detector], WHOLE) for key, signal in chosen.items()]
        figures[detector] = {NOISY: found(in_noise), "whole": found(whole)}
    return figures


def score(signal: Signal, beats: list[int], spans_s: Sequence[Span]) -> RecordScore:
    """Beats of one detector against the reference."""
    test = BeatAnnotations(np.array(beats, dtype=np.int64), np.full(len(beats), "N"))
    return score_record(signal.record, signal.reference(), test, spans_s=spans_s)


def tables(results: PeerResults) -> list[Table]:
    """Everything, for people."""
    versions = ", ".join(f"{package} {version}" for package, version in results.versions.items())
    made = []
    for name, detectors in results.databases.items():
        records = detectors[OURS]["whole"]
        title = f"R peaks, {name}, {records.records} records, {records.beats:,} beats, first channel, labels from .atr"
        made.append(detector_table(title, detectors, [versions]))
    for noise, by_snr in results.noise.items():
        for part in (NOISY, "whole"):
            records = next(iter(by_snr.values()))[OURS][part]
            title = f"Errors % with {NOISES[noise]} ({noise}) in {records.records} records of mitdb, {part}"
            made.append(noise_table(title, by_snr, part, [f"{records.beats:,} beats: {' '.join(CLEAN_RECORDS)}"]))
    missing = [name for name in DATABASES if name not in results.databases]
    missing += [words for noise, words in NOISES.items() if noise not in results.noise]
    if missing:
        print(f"not measured, because it is not there: {', '.join(missing)}")
    return made


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recordings", type=Path, help="folder that holds mitdb/, svdb/ and nstdb/")
    parser.add_argument("--cache", type=Path, required=True, help="folder for the others' answers")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--markdown", action="store_true", help="print Markdown")
    arguments = parser.parse_args()
    try:
        results = measure(arguments.recordings, arguments.cache, arguments.jobs)
    except EcgEdgeError as error:
        print(f"peers: {error}", file=sys.stderr)
        return int(error.exit_code)
    for table in tables(results):
        if arguments.markdown:
            print(markdown(table))
        else:
            show(table)
    if arguments.json:
        arguments.json.write_bytes(msgspec.json.format(msgspec.json.encode(results)) + b"\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
