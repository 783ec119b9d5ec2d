"""Prints the demonstration: a few lines for each message, in colour if the terminal supports it."""

from __future__ import annotations

import threading
from collections import Counter, deque
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from ecg.samples import SAMPLE_RATE_HZ
from edge.bench.braille import draw

if TYPE_CHECKING:
    from edge.demo.buffered_source import BufferedSource

__all__ = ["TerminalView"]

STRIP_S = 5.0
"""The interval of vitals messages: with one strip each, the strips join."""

STRIP_DELAY_S = 3.0
"""A strip ends this long before its vitals message, so that all of its beats have labels."""

STRIP_ROWS = 5
MAX_COLUMNS = 100

_COLOURS = {"high": "bold white on red", "medium": "bold black on yellow", "low": "bold cyan"}
_BEAT_COLOURS = {"N": "green", "S": "yellow", "V": "bold red", "F": "magenta", "Q": "dim", "unclassified": "dim"}
_SYMBOLS = {"unclassified": "?"}


class TerminalView:
    """Prints messages as they come.

    Args:
        source: keeps the samples to draw.

    Attributes:
        offline: whether the monitor has published `offline`.
    """

    def __init__(self, source: BufferedSource) -> None:
        self.offline = False
        self._source = source
        self._console = Console(highlight=False, soft_wrap=True)
        self._lock = threading.Lock()
        self._recent: deque[tuple[int, str]] = deque(maxlen=100)  # beats: index, label
        self._messages: Counter[str] = Counter()
        self._beats: Counter[str] = Counter()
        self._alarms: Counter[str] = Counter()

    def print_introduction(self, *, duration_s: float, speed: float, port: int, model: str) -> None:
        """Print what the demonstration does."""
        self._print(Text("ECG Edge demonstration: a simulated heart. This is not a medical device.", "bold"))
        self._print(Text(f"{duration_s:.0f} s of its ECG at {speed:g} times real time. Ctrl-C to stop."))
        self._print(Text("Each line of ECG is 5 s long; the letter below each beat says what it is:"))
        self._print(Text("  N normal, S premature from the atria, V from a ventricle, F of both, Q of another kind,"))
        self._print(Text("  ? not classified, because its signal is too poor"))
        self._print(Text("Watch the heart rate, and the alarms as they open and close.\n"))
        self._print(Text(f"Model {model}; MQTT broker on 127.0.0.1:{port}\n", "dim"))

    def print_log_line(self, line: str) -> None:
        """Print a line of the log."""
        self._print(Text(f"  {line}", "dim"))

    def print_message(self, name: str, content: Any) -> None:
        """Print one message; `name` is its topic below the device's root."""
        self._messages[name] += 1
        if name == "status":
            self.offline = content == "offline"
            self._print(Text(f"status  {content}", "bold"))
        elif name == "vitals":
            self._vitals(content)
        elif name == "beats":
            for beat in content["beats"]:
                self._recent.append((beat["index"], beat["label"]))
                self._beats[beat["label"]] += 1
        elif name == "event":
            self._event(content)
        elif name == "summary/minute":
            beats = ", ".join(f"{label} {count}" for label, count in content["beats"].items())
            mean = content.get("heart_rate_mean_bpm")
            self._print(Text(f"minute  mean {_number(mean)} bpm; beats {beats or 'none'}", "blue"))

    def print_summary(self) -> None:
        """Print the totals."""
        beats = ", ".join(f"{label} {count}" for label, count in sorted(self._beats.items()))
        alarms = ", ".join(f"{kind} {count}" for kind, count in self._alarms.items())
        total = sum(self._messages.values())
        self._print(Text(f"\n{total} messages came through MQTT.", "bold"))
        self._print(Text(f"Beats: {sum(self._beats.values())} ({beats})."))
        self._print(Text(f"Alarms: {sum(self._alarms.values())} ({alarms})."))

    def _event(self, event: dict[str, Any]) -> None:
        if event["state"] == "opened":
            self._alarms[event["kind"]] += 1
        line = Text(f"{event['priority']:>6}  ", _COLOURS[event["priority"]] if event["state"] == "opened" else "dim")
        line.append(f"{event['kind']} {event['state']}", "bold" if event["state"] == "opened" else "dim")
        if "onset_index" in event:
            line.append(f" (onset {event['onset_index'] / SAMPLE_RATE_HZ:.1f} s)")
        if event["state"] == "opened":
            line.append(f": {event['text']}")
        self._print(line)

    def _vitals(self, vitals: dict[str, Any]) -> None:
        index = vitals.get("index")
        if index is None:
            return
        now_s = index / SAMPLE_RATE_HZ
        end_s = now_s - STRIP_DELAY_S
        start_s = end_s - STRIP_S
        if start_s >= 0:
            self._strip(start_s, end_s)
        line = Text(f"vitals  {now_s:5.0f} s  heart rate {_number(vitals.get('heart_rate_bpm')):>3} bpm  ", "bold")
        line.append(f"rhythm {vitals.get('rhythm', '?')}  quality {vitals.get('quality', '?')}  ")
        line.append(f"electrodes {vitals.get('electrodes', '?')}")
        if vitals["faults"]:
            line.append(f"  ({', '.join(vitals['faults'])})", "yellow")
        self._print(line)

    def _strip(self, start_s: float, end_s: float) -> None:
        columns = min(self._console.width, MAX_COLUMNS)
        labels = Text(" " * columns)
        for index, label in self._recent:
            column = round((index / SAMPLE_RATE_HZ - start_s) / STRIP_S * columns)
            if 0 <= column < columns:
                symbol = Text(_SYMBOLS.get(label, label), _BEAT_COLOURS.get(label, ""))
                labels = labels[:column] + symbol + labels[column + 1 :]
        for line in draw(self._source.samples_mv(start_s, end_s), columns=columns, rows=STRIP_ROWS):
            self._print(Text(line, "green"))
        self._print(labels)

    def _print(self, text: Text) -> None:
        with self._lock:  # log lines come from other threads
            self._console.print(text)


def _number(value: float | None) -> str:
    return "?" if value is None else f"{value:.0f}"
