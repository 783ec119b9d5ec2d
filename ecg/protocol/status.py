"""What the monitor says of itself when it is asked: the answers to the commands `status` and `selftest`."""

from enum import StrEnum
from typing import Literal

import msgspec

__all__ = ["BrokerStatus", "Check", "Outcome", "RecordingStatus", "SelfCheck", "Status"]


class _Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """None = unknown, left out."""


class BrokerStatus(_Part, frozen=True, kw_only=True, omit_defaults=True):
    """The way out.

    Attributes:
        address: `host:port`.
        connected: whether it can be used now.
        trouble: why not, as part of a sentence; None before the first attempt is over.
        undelivered: messages in the outbox.
    """

    address: str
    connected: bool
    trouble: str | None = None
    undelivered: int


class RecordingStatus(_Part, frozen=True, kw_only=True, omit_defaults=True):
    """The full-disclosure recording.

    Attributes:
        state: `off` by the settings; `stopped` is a fault.
        trouble: what is wrong with it, as a sentence without its full stop.
        kept_mb: on the disk.
        free_mb: room beside it on the disk.
    """

    state: Literal["on", "off", "stopped"]
    trouble: str | None = None
    kept_mb: float | None = None
    free_mb: float | None = None


class Status(_Part, frozen=True, kw_only=True, omit_defaults=True):
    """All that a person wants to know at a glance. The messages are those that are published, as JSON.

    Attributes:
        watching: whether a beat that fails to come would be noticed.
        trouble: why not.
        front_end_fault: what the front end says is wrong, also while it delivers.
        labelled_beats: to which the model gave a label since the monitor started.
        vitals, event: the last ones; None before the first of this run.
        alarms, info, machine: as they are now.
        today: the summary of the day (UTC) up to the last full minute; None before the first.
    """

    watching: bool
    trouble: str | None = None
    front_end_fault: str | None = None
    labelled_beats: int
    broker: BrokerStatus
    recording: RecordingStatus
    vitals: msgspec.Raw | None = None
    event: msgspec.Raw | None = None
    alarms: msgspec.Raw
    info: msgspec.Raw
    machine: msgspec.Raw
    today: msgspec.Raw | None = None


class Outcome(StrEnum):
    """How a check ended. A warning is a thing to know, with which the monitor does its work all the same."""

    PASSED = "passed"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at.

    Attributes:
        check: its name.
        outcome: how it ended; a warning is a thing to know, skipped is not known.
        found: what was seen.
    """

    check: str
    outcome: Outcome
    found: str


class SelfCheck(msgspec.Struct, frozen=True, kw_only=True):
    """What all of them amount to.

    Attributes:
        passed: no check failed.
        checks: each of them.
        not_tested: what was left out.
    """

    passed: bool
    checks: list[Check]
    not_tested: tuple[str, ...]

    @property
    def text(self) -> str:
        """It all in a sentence or two, for a person."""
        trouble = [check for check in self.checks if check.outcome in {Outcome.FAILED, Outcome.WARNING}]
        said = "Passed" if self.passed else "FAILED"
        details = "; ".join(f"{check.check}: {check.found}" for check in trouble)
        return f"{said}{f' ({details})' if details else ''}. Not tested: {'; '.join(self.not_tested)}."
