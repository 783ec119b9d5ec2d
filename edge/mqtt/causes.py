"""Turns connection errors and reason codes into sentences for the log: what is wrong with the broker and what to do."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from paho.mqtt.reasoncodes import ReasonCode

__all__ = ["of_disconnect", "of_error", "of_refusal"]

BAD_CREDENTIALS = 134
NOT_AUTHORISED = 135
TAKEN_OVER = 142
"""MQTT 5 reason codes, section 2.4 of the standard. paho translates those of 3.1.1 to the same numbers."""

NOT_YET_VALID, EXPIRED, WRONG_NAME, WRONG_ADDRESS = 9, 10, 62, 64
"""OpenSSL's X509_V_ERR_CERT_NOT_YET_VALID, _CERT_HAS_EXPIRED, _HOSTNAME_MISMATCH, _IP_ADDRESS_MISMATCH."""

CREDENTIALS = "check mqtt.username and mqtt.password_file"

_REFUSALS = {
    BAD_CREDENTIALS: f"it refuses the user name or password: {CREDENTIALS}",
    NOT_AUTHORISED: f"it does not authorise this monitor: {CREDENTIALS}, and the broker's access list",
    133: "it refuses the client id: check device.id",
    136: "it says that it is not available",
    137: "it says that it is busy",
    138: "it has banned this monitor",
}

_CERTIFICATES = {
    NOT_YET_VALID: "its certificate is not valid yet: set this machine's clock",
    EXPIRED: "its certificate has expired: renew it at the broker, or set this machine's clock",
    WRONG_NAME: "its certificate is for another name: set mqtt.host to the name in it",
    WRONG_ADDRESS: "its certificate is for another address: set mqtt.host to the name in it",
}


def of_refusal(reason: ReasonCode) -> str:
    """Explain why the broker refused the connection."""
    return _REFUSALS.get(reason.value, f"it refuses the connection: {str(reason).lower()}")


def of_disconnect(reason: ReasonCode) -> str:
    """Explain why the broker ended an established connection."""
    if reason.value == TAKEN_OVER:
        return "another client connected with this client id: give each monitor its own device.id"
    return f"it says: {str(reason).lower()}"


def of_error(error: OSError | UnicodeError, *, tls: bool) -> str:
    """Explain why no connection could be made."""
    if isinstance(error, ssl.SSLError) or (tls and isinstance(error, ConnectionResetError)):
        return _of_tls(error)
    if isinstance(error, UnicodeError):
        return f"its name or the password is not valid text ({error})"
    if isinstance(error, socket.gaierror):
        return "its name cannot be resolved: check mqtt.host and the network"
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there (connection refused): check mqtt.port and that the broker runs"
    if isinstance(error, TimeoutError):
        return "it does not answer: check mqtt.host and the network"
    return f"{error.strerror or error}: check mqtt.host and the network"


def _of_tls(error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        other = f"its certificate cannot be verified ({error.verify_message}): mqtt.ca_file must be the broker's CA"
        return _CERTIFICATES.get(error.verify_code, other)
    reason = getattr(error, "reason", None) or error.strerror or error
    return f"the TLS handshake failed ({reason}): check mqtt.port, mqtt.tls, mqtt.ca_file and mqtt.cert_file"
