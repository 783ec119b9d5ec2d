"""`ecg-reader digitise`: pages to records, for a person or a program."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from ecg.command_line import complain
from ecg.errors import InputError
from reader.cli.progress import file_progress
from reader.own_process import DigitiseRequest, digitise_all

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from reader.digitise.report import Digitisation

__all__ = ["digitise_files", "record_names"]

_PROGRAM: Final = "ecg-reader"
_NO_NAME: Final = re.compile(r"[^A-Za-z0-9_-]")
_CHECKS: Final = (
    ("einthoven_db", "I + III - II"),
    ("goldberger_db", "aVR + aVL + aVF"),
    ("twice_db", "printed twice"),
)


def digitise_files(files: Sequence[Path], out: Path, *, as_json: bool, overlay: Path | None, speed_mm_s: float) -> int:
    """Digitise files and show what became of each. Return how many were refused.

    Raises:
        InputError: two files would give one record, or an overlay is asked for several files.
    """
    import typer  # noqa: PLC0415

    if overlay is not None and len(files) > 1:
        raise InputError("--overlay draws one page; give one file")
    requests = [
        DigitiseRequest(
            path=os.fsencode(path),
            record=os.fsencode(out / name),
            overlay=None if overlay is None else os.fsencode(overlay),
            speed_mm_s=speed_mm_s,
        )
        for path, name in zip(files, record_names(files), strict=True)
    ]
    found: list[Digitisation] = []
    with file_progress(files) as progress:
        for digitisation in digitise_all(requests):
            found.append(digitisation)
            progress()
            if digitisation.refused is not None:
                complain(_PROGRAM, digitisation.refused)
            elif not as_json:
                typer.echo(_told(digitisation))
    if as_json:
        import msgspec  # noqa: PLC0415

        typer.echo(msgspec.json.format(msgspec.json.encode(found), indent=2))
    return sum(digitisation.refused is not None for digitisation in found)


def record_names(files: Sequence[Path]) -> list[str]:
    """The name of each file's record: that of the file, with _ for what WFDB does not take.

    Raises:
        InputError: two are the same.
    """
    names = [_NO_NAME.sub("_", path.stem) or "_" for path in files]
    for number, name in enumerate(names):
        if name in names[:number]:
            first = files[names.index(name)]
            raise InputError(
                f"{first} and {files[number]} would both be the record {name}; digitise them to two folders"
            )
    return names


def _told(found: Digitisation) -> str:
    """What was found on a page, as lines for a person."""
    strips = f", rhythm strip {' '.join(found.rhythm_strips)}" if found.rhythm_strips else ""
    calibration = "read from the pulse" if found.calibrated else "assumed"
    assert found.self_check is not None
    checks = [
        f"{name} {value:.1f} dB" for key, name in _CHECKS if (value := getattr(found.self_check, key)) is not None
    ]
    lost = [f"{lead} {100 * (1 - share):.0f} %" for lead, share in found.printed.items() if share < 1]
    lines = [
        f"{found.file}: {found.layout}{strips}, {found.duration_s:.1f} s",
        f"    scale       {found.gain_mm_a_mv:g} mm/mV ({calibration}), {found.speed_mm_s:g} mm/s",
        f"    self-check  {', '.join(checks) or 'nothing to compare'}",
    ]
    if lost:
        lines.append(f"    lost        {', '.join(lost)}")
    lines += [f"    note        {remark}" for remark in found.remarks]
    return "\n".join([*lines, f"    record      {found.record}"])
