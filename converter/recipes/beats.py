"""Models of one heartbeat."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from converter.datasets.catalogue import Catalogue
from converter.recipes.recipe import Recipe, Trained
from converter.training.settings import DEFAULTS, TrainingSettings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["RECIPE"]


class BeatRecipe(Recipe[TrainingSettings]):
    """Cut beats, one network, one temperature."""

    defaults: ClassVar[Mapping[str, TrainingSettings]] = DEFAULTS

    def run_name(self, settings: TrainingSettings) -> str:
        """Model and protocol."""
        return f"{settings.model}-{settings.protocol}"

    def train(self, settings: TrainingSettings, data: Sequence[str], out: Path) -> Trained:
        """As `Recipe.train`."""
        from converter.datasets.cut_cache import CutCache  # noqa: PLC0415 - this and what follows cost seconds
        from converter.datasets.protocol_beats import cut_protocol  # noqa: PLC0415
        from converter.datasets.protocols import PROTOCOLS  # noqa: PLC0415
        from converter.evaluation.tables import confusion_table  # noqa: PLC0415
        from converter.training.train import train  # noqa: PLC0415

        catalogue = Catalogue()
        protocol = PROTOCOLS[settings.protocol]
        beats, provenance = cut_protocol(
            protocol,
            catalogue.resolve(data, protocol.datasets),
            normalisation=settings.normalisation,
            cache=CutCache(catalogue.directory / "beats"),
        )
        results = train(settings, beats, provenance, out)
        table = confusion_table(results["test"], f"{settings.model}, float, {protocol.name}: test part")
        return Trained(results, table, f"{out}: {results['epochs']} epochs")

    def export(self, run: Path, folder: Path, version: str, data: Sequence[str]) -> Path:
        """As `Recipe.export`."""
        from converter.release.finished_run import open_run  # noqa: PLC0415
        from converter.release.release import export_run  # noqa: PLC0415

        return export_run(open_run(run, Catalogue(), data), folder, version)


RECIPE: Final = BeatRecipe()
