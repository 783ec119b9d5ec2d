"""Loads the model for a starting monitor. If the selected model is refused, a known good one is used instead."""

from __future__ import annotations

import contextlib
import logging
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ecg.errors import InputError
from edge.inference import TFLiteClassifier, read
from edge.model_store.selection import SHIPPED, Selection, boot_clock_s
from edge.model_store.store import ModelStore

if TYPE_CHECKING:
    from edge.config import ModelSettings
    from edge.inference import ModelFile

__all__ = ["LoadedModel", "end_unconfirmed_trial", "load_selected", "read_selected"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """The model of a starting monitor.

    Attributes:
        name: its name in the store, `SHIPPED`, or the path in the settings.
        classifier: the loaded model.
        fault: why it is not the selected model; None if it is.
        trial_left_s: time after which an unconfirmed trial ends; None: not on trial.
    """

    name: str
    classifier: TFLiteClassifier
    fault: str | None
    trial_left_s: float | None


def read_selected(settings: ModelSettings) -> ModelFile:
    """Read the model that a monitor with these settings should use now.

    Raises:
        InputError: the model is refused, or the selection cannot be read.
    """
    store = ModelStore.of(settings)
    return _read(store, settings, settings.path or store.selection().order[0])


def load_selected(settings: ModelSettings) -> LoadedModel:
    """Load the model of the settings or the selection; if it is refused, the previous one, then the shipped one.

    Raises:
        InputError: even the shipped one is refused, for instance because no runtime is installed.
    """
    store = ModelStore.of(settings)
    faults = []
    selection = Selection()
    try:
        if not settings.path:
            selection = store.selection()
    except InputError as error:
        faults.append(str(error))
    names = [settings.path, SHIPPED] if settings.path else selection.order
    for name in names:
        try:
            classifier = TFLiteClassifier(_read(store, settings, name))
        except InputError as error:
            if name == SHIPPED:
                raise
            faults.append(str(error))
            continue
        for fault in faults:
            _log.error("%s", fault)
        if faults:
            return LoadedModel(name, classifier, faults[0], None)
        trial = selection.trial
        on_trial = trial is not None and trial.is_running and trial.model == name
        return LoadedModel(name, classifier, None, trial.until_s - boot_clock_s() if trial and on_trial else None)
    raise AssertionError("the shipped model is always tried")


def end_unconfirmed_trial(settings: ModelSettings, loaded: LoadedModel, stop: threading.Event) -> None:
    """Stop the monitor if its trial is not confirmed in time; systemd then restarts it with the old model.

    Normally the process that watches the trial (`edge.model_store.trial`) ends it long before. This is a safeguard in
    case that process died.
    """
    if loaded.trial_left_s is None:
        return

    def look() -> None:
        with contextlib.suppress(InputError):  # a damaged selection: the next start reports it
            if ModelStore.of(settings).selection().current == loaded.name:
                return
            _log.error("The trial of %s was not confirmed: restarting without it.", loaded.name)
            stop.set()

    timer = threading.Timer(max(loaded.trial_left_s, 0.0), look)
    timer.daemon = True
    timer.start()


def _read(store: ModelStore, settings: ModelSettings, name: str) -> ModelFile:
    return read(Path(name), keys=store.keys()) if name == settings.path else store.read(name)
