"""How much of a signal is called bad: clean records, and the same with `nstdb` noise mixed in.

    python benchmarks/quality.py FOLDER        (with FOLDER/mitdb and FOLDER/nstdb)

The noise is scaled as in the MIT-BIH Noise Stress Test (Moody, Muldrow and Mark 1984): the signal's power is an eighth
of the square of its median QRS height, the noise's the variance of one-second stretches without their trend.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from ecg.formats.registry import open_recording
from ecg.formats.wfdb.annotations import BEAT_SYMBOLS, read_annotations
from ecg.samples import SAMPLE_RATE_HZ, FloatArray
from edge.signal.filters import FilterBank
from edge.signal.quality import PERIOD, QualityMeter
from edge.signal.quantisation import to_steps

NOISY = ("101", "118", "119", "115")
SNR_DB = (24, 18, 12, 6, 0)


def read_mv(path: Path) -> FloatArray:
    """The first signal of a record, mV."""
    return np.concatenate([block.samples_mv for block in open_recording(path).blocks()])


def bad_share(samples_mv: FloatArray) -> float:
    """Share of the judgements with a score below 0.5."""
    filters = FilterBank(first_index=0)
    filters.push(to_steps(samples_mv))
    meter = QualityMeter(filters, first_index=0)
    scores = [meter.judge(index).score for index in range(PERIOD, len(samples_mv) + 1, PERIOD)]
    known = [score for score in scores if score is not None]
    return sum(score < 0.5 for score in known) / len(known)


def qrs_height_mv(samples_mv: FloatArray, record: Path) -> float:
    """Median height of the first 300 QRS complexes, 50 ms on either side of the annotation."""
    beats = [a.sample for a in read_annotations(record.with_suffix(".atr")) if a.symbol in BEAT_SYMBOLS][1:300]
    return float(np.median([np.ptp(samples_mv[beat - 18 : beat + 18]) for beat in beats]))


def noise_power(noise_mv: FloatArray) -> float:
    """Mean variance of one-second stretches about the line through their ends."""
    rows = noise_mv[: len(noise_mv) // SAMPLE_RATE_HZ * SAMPLE_RATE_HZ].reshape(-1, SAMPLE_RATE_HZ)
    lines = rows[:, :1] + (rows[:, -1:] - rows[:, :1]) * np.linspace(0, 1, SAMPLE_RATE_HZ)
    return float(np.mean(np.var(rows - lines, axis=1)))


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    records = sorted(path.with_suffix("") for path in (folder / "mitdb").glob("*.hea"))
    clean = {record.name: bad_share(read_mv(record)) for record in records}
    worst = sorted(clean, key=lambda name: -clean[name])[:3]
    print(f"clean, {len(clean)} records: mean {np.mean(list(clean.values())):.2%}, worst", end=" ")
    print(", ".join(f"{name} {clean[name]:.2%}" for name in worst))
    noise_mv = read_mv(folder / "nstdb" / "ma")
    print("| record | " + " | ".join(f"{snr} dB" for snr in SNR_DB) + " |")
    print("|---" * (len(SNR_DB) + 1) + "|")
    for name in NOISY:
        record = folder / "mitdb" / name
        samples_mv = read_mv(record)[: len(noise_mv)]
        gain = np.sqrt(qrs_height_mv(samples_mv, record) ** 2 / 8 / noise_power(noise_mv))
        shares = [bad_share(samples_mv + gain * 10 ** (-snr / 20) * noise_mv[: len(samples_mv)]) for snr in SNR_DB]
        print(f"| {name} | " + " | ".join(f"{share:.1%}" for share in shares) + " |")


if __name__ == "__main__":
    main()
