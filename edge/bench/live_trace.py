"""The live trace in the terminal: the last seconds of the ECG, with scale, heart rate and electrode state."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Group
from rich.text import Text

from ecg.events import Vitals
from edge.bench.braille import draw, vertical_range_mv
from edge.pipeline import Pipeline

if TYPE_CHECKING:
    from fractions import Fraction

    from rich.live import Live

    from ecg.samples import FloatArray, SampleBlock
    from edge.config import Settings

__all__ = ["LiveTrace"]

SPAN_S = 4.0
ROWS = 12
AXIS = 9
"""Columns for the scale on the left."""

MAX_COLUMNS = 120
FRAME_S = 0.15
"""Between two frames: seven a second look smooth and cost a Pi Zero little."""


class LiveTrace:
    """Shows the samples while they are recorded.

    Args:
        live: the display.
        name: of the source.
        rate_hz: its nominal rate.
        duration_s: of the recording.
        settings: for the pipeline that measures the heart rate.
    """

    def __init__(self, live: Live, *, name: str, rate_hz: Fraction, duration_s: float, settings: Settings) -> None:
        self._live = live
        self._name = name
        self._nominal_hz = rate_hz
        self._duration_s = duration_s
        self._pipeline = Pipeline(rate_hz=rate_hz, settings=settings.rhythm)
        self._trace_mv: FloatArray = np.full(round(SPAN_S * rate_hz), np.nan)
        self._first: int | None = None
        self._end = 0
        self._valid = 0
        self._vitals: Vitals | None = None
        self._electrode_off: bool | None = None
        self._fault: str | None = None
        self._due_s = 0.0

    def __call__(self, block: SampleBlock | None, *, rate_hz: float | None) -> None:
        """Take a block, and draw when a frame is due."""
        if block is not None and len(block.samples_mv):
            self._take(block)
        if time.monotonic() >= self._due_s:
            self._due_s = time.monotonic() + FRAME_S
            self.draw(rate_hz)

    def draw(self, rate_hz: float | None) -> None:
        """Draw the current state."""
        columns = max(min(self._live.console.width - AXIS, MAX_COLUMNS), 20)
        labels = _labels(vertical_range_mv(self._trace_mv))
        trace = [
            Text.assemble((f"{label:>{AXIS - 1}} ", "dim"), (line, "green"))
            for label, line in zip(labels, draw(self._trace_mv, columns=columns, rows=ROWS), strict=True)
        ]
        self._live.update(Group(self._head(rate_hz), *trace, self._foot()), refresh=True)

    def _take(self, block: SampleBlock) -> None:
        if self._first is None:
            self._first = self._end = block.first_index
        gap = np.full(min(block.first_index - self._end, len(self._trace_mv)), np.nan)
        self._trace_mv = np.concatenate((self._trace_mv, gap, block.samples_mv))[-len(self._trace_mv) :]
        self._end = block.first_index + len(block.samples_mv)
        self._valid += int(np.isfinite(block.samples_mv).sum())
        self._electrode_off, self._fault = block.electrode_off, block.fault
        for event in self._pipeline.push(block):
            if isinstance(event, Vitals):
                self._vitals = event

    def _head(self, rate_hz: float | None) -> Text:
        seconds = 0.0 if self._first is None else float((self._end - self._first) / self._nominal_hz)
        measured = f" (measured {rate_hz:.2f})" if rate_hz is not None else ""
        line = Text(f"{self._name}  {float(self._nominal_hz):g} Hz{measured}  ", "bold")
        return line.append(f"{seconds:.0f} of {self._duration_s:.0f} s, {SPAN_S:g} s across; Ctrl-C to stop", "dim")

    def _foot(self) -> Text:
        bpm = self._vitals.heart_rate_bpm if self._vitals is not None else None
        lost = 0 if self._first is None else self._end - self._first - self._valid
        electrodes = {None: "?", False: "on", True: "OFF"}[self._electrode_off]
        line = Text(f"heart rate {'?' if bpm is None else f'{bpm:.0f}'} bpm  ", "bold")
        line.append(f"electrodes {electrodes}  ", "bold red" if self._electrode_off else "")
        line.append(f"lost {lost}  ", "yellow" if lost else "")
        if self._fault is not None:
            line.append(self._fault, "bold red")
        elif self._first is None:
            line.append("waiting for the first sample ...", "dim")
        return line


def _labels(vertical_range: tuple[float, float] | None) -> list[str]:
    """The label left of each row: the scale at the top, in the middle and at the bottom."""
    labels = [""] * ROWS  # adding 0.0 makes a negative zero positive
    if vertical_range is not None:
        bottom_mv, top_mv = vertical_range
        labels[0], labels[ROWS // 2], labels[-1] = (
            f"{mv:+.2f}" for mv in (top_mv, (top_mv + bottom_mv) / 2, bottom_mv)
        )
        labels[1] = "mV"
    return labels
