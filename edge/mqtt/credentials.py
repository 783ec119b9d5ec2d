"""Finds the files that the broker settings name: certificates, keys and the password.

Only root can read them. systemd gives the service copies in a folder of its own (man systemd.exec, LoadCredential=). A
command that root runs reads the originals.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from paho.mqtt.client import Client

    from edge.config import MqttSettings

__all__ = ["CREDENTIALS", "credential_path", "set_credentials"]

CREDENTIALS: Final = Path("/etc/ecg-edge/credentials")
"""Only root can read this folder; `systemd/ecg-edge.service` loads it as `mqtt`."""

LOADED_PREFIX: Final = "mqtt_"
"""systemd prefixes each file name with the id of its folder and `_`."""


def credential_path(name: str) -> Path:
    """Find a file of the settings: a path is taken as it is, a bare file name is a credential_path."""
    if "/" in name:
        return Path(name)
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    return Path(folder, LOADED_PREFIX + name) if folder else CREDENTIALS / name


def set_credentials(client: Client, settings: MqttSettings) -> None:
    """Set the client's certificates, user name and password.

    The files are read at each call, so a changed file needs no restart.

    Raises:
        OSError: a file cannot be read, or is not a certificate or key.
        UnicodeError: the password is not text.
    """
    if settings.tls:
        files = (settings.ca_file, settings.cert_file, settings.key_file)
        ca, certificate, key = (str(credential_path(name)) if name else None for name in files)
        client.tls_set(ca_certs=ca, certfile=certificate, keyfile=key)
    if settings.username:
        password = None
        if settings.password_file:
            password = credential_path(settings.password_file).read_text(encoding="utf-8").rstrip("\r\n")
        client.username_pw_set(settings.username, password)
