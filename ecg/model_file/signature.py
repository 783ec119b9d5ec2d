"""The signature of a model file, and the keys that a device trusts.

A signed model file is the unsigned one with a comment at the end of its appended zip, the last bytes of the file:

    ecg-edge-signature-1 KEYID SIGNATURE

`KEYID` is the first 16 hexadecimal digits of the SHA-256 of the raw public key, `SIGNATURE` the Ed25519 signature (RFC
8032) in base64. Signed are the bytes `ecg-edge-signature-1`, a zero byte, and the unsigned file from its first byte to
its last: flatbuffer, card, golden beats and all that a zip has around them. So nothing in a signed file can be altered,
added or left out; the same key and model give the same bytes; and runtimes and unzip read the file as before.

A trusted key is a file NAME.pub, the public key as PEM, as `ecg-converter keygen` and `openssl pkey -pubout` write it.
`cryptography` is imported only where there are keys: it costs 7 MB.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecg.errors import InputError
from ecg.extras import how_to_install

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

__all__ = ["KEY_SUFFIX", "TrustedKey", "key_id", "signed_by", "signed_file", "signed_part", "trusted_keys"]

KEY_SUFFIX: Final = ".pub"

_CONTEXT: Final = b"ecg-edge-signature-1"
_KEY_ID_DIGITS: Final = 16
_COMMENT_BYTES: Final = len(_CONTEXT) + 1 + _KEY_ID_DIGITS + 1 + 88  # 64 bytes are 88 characters of base64
_NO_COMMENT: Final = b"\0\0"
"""How an unsigned file ends: the zip's last field, the length of its comment, little-endian."""


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A public key that a device trusts.

    Attributes:
        name: of its file, without the suffix; this is who signed.
        key: the key.
    """

    name: str
    key: Ed25519PublicKey


def key_id(raw_public_key: bytes) -> str:
    """The short name of a key in a signature."""
    return hashlib.sha256(raw_public_key).hexdigest()[:_KEY_ID_DIGITS]


def trusted_keys(directory: Path) -> dict[str, TrustedKey]:
    """The keys in a directory, by key id; none where there is no such directory: then no signature is demanded.

    Raises:
        InputError: the directory or a key cannot be read, or `cryptography` is not installed; a device whose keys are
            in doubt must not act as if it had none.
    """
    try:
        names = sorted(name for name in os.listdir(directory) if name.endswith(KEY_SUFFIX))  # noqa: PTH208 - tells a name
        contents = {name.removesuffix(KEY_SUFFIX): (directory / name).read_bytes() for name in names}
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise InputError(f"The trusted keys in {directory} cannot be read: {error.strerror}.") from error
    if not contents:
        return {}
    try:
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise InputError(
            f"The keys in {directory} cannot be used without the package cryptography: "
            f"install it ({how_to_install('signing')})."
        ) from error
    keys = {}
    for name, content in contents.items():
        key = _public_key(directory / f"{name}{KEY_SUFFIX}", content)
        keys[key_id(key.public_bytes(Encoding.Raw, PublicFormat.Raw))] = TrustedKey(name, key)
    return keys


def signed_by(content: bytes, keys: Mapping[str, TrustedKey]) -> str:
    """Name of the trusted key that signed a model file.

    Raises:
        InputError: it is not signed, by none of the keys, or altered; the message goes on after "the model file".
    """
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415

    trusted = ", ".join(f"{known.name} ({identity})" for identity, known in keys.items())
    unsigned, comment = _split(content)
    if comment is None:
        raise InputError(f"it is not signed (or was cut short), and this device trusts only {trusted}")
    identity, _, text = comment.partition(b" ")
    known = keys.get(identity.decode("ascii", "replace"))
    if known is None:
        raise InputError(
            f"it is signed by the key {ascii(identity.decode('ascii', 'replace'))[1:-1]}, "
            f"and this device trusts only {trusted}"
        )
    try:
        known.key.verify(_decoded(text), signed_part(unsigned))
    except (InvalidSignature, binascii.Error):
        raise InputError(f"it is not what {known.name} signed: it was altered or damaged after that") from None
    return known.name


def _decoded(text: bytes) -> bytes:
    """The bytes of a text in base64; no other text stands for the same bytes."""
    decoded = base64.b64decode(text, validate=True)
    if base64.b64encode(decoded) != text:
        raise binascii.Error("stray characters or bits")
    return decoded


def signed_part(content: bytes) -> bytes:
    """What the signature of a model file, signed already or not, is made over."""
    return _CONTEXT + b"\0" + _split(content)[0]


def signed_file(content: bytes, identity: str, signature: bytes) -> bytes:
    """A model file with a signature, which takes the place of one that it has."""
    comment = b" ".join([_CONTEXT, identity.encode("ascii"), base64.b64encode(signature)])
    return _split(content)[0].removesuffix(_NO_COMMENT) + len(comment).to_bytes(2, "little") + comment


def _split(content: bytes) -> tuple[bytes, bytes | None]:
    """The unsigned file, and key id and signature; None where it has none."""
    rest, comment = content[:-_COMMENT_BYTES], content[-_COMMENT_BYTES:]
    length = _COMMENT_BYTES.to_bytes(2, "little")
    if not (comment.startswith(_CONTEXT + b" ") and rest.endswith(length)):
        return content, None
    return rest.removesuffix(length) + _NO_COMMENT, comment.removeprefix(_CONTEXT + b" ")


def _public_key(path: Path, content: bytes) -> Ed25519PublicKey:
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_public_key  # noqa: PLC0415

    try:
        key = load_pem_public_key(content)
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise InputError(
            f"The trusted key {path} is no Ed25519 public key in PEM: copy it again, or make a pair with "
            '"ecg-converter keygen".'
        )
    return key
