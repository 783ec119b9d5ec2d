"""The acquisition process: it only samples, so that nothing delays it.

    python -m edge.frontends.acquisition.process < settings.json

It reads the source settings from standard input and writes `messages` to standard output until the reader closes the
pipe. It restarts a front end that fails. It does not import numpy: a Pi Zero 2 W has memory for one copy only.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from array import array
from typing import TYPE_CHECKING

import msgspec

from ecg.errors import EcgEdgeError, HardwareError
from edge.config import SourceSettings
from edge.frontends.acquisition.messages import MAX_SAMPLES, MAX_TEXT_CHARS, Fault, LogWarning, Samples, Started
from edge.frontends.acquisition.pipe import PipeWriter
from edge.frontends.acquisition.real_time import request_real_time_priority
from edge.frontends.bus import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.frontends.bus import Clock
    from edge.frontends.sampler import Sample, Sampler

__all__ = ["Acquisition", "main"]

BLOCK_S = 0.1
"""Ten blocks a second, as in `edge.frontends.playback`."""

FIRST_WAIT_S, MAX_WAIT_S = 0.5, 4.0
"""Between attempts to start a front end; each attempt itself takes more than a second."""

STABLE_NS = 10_000_000_000
"""After this time without a fault the next wait is the shortest again."""

HEARTBEAT_S = 1.0
"""Longest time without a message to the daemon, except while the front end starts."""


class Acquisition:
    """Reads a front end and sends its samples.

    Args:
        open_sampler: returns the front end's driver with its bus open; called again after a HardwareError.
        writer: sends the messages.
        clock: measures the waits.
    """

    def __init__(self, open_sampler: Callable[[], Sampler], writer: PipeWriter, clock: Clock) -> None:
        self._open = open_sampler
        self._writer = writer
        self._clock = clock
        self._wait_s = FIRST_WAIT_S
        self._batch: list[Sample] = []

    def run(self) -> None:
        """Sample until the daemon closes the pipe.

        Raises:
            BrokenPipeError: the daemon has closed the pipe.
            InputError: the settings are wrong.
        """
        while True:
            began_ns = self._clock.now_ns()
            try:
                self._attempt()
            except HardwareError as error:
                if self._clock.now_ns() - began_ns > STABLE_NS:
                    self._wait_s = FIRST_WAIT_S
                self._report_and_wait(error)

    def _attempt(self) -> None:
        """Open the bus, start the front end, read it until it fails."""
        sampler = self._open()
        try:
            self._send_samples(sampler)
        finally:
            sampler.stop()

    def _send_samples(self, sampler: Sampler) -> None:
        sampler.start()
        self._batch.clear()
        self._writer.send(Started(name=sampler.name, mv_per_count=sampler.mv_per_count))
        block_samples = min(max(1, round(BLOCK_S * sampler.rate_hz)), MAX_SAMPLES)
        while True:
            for sample in sampler.read():
                if self._batch and _starts_block(self._batch[-1], sample):
                    self._flush(sampler)
                self._batch.append(sample)
                if len(self._batch) >= block_samples:
                    self._flush(sampler)

    def _flush(self, sampler: Sampler) -> None:
        first, last = self._batch[0], self._batch[-1]
        message = Samples(
            first=first.number,
            last_ns=last.ns,
            rate_hz=sampler.true_rate_hz,
            electrode_off=last.electrode_off,
            warning=sampler.warning,
            dropped=self._writer.dropped,
            counts=array("f", [sample.counts for sample in self._batch]).tobytes(),
        )
        self._writer.send(message, samples=len(self._batch))
        self._batch.clear()

    def _report_and_wait(self, error: HardwareError) -> None:
        fault = Fault(cause=error.sentence[:MAX_TEXT_CHARS], detail=error.detail[:MAX_TEXT_CHARS])
        left_s, self._wait_s = self._wait_s, min(2 * self._wait_s, MAX_WAIT_S)
        while left_s > 0:
            self._writer.send(fault)
            self._clock.sleep(min(left_s, HEARTBEAT_S))
            left_s -= HEARTBEAT_S


def _starts_block(previous: Sample, sample: Sample) -> bool:
    """Whether a sample starts a new block: after a gap, or when the electrode state changes."""
    return sample.number != previous.number + 1 or sample.electrode_off != previous.electrode_off


def _sampler_opener(settings: SourceSettings) -> Callable[[], Sampler]:
    if settings.kind == "ad8232":
        from edge.frontends.ad8232.sampler import Ad8232Sampler  # noqa: PLC0415 (only the front end in use is loaded)

        return lambda: Ad8232Sampler.open(settings.ad8232)
    from edge.frontends.ads1292.sampler import Ads1292Sampler  # noqa: PLC0415 (only the front end in use is loaded)

    return lambda: Ads1292Sampler.open(settings.ads1292)


def main() -> None:
    """Run the process; it ends when the daemon closes the pipe."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(
            number, signal.SIG_IGN
        )  # systemd sends them to every process of the service; the daemon then closes the pipe
    settings = msgspec.json.decode(sys.stdin.buffer.read(), type=SourceSettings)
    writer = PipeWriter(sys.stdout.fileno())
    try:
        for warning in request_real_time_priority():
            writer.send(LogWarning(text=warning))
        gc.collect()
        gc.freeze()  # the garbage collector then skips everything loaded so far
        Acquisition(_sampler_opener(settings), writer, SystemClock()).run()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # a flush at exit must not hit the closed pipe
    except EcgEdgeError as error:
        writer.send(Fault(cause=str(error)[:MAX_TEXT_CHARS]))
    except Exception as error:  # noqa: BLE001 - a traceback never reaches a user
        writer.send(Fault(cause=f"internal error of the acquisition: {error!r}; please report it"[:MAX_TEXT_CHARS]))


if __name__ == "__main__":
    main()
