"""Models that tell which superclasses of PTB-XL an ECG shows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

import msgspec

from converter.datasets.catalogue import Catalogue
from converter.recipes.recipe import Judged, Recipe, Trained
from converter.training.superclass_settings import DEFAULTS, SuperclassSettings
from ecg.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from converter.datasets.catalogue import Dataset
    from converter.datasets.twelve_leads import TwelveLeadSet
    from converter.evaluation.tables import Table
    from converter.training.teacher import Teacher

__all__ = ["RECIPE", "read_recordings"]


def read_recordings(data: Sequence[str]) -> tuple[Mapping[str, Dataset], TwelveLeadSet]:
    """The data sets that are here, and their labelled recordings of folds 1 to 9, prepared.

    Args:
        data: data sets or folders that go before the catalogue's.

    Raises:
        InputError: PTB-XL is not here, in neither form, or cannot be read.
    """
    from converter.datasets.twelve_leads import DATASETS, prepared_set  # noqa: PLC0415

    catalogue = Catalogue()
    named = {Path(source).resolve().name for source in data} | {each.name for each in catalogue.datasets}
    datasets = catalogue.resolve(data, [name for name in DATASETS if name in named] or DATASETS[:1])
    return datasets, prepared_set(datasets, catalogue.directory / "twelve-lead")


class SuperclassRecipe(Recipe[SuperclassSettings]):
    """Networks by cross-validation over folds 1 to 8 of PTB-XL, merged, and calibrated on what they did not see."""

    defaults: ClassVar[Mapping[str, SuperclassSettings]] = DEFAULTS

    def run_name(self, settings: SuperclassSettings) -> str:
        """The model's name."""
        return settings.model

    def train(self, settings: SuperclassSettings, data: Sequence[str], out: Path) -> Trained:
        """As `Recipe.train`."""
        from converter.training.superclasses import train, trained_on  # noqa: PLC0415 - costs seconds

        datasets, recordings = read_recordings(data)
        teacher = _teacher(settings, out)
        results = train(settings, recordings, trained_on(datasets, recordings, teacher), out, teacher)
        return Trained(results, _table(results), f"{out}: {settings.parts} networks of {settings.epochs} epochs")

    def export(self, run: Path, folder: Path, version: str, data: Sequence[str]) -> Path:
        """As `Recipe.export`."""
        from converter.release import one_lead, superclasses  # noqa: PLC0415 - costs seconds
        from converter.training.superclass_run import SuperclassRun  # noqa: PLC0415

        _, recordings = read_recordings(data)
        trained = SuperclassRun(run)
        if trained.settings().one_lead is not None:
            return one_lead.export_run(trained, recordings, folder, version)
        return superclasses.export_run(trained, recordings, folder, version)

    def evaluate(self, model: Path, data: Sequence[str]) -> Judged:
        """On fold 9, by the reader's own way from prepared seconds to an answer."""
        from converter.evaluation import one_lead, superclasses  # noqa: PLC0415 - costs seconds
        from ecg.model_file.container import read  # noqa: PLC0415
        from reader.classify import lead_model  # noqa: PLC0415
        from reader.classify.model import load  # noqa: PLC0415

        _, recordings = read_recordings(data)
        if read(model).card.task == "lead":
            found = one_lead.evaluate(lead_model.load(model), recordings)
        else:
            found = superclasses.evaluate(load(model), recordings)
        return Judged(msgspec.to_builtins(found), superclasses.table(found))


def _teacher(settings: SuperclassSettings, out: Path) -> Teacher | None:
    """What the model says that the settings name, from its run beside this one."""
    from converter.training.teacher import read_teacher  # noqa: PLC0415 - costs seconds

    if settings.one_lead is None or not settings.one_lead.teacher:
        return None
    folder = out.parent / settings.one_lead.teacher
    try:
        return read_teacher(folder)
    except InputError as error:
        name = settings.one_lead.teacher
        raise InputError(
            f"{settings.model} learns from what {name} says, and {error}; train it first (`ecg-converter train {name} "
            f'--out {folder}`), or set one_lead.teacher to ""'
        ) from error


def _table(results: Mapping[str, Any]) -> Table:
    from converter.evaluation.tables import Table  # noqa: PLC0415

    rows = [
        (
            name,
            *("{:.3f} ({:.3f} to {:.3f})".format(*results["told_auc"][name]),),
            *(f"{results[key].get(name, float('nan')):.3f}" for key in ("unseen_auc", "unseen_ece", "unseen_brier")),
        )
        for name in results["told_auc"]
    ]
    recordings = results["recordings"]
    return Table(
        f"{results['model']}, float: PTB-XL, fold 9 ({recordings['told']} recordings) and folds 1 to 8 "
        f"({recordings['learned']}), each of these by the network that did not learn from it",
        ("", "AUC, fold 9", "AUC, folds 1 to 8", "ECE, folds 1 to 9", "Brier"),
        rows,
    )


RECIPE: Final = SuperclassRecipe()
