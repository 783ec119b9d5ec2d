"""How the shipped model labels rhythms that few or no recordings at hand hold, simulated.

    python benchmarks/simulated_rhythms.py

Normal beats of `svdb`, first signal, are put at the times of a simulated rhythm, one of each kind for each record, and
go through the monitor's own input builder and the int8 model: likeliest label, no rule on atrial fibrillation. The
model has learned from most of these records, and from such rhythms (`converter.simulation.own_rhythms`, the sick sinus
node by `edge.simulator.rhythms`), though not from these draws, and the beats S have the shape of N beats to the last
sample: the figures compare one model with another, and say nothing about patients. Needs `svdb` in the catalogue.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from converter.datasets.catalogue import Catalogue
from converter.datasets.cutting import cut_record
from converter.evaluation.tables import percent
from converter.simulation.own_rhythms import breathing, dropped, ectopic, sinus_intervals, wandering
from converter.simulation.simulated_beats import normal_beats, shown
from edge.inference import load_classifier
from edge.inference.classifier import shipped_path
from edge.simulator.rhythms.sick_sinus import sick_sinus

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from ecg.samples import FloatArray
    from edge.simulator.rhythms import Rhythm

SEED: Final = 1
BEATS: Final = 600  # of a simulated patient


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


def sick(rng: np.random.Generator, sinus_s: FloatArray) -> Rhythm:
    """A slow sinus node with pauses, most with atrial runs; nothing of the record's own intervals is in it."""
    return sick_sinus(rng, len(sinus_s))


KINDS: Final[dict[str, Callable[[np.random.Generator, FloatArray], Rhythm]]] = {
    "single premature beats": premature,
    "atrial runs, most beats ectopic": runs,
    "dropped beats": dropped,
    "sinus arrhythmia": breathing,
    "sinus rate that wanders": changing,
    "sick sinus node": sick,
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
