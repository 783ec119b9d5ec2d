"""A device to install models on, as real processes."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.support.device import Device, Sshd, version_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def another(shipped_model: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Give a function that writes the shipped model under another version."""
    return lambda version: version_of(shipped_model, tmp_path, version)


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Device]:
    """Give a device whose monitor is not started yet."""
    device = Device(tmp_path / "device")
    yield device
    device.stop()


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[Sshd]:
    program = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin")
    if program is None:
        pytest.skip("sshd is not installed (Debian package openssh-server)")
    sshd = Sshd(program, tmp_path / "sshd")
    yield sshd
    sshd.stop()
