"""Fits the network of `edge.inference.intervals` to simulated patients and writes its weights.

Run `python -m converter.training.fit_interval_network` after a change of `converter.simulation.patients`, of
`edge.simulator.rhythms` or of what the network is shown; it takes about a quarter of an hour on two cores, and needs no
recordings. Afterwards beats are cut anew and models are trained anew, since they learn from what the network says. The
same seed simulates the same patients; the weights differ by chance of the order in which a processor adds up.
"""

from __future__ import annotations

import os
import sys
from multiprocessing import Pool
from typing import TYPE_CHECKING, Any, Final

import keras
import numpy as np

from converter.progress import bars
from converter.simulation.patients import Underlying, simulate
from edge.inference.intervals import DILATIONS, INTERVALS, KERNEL, NEAREST, WEIGHTS_PATH, seen

if TYPE_CHECKING:
    from ecg.samples import Float32Array

    Examples = tuple[Float32Array, Float32Array, np.ndarray]
    """What is seen (n, 66, 2), whether the beat is premature (n, 1), and what the rhythm is made of (n,)."""

SEED: Final = 1
PATIENTS: Final = 72_000
TESTED: Final = 2_000  # further patients
BEATS: Final = 400  # of a patient
DRAWN: Final = 24  # of them
EARLY: Final = 0.1  # share of the drawn ones that are among the first 70
WIDTH: Final = 32
UNITS: Final = 64
EPOCHS: Final = 6
BATCH: Final = 512
LEARNING_RATE: Final = 3e-3
RHYTHM_WEIGHT: Final = 0.3  # in the loss


def examples(seed: int, patients: int) -> Examples:
    """Beats of simulated patients."""
    rng = np.random.default_rng((SEED, seed))
    shown, early, rhythms = [], [], []
    for _ in range(patients):
        patient = simulate(rng, BEATS)
        last = len(patient.rr_s) - 1  # the interval after it is not known
        drawn = np.where(rng.random(DRAWN) < EARLY, rng.integers(0, 70, DRAWN), rng.integers(0, last, DRAWN))
        for number in drawn.tolist():
            known_s = patient.rr_s[max(0, number - INTERVALS + 2) : number].tolist()
            shown.append(seen(known_s, float(patient.rr_s[number]), float(patient.rr_s[number + 1])))
        early.append(patient.is_ectopic[drawn])
        rhythms.append(patient.underlying[drawn])
    return (
        np.array(shown, np.float32),
        np.concatenate(early).astype(np.float32)[:, np.newaxis],
        np.concatenate(rhythms),
    )


def build(width: int = WIDTH, units: int = UNITS) -> Any:
    """The untrained network, with outputs `early` (n, 1) and `rhythm` (n, 5), both before sigmoid and softmax."""
    shown = keras.Input((INTERVALS, 2), name="shown")
    x = keras.layers.Conv1D(width, KERNEL, padding="causal", activation="relu", name="conv0")(shown)
    for number, distance in enumerate(DILATIONS, 1):
        y = keras.layers.Conv1D(
            width, KERNEL, padding="causal", dilation_rate=distance, activation="relu", name=f"conv{number}"
        )(x)
        x = keras.layers.Add(name=f"add{number}")([x, y])
    last = keras.layers.Flatten(name="last")(keras.layers.Cropping1D((INTERVALS - 1, 0))(x))
    mean = keras.layers.GlobalAveragePooling1D(name="mean")(x)
    nearest = keras.layers.Flatten(name="nearest")(keras.layers.Cropping1D((INTERVALS - NEAREST, 0))(shown))
    head = keras.layers.Concatenate(name="head")([last, mean, nearest])
    hidden = keras.layers.Dense(units, activation="relu", name="dense")(head)
    outputs = {
        "early": keras.layers.Dense(1, name="early")(hidden),
        "rhythm": keras.layers.Dense(len(Underlying), name="rhythm")(hidden),
    }
    return keras.Model(shown, outputs)


def weights_of(network: Any) -> dict[str, Float32Array]:
    """The weights as `edge.inference.intervals.IntervalNetwork` takes them."""
    named: dict[str, Float32Array] = {}
    for number in range(len(DILATIONS) + 1):
        named[f"kernel{number}"], named[f"bias{number}"] = network.get_layer(f"conv{number}").get_weights()
    named["dense_kernel"], named["dense_bias"] = network.get_layer("dense").get_weights()
    outputs = [network.get_layer(name).get_weights() for name in ("early", "rhythm")]
    named["out_kernel"], named["out_bias"] = (np.concatenate(each, axis=-1) for each in zip(*outputs, strict=True))
    return named


def main() -> None:
    """Simulate, fit, tell how well it does on further patients, and write."""
    keras.utils.set_random_seed(SEED)
    size = 500
    with Pool(os.cpu_count()) as pool, bars() as display:
        task = display.add_task("simulating patients", total=(PATIENTS + TESTED) // size, note="")
        parts = []
        for part in pool.imap(_part, [(seed, size) for seed in range((PATIENTS + TESTED) // size)]):
            parts.append(part)
            display.advance(task)
    tested = TESTED // size
    shown, early, rhythm = (np.concatenate(each) for each in zip(*parts[tested:], strict=True))
    network = build()
    steps = EPOCHS * -(-len(shown) // BATCH)
    network.compile(
        optimizer=keras.optimizers.AdamW(
            keras.optimizers.schedules.CosineDecay(LEARNING_RATE, steps), weight_decay=1e-3
        ),
        loss={
            "early": keras.losses.BinaryCrossentropy(from_logits=True),
            "rhythm": keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        },
        loss_weights={"early": 1.0, "rhythm": RHYTHM_WEIGHT},
        jit_compile=False,
    )
    network.fit(shown, {"early": early, "rhythm": rhythm}, batch_size=BATCH, epochs=EPOCHS, verbose=2)
    shown, early, rhythm = (np.concatenate(each) for each in zip(*parts[:tested], strict=True))
    told = network.predict(shown, batch_size=BATCH, verbose=0)
    is_told, is_early = told["early"][:, 0] > 0, early[:, 0] > 0
    for kind in Underlying:
        mine = rhythm == kind
        found = f"{100 * is_told[mine & is_early].mean():.1f} %" if (mine & is_early).any() else "none"
        sys.stdout.write(
            f"{kind.name.lower()}: {mine.sum():,} beats, premature ones found {found}, "
            f"others called so {100 * is_told[mine & ~is_early].mean():.1f} %, "
            f"rhythm told {100 * (told['rhythm'][mine].argmax(axis=1) == kind).mean():.1f} %\n"
        )
    arrays: dict[str, Any] = dict(weights_of(network))
    np.savez(WEIGHTS_PATH, **arrays)


def _part(arguments: tuple[int, int]) -> Examples:
    return examples(*arguments)


if __name__ == "__main__":
    main()
