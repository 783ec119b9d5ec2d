"""`ecg-converter paper`: recordings as synthetic pages of ECG paper."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import Annotated

import typer

from converter.cli.options import JsonOption, print_json
from ecg.errors import InputError

__all__ = ["app"]

app = typer.Typer()


class KindName(StrEnum):
    """What happened to the sheet."""

    PRINT = "print"
    SCAN = "scan"
    PHOTOGRAPH = "photograph"


@app.command(epilog="Example: ecg-converter paper ptbxl/records500/00000/00001_hr --out pages --kind scan --seed 7")
def paper(  # noqa: PLR0917 - typer passes options by name
    records: Annotated[list[Path], typer.Argument(metavar="RECORD...", help="Recordings in any format that is read.")],
    out: Annotated[Path, typer.Option(help="Folder for the pages and the truth about them.")],
    kind: Annotated[KindName, typer.Option(help="What happened to the sheet.")] = KindName.PRINT,
    layout: Annotated[
        str | None, typer.Option(help="Rows x columns + rhythm strips: 3x4, 3x4+1, 3x4+3, 6x2 or 12x1; else drawn.")
    ] = None,
    maker: Annotated[str | None, typer.Option(help="Maker of the paper, by its name in the card; else drawn.")] = None,
    speed: Annotated[float | None, typer.Option(min=5, max=100, help="Paper speed, mm/s; else drawn.")] = None,
    gain: Annotated[float | None, typer.Option(min=1, max=40, help="Height of 1 mV, mm; else drawn.")] = None,
    dpi: Annotated[float | None, typer.Option(min=60, max=400, help="Resolution; else drawn.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same pages; each record adds 1.")] = 0,
    for_measuring: Annotated[
        bool, typer.Option("--for-measuring", help="Draw makers and layouts that are kept from training.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Print recordings on synthetic ECG paper, and scan or photograph it, with the truth for every pixel."""
    from converter.paper import Wanted, draw_page  # noqa: PLC0415 - SciPy and Pillow cost a second to import
    from converter.paper.write import truth_of, write_page  # noqa: PLC0415
    from reader.intake import read_file  # noqa: PLC0415

    stems = [out / record.with_suffix("").name for record in records]
    if twice := next((stem.name for number, stem in enumerate(stems) if stem in stems[:number]), None):
        raise InputError(f"two records are named {twice}: their pages would overwrite each other; draw them one by one")
    wanted = Wanted(layout, maker, speed, gain, for_measuring)
    truths = []
    for number, (record, stem) in enumerate(zip(records, stems, strict=True)):
        ecg = read_file(record).ecg
        page = draw_page(ecg, kind, seed + number, wanted, pixels_per_mm=None if dpi is None else dpi / 25.4)
        out.mkdir(parents=True, exist_ok=True)
        picture = write_page(page, stem, record.name)
        truths.append({"picture": str(picture), **truth_of(page, record.name)})
        if not as_json:
            plan = page.plan
            scale = f"{plan.speed_mm_s:g} mm/s, {plan.gain_mm_mv:g} mm/mV"
            typer.echo(f"{picture}: {page.kind} of {plan.layout}, {scale}, {plan.maker.name}")
    if as_json:
        print_json(truths)
