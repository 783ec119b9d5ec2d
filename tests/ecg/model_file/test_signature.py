"""Signed model files, and the keys that a device trusts."""

from __future__ import annotations

import base64
import shutil
import string
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecg.errors import ExitCode, InputError
from ecg.model_file.container import read, write
from ecg.model_file.runtime import open_interpreter
from ecg.model_file.signature import trusted_keys

pytest.importorskip("cryptography")

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ecg.model_file.signature import key_id, signed_file, signed_part

if TYPE_CHECKING:
    from pathlib import Path

PEM = Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
RAW = Encoding.Raw, PublicFormat.Raw


@pytest.fixture(scope="module")
def key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@pytest.fixture
def trusted(key: Ed25519PrivateKey, tmp_path: Path) -> Path:
    """Give a folder that holds the key as `clinic`."""
    folder = tmp_path / "trusted-keys"
    folder.mkdir()
    (folder / "clinic.pub").write_bytes(key.public_key().public_bytes(*PEM))
    return folder


@pytest.fixture
def model(parts: Any, tmp_path: Path) -> Path:
    path = tmp_path / "tiny.tflite"
    write(path, parts.flatbuffer, parts.card, parts.golden)
    return path


def sign(content: bytes, key: Ed25519PrivateKey) -> bytes:
    return signed_file(content, key_id(key.public_key().public_bytes(*RAW)), key.sign(signed_part(content)))


def refusal_of(path: Path, trusted: Path) -> str:
    with pytest.raises(InputError) as caught:
        read(path, keys=trusted_keys(trusted))
    message = str(caught.value)
    assert "\n" not in message
    assert str(path) in message
    return message


def test_a_signed_file_says_who_signed_it_and_is_otherwise_the_same(
    key: Ed25519PrivateKey, trusted: Path, model: Path, parts: Any
) -> None:
    unsigned = model.read_bytes()
    model.write_bytes(sign(unsigned, key))
    found = read(model, keys=trusted_keys(trusted))
    assert found.signed_by == "clinic"
    assert found.flatbuffer == parts.flatbuffer
    assert read(model).signed_by is None  # nobody asked
    with zipfile.ZipFile(model) as archive:
        assert archive.testzip() is None
    assert len(open_interpreter(model.read_bytes()).get_input_details()) == 2


def test_signing_twice_or_anew_gives_the_same_bytes(key: Ed25519PrivateKey, model: Path) -> None:
    unsigned = model.read_bytes()
    signed = sign(unsigned, key)
    other = sign(signed, Ed25519PrivateKey.generate())
    assert sign(unsigned, key) == sign(signed, key) == sign(other, key) == signed
    assert len(other) == len(signed)


def test_without_a_signature_it_is_refused_and_the_trusted_are_named(trusted: Path, model: Path) -> None:
    message = refusal_of(model, trusted)
    assert "it is not signed (or was cut short), and this device trusts only clinic" in message
    assert "ecg-converter sign" in message


def test_a_strange_key_is_named(trusted: Path, model: Path) -> None:
    strange = Ed25519PrivateKey.generate()
    model.write_bytes(sign(model.read_bytes(), strange))
    assert key_id(strange.public_key().public_bytes(*RAW)) in refusal_of(model, trusted)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_altered_byte_is_refused(data: st.DataObject, key: Ed25519PrivateKey, trusted: Path, model: Path) -> None:
    content = bytearray(sign(model.read_bytes(), key))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    altered = model.with_name("altered.tflite")
    altered.write_bytes(content)
    refusal_of(altered, trusted)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_nothing_can_be_added_or_left_out(
    data: st.DataObject, key: Ed25519PrivateKey, trusted: Path, model: Path
) -> None:
    content = sign(model.read_bytes(), key)
    place = data.draw(st.integers(0, len(content)))
    added = data.draw(st.binary(min_size=1, max_size=40))
    altered = model.with_name("altered.tflite")
    altered.write_bytes(content[:place] + added + content[place:])
    refusal_of(altered, trusted)
    altered.write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    refusal_of(altered, trusted)


def test_without_a_folder_or_keys_no_signature_is_demanded(model: Path, tmp_path: Path) -> None:
    assert trusted_keys(tmp_path / "absent") == {}
    (tmp_path / "README").touch()
    assert trusted_keys(tmp_path) == {}
    assert read(model, keys={}).signed_by is None


@pytest.mark.parametrize("content", [b"", b"a text", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"])
def test_a_trusted_key_that_is_none_is_no_reason_to_trust_everybody(content: bytes, trusted: Path) -> None:
    (trusted / "broken.pub").write_bytes(content)
    with pytest.raises(InputError, match=r"broken\.pub is no Ed25519 public key"):
        trusted_keys(trusted)


def test_a_key_of_another_kind_is_refused(trusted: Path) -> None:
    other = generate_private_key(65537, 2048).public_key()
    (trusted / "rsa.pub").write_bytes(other.public_bytes(*PEM))
    with pytest.raises(InputError, match=r"rsa\.pub is no Ed25519 public key"):
        trusted_keys(trusted)


def test_openssl_agrees(key: Ed25519PrivateKey, trusted: Path, model: Path, tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    content = sign(model.read_bytes(), key)
    (tmp_path / "message").write_bytes(signed_part(content))
    (tmp_path / "signature").write_bytes(key.sign(signed_part(content)))
    command = [openssl, "pkeyutl", "-verify", "-pubin", "-inkey", str(trusted / "clinic.pub"), "-rawin"]
    command += ["-in", str(tmp_path / "message"), "-sigfile", str(tmp_path / "signature")]
    assert subprocess.run(command, capture_output=True, check=False).returncode == ExitCode.DONE


def test_without_keys_the_library_is_not_loaded(model: Path, tmp_path: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from ecg.model_file.container import read
from ecg.model_file.signature import trusted_keys
read(Path({str(model)!r}), keys=trusted_keys(Path({str(tmp_path)!r})))
print("cryptography" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize("stray", ["bits", "S+L"])
def test_only_one_text_of_a_signature_is_accepted(
    stray: str, model: Path, key: Ed25519PrivateKey, trusted: Path
) -> None:
    signed = sign(model.read_bytes(), key)
    if stray == "bits":  # of the last character before ==, four are no part of the signature
        letters = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"
        last = letters[letters.index(chr(signed[-3])) ^ 1]
        changed = signed[:-3] + last.encode() + signed[-2:]
    else:
        order = 2**252 + 27742317777372353535851937790883648493
        signature = base64.b64decode(signed[-88:])
        larger = (int.from_bytes(signature[32:], "little") + order).to_bytes(32, "little")
        changed = signed[:-88] + base64.b64encode(signature[:32] + larger)
    model.write_bytes(changed)
    assert "altered or damaged" in refusal_of(model, trusted)
