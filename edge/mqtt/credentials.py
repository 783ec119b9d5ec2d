"""Where the files are that the settings of the broker name: certificates, keys and the password.

They belong to root alone. systemd hands the service copies of them (man systemd.exec, LoadCredential=), in a folder
that it names; whoever runs a command as root reads the originals.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from paho.mqtt.client import Client

    from edge.config import MqttSettings

__all__ = ["CREDENTIALS", "credential", "identify"]

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


def identify(client: Client, settings: MqttSettings) -> None:
    """Let a client verify the broker, and tell it who connects; files are read anew, so a changed one needs no restart.

    Raises:
        OSError: a file cannot be read, or is no certificate or key.
        UnicodeError: the password is no text.
    """
    if settings.tls:
        files = (settings.ca_file, settings.cert_file, settings.key_file)
        ca, certificate, key = (str(credential(name)) if name else None for name in files)
        client.tls_set(ca_certs=ca, certfile=certificate, keyfile=key)
    if settings.username:
        password = None
        if settings.password_file:
            password = credential(settings.password_file).read_text(encoding="utf-8").rstrip("\r\n")
        client.username_pw_set(settings.username, password)
