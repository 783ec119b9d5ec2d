"""The errors that a user may see: one line that names the cause and the way out, and an exit code."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["CheckFailedError", "EcgEdgeError", "ExitCode", "HardwareError", "InputError", "NetworkError"]


class ExitCode(IntEnum):
    """What a command's exit status means."""

    DONE = 0
    CHECK_FAILED = 1
    USAGE = 2
    HARDWARE = 3
    NETWORK = 4


class EcgEdgeError(Exception):
    """Base of all errors of ours; the message is one full sentence for a person.

    Attributes:
        exit_code: the status with which a command ends when nothing handles the error.
    """

    exit_code = ExitCode.CHECK_FAILED


class InputError(EcgEdgeError):
    """Wrong usage, settings, recording or model file."""

    exit_code = ExitCode.USAGE


class CheckFailedError(EcgEdgeError):
    """A check ran and found what it was to find."""


class HardwareError(EcgEdgeError):
    """A front end does not answer as its datasheet says.

    An alarm carries the sentence: it is the same for the same fault, whatever bytes came. Those are in the detail.

    Attributes:
        sentence: the message without the detail.
        detail: what was read or measured, for the log and for whoever looks for the fault; may be empty.
    """

    exit_code = ExitCode.HARDWARE

    def __init__(self, sentence: str, *, detail: str = "") -> None:
        what, mark, advice = sentence.partition("; ")
        super().__init__(f"{what} ({detail}){mark}{advice}" if detail else sentence)
        self.sentence = sentence
        self.detail = detail


class NetworkError(EcgEdgeError):
    """A broker or server cannot be reached or refuses."""

    exit_code = ExitCode.NETWORK
