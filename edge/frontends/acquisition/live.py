"""A live front end as a source: it starts the acquisition process, reads it, and restarts it when it dies or hangs."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import time
from fractions import Fraction
from typing import TYPE_CHECKING

import msgspec

from ecg.alarms.causes import same_fault
from edge.frontends.acquisition.block_builder import BlockBuilder
from edge.frontends.acquisition.messages import Fault, LogWarning, Samples, Started
from edge.frontends.acquisition.pipe import PipeReader

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from ecg.samples import SampleBlock
    from edge.config import SourceSettings
    from edge.frontends.acquisition.messages import Message

__all__ = ["LiveSource"]

COMMAND = (sys.executable, "-m", "edge.frontends.acquisition.process")

LOST_BLOCK_INTERVAL_S = 0.5
"""During a fault, blocks of lost samples come this often, so that stream time, and with it every alarm, continues."""

LOAD_TIMEOUT_S = 20.0
"""For the first message of a new process: Python takes seconds to load on a busy Pi Zero."""

HANG_TIMEOUT_S = 4.0
"""For later messages: one comes each second, and a front end starts in less than two."""

EXIT_TIMEOUT_S = 2.0
"""For the process to stop the chip after the pipe is closed."""

WARNING_INTERVAL_S = 60.0
"""Shortest time between two log lines about the same problem."""

MAX_FAULTS_LOGGED = 5
"""Most faults that are logged within that time, however they are worded."""

FIRST_WAIT_S, MAX_WAIT_S = 0.5, 5.0
"""Before a process that died is restarted."""

_log = logging.getLogger(__name__)


class LiveSource:
    """One lead of a front end, read by a separate process; an endless source.

    Args:
        settings: which front end, and how it is wired.
        name: display name of the front end.
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
        self._warning_due_s = 0.0
        self._dropped = 0
        self._logged_s: dict[str | None, float] = {}

    def blocks(self) -> Iterator[SampleBlock]:
        """The samples as they come, in blocks of about 0.1 s; during a fault, blocks of NaN that name it."""
        builder = BlockBuilder(int(self.rate_hz), time.monotonic_ns())
        wait_s = FIRST_WAIT_S
        while True:
            began_s = time.monotonic()
            yield from self._run_process(builder)
            if time.monotonic() - began_s > LOAD_TIMEOUT_S:
                wait_s = FIRST_WAIT_S
            until_s = time.monotonic() + wait_s
            wait_s = min(2 * wait_s, MAX_WAIT_S)
            while time.monotonic() < until_s:
                yield from builder.lost_blocks(time.monotonic_ns())
                time.sleep(LOST_BLOCK_INTERVAL_S)

    def _run_process(self, builder: BlockBuilder) -> Iterator[SampleBlock]:
        """Run the process once; its end leaves a fault that says why."""
        self._dropped = 0
        try:
            process = subprocess.Popen(  # noqa: S603 - ours
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                process_group=0,  # Ctrl-C is for the monitor, which ends this process itself
            )
        except OSError as error:
            self._set_fault(builder, f"the acquisition process cannot be started ({error.strerror})")
            return
        with process:
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                process.stdin.write(msgspec.json.encode(self._settings))
                process.stdin.close()
            except BrokenPipeError:
                pass  # it has died already; its exit status follows below
            try:
                yield from self._read_blocks(builder, PipeReader(process.stdout.fileno()))
            finally:
                process.stdout.close()  # which ends the process
                status = _wait_for_exit(process)
            if status:
                self._set_fault(builder, f"the acquisition process {_describe_exit(status)}")

    def _read_blocks(self, builder: BlockBuilder, reader: PipeReader) -> Iterator[SampleBlock]:
        """Blocks until the process ends or stops sending.

        The timeout counts the waits without a message, not elapsed time. The consumer of the blocks, or the whole host,
        may have paused this generator, and the messages of that time are then in the pipe.
        """
        silent_s, timeout_s = 0.0, LOAD_TIMEOUT_S
        while not reader.ended:
            silent_s += LOST_BLOCK_INTERVAL_S
            for message in reader.read(LOST_BLOCK_INTERVAL_S):
                silent_s, timeout_s = 0.0, HANG_TIMEOUT_S
                block = self._handle(builder, message)
                if block is not None:
                    yield block
            yield from builder.lost_blocks(time.monotonic_ns())
            if silent_s > timeout_s:
                self._set_fault(builder, "the acquisition process does not answer: SPI or the machine hangs")
                return

    def _handle(self, builder: BlockBuilder, message: Message) -> SampleBlock | None:
        if isinstance(message, Started):
            _log.info("%s answers.", message.name)
            builder.restart(message)
        elif isinstance(message, Samples):
            return self._handle_samples(builder, message)
        elif isinstance(message, Fault):
            self._set_fault(builder, message.cause, message.detail)
        elif isinstance(message, LogWarning):
            _log.warning("%s", message.text)
        return None

    def _handle_samples(self, builder: BlockBuilder, message: Samples) -> SampleBlock | None:
        if builder.fault is not None:
            _log.warning("%s delivers samples again.", self.name)
        if message.warning is not None and time.monotonic() >= self._warning_due_s:
            self._warning_due_s = time.monotonic() + WARNING_INTERVAL_S
            _log.warning("%s: %s.", self.name, message.warning)
        if message.dropped > self._dropped:
            _log.error("%d samples were lost: the daemon did not read them in time.", message.dropped - self._dropped)
            self._dropped = message.dropped
        return builder.add(message)

    def _set_fault(self, builder: BlockBuilder, cause: str, detail: str = "") -> None:
        if builder.fault is None or same_fault(cause) != same_fault(builder.fault):
            self._log_fault(cause, detail)
        builder.fault = cause

    def _log_fault(self, cause: str, detail: str) -> None:
        """Log a fault, unless the same one, or many, were logged a moment ago."""
        now_s, fault = time.monotonic(), same_fault(cause)
        self._logged_s = {each: at_s for each, at_s in self._logged_s.items() if now_s - at_s < WARNING_INTERVAL_S}
        if fault not in self._logged_s and len(self._logged_s) < MAX_FAULTS_LOGGED:
            self._logged_s[fault] = now_s
            _log.error("%s: %s%s.", self.name, cause, f" ({detail})" if detail else "")


def _wait_for_exit(process: subprocess.Popen[bytes]) -> int:
    """Wait for a process whose pipe is closed; kill it if it hangs. Returns its status, 0 if it was killed here."""
    try:
        return process.wait(EXIT_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return 0


def _describe_exit(status: int) -> str:
    if status == -signal.SIGKILL:
        return "was killed, perhaps for want of memory: see `dmesg`"
    return f"was ended by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"
