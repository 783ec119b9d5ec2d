"""Baselines: the networks of a published system, trained by its authors' settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final, NoReturn

from converter.recipes.recipe import Recipe, Trained
from converter.recipes.superclasses import read_recordings
from converter.training.published_settings import DEFAULTS, PublishedSettings
from ecg.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from converter.evaluation.tables import Table

__all__ = ["RECIPE"]


class PublishedRecipe(Recipe[PublishedSettings]):
    """One network, for comparison: it is not exported."""

    defaults: ClassVar[Mapping[str, PublishedSettings]] = DEFAULTS

    def run_name(self, settings: PublishedSettings) -> str:
        """The model's name."""
        return settings.model

    def train(self, settings: PublishedSettings, data: Sequence[str], out: Path) -> Trained:
        """As `Recipe.train`."""
        from converter.training.published_cnn import train  # noqa: PLC0415 - costs seconds

        _, recordings = read_recordings(data)
        results = train(settings, recordings, out)
        return Trained(results, _table(results), f"{out}: {settings.epochs} epochs")

    def export(self, run: Path, folder: Path, version: str, data: Sequence[str]) -> NoReturn:
        """There is no model file of a baseline.

        Raises:
            InputError: always.
        """
        del folder, version, data
        raise InputError(f"{run} holds a baseline, which is only compared with; export twelve-lead or lead-ii")


def _table(results: Mapping[str, Any]) -> Table:
    from converter.evaluation.tables import Table, percent  # noqa: PLC0415

    area = f"{results['auc']:.4f} ({results['auc_95'][0]:.3f} to {results['auc_95'][1]:.3f})"
    shares = [percent(results[name], 1) for name in ("sensitivity", "specificity", "accuracy", "f1")]
    counts = results["recordings"]
    return Table(
        f"{results['model']}, float: {results['positive']}, fold 9 of PTB-XL ({counts['reported']} recordings)",
        ("recordings learned", "AUC (95 %)", "threshold", "Se %", "Sp %", "accuracy %", "F1 %"),
        [(str(counts["training"]), area, f"{results['threshold']:.2f}", *shares)],
    )


RECIPE: Final = PublishedRecipe()
