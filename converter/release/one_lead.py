"""From a finished training on one lead to a model file: its networks merged, in int8, with limits to abstain by."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from converter.datasets.twelve_leads import LEARNED_FOLDS, TOLD_FOLD
from converter.evaluation.one_lead import CHOSEN_LEAD, evaluate, peakedness_limit
from converter.export.conversion import convert
from converter.export.gradient import with_gradient
from converter.export.graph import read_graph
from converter.export.model_card import render
from converter.release.superclasses import (
    LEAST_S,
    check_recordings,
    golden,
    trained_networks,
    training_of,
    unseen_note,
)
from converter.training.lead_examples import draw_lead, of_lead
from converter.training.superclass_settings import LABELS, OneLead
from converter.training.superclasses import examples_of
from converter.zoo import residual
from ecg.model_file.card import Calibration, InputSpec, ModelCard
from ecg.model_file.container import write
from ecg.model_file.gradient import SIGNATURE
from ecg.model_file.loading import quantised_model
from ecg.model_file.runtime import open_interpreter
from reader.classify.abstention import PEAKEDNESS, SECONDS
from reader.classify.lead_model import LeadModel, load
from reader.classify.model import FEATURE_MAP
from reader.classify.one_lead import ABOUT
from reader.classify.preparation import RATE_HZ, SAMPLES

if TYPE_CHECKING:
    from pathlib import Path

    from converter.datasets.twelve_leads import TwelveLeadSet
    from converter.training.superclass_run import SuperclassRun

__all__ = ["export_run"]


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
    model = residual.merged(trained_networks(run, learned), SAMPLES)
    # Every lead, named and not, or the ranges of the other leads' values would be clipped.
    shown = draw_lead(examples_of(learned), settings.one_lead or OneLead(), np.random.default_rng(0))
    flatbuffer = with_gradient(convert(model, shown.inputs), feature_map=FEATURE_MAP)
    card = ModelCard(
        name=settings.model,
        version=version,
        task="lead",
        labels=LABELS,
        sample_rate_hz=float(RATE_HZ),
        inputs=(InputSpec(name="lead", shape=(SAMPLES, 1)), InputSpec(name="about", shape=(len(ABOUT),))),
        further_outputs=(InputSpec(name=FEATURE_MAP, shape=tuple(model.outputs[1].shape[1:])),),
        signatures=(SIGNATURE,),
        calibration=tuple(Calibration(**each) for each in results["calibration"]),
        abstention={SECONDS: LEAST_S, PEAKEDNESS: peakedness_limit(learned)},
        training=training_of(run, recordings, results),
        licence="Apache-2.0",
        flatbuffer_sha256="",  # set when the file is packed
        parameters=model.count_params(),
        multiply_accumulates=read_graph(flatbuffer).multiply_accumulates,
    )
    quantised, undelegated = (
        quantised_model(open_interpreter(flatbuffer, default_delegates=delegates), card) for delegates in (True, False)
    )
    by_lead_ii = of_lead(examples_of(told), CHOSEN_LEAD).inputs
    float_log_odds = model.predict(by_lead_ii, batch_size=64, verbose=0)[0].astype(np.float64)
    figures = evaluate(LeadModel(card, quantised), recordings, float_log_odds)
    notes = (*figures.notes, unseen_note(results))
    card = msgspec.structs.replace(card, answers=msgspec.structs.replace(figures, notes=notes))
    path = folder / f"{card.name}.tflite"
    folder.mkdir(parents=True, exist_ok=True)
    write(path, flatbuffer, card, golden(quantised, undelegated, told, by_lead_ii))
    written = load(path).card  # as the reader will
    architecture = f"{residual.DESCRIPTION}, {settings.parts} of them merged"
    path.with_suffix(".md").write_text(
        render(written, path.stat().st_size, architecture=architecture), encoding="utf-8"
    )
    shutil.copyfile(run.settings_path, path.with_suffix(".settings.json"))
    return path
