"""Where settings and state lie: the service's in the system's folders, those of another user in that user's own.

A user's own folders are those of the XDG Base Directory Specification 0.8.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from ecg.errors import InputError
from edge.control_socket import CONTROL_SOCKET

__all__ = ["SERVICE_SETTINGS", "SERVICE_STATE", "find_settings", "state_folder"]

SERVICE_SETTINGS: Final = Path("/etc/ecg-edge/ecg-edge.toml")
"""Settings file of the systemd unit."""

SERVICE_STATE: Final = Path("/var/lib/ecg-edge")
"""State of the systemd unit and of root."""

_NAME: Final = "ecg-edge"


def find_settings() -> Path | None:
    """The settings file of a command that was given none: the user's own, else the service's, else none.

    The user's own is `ecg-edge/ecg-edge.toml` in `$XDG_CONFIG_HOME`, which is `~/.config` unless set. A user whose own
    monitor runs, with settings from elsewhere, means that one and not the service's: none.
    """
    candidates = [SERVICE_SETTINGS]
    if os.geteuid() != 0:
        with suppress(InputError):  # a user without a home has no settings there
            candidates.insert(0, _user_folder("XDG_CONFIG_HOME", ".config") / f"{_NAME}.toml")
            if not _is_there(candidates[0]) and _is_there(state_folder() / CONTROL_SOCKET):
                return None
    return next((path for path in candidates if _is_there(path)), None)


def state_folder() -> Path:
    """The folder of recording and undelivered messages where the settings name none.

    Root and the user who may write it have `SERVICE_STATE`; another user has `ecg-edge` in `$XDG_STATE_HOME`, which is
    `~/.local/state` unless set.

    Raises:
        InputError: the user has no home.
    """
    if os.geteuid() == 0 or os.access(SERVICE_STATE, os.W_OK):
        return SERVICE_STATE
    return _user_folder("XDG_STATE_HOME", ".local/state")


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a folder above it may not be entered: not this user's
        return False


def _user_folder(variable: str, usual: str) -> Path:
    named = os.environ.get(variable, "")
    if named.startswith("/"):  # the specification ignores a relative one
        return Path(named, _NAME)
    try:
        return Path.home() / usual / _NAME
    except RuntimeError:
        raise InputError(f"this user has no home folder; set HOME or {variable}, or storage.directory") from None
