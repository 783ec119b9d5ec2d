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
    """A front end does not answer as its datasheet says."""

    exit_code = ExitCode.HARDWARE


class NetworkError(EcgEdgeError):
    """A broker or server cannot be reached or refuses."""

    exit_code = ExitCode.NETWORK
