"""The screen of `ecg-edge status`: shows the monitor's answer. An absent value is shown as unknown."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from ecg.errors import CheckFailedError
from ecg.events import Rhythm
from ecg.protocol.wording import RHYTHMS
from edge.control_socket import NotRunningError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["follow", "screen", "show"]

UNKNOWN: Final = "unknown"
REFRESH_S: Final = 1.0
STYLES: Final = {"high": "bold red", "medium": "yellow", "low": "cyan"}


def show(ask: Callable[[], dict[str, Any]]) -> None:
    """Show the monitor's status until Ctrl-C, or once if the output is not a terminal.

    Raises:
        CheckFailedError: no monitor answers the first time (raised by `ask`).
    """
    console = Console(highlight=False)
    screens = follow(ask)
    first = next(screens)
    if not console.is_terminal:
        console.print(first)
        return
    with suppress(KeyboardInterrupt), Live(first, console=console, auto_refresh=False) as live:
        while True:
            time.sleep(REFRESH_S)
            live.update(next(screens), refresh=True)


def follow(ask: Callable[[], dict[str, Any]]) -> Iterator[Group]:
    """Ask for each screen anew. A monitor that stops is shown as not running, until it runs again.

    Raises:
        CheckFailedError: no monitor answers the first time.
    """
    status = ask()
    device, seen = status["info"]["device"], datetime.now(UTC)
    yield screen(status, now=seen)
    while True:
        now = datetime.now(UTC)
        try:
            status = ask()
        except CheckFailedError as error:
            yield _absent(device, error, seen, now)
        else:
            device, seen = status["info"]["device"], now
            yield screen(status, now=now)


def _absent(device: str, error: CheckFailedError, seen: datetime, now: datetime) -> Group:
    title = Text(f"ECG {device}: ", style="bold")
    title.append("NOT RUNNING" if isinstance(error, NotRunningError) else "NO ANSWER", "bold red")
    last = f"  last answer {_duration((now - seen).total_seconds())} ago, {seen:%Y-%m-%d %H:%M:%S} UTC"
    return Group(title, Text(f"  {error}"), Text(last), Text("  waiting for it; Ctrl-C ends this"))


def screen(status: dict[str, Any], *, now: datetime) -> Group:
    """Lay out an answer to the command `status`."""
    info, alarms = status["info"], status["alarms"]["alarms"]
    rows = Table.grid(padding=(0, 2))
    rows.add_column(style="dim", no_wrap=True)
    rows.add_column()
    for name, text in (
        *_vitals_rows(status.get("vitals", {})),
        *_system_rows(status, now),
        *_today_rows(status.get("today")),
    ):
        rows.add_row(name, text)
    title = Text(f"ECG {info['device']}: ", style="bold")
    if status["watching"]:
        title.append("watching", "bold green")
    else:
        title.append(f"NOT WATCHING: {status['trouble']}", "bold red")
    return Group(title, *_alarms(alarms, status["alarms"].get("snoozes", []), now), rows)


def _vitals_rows(vitals: dict[str, Any]) -> list[tuple[str, str]]:
    rhythm = vitals.get("rhythm")
    signal = _number(vitals.get("quality"), "{:.0%}")
    faults = ", ".join(vitals.get("faults", []))
    return [
        ("heart rate", _number(vitals.get("heart_rate_bpm"), "{:.0f} bpm")),
        ("rhythm", UNKNOWN if rhythm is None else RHYTHMS[Rhythm(rhythm)]),
        ("signal", f"{signal} ({faults})" if faults else signal),
        ("electrodes", vitals.get("electrodes", UNKNOWN)),
    ]


def _alarms(alarms: list[dict[str, Any]], snoozes: list[dict[str, Any]], now: datetime) -> list[Text]:
    by_priority = sorted(alarms, key=lambda alarm: list(STYLES).index(alarm["priority"]))
    lines = [_alarm(alarm, now) for alarm in by_priority]
    lines += [
        Text(f"  silent until {_utc_time(snooze['until'])}: {snooze.get('kind', 'the buzzer')}", "dim")
        for snooze in snoozes
    ]
    return [*(lines or [Text("  no alarm")]), Text()]


def _alarm(alarm: dict[str, Any], now: datetime) -> Text:
    text = f"  {alarm['priority']:<6} {alarm['text']} For {_age(alarm['onset'], now)}"
    if alarm.get("acknowledged"):
        text += f"; acknowledged {_age(alarm['acknowledged'], now)} ago by {alarm.get('acknowledged_by', UNKNOWN)}"
    else:
        text += "; not acknowledged"
        times = alarm.get("escalations", 0)
        text += f", raised again {times} times" if times else ""
    if unseen := alarm.get("unseen_since"):
        text += f"; not seen for {_age(unseen, now)}"
    cause = alarm["evidence"].get("cause")
    return Text(f"{text}. {cause or ''}".rstrip(), STYLES[alarm["priority"]])


def _system_rows(status: dict[str, Any], now: datetime) -> list[tuple[str, str]]:
    broker, recording, info, machine = (status[key] for key in ("broker", "recording", "info", "machine"))
    event = status.get("event")
    reached = "connected to" if broker["connected"] else "NOT CONNECTED to"
    trouble = f" ({broker['trouble']})" if broker.get("trouble") else ""
    rate = f"true rate {_number(info.get('rate_hz'), '{:.2f} Hz')}"
    front_end = f"{info['source']}, {info['nominal_rate_hz']:g} Hz, {rate}; {machine['lost_s']:g} s of samples lost"
    if fault := status.get("front_end_fault"):
        front_end += f"; {fault}"
    model = f"{info['model']} {info['model_version']}" if "model" in info else "none"
    parts = [f"up {_duration(machine['uptime_s'])}", f"version {info['version']}"]
    if "battery_percent" in machine:
        charging = " (charging)" if machine.get("battery_charging") else ""
        parts.append(f"battery {machine['battery_percent']:.0f} %{charging}")
    if "temperature_c" in machine:
        parts.append(f"{machine['temperature_c']:.0f} °C")
    if machine.get("clock_set") is False:
        parts.append("CLOCK NOT SET")
    return [
        ("last event", "none" if event is None else f"{event['kind']} {event['state']} {_age(event['time'], now)} ago"),
        ("broker", f"{reached} {broker['address']}{trouble}; {broker['undelivered']} undelivered messages"),
        ("recording", _recording(recording)),
        ("front end", front_end),
        ("model", model),
        ("machine", ", ".join(parts)),
    ]


def _recording(recording: dict[str, Any]) -> str:
    state = recording["state"] if recording["state"] != "stopped" else "STOPPED"
    trouble = f" ({recording['trouble']})" if recording.get("trouble") else ""
    kept = _number(recording.get("kept_mb"), "{:.0f} MB kept")
    free = _number(recording.get("free_mb"), "{:.0f} MB free")
    return f"{state}{trouble}; {kept}, {free}" if state != "off" else f"off; {free}"


def _today_rows(today: dict[str, Any] | None) -> list[tuple[str, str]]:
    if today is None:
        return [("today", "the first minute is not over yet")]
    rates = " / ".join(_number(today.get(f"heart_rate_{each}_bpm"), "{:.0f}") for each in ("min", "mean", "max"))
    ectopic = _number(today.get("ectopic_burden"), "{:.1%}")
    beats = ", ".join(f"{label} {count}" for label, count in sorted(today["beats"].items())) or "none"
    return [
        ("today", f"{_duration(today['duration_s'])} watched since {_utc_time(today['start'])}"),
        ("", f"heart rate min / mean / max {rates} bpm"),
        ("", f"beats {beats}"),
        ("", f"ectopic beats {ectopic}, longest RR {_number(today.get('longest_rr_ms'), '{:.0f} ms')}"),
        ("", f"good signal {_number(today.get('good_signal_share'), '{:.0%}')}, lost {today['lost_s']:g} s"),
    ]


def _number(value: float | None, form: str) -> str:
    return UNKNOWN if value is None else form.format(value)


def _utc_time(moment: str) -> str:
    return datetime.fromisoformat(moment).strftime("%Y-%m-%d %H:%M UTC")


def _age(moment: str, now: datetime) -> str:
    return _duration((now - datetime.fromisoformat(moment)).total_seconds())


def _duration(seconds: float) -> str:
    """Format with at most two units: 5 s, 3 min 20 s, 2 h 5 min, 4 d 1 h."""
    left = max(0, round(seconds))
    units = [("d", 86400), ("h", 3600), ("min", 60), ("s", 1)]
    parts: list[str] = []
    for name, length in units:
        count, left = divmod(left, length)
        if count or (parts and len(parts) < 2) or (name == "s" and not parts):
            parts.append(f"{count} {name}")
    return " ".join(parts[:2])
