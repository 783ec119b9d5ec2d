"""`ecg-converter evaluate` and `report`: how well a model and the whole product path do."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from converter.cli.options import DataOption, JsonOption, ProtocolName, print_json
from converter.datasets.catalogue import Catalogue
from ecg.errors import InputError
from models import DIRECTORY

__all__ = ["app"]

app = typer.Typer()


@app.command(epilog="Example: ecg-converter evaluate models/resecanet-aami5.tflite --protocol inter-patient")
def evaluate(  # noqa: PLR0917 - typer passes options by name
    model: Annotated[Path, typer.Argument(help="The model file.")],
    protocol: Annotated[
        ProtocolName | None, typer.Option(help="Report on its part of mitdb; by default on every annotated record.")
    ] = None,
    data: DataOption = None,
    channel: Annotated[str, typer.Option(help="Signal for the whole product path, by name or number.")] = "0",
    out: Annotated[Path | None, typer.Option(help="Folder for JSON, Markdown and pictures.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Judge a model file on recordings that nothing was chosen on.

    A beat model by EC57: the whole product path with its rhythms and alarms, and the int8 model alone, on mitdb or one
    other data set. A model of the superclasses by its ROC curves and its calibration, on fold 9 of PTB-XL.
    """
    from converter.datasets.cut_cache import CutCache  # noqa: PLC0415 - this and what follows cost seconds to import
    from converter.datasets.protocols import PROTOCOLS  # noqa: PLC0415
    from converter.evaluation.evaluate import REPORT_DATASET  # noqa: PLC0415
    from converter.evaluation.evaluate import evaluate as judge  # noqa: PLC0415
    from converter.evaluation.tables import show  # noqa: PLC0415
    from converter.recipes import recipe_for_task  # noqa: PLC0415
    from ecg.model_file.container import read  # noqa: PLC0415

    sources = data or ()
    task = read(model).card.task
    if task != "beat":
        judged = recipe_for_task(task).evaluate(model, sources)
        if as_json:
            print_json(judged.figures)
        else:
            show(judged.table)
        return
    if len(sources) > 1:
        raise InputError(f"--data {sources[1]}: a beat model is judged on one data set at a time")
    catalogue = Catalogue()
    chosen = None if protocol is None else PROTOCOLS[protocol.value]
    name = REPORT_DATASET if not sources or chosen is not None else Path(sources[0]).resolve().name
    dataset = catalogue.resolve(sources, (name,))[name]
    found = judge(model, chosen, dataset, CutCache(catalogue.directory / "beats"), channel=channel)
    if out is not None:
        found.write(out)
    if as_json:
        print_json(found.figures)
        return
    for table in found.tables:
        show(table)


@app.command(epilog="Example: ecg-converter report ~/recordings")
def report(
    recordings: Annotated[
        Path,
        typer.Argument(help="Folder of mitdb/, and if they are there svdb/, vfdb/, nstdb/, cinc2017/ and ptbxl/."),
    ],
    out: Annotated[Path, typer.Option(help="Folder for accuracy.md, and accuracy/ with its pictures.")] = Path("docs"),
    model: Annotated[Path, typer.Option(help="Model of the product path.")] = DIRECTORY / "resecanet-aami5.tflite",
    published: Annotated[
        Path, typer.Option(help="Model of the published size, trained by the random protocol.")
    ] = DIRECTORY / "resecanet-mitbih6.tflite",
) -> None:
    """Rebuild the page on accuracy from the models and the recordings."""
    from converter.evaluation.report import write_report  # noqa: PLC0415 - costs seconds to import
    from edge.inference import load_classifier  # noqa: PLC0415

    page = write_report(
        recordings,
        out,
        catalogue=Catalogue(),
        light=load_classifier(model),
        published=load_classifier(published),
    )
    typer.echo(str(page))
