"""The commands about the recording: `export`, `events` and `report`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ecg.command_line import complain
from ecg.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.config import Settings

__all__ = ["add_recording_commands", "events", "export", "report"]

PROGRAM = "ecg-edge"

RecordingConfig = Annotated[
    Path | None,
    typer.Argument(
        metavar="[CONFIG.toml]", help="Settings file; default: yours, else the service's.", show_default=False
    ),
]


def add_recording_commands(app: typer.Typer) -> None:
    """Add the commands to a command line."""
    app.command(epilog="Example: ecg-edge export edge.toml strip.png --event last")(export)
    app.command(epilog="Example: ecg-edge events edge.toml --day 2026-05-01")(events)
    app.command(epilog="Example: ecg-edge report edge.toml --day 2026-05-01 --out monday.pdf")(report)


def export(  # noqa: PLR0917 - typer passes by keyword
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="[CONFIG.toml] OUT",
            help="Settings file, if not the usual one, and a .png, .svg, .pdf, .edf or .csv file; else a WFDB record.",
            show_default=False,
        ),
    ],
    start: Annotated[str, typer.Option("--from", metavar="TIME", help="UTC, like 2026-05-01T12:00:00.")] = "",
    end: Annotated[str, typer.Option("--to", metavar="TIME", help="UTC; default: the end of the recording.")] = "",
    last: Annotated[str, typer.Option(metavar="TIME", help="The last 30s, 10min or 2h of the recording.")] = "",
    event: Annotated[
        str, typer.Option(metavar="EVENT", help="The ECG around an alarm: last, a number of `events`, or a UUID.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print what was written as JSON.")] = False,
) -> None:
    """Write a part of the recording to a file.

    The file is a WFDB record, EDF+, CSV, or a picture on ECG paper (PNG, SVG or PDF; 25 mm/s, 10 mm/mV).
    """
    import json  # noqa: PLC0415

    from edge.cli.progress import record_progress  # noqa: PLC0415
    from edge.cli.span import span  # noqa: PLC0415
    from edge.storage.excerpt import excerpt  # noqa: PLC0415
    from edge.storage.export import export as write  # noqa: PLC0415
    from edge.storage.past_events import find_event  # noqa: PLC0415
    from edge.storage.recorder import recording_folder  # noqa: PLC0415

    config, out = _config_and_out(paths)
    storage = _settings(config).storage
    folder = recording_folder(storage)
    found = find_event(folder, event) if event else None
    chosen = "" if found is None else found.uuid
    stretch = excerpt(folder, *span(storage, start=start, end=end, last=last, event=chosen))
    with record_progress([out.name]) as progress:
        written = write(out, stretch, progress=progress)
    for complaint in stretch.complaints:
        complain(PROGRAM, complaint)
    assert stretch.start_utc is not None
    assert stretch.length is not None
    seconds = float(stretch.length / stretch.rate_hz)
    about = "" if found is None else f", around event {found.number}: {found.name}, {found.onset:%H:%M:%S}"
    if as_json:
        result = {"file": str(written), "start": stretch.start_utc.isoformat(), "seconds": round(seconds, 3)}
        result |= {"rate_hz": float(stretch.rate_hz), "complaints": stretch.complaints}
        typer.echo(json.dumps(result if found is None else result | {"event": found.uuid}))
    else:
        start_text = f"{stretch.start_utc:%Y-%m-%d %H:%M:%S} UTC"
        typer.echo(f"{written}: {seconds:.1f} s from {start_text}, {stretch.rate_hz} Hz{about}")
    if stretch.complaints:
        raise typer.Exit(ExitCode.CHECK_FAILED)


def events(
    config: RecordingConfig = None,
    day: Annotated[str, typer.Option(metavar="DATE", help="Only those of one day, UTC: 2026-05-01, today.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the events as JSON.")] = False,
) -> None:
    """List the alarms of the past, as far as the recording reaches back.

    The number in front selects one for `export --event`.
    """
    import msgspec  # noqa: PLC0415

    from edge.cli.durations import parse_day  # noqa: PLC0415
    from edge.storage.past_events import past_events  # noqa: PLC0415
    from edge.storage.recorder import recording_folder  # noqa: PLC0415

    date = parse_day(day, "--day") if day else None
    found = past_events(recording_folder(_settings(config).storage))
    found = [event for event in found if date is None or event.onset.date() == date]
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(found), indent=2))
        return
    for event in found:
        lasted = "" if event.duration_s is None else f"{event.duration_s:.0f} s"
        line = f"{event.number:>5}  {event.onset:%Y-%m-%d %H:%M:%S}  {event.priority:<6}  {event.name:<24}  {lasted:>7}"
        typer.echo(f"{line}  {event.words}".rstrip())
    if not found:
        typer.echo("no events" if date is None else f"no events on {date}")


def report(
    config: RecordingConfig = None,
    day: Annotated[str, typer.Option(metavar="DATE", help="UTC: 2026-05-01, yesterday; default: the last.")] = "",
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.pdf", help="Default: report-DEVICE-DATE.pdf.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures of the day as JSON.")] = False,
) -> None:
    """Write a report of one day as PDF.

    Heart rate, rhythm, burdens, share of good signal, and each event with its ECG.
    """
    import json  # noqa: PLC0415

    import msgspec  # noqa: PLC0415

    from ecg.protocol.encoder import encode  # noqa: PLC0415
    from edge.cli.durations import parse_day  # noqa: PLC0415
    from edge.cli.progress import record_progress  # noqa: PLC0415
    from edge.report.write import write_report  # noqa: PLC0415
    from edge.storage.excerpt import recording_end  # noqa: PLC0415
    from edge.storage.recorder import recording_folder  # noqa: PLC0415

    settings = _settings(config)
    folder = recording_folder(settings.storage)
    date = parse_day(day, "--day") if day else recording_end(folder).date()
    path = out or Path(f"report-{settings.device.id}-{date}.pdf")
    with record_progress([str(date)]) as progress:
        told = write_report(path, folder, date, progress=progress)
    for complaint in told.complaints:
        complain(PROGRAM, complaint)
    if as_json:
        figures = json.loads(encode(told.summary, told.device).payload)
        listed = msgspec.to_builtins(told.events)
        typer.echo(json.dumps({"file": str(path), "summary": figures, "events": listed}, indent=2))
    else:
        hours = told.summary.tally.duration_s / 3600
        typer.echo(f"{path}: {date} UTC, {hours:.1f} h watched, {len(told.events)} events")
    if told.complaints:
        raise typer.Exit(ExitCode.CHECK_FAILED)


def _config_and_out(paths: Sequence[Path]) -> tuple[Path | None, Path]:
    if len(paths) > 2:
        raise typer.BadParameter("give a settings file and one file to write")
    if len(paths) == 1 and paths[0].suffix == ".toml":
        raise typer.BadParameter(f"{paths[0]} is a settings file; name the file to write after it")
    return (paths[0] if len(paths) == 2 else None), paths[-1]


def _settings(config: Path | None) -> Settings:
    from edge.config import load_found  # noqa: PLC0415

    return load_found(config)
