"""Which model a monitor starts with. A refused one is no reason to watch nothing: a known good one takes its place."""

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
from edge.model_store.store import Store

if TYPE_CHECKING:
    from edge.config import ModelSettings
    from edge.inference import ModelFile

__all__ = ["Chosen", "end_unconfirmed_trial", "load_chosen", "wanted"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The model to start with.

    Attributes:
        name: in the store, `SHIPPED`, or the path that the settings give.
        classifier: at work.
        fault: why it is not the one that was asked for; None if it is.
        trial_left_s: how long the monitor may use it unless it is confirmed; None: for good.
    """

    name: str
    classifier: TFLiteClassifier
    fault: str | None
    trial_left_s: float | None


def wanted(settings: ModelSettings) -> ModelFile:
    """The model that a monitor with these settings should start with now.

    Raises:
        InputError: it is refused, or it cannot be told which it is.
    """
    store = Store.of(settings)
    return _read(store, settings, settings.path or store.selection().order[0])


def load_chosen(settings: ModelSettings) -> Chosen:
    """Load the model that the settings or the store name; where it is refused, the previous one, then the shipped one.

    Raises:
        InputError: even that is refused, as where no runtime is installed.
    """
    store = Store.of(settings)
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
            return Chosen(name, classifier, faults[0], None)
        trial = selection.trial
        on_trial = trial is not None and trial.is_running and trial.model == name
        return Chosen(name, classifier, None, trial.until_s - boot_clock_s() if trial and on_trial else None)
    raise AssertionError("the shipped model is always tried")


def end_unconfirmed_trial(settings: ModelSettings, chosen: Chosen, stop: threading.Event) -> None:
    """See to it that a monitor stops, to be started with the old model, if nobody confirms its model in time.

    Whoever watches the trial (`edge.model_store.trial`) ends it long before; this is for where that process died.
    """
    if chosen.trial_left_s is None:
        return

    def look() -> None:
        with contextlib.suppress(InputError):  # damaged meanwhile: the next start tells of it
            if Store.of(settings).selection().current == chosen.name:
                return
            _log.error("The trial of %s was not confirmed: starting anew without it.", chosen.name)
            stop.set()

    timer = threading.Timer(max(chosen.trial_left_s, 0.0), look)
    timer.daemon = True
    timer.start()


def _read(store: Store, settings: ModelSettings, name: str) -> ModelFile:
    return read(Path(name), keys=store.keys()) if name == settings.path else store.read(name)
