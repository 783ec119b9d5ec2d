"""Beats of patients in rhythms that few recordings hold: real normal beats at the times of a simulated rhythm.

One record of DS1 and of `svdb` together has more beats S than N, and five have a fifth or more. A model that learns
from these alone takes the ectopic rhythm of such a patient for the patient's own. Here normal beats of a signal, in
their order, are put at the times of a simulated patient's, and pass through the monitor's own input builder. Half of
the patients come out of textbooks (`converter.simulation.patients`), half have the signal's own intervals
(`converter.simulation.own_rhythms`). A simulated beat S has the shape of a normal one, all but a little, so that the
rhythm alone tells it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from converter.datasets.beats import BeatSet
from converter.progress import track
from converter.simulation.own_rhythms import any_rhythm, sinus_intervals
from converter.simulation.patients import simulate
from ecg.errors import InputError
from ecg.samples import SAMPLE_RATE_HZ
from edge.inference.inputs import InputBuilder
from edge.inference.intervals import IntervalNetwork
from edge.inference.rr_history import RrHistory
from edge.signal.beat_morphology import BeatMorphology

if TYPE_CHECKING:
    from ecg.samples import Float32Array, FloatArray
    from edge.simulator.rhythms import Rhythm

__all__ = ["normal_beats", "shown", "simulated_beats", "simulation_limit"]

PATIENTS: Final = 4  # simulated for each signal
BEATS: Final = 300  # of a simulated patient
_RR_S: Final = (0.3, 2.5)  # an interval outside of it is no sinus interval
_BLEND: Final = 0.09  # at most so much of a beat S is the same beat shifted
_BLEND_SHIFT: Final = 4  # by at most so many samples


def simulated_beats(beats: BeatSet, seed: int) -> BeatSet:
    """Four patients for each signal, each of about 300 beats in a rhythm drawn at random.

    Args:
        beats: of any number of signals, normalised by the template; their normal beats are used.
        seed: of the rhythms.

    Returns:
        Beats N and A, by the record and the signal whose beats they are made of.

    Raises:
        InputError: no signal has enough normal beats.
    """
    rng = np.random.default_rng(seed)
    patients = []
    signal = beats.signal
    for number in track(np.unique(signal).tolist(), "simulating rhythms"):
        own = beats.take(signal == number)
        found = normal_beats(own)
        if found is None:
            continue
        windows, own_s = found
        for patient in range(PATIENTS):
            first = int(rng.integers(len(windows) - BEATS + 1))
            span = slice(first, first + BEATS)
            if patient % 2:
                rhythm = any_rhythm(rng, sinus_intervals(rng, own_s[span]))
            else:
                textbook = simulate(rng, BEATS)
                rhythm = textbook.rr_s, textbook.is_ectopic
            patients.append(_patient(rng, windows[span], rhythm, own))
    if not patients:
        raise InputError(
            f"rhythms cannot be simulated: no signal has {BEATS} normal beats that follow a normal one; "
            "set simulated_share to 0, or add longer records"
        )
    return BeatSet.join(patients)


def normal_beats(beats: BeatSet) -> tuple[FloatArray, FloatArray] | None:
    """Windows (n, 259), in units of the template's height, and intervals in s (n,) of normal beats after normal ones.

    Args:
        beats: of one signal.

    Returns:
        None where there are fewer than 300.
    """
    rr_s = np.diff(beats.index, prepend=beats.index[0]) / SAMPLE_RATE_HZ
    is_normal = beats.symbol == "N"
    chosen = np.flatnonzero(is_normal & np.roll(is_normal, 1) & (rr_s > _RR_S[0]) & (rr_s < _RR_S[1]))
    if len(chosen) < BEATS:
        return None
    return beats.inputs["waveform"][chosen, :, 0].astype(np.float64), rr_s[chosen]


def shown(windows: FloatArray, rr_s: FloatArray) -> list[dict[str, Float32Array]]:
    """What a model is shown of beats at these times, in their order.

    Args:
        windows: shape (n, 259).
        rr_s: shape (n,), the interval before each beat.

    Returns:
        n - 1 inputs: the last beat, of which the interval after is not known, is not shown.
    """
    builder, history = InputBuilder(normalisation="template"), RrHistory(IntervalNetwork.shipped())
    morphology = BeatMorphology()
    inputs = []
    times_s = np.cumsum(rr_s).tolist()
    for window, before_s, after_s, time_s in zip(
        windows[:-1], rr_s[:-1].tolist(), rr_s[1:].tolist(), times_s[:-1], strict=True
    ):
        beat = morphology.measure(window, before_s)
        template_mv = morphology.template(beat)
        inputs.append(builder.build(beat, after_s, template_mv=template_mv, history=history))
        builder.add(beat)
        morphology.add(beat, time_s)
        history.add(before_s)
    return inputs


def simulation_limit(share: float) -> str:
    """What the figures of a model do not tell that learned from such a share of simulated beats, a sentence."""
    return f"Of the beats in a training step {100 * share:.0f} % are simulated: real normal beats in made-up rhythms."


def _patient(rng: np.random.Generator, windows: FloatArray, rhythm: Rhythm, origin: BeatSet) -> BeatSet:
    """Beats of a patient in a rhythm, those S blended; `origin` are the beats of the signal that they are made of."""
    rr_s, is_ectopic = rhythm
    count = min(len(windows), len(rr_s))  # in a textbook's some are not detected
    rr_s, is_ectopic = rr_s[:count], is_ectopic[: count - 1]
    blended = windows[:count].copy()
    for number in np.flatnonzero(is_ectopic).tolist():
        shift = int(rng.integers(-_BLEND_SHIFT, _BLEND_SHIFT + 1))
        blended[number] += rng.uniform(0, _BLEND) * (np.roll(windows[number], shift) - windows[number])
    inputs = shown(blended, rr_s)
    return BeatSet(
        {name: np.stack([each[name] for each in inputs]) for name in inputs[0]},
        np.where(is_ectopic, "A", "N"),
        np.round(SAMPLE_RATE_HZ * np.cumsum(rr_s[:-1])).astype(np.int64),
        np.full(len(inputs), origin.record[0]),
        np.full(len(inputs), origin.channel[0]),
        np.full(len(inputs), origin.augmentation[0]),
    )
