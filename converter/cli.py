"""The command line `ecg-converter`."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import msgspec
import typer

from converter.datasets.catalogue import Catalogue, data_directory, fetch
from converter.training.settings import DEFAULTS, TrainingSettings, read_settings
from ecg.command_line import run
from ecg.errors import ExitCode, InputError
from models import DIRECTORY

if TYPE_CHECKING:
    from converter.datasets.catalogue import Dataset

__all__ = ["app", "main"]

PROGRAM = "ecg-converter"

DEVICE_COMMAND = "sudo -n /opt/ecg-edge/bin/ecg-edge"
"""Runs ecg-edge on a device, with the right to write its models and to restart its service."""

app = typer.Typer(
    name=PROGRAM,
    help="Trains, checks and exports the models of ECG Edge, on a desktop. Not a medical device.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    add_completion=False,
)
data_app = typer.Typer(no_args_is_help=True, help="Recordings on this machine: folders of WFDB records.")
app.add_typer(data_app, name="data")


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


@data_app.command("add", epilog="Example: ecg-converter data add ~/recordings/mitdb")
def data_add(
    folder: Annotated[Path, typer.Argument(help="Folder that holds the records, in it or below it.")],
    name: Annotated[str | None, typer.Option(help="Name for it; by default the folder's.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Check every signal of a folder against its checksum and add the folder to the catalogue."""
    _tell_dataset(Catalogue().add(folder, name), as_json=as_json)


@data_app.command("list", epilog="Example: ecg-converter data list")
def data_list(as_json: JsonOption = False) -> None:
    """List the catalogue."""
    datasets = Catalogue().datasets
    if as_json:
        _print_json([_dataset_line(dataset) for dataset in datasets])
    elif not datasets:
        typer.echo("no data yet: `ecg-converter data add FOLDER` or `ecg-converter data fetch mitdb`")
    for dataset in datasets if not as_json else ():
        _tell_dataset(dataset, as_json=False)


@data_app.command("fetch", epilog="Example: ecg-converter data fetch mitdb")
def data_fetch(
    name: Annotated[str, typer.Argument(help="Name of the database on PhysioNet, such as mitdb or svdb; or cinc2017.")],
    as_json: JsonOption = False,
) -> None:
    """Download a public database from PhysioNet, check it and add it to the catalogue."""
    folder = fetch(name, data_directory())
    _tell_dataset(Catalogue().add(folder, name), as_json=as_json)


@app.command(epilog="Example: ecg-converter train resecanet-aami5 --out runs/aami5")
def train(  # noqa: PLR0917 - typer passes options by name
    model: Annotated[str, typer.Argument(help=f"A model of the zoo: {', '.join(DEFAULTS)}.")],
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
        _print_json(results)
        return
    show(confusion_table(results["test"], f"{model}, float, {chosen.name}: test part"))
    typer.echo(f"{folder}: {results['epochs']} epochs")


@app.command(epilog="Example: ecg-converter evaluate models/resecanet-aami5.tflite --protocol inter-patient")
def evaluate(  # noqa: PLR0917 - typer passes options by name
    model: Annotated[Path, typer.Argument(help="The model file.")],
    protocol: Annotated[
        ProtocolName | None, typer.Option(help="Report on its part of mitdb; by default on every annotated record.")
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(help="The data set, by its name in the catalogue or its folder; by default mitdb."),
    ] = None,
    channel: Annotated[str, typer.Option(help="Signal for the whole product path, by name or number.")] = "0",
    out: Annotated[Path | None, typer.Option(help="Folder for JSON, Markdown and pictures.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Judge a model file by EC57: the whole product path with its rhythms and alarms, and the int8 model alone."""
    from converter.datasets.cut_cache import CutCache  # noqa: PLC0415 - this and what follows cost seconds to import
    from converter.datasets.protocols import PROTOCOLS  # noqa: PLC0415
    from converter.evaluation.evaluate import REPORT_DATASET  # noqa: PLC0415
    from converter.evaluation.evaluate import evaluate as judge  # noqa: PLC0415
    from converter.evaluation.tables import show  # noqa: PLC0415

    catalogue = Catalogue()
    chosen = None if protocol is None else PROTOCOLS[protocol.value]
    name = REPORT_DATASET if data is None or chosen is not None else Path(data).resolve().name
    dataset = catalogue.resolve(() if data is None else (data,), (name,))[name]
    found = judge(model, chosen, dataset, CutCache(catalogue.directory / "beats"), channel=channel)
    if out is not None:
        found.write(out)
    if as_json:
        _print_json(found.figures)
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
    from converter.release.finished_run import open_run  # noqa: PLC0415
    from converter.release.release import export_run  # noqa: PLC0415

    path = export_run(open_run(run, Catalogue(), data or ()), out, version)
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
    from converter.release import verify as verification  # noqa: PLC0415
    from converter.release.finished_run import open_run  # noqa: PLC0415

    opened = open_run(run, Catalogue(), data or ())
    found = verification.verify(model, opened.model, opened.test.inputs, opened.test.truth)
    if as_json:
        _print_json({**msgspec.to_builtins(found), "failures": found.failures})
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
        _print_json(msgspec.to_builtins(found))
    else:
        typer.echo(inspection.report(found))


@app.command(epilog="Example: ecg-converter keygen ~/keys/clinic")
def keygen(
    out: Annotated[Path, typer.Argument(help="The private key; the public one is written beside it, with .pub.")],
) -> None:
    """Make a pair of keys: the private one signs models, the public one goes to the devices that trust it."""
    from converter.release import keys  # noqa: PLC0415

    identity = keys.generate(out)
    typer.echo(
        f"{out}: the private key, which never leaves this machine\n{out}.pub: for /etc/ecg-edge/trusted-keys/ "
        f"on the devices ({identity})"
    )


@app.command(epilog="Example: ecg-converter sign models/resecanet-aami5.tflite --key ~/keys/clinic")
def sign(
    model: Annotated[Path, typer.Argument(help="The model file; the signature becomes part of it.")],
    key: Annotated[Path, typer.Option(help='A private key, as "keygen" makes it.')],
) -> None:
    """Sign a model file, for devices that take no other; the same model and key give the same bytes."""
    from converter.release import keys  # noqa: PLC0415

    typer.echo(f"{model}: signed by the key {keys.sign(model, key)}")


@app.command(epilog="Example: ecg-converter install models/resecanet-aami5.tflite --to pi@bed-3.local")
def install(  # noqa: PLR0917 - typer passes options by name
    model: Annotated[Path, typer.Argument(help="The model file.")],
    to: Annotated[
        str, typer.Option(help="user@pi, as ssh takes it; or the folder where an SD card's root is mounted.")
    ],
    config: Annotated[str, typer.Option(help="Settings file on the device; by default the service's.")] = "",
    watch: Annotated[float, typer.Option(min=2, help="Seconds for which the device watches its monitor.")] = 60,
    restart: Annotated[str, typer.Option(help="What restarts the monitor there; by default systemctl.")] = "",
    command: Annotated[str, typer.Option(help="Runs ecg-edge on the device.")] = DEVICE_COMMAND,
    as_json: JsonOption = False,
) -> None:
    """Install a model on a device, which checks it, switches to it, and goes back by itself if it does not do well.

    Exit code: 1 if it was rolled back, 2 if it was refused, 4 if there is no connection.
    """
    from converter.release.install import install_in_directory, install_over_ssh  # noqa: PLC0415 - loads the runtime

    if Path(to).is_dir():
        name = install_in_directory(model, Path(to))
        text = f"{name}: in use from the monitor's next start on"
        if as_json:
            _print_json({"model": name, "kept": True, "text": text})
        else:
            typer.echo(text)
        return
    if "/" in to:
        raise InputError(f"{to} is no folder, and no host either: give user@pi, or where the SD card is mounted")
    options = [f"--watch={watch:g}"]
    options += [f"--{name}={value}" for name, value in (("config", config), ("restart", restart)) if value]
    install_over_ssh(model, to, command=command, options=[*options, *(["--json"] if as_json else [])])


def main() -> NoReturn:
    """Run the command line and exit with its code."""
    interrupted = "interrupted; what is on disk is whole, and the same command goes on"
    sys.exit(run(app, sys.argv[1:], program=PROGRAM, interrupted=interrupted, extra="converter"))


def _settings(model: str, settings_file: Path | None) -> TrainingSettings:
    if settings_file is None:
        if model not in DEFAULTS:
            raise InputError(f"there is no model {model}; the zoo has {', '.join(DEFAULTS)}")
        return DEFAULTS[model]
    settings = read_settings(settings_file)
    if settings.model != model:
        raise InputError(f"{settings_file} is for {settings.model}, not for {model}")
    return settings


def _dataset_line(dataset: Dataset) -> dict[str, Any]:
    return {
        "name": dataset.name,
        "folder": dataset.folder,
        "digest": dataset.digest,
        "records": len(dataset.records),
        "annotated": sum(record.annotated for record in dataset.records),
        "hours": round(dataset.hours, 2),
    }


def _tell_dataset(dataset: Dataset, *, as_json: bool) -> None:
    line = _dataset_line(dataset)
    if as_json:
        _print_json(line)
        return
    typer.echo(
        f"{line['name']}: {line['records']} records ({line['annotated']} annotated), {line['hours']} h, "
        f"{line['digest'][:12]}, {line['folder']}"
    )


def _print_json(content: Any) -> None:
    typer.echo(json.dumps(content, indent=2))


if __name__ == "__main__":
    main()
