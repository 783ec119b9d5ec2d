"""The command line `ecg-edge`: `demo`, `run`, `replay`, `status`, `mark`, `doctor`, `selftest` and so on.

`ecg.command_line` reports errors. Each command imports what it needs, so that the others start fast.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from ecg.command_line import HELP_OPTIONS, complain
from ecg.command_line import run as run_command_line
from ecg.errors import ExitCode, InputError
from edge import __version__
from edge.cli import completion
from edge.cli.model import model_app
from edge.cli.recording import add_recording_commands

if TYPE_CHECKING:
    from edge.config import Settings

__all__ = ["app", "main"]

PROGRAM = "ecg-edge"

app = typer.Typer(
    name=PROGRAM,
    help="Monitor an ECG: find and classify each beat, raise rhythm alarms, notify caregivers over MQTT.\n\n"
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


config_app = typer.Typer(help="Settings: show, check, print the commented default.", rich_markup_mode=None)
app.add_typer(config_app, name="config")
app.add_typer(model_app, name="model")

ConfigFile = Annotated[Path, typer.Argument(metavar="CONFIG.toml", help="Settings file.", show_default=False)]
OptionalConfigFile = Annotated[
    Path | None, typer.Argument(metavar="[CONFIG.toml]", help="Settings file; default: the default settings.")
]
FoundConfigFile = Annotated[
    Path | None,
    typer.Argument(
        metavar="[CONFIG.toml]", help="Settings file; default: yours, else the service's.", show_default=False
    ),
]
SourceKind = Annotated[
    str,
    typer.Option(
        "--source",
        metavar="KIND",
        help="Source to use instead of source.kind: ads1292, ...",
        autocompletion=completion.sources,
    ),
]


@app.command(epilog="Example: ecg-edge demo --speed 8")
def demo(
    speed: Annotated[float, typer.Option(min=0.1, max=100, help="Speed relative to real time.")] = 4.0,
    scenario: Annotated[
        str,
        typer.Option(
            help='Name of a scenario or situation, or steps like "normal:20,vt:8" (kind:seconds).',
            autocompletion=completion.scenarios,
        ),
    ] = "demo",
    model: Annotated[str, typer.Option(help="Model file; default: the shipped one.", show_default=False)] = "",
) -> None:
    """Monitor a simulated heart in this terminal.

    Runs the whole monitor and its own MQTT broker. Plays the scenario once and prints the MQTT messages: vitals,
    beats, alarms and the ECG.
    """
    from edge.demo import run_demo  # noqa: PLC0415

    run_demo(speed=speed, scenario=scenario, model=model)


@app.command(epilog="Example: ecg-edge run edge.toml (ecg-edge config default > edge.toml writes a default file)")
def run(
    config: ConfigFile,
    source: SourceKind = "",
) -> None:
    """Monitor the source that the settings name.

    Publishes to the broker until the source ends, or until SIGTERM or Ctrl-C.
    """
    from edge import logs  # noqa: PLC0415
    from edge.config import load  # noqa: PLC0415
    from edge.frontends.pins import refuse_taken_pins  # noqa: PLC0415
    from edge.service import daemon  # noqa: PLC0415

    settings = load(config, source=source)
    if settings.source.kind in {"ads1292", "ad8232"}:
        refuse_taken_pins(settings, name=str(config))
    logs.set_up()
    daemon.run(settings)


@app.command(epilog="Example: ecg-edge replay mitdb/100 mitdb/200 --annotations out --events out/events.jsonl")
def replay(  # noqa: PLR0917 - typer passes by keyword
    records: Annotated[
        list[Path],
        typer.Argument(
            metavar="RECORD",
            help="WFDB records, EDF+, CSV, SCP-ECG, aECG, Sierra XML or DICOM files, also packed; folders of them.",
            show_default=False,
        ),
    ],
    annotations: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write each record's beats to DIR/RECORD.edge.")
    ] = None,
    events: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the messages to FILE, one JSON object a line.")
    ] = None,
    channel: Annotated[str, typer.Option(help="Name or number of the signal.", show_default="the first ECG")] = "",
    rate: Annotated[str, typer.Option(metavar="HZ", help="Sampling rate, if the file does not tell it.")] = "",
    unit: Annotated[
        str, typer.Option(metavar="UNIT", help="Unit of the samples: mV, uV, V, or a step's worth such as 200/mV.")
    ] = "",
    time_column: Annotated[
        str, typer.Option(metavar="COLUMN", help="Column of a CSV file that has the times, by name or number; or none.")
    ] = "",
    speed: Annotated[float, typer.Option(min=0, help="Speed relative to real time; 0 = as fast as possible.")] = 0.0,
    model: Annotated[str, typer.Option(help="Model file; default: the one that the monitor uses.")] = "",
    config: Annotated[Path | None, typer.Option(metavar="CONFIG.toml", help="Settings file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the results as JSON.")] = False,
) -> None:
    """Run the monitor's pipeline over recordings.

    The pipeline is the same as live, so the events are the same.
    """
    import msgspec  # noqa: PLC0415

    from ecg.formats.options import ReadOptions  # noqa: PLC0415
    from edge.cli.progress import record_progress  # noqa: PLC0415
    from edge.config import Settings, load  # noqa: PLC0415
    from edge.inference import TFLiteClassifier, load_classifier  # noqa: PLC0415
    from edge.model_store import read_selected  # noqa: PLC0415
    from edge.service.replay import replay as replay_records  # noqa: PLC0415

    options = ReadOptions.parse(rate=rate, unit=unit, time_column=time_column)
    settings = load(config) if config is not None else Settings()
    classifier = load_classifier(model) if model else TFLiteClassifier(read_selected(settings.model))
    with record_progress([path.name for path in records]) as progress:
        results = replay_records(
            records,
            settings=settings,
            classifier=classifier,
            channel=channel,
            options=options,
            annotations=annotations,
            events=events,
            speed=speed,
            progress=progress,
        )
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(results), indent=2))
    failed = [result for result in results if result.error is not None]
    for result in results:
        if not as_json and result.understood:
            typer.echo(result.understood)
        for warning in result.warnings:
            complain(PROGRAM, f"warning: {result.record}: {warning}")
        if result.error is not None:
            complain(PROGRAM, f"{result.record}: {result.error}" if result.record not in result.error else result.error)
        if not as_json and (result.error is None or result.duration_s):
            typer.echo(result.summary)
    if failed:
        raise typer.Exit(ExitCode.USAGE)


@app.command(epilog="Example: ecg-edge situations asystole coarse_vf --plays 5")
def situations(  # noqa: PLR0917 - typer passes by keyword
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME]...",
            help="Situations; default: all.",
            show_default=False,
            autocompletion=completion.situations,
        ),
    ] = None,
    plays: Annotated[int, typer.Option(min=1, max=10_000, help="Plays of each situation, with other dice.")] = 1,
    seed: Annotated[int, typer.Option(min=0, help="Of the dice.")] = 1,
    workers: Annotated[int, typer.Option(min=1, max=256, help="Processes that play.")] = 1,
    save: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write each play to DIR as a WFDB record as well.")
    ] = None,
    page: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the table of situations to FILE as Markdown.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print every play as JSON.")] = False,
) -> None:
    """Play textbook situations through the monitor and check what it tells.

    Each situation is a synthetic ECG with the telling that is right. The dice draw the patient: shapes, rates, heights
    and noise. Prints how many plays were told right, and what was wrong in the others.

    Exit code: 1 if anything was wrong.
    """
    import msgspec  # noqa: PLC0415

    from ecg.files import replace_file  # noqa: PLC0415
    from edge.gallery import choose, play_all, save_play  # noqa: PLC0415
    from edge.gallery.page import page as as_page  # noqa: PLC0415
    from edge.gallery.page import results_of  # noqa: PLC0415
    from edge.gallery.table import as_json as facts  # noqa: PLC0415
    from edge.gallery.table import open_console, print_situation, summary  # noqa: PLC0415

    console = open_console()
    verdicts, chosen = [], choose(names or [])
    for verdict in play_all(chosen, plays=plays, seed=seed, workers=workers):
        verdicts.append(verdict)
        if save is not None:
            save_play(verdict.name, verdict.play, seed=seed, folder=save)
        if not as_json and verdict.play == plays - 1:
            print_situation(console, verdicts[-plays:])
    if page is not None:
        replace_file(page, as_page(results_of(verdicts)).encode())
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(facts(verdicts)), indent=2))
    else:
        console.print(summary(verdicts))
    if not all(verdict.right for verdict in verdicts):
        raise typer.Exit(ExitCode.CHECK_FAILED)


@app.command(epilog="Example: ecg-edge status edge.toml --json")
def status(
    config: FoundConfigFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the status once, as JSON.")] = False,
) -> None:
    """Show the status of the monitor that runs on this machine.

    Asks the monitor directly, without the network, each second until Ctrl-C; also while the monitor restarts.
    """
    import msgspec  # noqa: PLC0415

    from edge.cli.status_screen import show  # noqa: PLC0415
    from edge.config import load_found  # noqa: PLC0415
    from edge.control_socket import send_command  # noqa: PLC0415

    folder = load_found(config).storage.folder

    def answer() -> dict[str, Any]:
        found: dict[str, Any] = send_command(folder, "status", {})["status"]
        return found

    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(answer()), indent=2))
    else:
        show(answer)


@app.command(epilog='Example: ecg-edge mark edge.toml --text "dizzy"')
def mark(
    config: FoundConfigFile = None,
    text: Annotated[str | None, typer.Option(help="What the patient feels.", show_default=False)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the monitor's answer as JSON.")] = False,
) -> None:
    """Mark a patient event now.

    Sends it to the monitor that runs on this machine with these settings. It raises an alarm of medium priority.
    """
    import msgspec  # noqa: PLC0415

    from edge.config import load_found  # noqa: PLC0415
    from edge.control_socket import send_command  # noqa: PLC0415

    answer = send_command(load_found(config).storage.folder, "mark", {} if text is None else {"text": text})
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(answer), indent=2))
    if not answer["ok"]:
        raise InputError(answer["text"])
    if not as_json:
        typer.echo(answer["text"])


add_recording_commands(app)


@app.command(epilog="Example: ecg-edge doctor edge.toml   (on a new Pi: ecg-edge doctor --source ads1292)")
def doctor(
    config: OptionalConfigFile = None,
    source: SourceKind = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the results as JSON.")] = False,
) -> None:
    """Check front end, model, broker and system.

    Names the likely cause of each failure and what to check. The command does not disturb a running monitor: it then
    skips the front end.

    Exit code: 3 if the hardware failed, else 4 if the network failed, else 1 if any other check failed. Warnings and
    skipped checks do not count.
    """
    import msgspec  # noqa: PLC0415

    from edge.doctor import checks, exit_code, run_checks  # noqa: PLC0415
    from edge.doctor.table import open_console, print_result, show_running, summary  # noqa: PLC0415

    settings = _settings(config, source)
    console = open_console()
    results = []
    with checks(settings) as listed:
        for result in run_checks(listed, on_start=partial(show_running, console)):
            results.append(result)
            if not as_json:
                print_result(console, result)
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(results), indent=2))
    else:
        console.print(summary(results))
    raise typer.Exit(exit_code(results))


@app.command(epilog="Example: ecg-edge selftest edge.toml --out selftest-bed-3.md")
def selftest(
    config: OptionalConfigFile = None,
    source: SourceKind = "",
    out: Annotated[
        Path | None, typer.Option(metavar="REPORT", help="Write the report to this file: .json, else Markdown.")
    ] = None,
    given: Annotated[
        str,
        typer.Option(
            "--input",
            metavar="shorted|1mV",
            help="Input of an AD8232's electrodes: shorted together, or square pulses of 1 mV.",
            show_default=False,
        ),
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Measure a front end and compare it with its limits.

    ADS1292: internal test signal, noise with shorted inputs, clock, temperature and supplies. AD8232, which has no test
    signal: output, timing and lost samples, and with --input also noise or gain. Takes 20 s. Stop the monitor first.

    Exit code: 1 if a value is outside its limits, 3 if the chip does not answer.
    """
    from edge.bench.report import save_report  # noqa: PLC0415
    from edge.bench.selftest import selftest as run_selftest  # noqa: PLC0415

    report = run_selftest(
        _settings(config, source), on_start=lambda what: typer.echo(f"{what} ...", err=True), electrode_input=given
    )
    if out is not None:
        save_report(report, out)
    typer.echo((report.json().decode() if as_json else report.markdown()).rstrip())
    if not report.passed:
        raise typer.Exit(ExitCode.CHECK_FAILED)


@app.command(epilog="Example: ecg-edge record bench/shorted edge.toml --source ads1292 --duration 5min")
def record(  # noqa: PLR0917 - typer passes by keyword
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The WFDB record to write.", show_default=False)],
    config: OptionalConfigFile = None,
    duration: Annotated[str, typer.Option(metavar="TIME", help="60s, 10min or 2h.")] = "60s",
    source: SourceKind = "",
    scope: Annotated[bool, typer.Option("--scope/--no-scope", help="Show the trace, on a terminal.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was recorded as JSON.")] = False,
) -> None:
    """Record the raw samples of a source.

    Writes a WFDB record at the source's own rate and full resolution, without pipeline or alarms. Lost samples get
    WFDB's invalid value. Electrode states and faults are notes in OUT.edge. Ctrl-C ends the record, which is then
    complete. Stop the monitor first if it uses the front end.
    """
    import msgspec  # noqa: PLC0415

    from edge.bench.record import record_source  # noqa: PLC0415
    from edge.cli.durations import parse_duration_s  # noqa: PLC0415

    result = record_source(
        _settings(config, source), out, duration_s=parse_duration_s(duration, "--duration"), show_trace=scope
    )
    typer.echo(msgspec.json.encode(result.facts()).decode() if as_json else result.sentence())


@config_app.command(epilog="Example: ecg-edge config show edge.toml")
def show(config: FoundConfigFile = None) -> None:
    """Print every setting in force: the value in the file, else the default."""
    from edge.config import load_found, render_in_force  # noqa: PLC0415
    from edge.config.places import find_settings  # noqa: PLC0415

    found = find_settings() if config is None else config
    typer.echo(f"# {found or 'No settings file: the defaults'}")
    typer.echo(render_in_force(load_found(found)), nl=False)


@config_app.command(epilog="Example: ecg-edge config check edge.toml")
def check(config: ConfigFile) -> None:
    """Check a settings file and list every mistake."""
    from edge.config import load  # noqa: PLC0415
    from edge.frontends.pins import refuse_taken_pins  # noqa: PLC0415

    refuse_taken_pins(load(config), name=str(config))
    typer.echo(f"{config}: no mistakes")


@config_app.command(epilog="Example: ecg-edge config default > edge.toml")
def default() -> None:
    """Print a default settings file with a comment on each key."""
    from edge.config import Settings, render  # noqa: PLC0415

    typer.echo(render(Settings()), nl=False)


def _settings(config: Path | None, source: str) -> Settings:
    from edge.config import load, parse  # noqa: PLC0415

    return load(config, source=source) if config is not None else parse("", name="default settings", source=source)


def main() -> NoReturn:
    """Run the command line and exit with its code."""
    sys.exit(run_command_line(app, sys.argv[1:], program=PROGRAM, version=__version__))
