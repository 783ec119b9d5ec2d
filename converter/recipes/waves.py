"""The network that tells P, QRS and T apart at each sample of a lead."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

import msgspec

from converter.datasets.catalogue import Catalogue
from converter.recipes.recipe import Recipe, Trained
from converter.training.waves.settings import WaveSettings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["RECIPE"]


class WaveRecipe(Recipe[WaveSettings]):
    """A network for each fold of the records, tested on it, and one of all records."""

    defaults: ClassVar[Mapping[str, WaveSettings]] = {"delineation": WaveSettings()}

    def run_name(self, settings: WaveSettings) -> str:
        """The model's."""
        return settings.model

    def train(self, settings: WaveSettings, data: Sequence[str], out: Path) -> Trained:
        """As `Recipe.train`."""
        from converter.evaluation.wave_tests import bounds_table  # noqa: PLC0415 - this and what follows cost seconds
        from converter.training.waves.train import DATASETS, train_waves  # noqa: PLC0415

        results = train_waves(settings, Catalogue().resolve(data, DATASETS), out)
        table = bounds_table(
            "ludb, float, each lead, by the network of another fold", results["tested"]["ludb"]["each lead"]
        )
        return Trained(results, table, f"{out}: {settings.folds + 1} networks of {settings.steps} steps")

    def export(self, run: Path, folder: Path, version: str, data: Sequence[str]) -> Path:
        """As `Recipe.export`."""
        from converter.release.waves import export_wave_run  # noqa: PLC0415 - costs seconds

        path = export_wave_run(run, Catalogue(), data, folder, version)
        settings = msgspec.json.decode((run / "settings.json").read_bytes(), type=WaveSettings)
        path.with_suffix(".settings.json").write_bytes(msgspec.json.format(msgspec.json.encode(settings)) + b"\n")
        return path


RECIPE: Final = WaveRecipe()
