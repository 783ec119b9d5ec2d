"""`ecg-converter train`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from converter.cli.options import DataOption, JsonOption, ProtocolName, ThreadsOption, print_json
from converter.datasets.catalogue import Catalogue
from converter.training.settings import DEFAULTS, TrainingSettings, read_settings
from ecg.errors import InputError

__all__ = ["app"]

app = typer.Typer()


@app.command(epilog="Example: ecg-converter train resecanet-aami5 --out runs/aami5")
def train(  # noqa: PLR0917 - typer passes options by name
    model: Annotated[
        str,
        typer.Argument(
            help=f"A model of the zoo: {', '.join(DEFAULTS)}.",
            autocompletion=lambda incomplete: [name for name in DEFAULTS if name.startswith(incomplete)],
        ),
    ],
    protocol: Annotated[ProtocolName | None, typer.Option(help="By default the model's own.")] = None,
    data: DataOption = None,
    out: Annotated[Path | None, typer.Option(help="The run folder; by default runs/MODEL-PROTOCOL.")] = None,
    settings_file: Annotated[
        Path | None, typer.Option("--settings", help="Settings as TOML, or the settings.json of another run.")
    ] = None,
    epochs: Annotated[int | None, typer.Option(min=1)] = None,
    seed: Annotated[int | None, typer.Option(min=0)] = None,
    threads: ThreadsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Train a model; the same command goes on with a run that was interrupted."""
    settings = _settings(model, settings_file)
    changes: dict[str, Any] = {"protocol": protocol and protocol.value, "epochs": epochs, "seed": seed}
    settings = msgspec.structs.replace(settings, **{key: value for key, value in changes.items() if value is not None})
    from converter import backend  # noqa: PLC0415 - this and what follows cost seconds to import

    backend.load(threads)
    from converter.datasets.cut_cache import CutCache  # noqa: PLC0415
    from converter.datasets.protocol_beats import cut_protocol  # noqa: PLC0415
    from converter.datasets.protocols import PROTOCOLS  # noqa: PLC0415
    from converter.evaluation.tables import confusion_table, show  # noqa: PLC0415
    from converter.training.train import train as run_training  # noqa: PLC0415

    catalogue = Catalogue()
    chosen = PROTOCOLS[settings.protocol]
    beats, provenance = cut_protocol(
        chosen,
        catalogue.resolve(data or (), chosen.datasets),
        normalisation=settings.normalisation,
        cache=CutCache(catalogue.directory / "beats"),
    )
    folder = out or Path("runs") / f"{settings.model}-{settings.protocol}"
    results = run_training(settings, beats, provenance, folder)
    if as_json:
        print_json(results)
        return
    show(confusion_table(results["test"], f"{model}, float, {chosen.name}: test part"))
    typer.echo(f"{folder}: {results['epochs']} epochs")


def _settings(model: str, settings_file: Path | None) -> TrainingSettings:
    if settings_file is None:
        if model not in DEFAULTS:
            raise InputError(f"there is no model {model}; the zoo has {', '.join(DEFAULTS)}")
        return DEFAULTS[model]
    settings = read_settings(settings_file)
    if settings.model != model:
        raise InputError(f"{settings_file} is for {settings.model}, not for {model}")
    return settings
