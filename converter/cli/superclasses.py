"""`ecg-converter learning-curve` and `other-hospitals`: what more recordings would give, where else a model holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from converter.cli.options import DataOption, JsonOption, ThreadsOption, print_json
from ecg.errors import InputError

if TYPE_CHECKING:
    from converter.evaluation.other_hospitals import Answer

__all__ = ["app"]

app = typer.Typer()


@app.command(
    "learning-curve",
    epilog="Example: ecg-converter learning-curve twelve-lead --whole runs/twelve-lead",
)
def learning_curve(  # noqa: PLR0917 - typer passes options by name
    model: Annotated[str, typer.Argument(help="A model of the superclasses: twelve-lead or lead-ii.")],
    out: Annotated[Path, typer.Option(help="Folder of the runs, one for each share.")] = Path("runs/learning-curve"),
    whole: Annotated[
        Path | None, typer.Option(help="Run folder of the trained model, the last point; by default it is trained too.")
    ] = None,
    data: DataOption = None,
    threads: ThreadsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Train a model with 10, 25, 50 and 100 % of the patients, and say what the whole of PTB-XL would give."""
    from converter import backend  # noqa: PLC0415 - this and what follows cost seconds to import

    backend.load(threads)
    from converter.evaluation.tables import show  # noqa: PLC0415
    from converter.recipes.superclasses import read_recordings  # noqa: PLC0415
    from converter.training.superclass_curve import curve, table  # noqa: PLC0415
    from converter.training.superclass_run import SuperclassRun  # noqa: PLC0415
    from converter.training.superclass_settings import DEFAULTS  # noqa: PLC0415
    from converter.training.superclasses import trained_on  # noqa: PLC0415

    if model not in DEFAULTS:
        raise InputError(f"{model} is no model of the superclasses: {', '.join(DEFAULTS)}")
    settings = DEFAULTS[model] if whole is None else SuperclassRun(whole).settings()
    datasets, recordings = read_recordings(data or ())
    found = curve(settings, recordings, trained_on(datasets, recordings), out, whole=whole)
    if as_json:
        print_json(found)
        return
    show(table(found, f"{model}, float: learning curve over PTB-XL"))


@app.command("other-hospitals", epilog="Example: ecg-converter other-hospitals ~/recordings/cinc2021")
def other_hospitals(
    folder: Annotated[Path, typer.Argument(help="Folder of WFDB records with SNOMED CT codes in `# Dx:`.")],
    lead: Annotated[str | None, typer.Option(help="Show this lead alone, as of a recording that has no other.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Read recordings as the reader does, and compare its answers with the diagnoses in their headers."""
    from converter.evaluation.other_hospitals import figures, table  # noqa: PLC0415
    from converter.evaluation.tables import show  # noqa: PLC0415

    found = figures(folder, lambda path: _read(path, lead))
    if as_json:
        print_json(found)
        return
    what = "" if lead is None else f", lead {lead} alone"
    show(table(found, f"the reader on {folder.resolve().name}{what}: area under the ROC curve"))


def _read(path: Path, lead: str | None) -> Answer | str:
    """What the reader says of a recording, or why it refuses it."""
    from converter.evaluation.other_hospitals import Answer  # noqa: PLC0415
    from ecg.formats.options import ReadOptions  # noqa: PLC0415
    from reader.classify import classify  # noqa: PLC0415
    from reader.intake import read_file  # noqa: PLC0415
    from reader.twelve_leads import only_lead  # noqa: PLC0415

    try:
        ecg = read_file(path, ReadOptions()).ecg
        found = classify(ecg if lead is None else only_lead(ecg, lead))
    except InputError as error:
        return str(error)
    if found.superclasses is None or found.mi_or_ischaemia is None:
        return found.abstained or "no answer"
    return Answer({**found.superclasses, "MI-or-STTC": found.mi_or_ischaemia}, found.abstained or "")
