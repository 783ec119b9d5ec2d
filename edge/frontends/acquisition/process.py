"""The acquisition process: samples, and nothing else, so that nothing delays it.

    python -m edge.frontends.acquisition.process < settings.json

It reads the source settings from standard input and writes messages (see `handover`) to standard output until nobody
reads them any more. A front end that fails is brought up again and again. It imports no numpy: a Pi Zero 2 W has room
for one.
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
from edge.frontends.acquisition.handover import LONGEST_TEXT, MOST_SAMPLES, Fault, Notice, Samples, Started, Writer
from edge.frontends.acquisition.priority import raise_priority
from edge.frontends.bus import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.frontends.acquisition.sampler import Sample, Sampler
    from edge.frontends.bus import Clock

__all__ = ["Acquisition", "main"]

BLOCK_S = 0.1
"""Ten blocks a second: as often as `edge.frontends.pacing` has a recording deliver them."""

FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 4.0
"""Between attempts to bring a front end up; each attempt takes more than a second by itself."""

PROVEN_NS = 10_000_000_000
"""After so long without a fault the waiting begins anew at its shortest."""

HEARTBEAT_S = 1.0
"""The daemon hears something at least this often, except while the front end is being brought up."""


class Acquisition:
    """Reads a front end and sends what comes.

    Args:
        open_sampler: gives the front end's driver, its bus open; tried again when it raises HardwareError.
        writer: takes the messages.
        clock: by which is waited.
    """

    def __init__(self, open_sampler: Callable[[], Sampler], writer: Writer, clock: Clock) -> None:
        self._open = open_sampler
        self._writer = writer
        self._clock = clock
        self._wait_s = FIRST_WAIT_S
        self._batch: list[Sample] = []

    def run(self) -> None:
        """Until nobody reads any more.

        Raises:
            BrokenPipeError: that has happened.
            InputError: the settings are wrong.
        """
        while True:
            began_ns = self._clock.now_ns()
            try:
                self._attempt()
            except HardwareError as error:
                if self._clock.now_ns() - began_ns > PROVEN_NS:
                    self._wait_s = FIRST_WAIT_S
                self._rest(str(error))

    def _attempt(self) -> None:
        """Open the bus, bring the front end up, read it until it fails; everything anew each time."""
        sampler = self._open()
        try:
            self._follow(sampler)
        finally:
            sampler.stop()

    def _follow(self, sampler: Sampler) -> None:
        sampler.start()
        self._batch.clear()
        self._writer.send(Started(name=sampler.name, mv_per_count=sampler.mv_per_count))
        most = min(max(1, round(BLOCK_S * sampler.rate_hz)), MOST_SAMPLES)
        while True:
            for sample in sampler.read():
                if self._batch and _breaks(self._batch[-1], sample):
                    self._flush(sampler)
                self._batch.append(sample)
                if len(self._batch) >= most:
                    self._flush(sampler)

    def _flush(self, sampler: Sampler) -> None:
        first, last = self._batch[0], self._batch[-1]
        message = Samples(
            first=first.number,
            last_ns=last.ns,
            rate_hz=sampler.true_rate_hz,
            electrode_off=last.electrode_off,
            complaint=sampler.complaint,
            dropped=self._writer.dropped,
            counts=array("f", [sample.counts for sample in self._batch]).tobytes(),
        )
        self._writer.send(message, samples=len(self._batch))
        self._batch.clear()

    def _rest(self, cause: str) -> None:
        left_s, self._wait_s = self._wait_s, min(2 * self._wait_s, LONGEST_WAIT_S)
        while left_s > 0:
            self._writer.send(Fault(cause=cause[:LONGEST_TEXT]))
            self._clock.sleep(min(left_s, HEARTBEAT_S))
            left_s -= HEARTBEAT_S


def _breaks(before: Sample, sample: Sample) -> bool:
    """Whether a new block begins: after a gap, and where the electrodes' state changes."""
    return sample.number != before.number + 1 or sample.electrode_off != before.electrode_off


def _opener(settings: SourceSettings) -> Callable[[], Sampler]:
    if settings.kind == "ad8232":
        from edge.frontends.ad8232.sampler import Ad8232Sampler  # noqa: PLC0415 (only the front end in use is loaded)

        return lambda: Ad8232Sampler.open(settings.ad8232)
    from edge.frontends.ads1292.sampler import Ads1292Sampler  # noqa: PLC0415 (only the front end in use is loaded)

    return lambda: Ads1292Sampler.open(settings.ads1292)


def main() -> None:
    """Run the process; it ends when the daemon closes the pipe."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # they go to the whole group: the daemon decides, and closes the pipe
    settings = msgspec.json.decode(sys.stdin.buffer.read(), type=SourceSettings)
    writer = Writer(sys.stdout.fileno())
    try:
        for warning in raise_priority():
            writer.send(Notice(text=warning))
        gc.collect()
        gc.freeze()  # what is loaded by now stays, and is not looked through again
        Acquisition(_opener(settings), writer, SystemClock()).run()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that nothing is flushed into the pipe
    except EcgEdgeError as error:
        writer.send(Fault(cause=str(error)[:LONGEST_TEXT]))
    except Exception as error:  # noqa: BLE001 - a traceback never reaches a user
        writer.send(Fault(cause=f"internal error of the acquisition: {error!r}; please report it"[:LONGEST_TEXT]))


if __name__ == "__main__":
    main()
