"""`ecg-converter train`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from converter.cli.options import DataOption, JsonOption, ProtocolName, ThreadsOption, print_json
from converter.recipes import MODELS, recipe_of

__all__ = ["app"]

app = typer.Typer()


@app.command(epilog="Example: ecg-converter train resecanet-aami5 --out runs/aami5")
def train(  # noqa: PLR0917 - typer passes options by name
    model: Annotated[
        str,
        typer.Argument(
            help=f"A model of the zoo: {', '.join(MODELS)}.",
            autocompletion=lambda incomplete: [name for name in MODELS if name.startswith(incomplete)],
        ),
    ],
    protocol: Annotated[ProtocolName | None, typer.Option(help="By default the model's own.")] = None,
    data: DataOption = None,
    out: Annotated[Path | None, typer.Option(help="The run folder; by default runs/MODEL, with its protocol.")] = None,
    settings_file: Annotated[
        Path | None, typer.Option("--settings", help="Settings as TOML, or the settings.json of another run.")
    ] = None,
    epochs: Annotated[int | None, typer.Option(min=1)] = None,
    seed: Annotated[int | None, typer.Option(min=0)] = None,
    threads: ThreadsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Train a model; the same command goes on with a run that was interrupted."""
    recipe = recipe_of(model)
    changes: dict[str, Any] = {"protocol": protocol and protocol.value, "epochs": epochs, "seed": seed}
    settings = recipe.settings(
        model, settings_file, {key: value for key, value in changes.items() if value is not None}
    )
    from converter import backend  # noqa: PLC0415 - this and what follows cost seconds to import

    backend.load(threads)
    from converter.evaluation.tables import show  # noqa: PLC0415

    trained = recipe.train(settings, data or (), out or Path("runs") / recipe.run_name(settings))
    if as_json:
        print_json(trained.results)
        return
    show(trained.table)
    typer.echo(trained.line)
