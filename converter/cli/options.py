"""Options that several commands have, and JSON as their output."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated, Any

import typer

__all__ = ["DataOption", "JsonOption", "ProtocolName", "ThreadsOption", "print_json"]


class ProtocolName(StrEnum):
    """Protocols, for the command line."""

    RANDOM = "random"
    INTER_PATIENT = "inter-patient"


DataOption = Annotated[
    list[str] | None,
    typer.Option("--data", help="A data set in the catalogue, or the folder of one; may be given several times."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]
ThreadsOption = Annotated[int | None, typer.Option(min=1, help="Processor threads to use; by default all.")]


def print_json(content: Any) -> None:
    """Print for a program to read."""
    typer.echo(json.dumps(content, indent=2))
