"""All commands together, and their errors and exit codes."""

from __future__ import annotations

import sys
from typing import Annotated, NoReturn

import typer

from converter.cli import data, devices, evaluation, model_files, paper, superclasses, training
from ecg.command_line import HELP_OPTIONS, run
from edge import __version__

__all__ = ["app", "main"]

PROGRAM = "ecg-converter"

app = typer.Typer(
    name=PROGRAM,
    help="Trains, checks and exports the models of ECG Edge, on a desktop. Not a medical device.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings=HELP_OPTIONS,
)


@app.callback()
def options(
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    """Name the option in the help; `ecg.command_line.run` answers it, after each command too."""
    del version


for group in (training, evaluation, superclasses, model_files, devices, paper):
    app.add_typer(group.app)
app.add_typer(data.app, name="data")


def main() -> NoReturn:
    """Run the command line and exit with its code."""
    interrupted = "interrupted; what is on disk is whole, and the same command goes on"
    sys.exit(run(app, sys.argv[1:], program=PROGRAM, version=__version__, interrupted=interrupted, extra="converter"))
