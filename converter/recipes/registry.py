"""Which recipe makes which model. The modules are loaded when they are wanted: they cost seconds."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ecg.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from converter.recipes.recipe import Recipe

__all__ = ["MODELS", "recipe_for_task", "recipe_of", "recipe_of_run"]

MODELS: Final[Mapping[str, str]] = {
    "resecanet-mitbih6": "beats",
    "resecanet-aami5": "beats",
    "twelve-lead": "superclasses",
    "delineation": "waves",
    "lead-ii": "superclasses",
    "b-twelve-lead-cnn": "published",
    "b-lead-ii-cnn": "published",
}
"""The zoo: each model, and the module of this package with its recipe."""

_TASKS: Final[Mapping[str, str]] = {
    "beat": "resecanet-aami5",
    "twelve-lead": "twelve-lead",
    "delineation": "delineation",
    "lead": "lead-ii",
}
"""A model of the zoo for each task that it has models for."""


class _Named(msgspec.Struct):
    """What all settings of runs have."""

    model: str


def recipe_of(model: str) -> Recipe[Any]:
    """The recipe of a model of the zoo.

    Raises:
        InputError: there is no such model.
    """
    if model not in MODELS:
        raise InputError(f"there is no model {model}; the zoo has {', '.join(MODELS)}")
    recipe: Recipe[Any] = import_module(f"converter.recipes.{MODELS[model]}").RECIPE
    return recipe


def recipe_of_run(run: Path) -> Recipe[Any]:
    """The recipe that a run was trained by.

    Raises:
        InputError: this is no run folder.
    """
    path = run / "settings.json"
    try:
        return recipe_of(msgspec.json.decode(path.read_bytes(), type=_Named).model)
    except OSError as error:
        raise InputError(f"{run} is no folder of a training run: {path.name} is missing") from error
    except msgspec.DecodeError as error:
        raise InputError(f"{path} is damaged: {error}") from error


def recipe_for_task(task: str) -> Recipe[Any]:
    """The recipe of the models of a task, as a card names it.

    Raises:
        InputError: the zoo has no model for it.
    """
    if task not in _TASKS:
        raise InputError(f"the zoo has no model for the task {task}; it has some for {', '.join(_TASKS)}")
    return recipe_of(_TASKS[task])
