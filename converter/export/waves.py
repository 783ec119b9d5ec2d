"""The delineation network as a model file, checked against the float network bound by bound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

from converter.export.conversion import convert
from converter.zoo import wave_network
from converter.zoo.resecanet import multiply_accumulates
from ecg.errors import CheckFailedError, InputError
from ecg.model_file.card import InputSpec, ModelCard, Training
from ecg.model_file.card_check import check_card
from ecg.model_file.container import write
from ecg.model_file.golden import GOLDEN_TOLERANCE_STEPS, Golden
from ecg.model_file.loading import quantised_model
from ecg.model_file.runtime import open_interpreter
from reader.measure.network import over_windows
from reader.measure.preparation import RATE_HZ, WINDOW_SAMPLES
from reader.measure.waves import find_waves

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ecg.model_file.quantised import QuantisedModel
    from ecg.samples import Float32Array, FloatArray

__all__ = ["BoundAgreement", "agreement", "as_int8", "card_of", "export_waves", "int8_model"]

GOLDEN_WINDOWS: Final = 3
GOLDEN_CANDIDATES: Final = 200
BEAT_SAMPLES: Final = 250
LICENCE: Final = "Apache-2.0"

_UNTOLD: Final = Training(
    protocol="", train_data=(), test_data=(), label_source="", train_beats={}, test_beats={}, seed=0
)


class BoundAgreement(msgspec.Struct, frozen=True, kw_only=True):
    """How far the bounds of the int8 network lie from those of the float one.

    Attributes:
        waves: found by both, or by one alone.
        only_one: found by one alone.
        sd_ms: root mean square of the differences of their begins and ends.
        label_agreement: share of samples whose likeliest label is the same.
    """

    waves: int
    only_one: int
    sd_ms: float
    label_agreement: float


def card_of(model: Any, version: str, training: Training) -> ModelCard:
    """The card of a network, without the digest of its flatbuffer.

    Raises:
        InputError: it is no delineation network of this version.
    """
    card = ModelCard(
        name=wave_network.NAME,
        version=version,
        task="delineation",
        labels=wave_network.LABELS,
        sample_rate_hz=float(RATE_HZ),
        inputs=(InputSpec(name="leads", shape=(WINDOW_SAMPLES, 1)),),
        training=training,
        licence=LICENCE,
        flatbuffer_sha256="",  # set when the file is packed
        parameters=int(model.count_params()),
        multiply_accumulates=multiply_accumulates(model),
    )
    try:
        check_card(card)
    except InputError as error:
        raise InputError(f"The model {card.name} cannot be exported: {error}.") from error
    return card


def int8_model(flatbuffer: bytes, card: ModelCard, *, default_delegates: bool = True) -> QuantisedModel:
    """The int8 network on this machine's runtime."""
    return quantised_model(open_interpreter(flatbuffer, default_delegates=default_delegates), card)


def as_int8(model: Any, windows: Float32Array) -> Callable[[FloatArray], FloatArray]:
    """The int8 network of a trained one, from a prepared lead, shape (n,), to probabilities, shape (n, 4)."""
    card = card_of(model, "0", _UNTOLD)
    quantised = int8_model(convert(model, {"leads": windows}), card)
    return lambda samples_mv: over_windows(
        lambda window: quantised.probabilities(quantised.run({"leads": window[:, np.newaxis]})), samples_mv
    )


def export_waves(model: Any, windows: Float32Array, card: ModelCard, folder: Path) -> Path:
    """Write the model file.

    Args:
        model: the trained Keras model.
        windows: shape (n, WINDOW_SAMPLES, 1), what it learned from: for the range of each activation.
        card: as `card_of` makes it.
        folder: where the file goes; made where it is missing.

    Raises:
        CheckFailedError: the conversion left something that is not int8, or runtimes disagree on every window.
        InputError: the file cannot be written.
    """
    flatbuffer = convert(model, {"leads": windows})
    quantised, plain = (int8_model(flatbuffer, card, default_delegates=delegates) for delegates in (True, False))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{card.name}.tflite"
    write(path, flatbuffer, card, _golden(quantised, plain, windows))
    return path


def _golden(quantised: QuantisedModel, plain: QuantisedModel, windows: Float32Array) -> Golden:
    """Windows on which XNNPACK and the plain kernels agree best: single heartbeats in silence.

    Each begin and each end of a wave is a slope on which they differ, and a whole window has some eighty of them.
    """
    short = windows[:GOLDEN_CANDIDATES].copy()
    middle = WINDOW_SAMPLES // 2
    short[:, : middle - BEAT_SAMPLES // 2] = short[:, middle + BEAT_SAMPLES // 2 :] = 0
    answers = [[model.run({"leads": window}) for window in short] for model in (quantised, plain)]
    one, other = (np.stack(each).astype(np.int16) for each in answers)
    has_beat = one.argmax(axis=2) == wave_network.LABELS.index("QRS")
    steps = np.where(has_beat.any(axis=1), np.abs(one - other).max(axis=(1, 2)), np.iinfo(np.int16).max)
    chosen = np.sort(np.argsort(steps, kind="stable")[:GOLDEN_WINDOWS])
    if steps[chosen].max() > GOLDEN_TOLERANCE_STEPS // 2:
        raise CheckFailedError(
            f"The runtimes with and without XNNPACK are {steps[chosen].max()} steps of 1/256 apart on the best "
            "windows: train it for longer."
        )
    return Golden({"leads": short[chosen]}, one[chosen].astype(np.int8))


def agreement(model: Any, quantised: QuantisedModel, windows: Float32Array) -> BoundAgreement:
    """Compare the int8 network with the float one on windows, shape (n, WINDOW_SAMPLES, 1)."""
    exact = np.asarray(model.predict(windows, batch_size=16, verbose=0), np.float64)
    differences: list[float] = []
    same = waves = only_one = 0
    for window, probabilities in zip(windows, exact, strict=True):
        rounded = quantised.probabilities(quantised.run({"leads": window}))
        same += int((rounded.argmax(axis=1) == probabilities.argmax(axis=1)).sum())
        one, other = (
            find_waves(each, window[:, 0].astype(np.float64), 1000 / RATE_HZ) for each in (probabilities, rounded)
        )
        for kind in ("p", "qrs", "t"):
            ours, theirs = getattr(one, kind), getattr(other, kind)
            pairs = [(a, b) for a in ours for b in theirs if abs(a.peak - b.peak) < RATE_HZ // 10]
            differences += [step for a, b in pairs for step in (a.begin - b.begin, a.end - b.end)]
            waves += max(len(ours), len(theirs))
            only_one += max(len(ours), len(theirs)) - len(pairs)
    return BoundAgreement(
        waves=waves,
        only_one=only_one,
        sd_ms=float(np.sqrt(np.mean(np.square(differences)))) * 1000 / RATE_HZ if differences else float("nan"),
        label_agreement=same / exact[..., 0].size,
    )
