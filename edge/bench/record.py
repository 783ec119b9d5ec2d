"""Runs a bench recording, with the live trace on a terminal; Ctrl-C or SIGTERM ends it cleanly."""

from __future__ import annotations

import signal
import sys
import threading
from typing import TYPE_CHECKING

from edge import logs
from edge.bench.recording import BenchRecording, Recorded

if TYPE_CHECKING:
    from pathlib import Path

    from ecg.samples import SampleBlock
    from edge.config import Settings

__all__ = ["record_source"]


def record_source(settings: Settings, out: Path, *, duration_s: float, show_trace: bool) -> Recorded:
    """Record a source; with `show_trace`, show it live if standard output is a terminal.

    Raises:
        EcgEdgeError: as `BenchRecording` and its `run`.
    """
    stop = threading.Event()
    recording = BenchRecording(settings, out, duration_s=duration_s, stop=stop)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    if not (show_trace and sys.stdout.isatty()):
        logs.set_up()
        return recording.run(_ignore)
    from rich.console import Console  # noqa: PLC0415 (only for the trace)
    from rich.live import Live  # noqa: PLC0415 (only for the trace)

    from edge.bench.live_trace import LiveTrace  # noqa: PLC0415 (the pipeline takes a while to load)

    # A terminal that cannot show braille gets question marks, not an error.
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    with Live(console=Console(highlight=False), auto_refresh=False) as live:
        logs.set_up()  # inside Live, so that log lines appear above the trace
        trace = LiveTrace(
            live, name=recording.name, rate_hz=recording.rate_hz, duration_s=duration_s, settings=settings
        )
        return recording.run(trace)


def _ignore(block: SampleBlock | None, *, rate_hz: float | None) -> None:
    del block, rate_hz
