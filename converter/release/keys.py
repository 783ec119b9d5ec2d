"""Keys and signatures: who made a model file vouches for it, and a device takes no other.

The pair is Ed25519, in PEM: the private key as PKCS #8, readable for its owner only, and the public key, which goes to
the devices. What a signature covers and where it lies is told in `ecg.model_file.signature`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from ecg.errors import InputError
from ecg.files import replace_file
from ecg.model_file.container import read
from ecg.model_file.signature import KEY_SUFFIX, key_id, signed_file, signed_part

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["generate", "sign"]


def generate(path: Path) -> str:
    """Make a pair of keys, `path` and beside it `path` with `.pub`, in a folder for the owner alone; the key id.

    Raises:
        InputError: one of the files is there already, or cannot be written.
    """
    key = Ed25519PrivateKey.generate()
    public = path.with_name(path.name + KEY_SUFFIX)
    if public.exists():
        raise InputError(f"{public} is there already; a lost key cannot be made again, so choose another name")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise InputError(f"{path.parent} cannot be made: {error.strerror}.") from error
    _write_new(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), 0o600)
    _write_new(public, key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), 0o644)
    return _id(key)


def sign(model: Path, key_path: Path) -> str:
    """Sign a model file, which must be whole; a signature that it has is replaced. The id of the key.

    Raises:
        InputError: the file is no sound model, or the key is no Ed25519 private key.
    """
    read(model)
    key = _private_key(key_path)
    content = model.read_bytes()
    replace_file(model, signed_file(content, _id(key), key.sign(signed_part(content))))
    return _id(key)


def _id(key: Ed25519PrivateKey) -> str:
    return key_id(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))


def _private_key(path: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise InputError(f"The key {path} cannot be read: {error.strerror}.") from error
    except TypeError as error:  # it wants a password
        raise InputError(f"The key {path} has a password: take it off with `openssl pkey`.") from error
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError(f'The key {path} is no Ed25519 private key in PEM, as "ecg-converter keygen" writes it.')
    return key


def _write_new(path: Path, content: bytes, mode: int) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError as error:
        raise InputError(f"{path} is there already; a lost key cannot be made again, so choose another name") from error
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}.") from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        os.fsync(file.fileno())
