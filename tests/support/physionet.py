"""PhysioNet on this machine: a proxy that answers for physionet.org, over TLS with a certificate of its own.

Neither wfdb-python nor `ecg-converter data fetch` has a setting for another server; both heed the proxy and the
certificates that the environment names.
"""

from __future__ import annotations

import datetime as dt
import http.server
import socket
import ssl
import threading
import zipfile
from functools import partial
from typing import TYPE_CHECKING, Any

from tests.support import heartbeats

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["PhysioNet"]

HOST = "physionet.org"
RECORDS = {"mitdb": ("100", "101", "103", "106"), "svdb": ("800", "801", "802", "803")}


class PhysioNet:
    """A server with a few short synthetic records under the names and in the layout of the real ones.

    Attributes:
        environment: variables with which a program finds it.
    """

    def __init__(self, folder: Path) -> None:
        files = folder / "files"
        for database, records in RECORDS.items():
            published = files / "files" / database / "1.0.0"
            for record in records:
                more = "N" * 400 if record == "101" else ""  # what a training run simulates its rhythms from
                heartbeats.write(published, record, symbols=more + "NNNVNNNNAN" * 12)
            (published / "RECORDS").write_text("".join(f"{record}\n" for record in records))
            (published / "ANNOTATORS").write_text("atr\treference beat annotations\n")
            page = files / "content" / database / "1.0.0"
            page.mkdir(parents=True)
            for place in (page.parent, page):
                (place / "index.html").write_text("<p>\nVersion: 1.0.0</p>\n")
        challenge = files / "files" / "challenge-2017" / "1.0.0"
        challenge.parent.mkdir()
        heartbeats.write_short(challenge)
        with zipfile.ZipFile(challenge / "training2017.zip", "w") as archive:
            for recording in challenge.glob("*.mat"):
                archive.write(recording, f"training2017/{recording.name}")
                recording.unlink()
        certificate = _certificate(folder)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)
        self._files = files
        self._listener = socket.create_server(("127.0.0.1", 0))
        proxy = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        trusted = {name: str(certificate) for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")}
        self.environment = {"https_proxy": proxy, "HTTPS_PROXY": proxy} | trusted
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, address = self._listener.accept()
            except OSError:  # closed
                return
            threading.Thread(target=self._serve, args=(connection, address), daemon=True).start()

    def _serve(self, connection: socket.socket, address: Any) -> None:
        with connection:
            asked = b""
            while not asked.endswith(b"\r\n\r\n"):
                asked += connection.recv(1)
            if not asked.startswith(f"CONNECT {HOST}:443 ".encode()):
                connection.sendall(b"HTTP/1.1 403 another host\r\n\r\n")
                return
            connection.sendall(b"HTTP/1.1 200 connected\r\n\r\n")
            with self._context.wrap_socket(connection, server_side=True) as secret:
                serve: Callable[..., object] = partial(_Handler, directory=str(self._files))
                serve(secret, address, None)  # which needs no server

    def close(self) -> None:
        self._listener.close()


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Gives files, also parts of them."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _certificate(folder: Path) -> Path:
    """Write a key and a certificate for the host that it signed itself."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path
