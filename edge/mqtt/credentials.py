"""Where the files are that the settings of the broker name: the CA's certificate and the password.

They belong to root alone. systemd hands the service copies of them (man systemd.exec, LoadCredential=), in a folder
that it names; whoever runs a command as root reads the originals.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from edge.config import MqttSettings

__all__ = ["CREDENTIALS", "credential", "read_password"]

CREDENTIALS: Final = Path("/etc/ecg-edge/credentials")
"""root's; `systemd/ecg-edge.service` loads it as `mqtt`."""

LOADED_AS: Final = "mqtt_"
"""systemd names each file of a folder by the folder's id, `_` and its own name."""


def credential(name: str) -> Path:
    """A path as it is; a bare file name as a credential."""
    if "/" in name:
        return Path(name)
    handed_over = os.environ.get("CREDENTIALS_DIRECTORY")
    return Path(handed_over, LOADED_AS + name) if handed_over else CREDENTIALS / name


def read_password(settings: MqttSettings) -> str | None:
    """Read the password of the settings anew for each connection, so that a changed file needs no restart.

    Raises:
        OSError: its file cannot be read.
    """
    if not settings.password_file:
        return None
    return credential(settings.password_file).read_text(encoding="utf-8").rstrip("\r\n")
