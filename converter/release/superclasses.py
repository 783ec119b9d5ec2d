"""From a finished training on superclasses to a model file: its networks merged, in int8, with limits to abstain by."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

from converter.datasets.databases import database
from converter.datasets.twelve_leads import LEARNED_FOLDS, TOLD_FOLD
from converter.evaluation.superclasses import evaluate, prepared_of, shows, signal_limits
from converter.export.conversion import convert
from converter.export.gradient import with_gradient
from converter.export.graph import read_graph
from converter.export.model_card import render
from converter.training.superclass_network import build, predict
from converter.training.superclass_settings import LABELS
from converter.training.superclasses import examples_of, parts_of, trained_on
from converter.zoo import residual
from ecg.errors import CheckFailedError
from ecg.model_file.card import Calibration, DataSource, InputSpec, ModelCard, Training
from ecg.model_file.container import write
from ecg.model_file.golden import GOLDEN_TOLERANCE_STEPS, Golden
from ecg.model_file.gradient import SIGNATURE
from ecg.model_file.loading import quantised_model
from ecg.model_file.runtime import open_interpreter
from reader.classify.abstention import DISAGREEMENT, LEADS_MISSING, SECONDS, difference, halves
from reader.classify.heights import HEIGHTS
from reader.classify.model import FEATURE_MAP, SuperclassModel, load
from reader.classify.preparation import RATE_HZ, SAMPLES
from reader.twelve_leads import LEADS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from converter.datasets.twelve_leads import TwelveLeadSet
    from converter.training.superclass_run import SuperclassRun
    from ecg.model_file.quantised import QuantisedModel
    from ecg.samples import Float32Array

__all__ = ["LEAST_S", "check_recordings", "export_run", "golden", "trained_networks", "training_of", "unseen_note"]

GOLDEN_EXAMPLES: Final = 3
"""Each weighs 40 kB."""
MOST_MISSING: Final = 6
LEAST_S: Final = 5.0
DISAGREEING: Final = 0.03
"""Share of the recordings of folds 1 to 8 whose halves of the leads disagree too much."""


def export_run(run: SuperclassRun, recordings: TwelveLeadSet, folder: Path, version: str) -> Path:
    """Write a run's model file, its card, and beside them the settings that it was trained with.

    Args:
        run: the run.
        recordings: of folds 1 to 9, those that it was trained on.
        folder: where they go.
        version: of the model.

    Raises:
        InputError: the run is not finished.
        CheckFailedError: the recordings are not those of the run, or the model does not convert.
    """
    results = run.results()
    check_recordings(run, recordings)
    settings = run.settings()
    learned, told = recordings.folds(*LEARNED_FOLDS), recordings.folds(TOLD_FOLD)
    networks = trained_networks(run, learned)
    model = residual.merged(networks, SAMPLES)
    flatbuffer = with_gradient(convert(model, examples_of(learned).inputs), feature_map=FEATURE_MAP)
    calibration = tuple(Calibration(**each) for each in results["calibration"])
    card = ModelCard(
        name=settings.model,
        version=version,
        task="twelve-lead",
        labels=LABELS,
        sample_rate_hz=float(RATE_HZ),
        inputs=(
            InputSpec(name="leads", shape=(SAMPLES, len(LEADS))),
            InputSpec(name="heights", shape=(HEIGHTS,)),
        ),
        further_outputs=(InputSpec(name=FEATURE_MAP, shape=tuple(model.outputs[1].shape[1:])),),
        signatures=(SIGNATURE,),
        calibration=calibration,
        abstention=_limits(networks, learned, calibration),
        training=training_of(run, recordings, results),
        licence="Apache-2.0",
        flatbuffer_sha256="",  # set when the file is packed
        parameters=model.count_params(),
        multiply_accumulates=read_graph(flatbuffer).multiply_accumulates,
    )
    quantised, undelegated = (
        quantised_model(open_interpreter(flatbuffer, default_delegates=delegates), card) for delegates in (True, False)
    )
    float_log_odds = model.predict(examples_of(told).inputs, batch_size=64, verbose=0)[0]
    figures = evaluate(SuperclassModel(card, quantised), recordings, float_log_odds.astype(np.float64))
    notes = (*figures.notes, unseen_note(results))
    card = msgspec.structs.replace(card, answers=msgspec.structs.replace(figures, notes=notes))
    path = folder / f"{card.name}.tflite"
    folder.mkdir(parents=True, exist_ok=True)
    write(path, flatbuffer, card, golden(quantised, undelegated, told, examples_of(told).inputs))
    written = load(path).card  # as the reader will
    architecture = f"{residual.DESCRIPTION}, {settings.parts} of them merged"
    path.with_suffix(".md").write_text(
        render(written, path.stat().st_size, architecture=architecture), encoding="utf-8"
    )
    shutil.copyfile(run.settings_path, path.with_suffix(".settings.json"))
    return path


def check_recordings(run: SuperclassRun, recordings: TwelveLeadSet) -> None:
    """See that they are those that the run was trained on.

    Raises:
        CheckFailedError: they are not.
    """
    if trained_on({}, recordings).prepared != run.trained_on().prepared:
        raise CheckFailedError(f"the recordings, or the code that prepares them, have changed since the run {run.path}")


def trained_networks(run: SuperclassRun, learned: TwelveLeadSet) -> list[Any]:
    """The networks of a run, as Keras models."""
    settings = run.settings()
    networks = []
    for number in range(1, settings.parts + 1):
        network = build(settings, examples_of(learned))
        network.load_weights(run.network(number) / "model.weights.h5")
        networks.append(network)
    return networks


def _limits(networks: Sequence[Any], learned: TwelveLeadSet, calibration: Sequence[Calibration]) -> dict[str, float]:
    """What to abstain by, chosen on folds 1 to 8, each recording by the network that did not learn from it."""
    apart: list[float] = []
    for network, part in zip(networks, parts_of(learned, len(networks)), strict=True):
        limb, chest = (predict(network, examples_of(half)) for half in _halves(learned.take(part)))
        apart += [difference(*both, calibration) for both in zip(limb, chest, strict=True)]
    return {
        LEADS_MISSING: MOST_MISSING,
        SECONDS: LEAST_S,
        **signal_limits(learned),
        DISAGREEMENT: round(float(np.quantile(apart, 1 - DISAGREEING)), 3),
    }


def _halves(recordings: TwelveLeadSet) -> list[TwelveLeadSet]:
    """The recordings without their chest leads, and without their limb leads."""
    both = zip(*(halves(prepared_of(recordings, number)) for number in range(len(recordings))), strict=True)
    return [
        replace(recordings, leads=np.stack([each[0] for each in half]), heights=np.stack([each[1] for each in half]))
        for half in both
    ]


def golden(
    quantised: QuantisedModel, undelegated: QuantisedModel, told: TwelveLeadSet, inputs: Mapping[str, Float32Array]
) -> Golden:
    """Recordings, each of another class, on which XNNPACK and the plain kernels are at one."""
    chosen: list[int] = []
    outputs = []
    for label in np.argsort(shows(told).sum(axis=0)):
        for number in np.flatnonzero(shows(told)[:, label]).tolist():
            example = {name: values[number] for name, values in inputs.items()}
            first, second = quantised.run(example), undelegated.run(example)
            steps = int(np.abs(first.astype(np.int16) - second).max())
            if number not in chosen and steps <= GOLDEN_TOLERANCE_STEPS // 2:
                chosen.append(number)
                outputs.append(first)
                break
        if len(chosen) == GOLDEN_EXAMPLES:
            break
    if not chosen:
        raise CheckFailedError("On no recording are two runtimes at one: the model is no measure of a runtime.")
    return Golden({name: values[chosen].astype(np.float32) for name, values in inputs.items()}, np.stack(outputs))


def training_of(run: SuperclassRun, recordings: TwelveLeadSet, results: dict[str, Any]) -> Training:
    """How the model came about, for its card."""
    settings = run.settings()
    name = settings.model
    runs = [settings.one_lead.teacher] if settings.one_lead is not None and settings.one_lead.teacher else []
    runs.append(name)
    parts = {"learned": LEARNED_FOLDS, "told": (TOLD_FOLD,)}
    sources = {
        part: tuple(
            DataSource(
                name=dataset,
                records=tuple(f"{number}" for number in recordings.folds(*folds).ecg_id),
                licence=database("ptbxl").licence,
                citation=database("ptbxl").citation,
                sha256=digest,
            )
            for dataset, digest in list(run.trained_on().datasets.items())[:1]
        )
        for part, folds in parts.items()
    }
    return Training(
        protocol="folds of PTB-XL: 1 to 8 learned from and chosen on, 9 told",
        train_data=sources["learned"],
        test_data=sources["told"],
        label_source="PTB-XL's diagnostic statements, brought to its five superclasses (Wagner et al. 2020)",
        train_beats=results["positives"]["learned"],
        test_beats=results["positives"]["told"],
        seed=settings.seed,
        rebuild=(
            "ecg-converter data fetch ptbxl",
            *(f"ecg-converter train {each} --settings models/{each}.settings.json --out runs/{each}" for each in runs),
            f"ecg-converter export runs/{name} --out models",
        ),
        limits=_LIMITS,
    )


_LIMITS: Final = (
    "All recordings come from one hospital group and one maker's devices (Schiller, 1989 to 1996, Germany).",
    "A part of the recordings is known by its shapes alone: their heights were lost before this training.",
    "It tells statements that a cardiologist or a program made of the ECG, not what the patient has.",
    "A recording played at a wrong rate, or whose electrodes were swapped, is answered as if it were right.",
)


def unseen_note(results: dict[str, Any]) -> str:
    """How the networks do on what each did not learn from, a sentence for the card."""
    areas_told = " ".join(f"{label} {value:.3f}" for label, value in results["unseen_auc"].items())
    errors = " ".join(f"{label} {value:.3f}" for label, value in results["unseen_ece"].items())
    squares = " ".join(f"{label} {value:.3f}" for label, value in results["unseen_brier"].items())
    return (
        f"Float, folds 1 to 8, {results['recordings']['learned']} recordings, each by the one network that did not "
        f"learn from it: AUC {areas_told}. Folds 1 to 9 likewise, calibrated on the other folds: ECE {errors}; "
        f"Brier {squares}."
    )
