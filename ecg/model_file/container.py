"""The model file: a TFLite flatbuffer with a zip appended that holds `model.json` and `golden.npz`.

That is TFLite's own convention for associated files (TensorFlow Lite metadata, "packing the associated files"): any
runtime loads the file as it is, and any unzip shows the card. It may be signed, see `ecg.model_file.signature`.
"""

from __future__ import annotations

import hashlib
import io
import os
import stat
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from ecg.errors import InputError
from ecg.model_file.card import CARD_SCHEMA, ModelCard
from ecg.model_file.card_check import check_card
from ecg.model_file.golden import read_golden, write_golden
from ecg.model_file.signature import signed_by

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ecg.model_file.golden import Golden
    from ecg.model_file.signature import TrustedKey

__all__ = ["ModelFile", "pack", "parse", "read", "read_bytes", "refusal", "write"]

_CARD_MEMBER: Final = "model.json"
_GOLDEN_MEMBER: Final = "golden.npz"
_MAX_FILE_BYTES: Final = 64 * 2**20
_MAX_MEMBER_BYTES: Final = {_CARD_MEMBER: 2**20, _GOLDEN_MEMBER: 16 * 2**20}
"""Many times what a model for a Pi needs. The zip of a file from outside may say or hold far more than it weighs."""
_IDENTIFIER: Final = b"TFL3"  # bytes 4 to 7 of a TFLite flatbuffer
_ZIP_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # zip's earliest date, always: the same model gives the same bytes
_ZIP_ERRORS: Final = (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, ValueError, EOFError)
_NO_KEYS: Final[Mapping[str, TrustedKey]] = {}
_EXPORT_AGAIN: Final = 'copy it again, or make it anew with "ecg-converter export"'


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model file that was read and found whole.

    Attributes:
        path: where it lies.
        flatbuffer: the TFLite model, without the appended zip.
        card: its card.
        golden: examples with the outputs that must come out of them.
        sha256: digest of the whole file, in hexadecimal.
        signed_by: the trusted key that signed it; None where no key was given to check it with.
    """

    path: Path
    flatbuffer: bytes
    card: ModelCard
    golden: Golden
    sha256: str
    signed_by: str | None


def refusal(path: Path, difference: str, remedy: str = _EXPORT_AGAIN) -> InputError:
    """The error of a model file that is refused: which file, what differs, what to do."""
    return InputError(f"Model file {path} is refused: {difference}; {remedy}.")


def read(path: Path, *, keys: Mapping[str, TrustedKey] = _NO_KEYS) -> ModelFile:
    """Read a model file, and check everything that can be checked without running it.

    Args:
        path: the file.
        keys: by key id; where there are any, one of them must have signed the file.

    Raises:
        InputError: no such file, not signed, not a TFLite model, no card, cut short, damaged, or not what this version
            can serve.
    """
    return parse(path, read_bytes(path), keys=keys)


def read_bytes(path: Path) -> bytes:
    """The content of a model file, not looked at.

    Raises:
        InputError: it cannot be read, or is too large.
    """
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):  # reading a device or a pipe may never end
            raise InputError(f"Model file {path} cannot be read: it is no regular file.")
        if found.st_size > _MAX_FILE_BYTES:
            raise refusal(path, f"it has more than {_MAX_FILE_BYTES // 2**20} MB", "choose a smaller model")
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"Model file {path} cannot be read: {error.strerror}.") from error


def parse(path: Path, content: bytes, *, keys: Mapping[str, TrustedKey] = _NO_KEYS) -> ModelFile:
    """As `read`, of content that was read already; `path` stands in the errors."""
    try:
        signer = signed_by(content, keys) if keys else None  # first: nothing else looks at what nobody vouches for
    except InputError as error:
        raise refusal(path, str(error), 'sign it with "ecg-converter sign", or copy it again') from None
    if content[4:8] != _IDENTIFIER:
        raise refusal(path, "it is no TensorFlow Lite model", 'give a file made by "ecg-converter export"')
    flatbuffer, members = _split(path, content)
    card = _read_card(path, members[_CARD_MEMBER])
    digest = hashlib.sha256(flatbuffer).hexdigest()
    if digest != card.flatbuffer_sha256:
        raise refusal(path, f"its SHA-256 is {digest[:12]}..., and its card says {card.flatbuffer_sha256[:12]}...")
    try:
        check_card(card)
    except InputError as error:
        raise refusal(path, str(error), 'make it anew with "ecg-converter train" of this version') from None
    try:
        golden = read_golden(members[_GOLDEN_MEMBER], card)
    except InputError as error:
        raise refusal(path, str(error)) from error
    return ModelFile(path, flatbuffer, card, golden, hashlib.sha256(content).hexdigest(), signer)


def pack(flatbuffer: bytes, card: ModelCard, golden: Golden) -> bytes:
    """A model file's bytes; the card's digest is set here. The same arguments give the same bytes."""
    card = msgspec.structs.replace(card, flatbuffer_sha256=hashlib.sha256(flatbuffer).hexdigest())
    buffer = io.BytesIO(flatbuffer)
    with zipfile.ZipFile(buffer, "a") as archive:
        for name, content in (
            (_CARD_MEMBER, msgspec.json.format(msgspec.json.encode(card), indent=1)),
            (_GOLDEN_MEMBER, write_golden(golden)),
        ):
            # Stored, not deflated, as TFLite's convention asks: a runtime may map the members into memory.
            archive.writestr(zipfile.ZipInfo(name, _ZIP_EPOCH), content, zipfile.ZIP_STORED)
    return buffer.getvalue()


def write(path: Path, flatbuffer: bytes, card: ModelCard, golden: Golden) -> None:
    """Write a model file, whole or not at all.

    Raises:
        InputError: the file cannot be written there.
    """
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        unfinished.write_bytes(pack(flatbuffer, card, golden))
        os.replace(unfinished, path)  # noqa: PTH105 - Path.replace says the same, and os.replace says that it is atomic
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise InputError(f"Model file {path} cannot be written: {error.strerror}.") from error


def _split(path: Path, content: bytes) -> tuple[bytes, dict[str, bytes]]:
    """The flatbuffer, and the members of the zip after it."""
    members = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            start = min(member.header_offset for member in archive.infolist())
            for name in (_CARD_MEMBER, _GOLDEN_MEMBER):
                members[name] = _member(path, archive, name)
    except _ZIP_ERRORS as error:
        difference = "it holds no model card, so it is cut short, damaged or no file of ours"
        raise refusal(path, difference) from error
    return content[:start], members


def _member(path: Path, archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        member = archive.getinfo(name)
    except KeyError as error:
        raise refusal(path, f"the zip behind its flatbuffer has no {name}") from error
    most = _MAX_MEMBER_BYTES[name]
    if member.file_size > most or member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise refusal(path, f"its {name} has more than {most // 2**20} MB, or is packed in a way of its own")
    try:
        return archive.read(member)  # never more than `file_size` bytes
    except _ZIP_ERRORS as error:
        raise refusal(path, f"its {name} is damaged") from error


def _read_card(path: Path, content: bytes) -> ModelCard:
    try:
        card = msgspec.json.decode(content, type=ModelCard)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise refusal(path, f"this version cannot read its card ({error})") from error
    if card.schema != CARD_SCHEMA:
        difference = f"its card has the schema {card.schema}, and this version reads {CARD_SCHEMA}"
        raise refusal(path, difference, "update ecg-edge, or make the file anew")
    return card
