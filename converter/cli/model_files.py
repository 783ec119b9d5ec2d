"""`ecg-converter export`, `verify` and `inspect`: from a training run to a model file, and what is inside one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from converter.cli.options import DataOption, JsonOption, print_json
from converter.datasets.catalogue import Catalogue
from ecg.errors import ExitCode, InputError

__all__ = ["app"]

app = typer.Typer()


@app.command(epilog="Example: ecg-converter export runs/aami5 --out models --version 1.0.0")
def export(
    run: Annotated[Path, typer.Argument(help="Folder of a finished training run.")],
    out: Annotated[Path, typer.Option(help="Folder for NAME.tflite and NAME.md.")] = Path("models"),
    version: Annotated[str, typer.Option(help="Version that the model card bears.")] = "1.0.0",
    data: DataOption = None,
) -> None:
    """Write a run's model as a full int8 file with its card and golden beats inside, and a Markdown card beside it."""
    from converter import backend  # noqa: PLC0415

    backend.load()
    from converter.recipes import recipe_of_run  # noqa: PLC0415

    path = recipe_of_run(run).export(run, out, version, data or ())
    typer.echo(f"{path} ({path.stat().st_size / 1000:.0f} kB), {path.with_suffix('.md')}")


@app.command(epilog="Example: ecg-converter verify models/resecanet-aami5.tflite runs/aami5")
def verify(
    model: Annotated[Path, typer.Argument(help="The model file.")],
    run: Annotated[Path, typer.Argument(help="Folder of the run that it was made from.")],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare the int8 file with the float model beat by beat, and runtimes with each other; 1 if they differ."""
    from converter import backend  # noqa: PLC0415

    backend.load()
    from converter.recipes import recipe_of_run  # noqa: PLC0415
    from converter.recipes.beats import BeatRecipe  # noqa: PLC0415
    from converter.release import verify as verification  # noqa: PLC0415
    from converter.release.finished_run import open_run  # noqa: PLC0415

    if not isinstance(recipe_of_run(run), BeatRecipe):
        raise InputError(f"{run}: only models of one heartbeat are compared beat by beat; the card tells of the others")
    opened = open_run(run, Catalogue(), data or ())
    found = verification.verify(model, opened.model, opened.test.inputs, opened.test.truth)
    if as_json:
        print_json({**msgspec.to_builtins(found), "failures": found.failures})
    else:
        typer.echo(verification.report(found))
    if found.failures:
        raise typer.Exit(ExitCode.CHECK_FAILED)


@app.command(epilog="Example: ecg-converter inspect models/resecanet-aami5.tflite")
def inspect(
    model: Annotated[Path, typer.Argument(help="The model file.")],
    as_json: JsonOption = False,
) -> None:
    """Show what is inside a model file: card, operators, tensors, sizes."""
    from converter import backend  # noqa: PLC0415

    backend.load()
    from converter.export import inspection  # noqa: PLC0415

    found = inspection.inspect(model)
    if as_json:
        print_json(msgspec.to_builtins(found))
    else:
        typer.echo(inspection.report(found))
