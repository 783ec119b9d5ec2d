"""The self-test of a running monitor, for the command `selftest`.

It tests only what does not interrupt the monitoring, and its answer names what it left out. The self-test of the bench
(`ecg-edge selftest`) connects the front end's test signal to the inputs, which would interrupt the ECG.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import uuid4

from ecg.errors import InputError
from ecg.protocol.status import Check, Outcome, SelfCheck
from edge.doctor.results import Finding, failed, passed, skipped, warning

if TYPE_CHECKING:
    from ecg.protocol.status import Status
    from edge.inference import TFLiteClassifier
    from edge.storage.outbox import Outbox

__all__ = ["SelfTest"]

PROBE: Final = "selftest"
"""Name in the saved state: a new value that is written and read back."""

NOT_TESTED: Final = (
    "test signal, noise and supplies of the front end (`ecg-edge selftest`, with the monitor stopped)",
    "buzzer and LED",
)


class SelfTest:
    """Tests each part of a running monitor, on its main thread.

    Args:
        classifier: the model in use; classifies its golden beats again.
        outbox: written and read back.

    Attributes:
        last: result of the last test; None before the first.
    """

    def __init__(self, classifier: TFLiteClassifier, outbox: Outbox) -> None:
        self.last: SelfCheck | None = None
        self._classifier = classifier
        self._outbox = outbox

    def run(self, status: Status, *, clock_set: bool | None) -> SelfCheck:
        """Run all tests.

        Args:
            status: the monitor's present status.
            clock_set: whether a time server has set the clock.
        """
        findings = {
            "front end": _front_end(status),
            "model": _model(self._classifier),
            "storage": _storage(self._outbox),
            "recording": _recording(status),
            "broker": _broker(status),
            "clock": _clock(clock_set),
        }
        checks = [Check(check=name, outcome=each.outcome, found=each.found) for name, each in findings.items()]
        passed_all = all(check.outcome is not Outcome.FAILED for check in checks)
        self.last = SelfCheck(passed=passed_all, checks=checks, not_tested=NOT_TESTED)
        return self.last


def _front_end(status: Status) -> Finding:
    if not status.watching:
        return failed(f"the heart is not being watched: {status.trouble}", "")
    if status.front_end_fault is not None:
        return warning(status.front_end_fault, "")
    return passed("samples come, and their signal is good")


def _model(classifier: TFLiteClassifier) -> Finding:
    try:
        return passed(f"{classifier.check_golden()} golden beats come out as they should")
    except InputError as error:
        return failed(str(error), "")


def _storage(outbox: Outbox) -> Finding:
    word = uuid4().hex
    outbox.put([], {PROBE: word})
    if outbox.fault is not None:
        return failed(f"it cannot be written ({outbox.fault})", "")
    if outbox.is_slow:
        return warning("the disk is slow: messages wait in memory and are sent from there", "")
    if outbox.stored_state(PROBE, str) != word:
        return failed("what was written does not read back", "")
    return passed("written, brought onto the disk and read back")


def _recording(status: Status) -> Finding:
    recording = status.recording
    if recording.state == "off":
        return skipped("off by the settings")
    if recording.state == "stopped":
        return failed(recording.trouble or "it stands still", "")
    return warning(recording.trouble, "") if recording.trouble else passed("going on")


def _broker(status: Status) -> Finding:
    broker = status.broker
    if not broker.connected:
        return failed(f"{broker.address} cannot be used: {broker.trouble or 'not reached yet'}", "")
    return passed(f"connected to {broker.address}, {broker.undelivered} messages wait")


def _clock(clock_set: bool | None) -> Finding:
    if clock_set is None:
        return skipped("the machine does not tell whether it is set")
    return passed("set") if clock_set else warning("not set: alarms may bear a wrong time", "")
