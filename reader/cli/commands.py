"""The command line `ecg-reader`: `read`, `measure`, `digitise` and `models`.

`ecg.command_line` reports errors. Each command imports what it needs, so that the others start fast.
"""

from __future__ import annotations

import sys
from enum import IntEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

import typer

from ecg.command_line import HELP_OPTIONS, complain
from ecg.command_line import run as run_command_line
from ecg.errors import ExitCode
from edge import __version__
from reader.cli.pages import PageOptions
from reader.explain.methods import Method

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from reader.reading import Reading

__all__ = ["ReadExit", "app", "main"]

PROGRAM = "ecg-reader"


class ReadExit(IntEnum):
    """What the exit status of `read` and `measure` means; wrong usage is 2 as well.

    A page that could not be written counts as a file refused.
    """

    ALL_READ = 0
    SOME_REFUSED = 1
    NONE_READ = 2


app = typer.Typer(
    name=PROGRAM,
    help="Read a finished ECG of up to twelve leads: what it may show, the rhythm, and what can be measured.\n\n"
    "This is not a medical device.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings=HELP_OPTIONS,
)


@app.callback()
def options(
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    """Name the option in the help; `ecg.command_line.run` answers it, after each command too."""
    del version


Files = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE",
        help="WFDB, EDF+, CSV, SCP-ECG, HL7 aECG, Sierra XML, DICOM or MATLAB files; folders of them.",
        show_default=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one array, with an object for each file.")]
Rate = Annotated[str, typer.Option(metavar="HZ", help="Sampling rate, if the file does not tell it.")]
Unit = Annotated[
    str, typer.Option(metavar="UNIT", help="Unit of the samples: mV, uV, V, or a step's worth such as 200/mV.")
]
TimeColumn = Annotated[
    str, typer.Option(metavar="COLUMN", help="Column of a CSV file that has the times, by name or number; or none.")
]


Pdf = Annotated[Path | None, typer.Option(metavar="DIR", help="Write a PDF of each ECG with its reading to DIR.")]
Html = Annotated[Path | None, typer.Option(metavar="DIR", help="Write the same as one HTML file each to DIR.")]
Fhir = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Write a FHIR R4B bundle of each reading to DIR, without names.")
]
Layout = Annotated[
    Literal["3x4", "12x1"], typer.Option(help="Leads on these pages: three rows of four, or a row each.")
]
Language = Annotated[Literal["de", "en"], typer.Option(help="Of these pages.")]


Explain = Annotated[
    Method | None,
    typer.Option(
        help="Tell by which waves the model tells each finding; pages do so by occlusion.", show_default=False
    ),
]


@app.command(epilog="Example: ecg-reader read ecg.scp 100.hea rest.xml --pdf pages")
def read(  # noqa: PLR0917 - options of a command
    files: Files,
    as_json: AsJson = False,
    rate: Rate = "",
    unit: Unit = "",
    time_column: TimeColumn = "",
    pdf: Pdf = None,
    html: Html = None,
    fhir: Fhir = None,
    layout: Layout = "3x4",
    language: Language = "en",
    explain: Explain = None,
) -> None:
    """Read ECGs: rhythm, measurements, and what each may show.

    The format is told by the content of a file. Of a recording longer than 10 s the best 10 s are measured and
    classified, and the rhythm is told of all of it, up to an hour.

    Exit code: 0 every file read, 1 some refused, 2 none read. A reading that abstains is a reading.
    """
    page = PageOptions(pdf=pdf, html=html, fhir=fhir, layout=layout, language=language)
    options = {"rate": rate, "unit": unit, "time_column": time_column}
    if explain is None and (pdf or html):
        explain = "occlusion"
    _run(files, as_json=as_json, options=options, explain=explain, page=page)


@app.command(epilog="Example: ecg-reader measure rest.xml")
def measure(
    files: Files, as_json: AsJson = False, rate: Rate = "", unit: Unit = "", time_column: TimeColumn = ""
) -> None:
    """Measure ECGs: as `read`, without saying what they may show.

    Exit code: 0 every file read, 1 some refused, 2 none read.
    """
    options = {"rate": rate, "unit": unit, "time_column": time_column}
    _run(files, as_json=as_json, options=options, classify=False)


@app.command(epilog="Example: ecg-reader explain ecg.scp --method shap")
def explain(  # noqa: PLR0917 - options of a command
    files: Files,
    as_json: AsJson = False,
    rate: Rate = "",
    unit: Unit = "",
    time_column: TimeColumn = "",
    method: Annotated[Method, typer.Option(help="How waves are weighed.")] = "shap",
) -> None:
    """Read ECGs, and tell by which waves of which leads the model tells what each may show.

    Each explanation is checked: the model has to miss the waves that it names more than others, and a second method has
    to name them too. One that fails is told to be unreliable.

    Exit code: 0 every file read, 1 some refused, 2 none read.
    """
    options = {"rate": rate, "unit": unit, "time_column": time_column}
    _run(files, as_json=as_json, options=options, explain=method)


@app.command(epilog="Example: ecg-reader digitise page.jpg --out records --overlay found.png")
def digitise(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE", help="PNG, JPEG, TIFF, WebP or PDF files.", show_default=False)
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Write a WFDB record, named after each file, to DIR.")],
    as_json: AsJson = False,
    overlay: Annotated[
        Path | None, typer.Option(metavar="PNG", help="Draw on the page what was found, also of a refused one.")
    ] = None,
    speed: Annotated[float, typer.Option(metavar="MM/S", min=5, max=100, help="Speed of the paper.")] = 25.0,
) -> None:
    """Digitise ECGs on paper: pictures of pages, or PDFs, become recordings of 12 leads.

    A lead is NaN where nothing of it is printed. A page that is not understood is refused, with the step that failed.

    Exit code: 0 every page digitised, 1 some refused, 2 none.
    """
    from reader.cli.digitise import digitise_files  # noqa: PLC0415

    refused = digitise_files(files, out, as_json=as_json, overlay=overlay, speed_mm_s=speed)
    if refused:
        raise typer.Exit(ReadExit.NONE_READ if refused == len(files) else ReadExit.SOME_REFUSED)


@app.command(epilog="Example: ecg-reader models")
def models(as_json: Annotated[bool, typer.Option("--json", help="Print the list as JSON.")] = False) -> None:
    """List the models that the reader uses, with their task, version and results.

    Exit code: 1 if one is refused.
    """
    from reader.cli.models import list_models, show_models  # noqa: PLC0415

    found = list_models()
    if as_json:
        _print_json(found)
    else:
        show_models(found)
    if any(entry.refused is not None for entry in found):
        raise typer.Exit(ExitCode.CHECK_FAILED)


@app.command(epilog="Example: ecg-reader trend patient-7 --baseline 3")
def trend(
    files: Files,
    as_json: AsJson = False,
    rate: Rate = "",
    unit: Unit = "",
    baseline: Annotated[int, typer.Option(min=1, metavar="N", help="Recordings that are the baseline.")] = 1,
) -> None:
    """Follow one patient's ECGs over time: QTc and its change from the patient's own baseline, rhythm, rate and axis.

    Files that do not tell when they were recorded are left out, and named. QTc (Fridericia) is marked at 450, 480 and
    500 ms, and at 60 ms above the baseline. This is no diagnosis, and tells no cause.

    Exit code: 0 every file is in it, 1 some are left out, 2 none is in it.
    """
    from reader.trend import trend_of  # noqa: PLC0415

    readings = list(_readings(files, {"rate": rate, "unit": unit}, classify=False))
    found = trend_of(readings, baseline=baseline)
    if as_json:
        _print_json(found)
    elif found.points:
        from reader.cli.table import open_console  # noqa: PLC0415
        from reader.cli.trend_table import print_trend  # noqa: PLC0415

        print_trend(open_console(), found)
    if not found.points:
        for file, reason in found.left_out.items():
            complain(PROGRAM, reason if reason.startswith(file) else f"{file}: {reason}")
        raise typer.Exit(ReadExit.NONE_READ)
    if found.left_out:
        raise typer.Exit(ReadExit.SOME_REFUSED)


def _run(
    files: Sequence[Path],
    *,
    as_json: bool,
    options: dict[str, str],
    classify: bool = True,
    explain: str | None = None,
    page: PageOptions | None = None,
) -> None:
    show = _shower(as_json=as_json)
    readings: list[Reading] = []
    for reading in _readings(files, options, classify=classify, explain=explain, page=page):
        readings.append(reading)
        if reading.refused is None:
            show(reading)
        if problem := reading.refused or reading.unwritten:
            complain(PROGRAM, problem)
    if as_json:
        _print_json(readings)
    if all(reading.refused is not None for reading in readings):
        raise typer.Exit(ReadExit.NONE_READ)
    if any(reading.refused or reading.unwritten for reading in readings):
        raise typer.Exit(ReadExit.SOME_REFUSED)


def _readings(
    files: Sequence[Path],
    options: dict[str, str],
    *,
    classify: bool,
    explain: str | None = None,
    page: PageOptions | None = None,
) -> Iterator[Reading]:
    """Read the recordings that the files stand for, one after the other."""
    from ecg.formats.options import ReadOptions  # noqa: PLC0415
    from reader.cli.progress import file_progress  # noqa: PLC0415
    from reader.own_process import Request, read_all  # noqa: PLC0415

    ReadOptions.parse(**options)  # a mistake in an option is that of all files
    paths = [each for path in files for each in _expanded(path)]
    page = page or PageOptions()
    page.check()
    told: dict[str, Any] = {**options, "classify": classify, "explain": explain}
    with file_progress(paths) as progress:
        for reading in read_all(Request.of(path, pages=page.of(path), **told) for path in paths):
            progress()
            yield reading


def _shower(*, as_json: bool) -> Callable[[Reading], None]:
    """What shows a reading as soon as it is there."""
    if as_json:
        return lambda _: None
    from reader.cli.table import open_console, print_reading  # noqa: PLC0415

    return partial(print_reading, open_console())


def _expanded(path: Path) -> list[Path]:
    """The recordings of a folder or an archive with several; else the path, which may be refused later."""
    if not path.is_dir() and path.suffix.casefold() != ".zip":
        return [path]
    from ecg.errors import InputError  # noqa: PLC0415
    from ecg.formats.registry import recordings_in  # noqa: PLC0415

    try:
        found = recordings_in(path)
    except InputError:
        return [path]
    return found if len(found) > 1 else [path]


def _print_json(content: Any) -> None:
    import msgspec  # noqa: PLC0415

    typer.echo(msgspec.json.format(msgspec.json.encode(content), indent=2))


def main() -> NoReturn:
    """Run the command line and exit with its code."""
    sys.exit(
        run_command_line(
            app,
            sys.argv[1:],
            program=PROGRAM,
            version=__version__,
            interrupted="interrupted",
            extra="reader",
        )
    )
