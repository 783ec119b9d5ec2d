"""Training a baseline of `converter.zoo.published_cnn` by the settings of its authors, on PTB-XL's own folds.

Theirs were other parts of PTB-XL, divided by patient. They do not say which epoch's weights they keep: here it is those
with the least validation loss. The leads are those of `reader.classify.preparation`, filtered and standardised, since
half of the recordings at hand are so; theirs were standardised alone. Heights are not shown, nor is anything varied.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import keras
import msgspec
import numpy as np

from converter.datasets.superclasses import CLASSES
from converter.datasets.twelve_leads import LEARNED_FOLDS, TOLD_FOLD
from converter.evaluation.answers import bootstrap
from converter.progress import bars
from converter.zoo.published_cnn import CNNS, build
from ecg.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from converter.datasets.twelve_leads import TwelveLeadSet
    from converter.training.published_settings import PublishedSettings
    from ecg.samples import Float32Array, FloatArray

__all__ = ["most_f1", "train"]

_POSITIVE: Final = ("MI", "STTC")
"""Infarction or ischaemia: either superclass."""
_PREDICTION_BATCH: Final = 128


class _Progress(msgspec.Struct, kw_only=True):
    """How far a run has come: validation losses of the epochs that are done."""

    losses: list[float] = msgspec.field(default_factory=list)
    learning_rate: float


class _Part(NamedTuple):
    leads: Float32Array
    truth: Float32Array

    @staticmethod
    def of(whole: TwelveLeadSet, model: str) -> _Part:
        positive = np.asarray(whole.shows[:, [CLASSES.index(name) for name in _POSITIVE]].any(axis=1))
        return _Part(whole.leads[:, :, CNNS[model].leads].astype(np.float32), positive.astype(np.float32))


def train(settings: PublishedSettings, whole: TwelveLeadSet, out: Path) -> dict[str, Any]:
    """Train, or go on with the run in `out`, and tell how it does on fold 9.

    Returns:
        What `metrics.json` holds: area under the ROC curve with its 95 % interval over patients, and what the threshold
        with the most F1 on the validation fold gives.

    Raises:
        InputError: `out` holds another run, or a part has no positive or no negative recording.
    """
    validation_fold = whole.folds(settings.validation_fold)
    told_fold = whole.folds(TOLD_FOLD)
    learned = whole.folds(*(fold for fold in LEARNED_FOLDS if fold != settings.validation_fold))
    parts = {"training": learned, "validation": validation_fold, "reported": told_fold}
    training, validation, told = (_Part.of(part, settings.model) for part in parts.values())
    for name, part in zip(parts, (training, validation, told), strict=True):
        if not 0 < part.truth.sum() < len(part.truth):
            raise InputError(f"the {name} recordings do not have both answers: give all of ptbxl and ptbxl_more")
    _open(settings, whole.digest(), out)
    model = _fit(settings, training, validation, out)
    threshold = most_f1(validation.truth > 0, _log_odds(model, validation.leads))
    log_odds = _log_odds(model, told.leads)
    np.savez(out / "predictions.npz", ecg_id=told_fold.ecg_id, log_odds=log_odds)
    area = bootstrap(told.truth[:, np.newaxis] > 0, log_odds[:, np.newaxis].astype(np.float64), told_fold.patient, 1)[0]
    results = {
        "model": settings.model,
        "parameters": model.count_params(),
        "recordings": {name: len(part) for name, part in parts.items()},
        "positive": " or ".join(_POSITIVE),
        "auc": area.value,
        "auc_95": [area.low, area.high],
        **_at(threshold, told.truth > 0, log_odds),
    }
    (out / "metrics.json").write_bytes(msgspec.json.format(msgspec.json.encode(results)) + b"\n")
    return results


def most_f1(truth: NDArray[np.bool_], scores: FloatArray | Float32Array) -> float:
    """The score from which on to say yes for the most F1."""
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(truth[order])
    f1 = 2 * hits / (np.arange(1, len(scores) + 1) + truth.sum())
    return float(scores[order][int(f1.argmax())])


def _open(settings: PublishedSettings, digest: str, out: Path) -> None:
    """Begin a run in the folder, or see that the one there is this."""
    out.mkdir(parents=True, exist_ok=True)
    for name, content in (("settings.json", settings), ("data.json", {"prepared": digest})):
        path = out / name
        told = msgspec.json.format(msgspec.json.encode(content)) + b"\n"
        if path.is_file() and path.read_bytes() != told:
            raise InputError(f"{out} holds a run with other settings or on other data; choose another --out")
        path.write_bytes(told)


def _fit(settings: PublishedSettings, training: _Part, validation: _Part, out: Path) -> Any:
    """The model with the weights of the epoch with the least validation loss."""
    keras.utils.set_random_seed(settings.seed)
    model = build(CNNS[settings.model], training.leads.shape[1], settings.weight_decay)
    model.compile(
        optimizer=keras.optimizers.Adam(settings.learning_rate),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
        jit_compile=False,  # XLA is no faster here on a processor, and takes seconds to compile
    )
    best, checkpoint, progress_path = (out / name for name in ("model.weights.h5", "last.weights.h5", "progress.json"))
    progress = _Progress(learning_rate=settings.learning_rate)
    if progress_path.is_file():
        progress = msgspec.json.decode(progress_path.read_bytes(), type=_Progress)
        model.optimizer.build(model.trainable_variables)
        model.load_weights(checkpoint)
    with bars() as display:
        task = display.add_task(settings.model, total=settings.epochs, completed=len(progress.losses), note="epochs")
        for epoch in range(len(progress.losses), settings.epochs):
            model.optimizer.learning_rate = progress.learning_rate
            _epoch(model, training, settings.batch, np.random.default_rng((settings.seed, epoch)))
            loss = _loss(validation.truth, _log_odds(model, validation.leads))
            progress.losses.append(loss)
            if loss <= min(progress.losses):
                model.save_weights(best)
            progress.learning_rate = _next_rate(settings, progress.losses)
            model.save_weights(checkpoint)
            progress_path.write_bytes(msgspec.json.encode(progress))
            display.update(task, advance=1, note=f"validation loss {loss:.4f}")
    model.load_weights(best)
    return model


def _epoch(model: Any, training: _Part, batch: int, rng: np.random.Generator) -> None:
    order = rng.permutation(len(training.leads))
    for first in range(0, len(order), batch):
        chosen = order[first : first + batch]
        model.train_on_batch(training.leads[chosen], training.truth[chosen, np.newaxis])


def _next_rate(settings: PublishedSettings, losses: list[float]) -> float:
    """The learning rate after these epochs: halved each time that `patience` of them brought no less loss."""
    rate, least, waited = settings.learning_rate, np.inf, 0
    for loss in losses:
        waited = 0 if loss < least else waited + 1
        least = min(least, loss)
        if waited > settings.patience:
            rate, waited = rate / 2, 0
    return rate


def _log_odds(model: Any, leads: Float32Array) -> Float32Array:
    parts = [
        np.asarray(model.predict_on_batch(leads[first : first + _PREDICTION_BATCH]))[:, 0]
        for first in range(0, len(leads), _PREDICTION_BATCH)
    ]
    return np.concatenate(parts).astype(np.float32)


def _loss(truth: Float32Array, log_odds: Float32Array) -> float:
    """Mean cross-entropy, nats."""
    return float((np.logaddexp(0, log_odds) - truth * log_odds).mean())


def _at(threshold: float, truth: NDArray[np.bool_], log_odds: Float32Array) -> dict[str, float]:
    """What the answer yes from a threshold on gives."""
    yes = log_odds >= threshold
    hits = int((yes & truth).sum())
    return {
        "threshold": float(1 / (1 + np.exp(-threshold))),
        "accuracy": float((yes == truth).mean()),
        "sensitivity": hits / int(truth.sum()),
        "specificity": float((~yes & ~truth).sum() / (~truth).sum()),
        "f1": 2 * hits / int(yes.sum() + truth.sum()),
    }
