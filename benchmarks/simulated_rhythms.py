"""How the shipped model labels rhythms that few or no recordings at hand hold, simulated.

    python benchmarks/simulated_rhythms.py

Normal beats of `svdb`, first signal, are put at the times of a simulated rhythm, one of each kind for each record, and
go through the monitor's own input builder and the int8 model: likeliest label, no rule on fibrillation. The rhythms are
made otherwise than those that the model has learned from (`converter.rhythms`), out of the records' own intervals; but
it has learned from most of these records, and the beats S have the shape of N beats to the last sample: the figures
compare one model with another, and say nothing about patients. Needs `svdb` in the catalogue.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from converter.catalogue import Catalogue
from converter.cutting import cut_record
from converter.reports import percent
from converter.simulated import normal_beats, shown
from edge.inference import load_classifier
from edge.inference.classifier import shipped_path

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from edge.samples import FloatArray

    Rhythm = tuple[FloatArray, NDArray[np.bool_]]
    """RR interval before each beat in s, and whether it is a beat S; both (n,)."""

SEED: Final = 1
BEATS: Final = 600  # of a simulated patient
_HEART_PERIODS_S: Final = (0.6, 1.5)
_SINUS_SWING: Final = (0.75, 1.35)  # of the median: what is kept of the patient's own variability


def sinus_intervals(rng: np.random.Generator, own_s: FloatArray) -> FloatArray:
    """The intervals of a patient's sinus node, at another heart rate: 40 to 100 bpm."""
    period_s = math.exp(rng.uniform(*np.log(_HEART_PERIODS_S)))
    return np.asarray(period_s * np.clip(own_s / np.median(own_s), *_SINUS_SWING))


def ectopic(
    rng: np.random.Generator, sinus_s: FloatArray, *, sinus_beats: float, run_beats: float, is_regular: bool = False
) -> Rhythm:
    """Groups of sinus beats, the first after a pause, and runs of beats S, 8 to 50 % early.

    Args:
        rng: the source of chance.
        sinus_s: intervals of the sinus node.
        sinus_beats: in a group, on average, at least 1.
        run_beats: in a run, on average, at least 1; with 1 all are single.
        is_regular: every group and run has the same number of beats, as in bigeminy; otherwise geometric.
    """

    def length(mean: float) -> int:
        return round(mean) if is_regular else int(rng.geometric(1 / mean))

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
        number += length(sinus_beats)
        run = slice(number, number + length(run_beats))
        count = len(rr_s[run])
        early = np.full(count, cycle)
        early[:1] = coupling
        rr_s[run] = typical_s * np.minimum(early * np.exp(spread * rng.standard_normal(count)), 0.95)
        is_ectopic[run] = True
        number = run.stop
    return rr_s, is_ectopic


def dropped(rng: np.random.Generator, sinus_s: FloatArray) -> Rhythm:
    """Every second to thirtieth beat on average is missing, and none is S.

    Seven of ten patients have blocked beats, half of these with Wenckebach's shortening intervals; the others have
    pauses of any length.
    """
    is_arrest = rng.random() < 0.3
    shortening = rng.uniform(0.0, 0.08) if not is_arrest and rng.random() < 0.5 else 0.0
    chance = math.exp(-rng.uniform(math.log(2), math.log(30)))
    rr_s = sinus_s.copy()
    conducted = 0
    for number in range(1, len(rr_s)):
        conducted = 0 if conducted > 0 and rng.random() < chance else conducted + 1
        if conducted:
            rr_s[number] *= 1 - shortening * min(conducted, 3)
        else:
            rr_s[number] *= rng.uniform(1.3, 3.0) if is_arrest else rng.normal(1.97 - 2 * shortening, 0.04)
    return rr_s, np.zeros(len(rr_s), dtype=bool)


def breathing(rng: np.random.Generator, sinus_s: FloatArray) -> Rhythm:
    """Sinus arrhythmia: intervals that swing by 8 to 30 % over 3 to 9 beats."""
    phase = np.cumsum(2 * math.pi / rng.uniform(3, 9) * np.exp(0.1 * rng.standard_normal(len(sinus_s))))
    return sinus_s * (1 + rng.uniform(0.08, 0.3) * np.sin(phase)), np.zeros(len(sinus_s), dtype=bool)


def wandering(rng: np.random.Generator, rr_s: FloatArray) -> FloatArray:
    """The same rhythm at a rate that stays for 8 to 80 beats on average, then changes within 1 to 12 beats.

    Each rate is drawn from a range of 5 to 35 % either way.
    """
    most = rng.uniform(0.05, 0.35)
    typical_beats = math.exp(rng.uniform(math.log(8), math.log(80)))
    ln_change = np.empty(len(rr_s))
    number = 0
    now = rng.uniform(-most, most)
    while number < len(rr_s):
        stay = slice(number, number + 1 + int(rng.geometric(1 / typical_beats)))
        ln_change[stay] = now
        then = rng.uniform(-most, most)
        beats = int(rng.integers(1, 13))
        move = slice(stay.stop, stay.stop + beats)
        ln_change[move] = np.linspace(now, then, beats + 1)[1 : 1 + len(ln_change[move])]
        number, now = move.stop, then
    return rr_s * np.exp(ln_change)


def premature(rng: np.random.Generator, sinus_s: FloatArray) -> Rhythm:
    """Single premature beats, now and then or about every second to fourth beat."""
    every = int(rng.integers(1, 4)) if rng.random() < 0.5 else int(rng.integers(5, 40))
    return ectopic(rng, sinus_s, sinus_beats=every, run_beats=1)


def runs(rng: np.random.Generator, sinus_s: FloatArray) -> Rhythm:
    """Runs of atrial beats that are more than the sinus beats between them."""
    sinus_beats = float(rng.uniform(1, 5))
    return ectopic(rng, sinus_s, sinus_beats=sinus_beats, run_beats=sinus_beats * float(rng.uniform(1.5, 6)))


def changing(rng: np.random.Generator, sinus_s: FloatArray) -> Rhythm:
    """The sinus node alone, at a rate that wanders."""
    return wandering(rng, sinus_s), np.zeros(len(sinus_s), dtype=bool)


KINDS: Final[dict[str, Callable[[np.random.Generator, FloatArray], Rhythm]]] = {
    "single premature beats": premature,
    "atrial runs, most beats ectopic": runs,
    "dropped beats": dropped,
    "sinus arrhythmia": breathing,
    "sinus rate that wanders": changing,
}


def main() -> None:
    """Simulate, label and print a line for each kind."""
    classifier = load_classifier(shipped_path())
    supraventricular = classifier.labels.index("S")
    dataset = Catalogue().resolve((), ("svdb",))["svdb"]
    rng = np.random.default_rng(SEED)
    truth: dict[str, list[NDArray[np.bool_]]] = {kind: [] for kind in KINDS}
    told: dict[str, list[NDArray[np.bool_]]] = {kind: [] for kind in KINDS}
    for record in dataset.records:
        found = normal_beats(
            cut_record(Path(dataset.folder), record.name, 0, peaks="detected", normalisation="template", origin="svdb")
        )
        if found is None:
            continue
        windows, own_s = (values[:BEATS] for values in found)
        for kind, simulate in KINDS.items():
            rr_s, is_ectopic = simulate(rng, sinus_intervals(rng, own_s))
            labels = [int(np.argmax(classifier.classify(inputs))) for inputs in shown(windows, rr_s)]
            truth[kind].append(is_ectopic[:-1])
            told[kind].append(np.array(labels) == supraventricular)
    print("| rhythm | patients | beats | of them S | S found | N called S |\n|---|---|---|---|---|---|")
    for kind in KINDS:
        is_true, is_told = np.concatenate(truth[kind]), np.concatenate(told[kind])
        se = f"{percent(is_told[is_true].mean())} %" if is_true.any() else "no S"
        print(
            f"| {kind} | {len(truth[kind])} | {len(is_true):,} | {is_true.sum():,} | {se} "
            f"| {percent(is_told[~is_true].mean())} % |"
        )


if __name__ == "__main__":
    main()
