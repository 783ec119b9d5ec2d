"""Labelling one beat after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ecg.samples import BEAT_BEFORE, BEAT_SAMPLES, UNCLASSIFIED, Quality
from edge.inference.labeller import BeatLabeller
from edge.signal.beat_morphology import BeatMorphology

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecg.model_file.card import Normalisation
    from ecg.samples import Beat, Float32Array, FloatArray

TIME = np.arange(BEAT_SAMPLES) - BEAT_BEFORE
NARROW = 1.2 * np.exp(-((TIME / 5) ** 2))
GOOD = Quality(index=0, score=1.0)


class Witness:
    """Sees what the model is shown."""

    labels = ("N", "V")
    inputs = ("waveform", "rhythm")
    normalisation: Normalisation = "template"

    def __init__(self) -> None:
        self.shown: list[Float32Array] = []

    def classify(self, inputs: Mapping[str, Float32Array]) -> FloatArray:
        self.shown.append(inputs["rhythm"])
        return np.array([0.9, 0.1])


def beats(labeller: BeatLabeller, count: int, *, quality: Quality = GOOD, final: bool = True) -> list[Beat]:
    told = []
    for number in range(count):
        beat = labeller.label(
            1000 + 288 * number,
            NARROW,
            0.8,
            0.8,
            detected=None,
            quality=quality,
            in_atrial_fibrillation=False,
            final=final,
        )
        told.append(beat)
        if final:
            labeller.intervals.add(0.8)
    return told


def test_a_provisional_label_leaves_no_trace() -> None:
    plain, asked = Witness(), Witness()
    labeller, other = BeatLabeller(plain, BeatMorphology()), BeatLabeller(asked, BeatMorphology())
    beats(labeller, 10)
    beats(other, 10)
    beats(other, 3, final=False)
    assert beats(other, 10) == beats(labeller, 10)
    np.testing.assert_array_equal(asked.shown[-1], plain.shown[-1])


def test_a_beat_of_bad_signal_is_not_shown() -> None:
    witness = Witness()
    labeller = BeatLabeller(witness, BeatMorphology())
    (beat,) = beats(labeller, 1, quality=Quality(index=0, score=0.1))
    assert (beat.label, beat.probability, beat.rr_ms, beat.quality) == (UNCLASSIFIED, None, 800.0, 0.1)
    assert not witness.shown


def test_without_a_model_each_beat_is_unclassified_and_measured_all_the_same() -> None:
    told = beats(BeatLabeller(None, BeatMorphology()), 5)
    assert {beat.label for beat in told} == {UNCLASSIFIED}
    assert told[-1].likeness is not None
    assert told[-1].likeness > 0.99
