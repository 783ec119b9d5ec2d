"""`ecg-converter data`: the catalogue of recordings on this machine."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import TYPE_CHECKING, Annotated, Any

import typer

from converter.cli.options import JsonOption, print_json
from converter.datasets.catalogue import Catalogue, data_directory, fetch

if TYPE_CHECKING:
    from converter.datasets.catalogue import Dataset

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Recordings on this machine: folders of WFDB records.")


@app.command("add", epilog="Example: ecg-converter data add ~/recordings/mitdb")
def data_add(
    folder: Annotated[Path, typer.Argument(help="Folder that holds the records, in it or below it.")],
    name: Annotated[str | None, typer.Option(help="Name for it; by default the folder's.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Check every signal of a folder against its checksum and add the folder to the catalogue."""
    _tell(Catalogue().add(folder, name), as_json=as_json)


@app.command("list", epilog="Example: ecg-converter data list")
def data_list(as_json: JsonOption = False) -> None:
    """List the catalogue."""
    datasets = Catalogue().datasets
    if as_json:
        print_json([_line(dataset) for dataset in datasets])
    elif not datasets:
        typer.echo("no data yet: `ecg-converter data add FOLDER` or `ecg-converter data fetch mitdb`")
    for dataset in datasets if not as_json else ():
        _tell(dataset, as_json=False)


@app.command("fetch", epilog="Example: ecg-converter data fetch mitdb")
def data_fetch(
    name: Annotated[str, typer.Argument(help="Name of the database on PhysioNet, such as mitdb or svdb; or cinc2017.")],
    as_json: JsonOption = False,
) -> None:
    """Download a public database from PhysioNet, check it and add it to the catalogue."""
    folder = fetch(name, data_directory())
    _tell(Catalogue().add(folder, name), as_json=as_json)


def _line(dataset: Dataset) -> dict[str, Any]:
    return {
        "name": dataset.name,
        "folder": dataset.folder,
        "digest": dataset.digest,
        "records": len(dataset.records),
        "annotated": sum(record.annotated for record in dataset.records),
        "hours": round(dataset.hours, 2),
    }


def _tell(dataset: Dataset, *, as_json: bool) -> None:
    line = _line(dataset)
    if as_json:
        print_json(line)
        return
    typer.echo(
        f"{line['name']}: {line['records']} records ({line['annotated']} annotated), {line['hours']} h, "
        f"{line['digest'][:12]}, {line['folder']}"
    )
