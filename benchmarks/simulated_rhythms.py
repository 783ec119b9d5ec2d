"""How the shipped model labels rhythms that few or no recordings at hand hold, simulated.

    python benchmarks/simulated_rhythms.py

Normal beats of `svdb`, first signal, are put at the times of a simulated rhythm, one of each kind for each record, and
go through the monitor's own input builder and the int8 model: likeliest label, no rule on fibrillation. The intervals
of the sinus node are the record's own, at another heart rate. S beats have the shape of N beats, so the rhythm is all
that tells them. The model has learned from most of these records, but not in these rhythms: the figures compare
one model with another, and say nothing about patients. Needs `svdb` in the catalogue.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from converter.catalogue import Catalogue
from converter.cutting import cut_record
from edge.inference import load_classifier
from edge.inference.inputs import BeatContext, InputBuilder
from edge.samples import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from converter.beats import BeatSet
    from edge.samples import FloatArray

    Rhythm = tuple[FloatArray, NDArray[np.bool_]]

MODEL: Final = Path(__file__).parents[1] / "models" / "resecanet-aami5.tflite"
SEED: Final = 1
BEATS: Final = 600  # of a simulated patient
FEWEST_BEATS: Final = 300  # normal ones in a row with a normal one that a record must have
HEART_PERIODS_S: Final = (0.6, 1.5)


def premature(rng: np.random.Generator, sinus_s: FloatArray) -> Rhythm:
    """Single premature beats, now and then or about every second to fourth beat, 8 to 50 % early."""
    every = int(rng.integers(1, 4)) if rng.random() < 0.5 else int(rng.integers(5, 40))
    return _ectopic(rng, sinus_s, sinus_beats=every, run_beats=1)


def runs(rng: np.random.Generator, sinus_s: FloatArray) -> Rhythm:
    """Runs of atrial beats that are more than the sinus beats between them."""
    sinus_beats = float(rng.uniform(1, 5))
    return _ectopic(rng, sinus_s, sinus_beats=sinus_beats, run_beats=sinus_beats * float(rng.uniform(1.5, 6)))


def dropped(rng: np.random.Generator, sinus_s: FloatArray) -> Rhythm:
    """Every second to thirtieth beat on average is not conducted; half of the patients have Wenckebach's intervals."""
    shortening = rng.uniform(0.0, 0.08) if rng.random() < 0.5 else 0.0
    rr_s = sinus_s.copy()
    position = 0
    chance = 1 / np.exp(rng.uniform(np.log(2), np.log(30)))
    for number in range(1, len(rr_s)):
        position = 0 if position > 0 and rng.random() < chance else position + 1
        rr_s[number] *= 1 - shortening * min(position, 3) if position else rng.normal(1.97 - 2 * shortening, 0.04)
    return rr_s, np.zeros(len(rr_s), dtype=bool)


def breathing(rng: np.random.Generator, sinus_s: FloatArray) -> Rhythm:
    """Sinus arrhythmia: intervals that swing by 8 to 30 % over 3 to 9 beats."""
    phase = np.cumsum(2 * math.pi / rng.uniform(3, 9) * np.exp(0.1 * rng.standard_normal(len(sinus_s))))
    return sinus_s * (1 + rng.uniform(0.08, 0.3) * np.sin(phase)), np.zeros(len(sinus_s), dtype=bool)


KINDS: Final[dict[str, Callable[[np.random.Generator, FloatArray], Rhythm]]] = {
    "single premature beats": premature,
    "atrial runs, most beats ectopic": runs,
    "dropped beats": dropped,
    "sinus arrhythmia": breathing,
}


def _ectopic(rng: np.random.Generator, sinus_s: FloatArray, *, sinus_beats: float, run_beats: float) -> Rhythm:
    """Groups of sinus beats, the first after a pause, and runs of earlier ones; each group geometric in length."""
    typical_s = float(np.median(sinus_s))
    coupling = rng.uniform(0.5, 0.92)
    cycle = min(coupling * rng.uniform(0.85, 1.15), 0.93)
    pause = rng.uniform(0.9, 1.4) if rng.random() < 0.5 else rng.uniform(1.2, 2.5)
    spread = rng.uniform(0.01, 0.06)
    rr_s = sinus_s.copy()
    is_ectopic = np.zeros(len(rr_s), dtype=bool)
    number = 0
    while number < len(rr_s):
        if number:
            rr_s[number] *= max(pause * math.exp(0.1 * rng.standard_normal()), 0.85)
        number += int(rng.geometric(1 / sinus_beats))
        run = slice(number, number + int(rng.geometric(1 / run_beats)))
        count = len(rr_s[run])
        early = np.full(count, cycle)
        early[:1] = coupling
        rr_s[run] = typical_s * np.minimum(early * np.exp(spread * rng.standard_normal(count)), 0.95)
        is_ectopic[run] = True
        number = run.stop
    return rr_s, is_ectopic


def source(beats: BeatSet) -> tuple[FloatArray, FloatArray] | None:
    """Windows (n, 259) and intervals in s (n,) of normal beats after normal ones; None where there are too few."""
    rr_s = np.diff(beats.index, prepend=beats.index[0]) / SAMPLE_RATE_HZ
    is_normal = beats.symbol == "N"
    chosen = np.flatnonzero(is_normal & np.roll(is_normal, 1) & (rr_s > 0.3) & (rr_s < 2.5))[:BEATS]
    if len(chosen) < FEWEST_BEATS:
        return None
    return beats.inputs["waveform"][chosen, :, 0].astype(np.float64), rr_s[chosen]


def main() -> None:
    """Simulate, label and print a line for each kind."""
    classifier = load_classifier(MODEL)
    supraventricular = classifier.labels.index("S")
    dataset = Catalogue().resolve((), ("svdb",))["svdb"]
    rng = np.random.default_rng(SEED)
    truth: dict[str, list[NDArray[np.bool_]]] = {kind: [] for kind in KINDS}
    told: dict[str, list[NDArray[np.bool_]]] = {kind: [] for kind in KINDS}
    for record in dataset.records:
        found = source(
            cut_record(Path(dataset.folder), record.name, 0, peaks="detected", normalisation="template", origin="svdb")
        )
        if found is None:
            continue
        windows, own_s = found
        for kind, simulate in KINDS.items():
            period_s = math.exp(rng.uniform(*np.log(HEART_PERIODS_S)))
            scaled_s = period_s * np.clip(own_s / np.median(own_s), 0.75, 1.35)
            rr_s, is_ectopic = simulate(rng, scaled_s)
            builder = InputBuilder(normalisation="template")
            labels = [
                int(np.argmax(classifier.classify(builder.build(BeatContext(window, before_s, after_s)))))
                for window, before_s, after_s in zip(windows[:-1], rr_s[:-1].tolist(), rr_s[1:].tolist(), strict=True)
            ]
            truth[kind].append(is_ectopic[:-1])
            told[kind].append(np.array(labels) == supraventricular)
    print("| rhythm | patients | beats | of them S | S found | N called S |\n|---|---|---|---|---|---|")
    for kind in KINDS:
        is_true, is_told = np.concatenate(truth[kind]), np.concatenate(told[kind])
        se = f"{100 * is_told[is_true].mean():.1f} %" if is_true.any() else "no S"
        print(
            f"| {kind} | {len(truth[kind])} | {len(is_true):,} | {is_true.sum():,} | {se} "
            f"| {100 * is_told[~is_true].mean():.1f} % |"
        )


if __name__ == "__main__":
    main()
