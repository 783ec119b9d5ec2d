"""A bench recording with its scope, ended in order by Ctrl-C or SIGTERM."""

from __future__ import annotations

import signal
import sys
import threading
from typing import TYPE_CHECKING

from edge.bench.recording import BenchRecording, Recorded
from edge.service import logs

if TYPE_CHECKING:
    from pathlib import Path

    from ecg.samples import SampleBlock
    from edge.config import Settings

__all__ = ["record_and_show"]


def record_and_show(settings: Settings, out: Path, *, duration_s: float, scope: bool) -> Recorded:
    """Record; with a scope where one is wanted and standard output is a terminal.

    Raises:
        EcgEdgeError: as `BenchRecording` and its `run`.
    """
    stop = threading.Event()
    recording = BenchRecording(settings, out, duration_s=duration_s, stop=stop)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    if not (scope and sys.stdout.isatty()):
        logs.set_up()
        return recording.run(_unseen)
    from rich.console import Console  # noqa: PLC0415 (only for the scope)
    from rich.live import Live  # noqa: PLC0415 (only for the scope)

    from edge.bench.scope import Scope  # noqa: PLC0415 (the pipeline takes a while to load)

    # A terminal that cannot show braille gets question marks, not an error.
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    with Live(console=Console(highlight=False), auto_refresh=False) as live:
        logs.set_up()  # within, so that its lines come out above the picture
        view = Scope(live, name=recording.name, rate_hz=recording.rate_hz, duration_s=duration_s, settings=settings)
        return recording.run(view)


def _unseen(block: SampleBlock | None, *, rate_hz: float | None) -> None:
    del block, rate_hz
