"""`ecg-converter keygen` and `sign`."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from converter.release import keys
from ecg.errors import ExitCode, InputError
from ecg.model_file.container import read
from ecg.model_file.signature import trusted_keys
from edge.inference.classifier import shipped_path

if TYPE_CHECKING:
    from pathlib import Path


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "converter.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return shutil.copy(shipped_path(), tmp_path / "model.tflite")


def test_a_new_pair_signs_and_the_public_half_verifies(tmp_path: Path, model: Path) -> None:
    made = run("keygen", str(tmp_path / "clinic"))
    assert made.returncode == ExitCode.DONE, made.stderr
    assert (tmp_path / "clinic").stat().st_mode & 0o777 == 0o600
    signed = run("sign", str(model), "--key", str(tmp_path / "clinic"))
    assert signed.returncode == ExitCode.DONE, signed.stderr
    trusted = trusted_keys(tmp_path)
    assert list(trusted) == [signed.stdout.split()[-1]]
    assert read(model, keys=trusted).signed_by == "clinic"


def test_the_folder_of_a_new_pair_is_made_for_the_owner_alone(tmp_path: Path) -> None:
    keys.generate(tmp_path / "keys" / "clinic")
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "keys" / "clinic.pub").exists()


def test_a_pair_is_never_written_over(tmp_path: Path) -> None:
    keys.generate(tmp_path / "clinic")
    before = (tmp_path / "clinic").read_bytes()
    again = run("keygen", str(tmp_path / "clinic"))
    assert again.returncode == ExitCode.USAGE
    assert "is there already" in again.stderr
    (tmp_path / "clinic.pub").unlink()
    with pytest.raises(InputError, match="is there already"):
        keys.generate(tmp_path / "clinic")
    assert (tmp_path / "clinic").read_bytes() == before


@pytest.mark.parametrize("content", ["", "a text", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_what_is_no_private_key_signs_nothing(content: str, tmp_path: Path, model: Path) -> None:
    before = model.read_bytes()
    (tmp_path / "clinic").write_text(content)
    with pytest.raises(InputError, match="no Ed25519 private key"):
        keys.sign(model, tmp_path / "clinic")
    assert model.read_bytes() == before


def test_the_public_half_signs_nothing(tmp_path: Path, model: Path) -> None:
    keys.generate(tmp_path / "clinic")
    with pytest.raises(InputError, match="no Ed25519 private key"):
        keys.sign(model, tmp_path / "clinic.pub")


def test_a_damaged_model_is_not_signed(tmp_path: Path, model: Path) -> None:
    keys.generate(tmp_path / "clinic")
    content = bytearray(model.read_bytes())
    content[len(content) // 2] ^= 1
    model.write_bytes(content)
    with pytest.raises(InputError, match="SHA-256"):
        keys.sign(model, tmp_path / "clinic")
