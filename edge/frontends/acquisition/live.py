"""A live front end as a source: the acquisition process started, followed, and started again when it dies."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import time
from fractions import Fraction
from typing import TYPE_CHECKING

import msgspec

from edge.frontends.acquisition.handover import Fault, Notice, Reader, Samples, Started
from edge.frontends.acquisition.stream import Stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from ecg.samples import SampleBlock
    from edge.config import SourceSettings
    from edge.frontends.acquisition.handover import Message

__all__ = ["LiveSource"]

COMMAND = (sys.executable, "-m", "edge.frontends.acquisition.process")

TICK_S = 0.5
"""During a fault lost samples are told so often, so that stream time, and with it every alarm, goes on."""

LOAD_S = 20.0
"""Until a process that was started must be heard of: Python takes seconds to load on a busy Pi Zero."""

HANG_S = 4.0
"""Later it is heard of each second, and bringing a front end up takes less than two."""

END_S = 2.0
"""For the process to put the chip to rest when it is no longer wanted."""

COMPLAIN_S = 60.0
"""What is wrong although samples come is logged no oftener."""

FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 5.0
"""Before a process that died is started again."""

_log = logging.getLogger(__name__)


class LiveSource:
    """One lead of a front end, read by a process of its own; it never ends by itself.

    Args:
        settings: which front end, and how it is wired.
        name: of the front end, for a person.
        rate_hz: its nominal rate.
        command: starts the acquisition process.
    """

    def __init__(self, settings: SourceSettings, *, name: str, rate_hz: int, command: Sequence[str] = COMMAND) -> None:
        self.name = name
        self.rate_hz = Fraction(rate_hz)
        self.start_utc: datetime | None = None
        self.length: int | None = None
        self._settings = settings
        self._command = command
        self._complain_due_s = 0.0
        self._dropped = 0

    def blocks(self) -> Iterator[SampleBlock]:
        """The samples as they come, in blocks of about 0.1 s; in a fault, blocks of NaN that say what it is."""
        stream = Stream(int(self.rate_hz), time.monotonic_ns())
        wait_s = FIRST_WAIT_S
        while True:
            began_s = time.monotonic()
            yield from self._run(stream)
            if time.monotonic() - began_s > LOAD_S:
                wait_s = FIRST_WAIT_S
            until_s = time.monotonic() + wait_s
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)
            while time.monotonic() < until_s:
                yield from stream.lose(time.monotonic_ns())
                time.sleep(TICK_S)

    def _run(self, stream: Stream) -> Iterator[SampleBlock]:
        """One life of the process; leaves a fault that says how it ended."""
        self._dropped = 0
        try:
            process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - ours
        except OSError as error:
            self._fail(stream, f"the acquisition process cannot be started ({error.strerror})")
            return
        with process:
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                process.stdin.write(msgspec.json.encode(self._settings))
                process.stdin.close()
            except BrokenPipeError:
                pass  # it died already; how is told below
            try:
                yield from self._follow(stream, Reader(process.stdout.fileno()))
            finally:
                process.stdout.close()  # which ends the process
                status = _end(process)
            if status:
                self._fail(stream, f"the acquisition process {_ending(status)}")

    def _follow(self, stream: Stream, reader: Reader) -> Iterator[SampleBlock]:
        """Blocks until the process ends or is heard of no more.

        What is counted are waits in vain, not time: who takes the blocks may have held this up, or the machine may, and
        what was sent meanwhile lies in the pipe.
        """
        silent_s, patience_s = 0.0, LOAD_S
        while not reader.ended:
            silent_s += TICK_S
            for message in reader.read(TICK_S):
                silent_s, patience_s = 0.0, HANG_S
                block = self._take(stream, message)
                if block is not None:
                    yield block
            yield from stream.lose(time.monotonic_ns())
            if silent_s > patience_s:
                self._fail(stream, "the acquisition process does not answer: SPI or the machine hangs")
                return

    def _take(self, stream: Stream, message: Message) -> SampleBlock | None:
        if isinstance(message, Started):
            _log.info("%s answers.", message.name)
            stream.started(message)
        elif isinstance(message, Samples):
            return self._take_samples(stream, message)
        elif isinstance(message, Fault):
            self._fail(stream, message.cause)
        elif isinstance(message, Notice):
            _log.warning("%s", message.text)
        return None

    def _take_samples(self, stream: Stream, message: Samples) -> SampleBlock | None:
        if stream.fault is not None:
            _log.warning("%s delivers again.", self.name)
        if message.complaint is not None and time.monotonic() >= self._complain_due_s:
            self._complain_due_s = time.monotonic() + COMPLAIN_S
            _log.warning("%s: %s.", self.name, message.complaint)
        if message.dropped > self._dropped:
            _log.error("%d samples were lost: the daemon did not take them in time.", message.dropped - self._dropped)
            self._dropped = message.dropped
        return stream.take(message)

    def _fail(self, stream: Stream, cause: str) -> None:
        if cause != stream.fault:
            _log.error("%s: %s.", self.name, cause)
        stream.fault = cause


def _end(process: subprocess.Popen[bytes]) -> int:
    """Wait for a process whose pipe is closed, kill one that hangs. Returns its status, 0 if it was killed here."""
    try:
        return process.wait(END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return 0


def _ending(status: int) -> str:
    if status == -signal.SIGKILL:
        return "was killed, perhaps for want of memory: see `dmesg`"
    return f"was ended by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"
