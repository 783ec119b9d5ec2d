"""The control socket: local commands, also after its folder was deleted."""

from __future__ import annotations

import shutil
import threading
from typing import TYPE_CHECKING

from edge.control_socket import ControlSocket, send_command
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_a_socket_deleted_with_its_folder_is_opened_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.control_socket.CHECK_S", 0.01)
    folder = tmp_path / "state"
    folder.mkdir()
    control = ControlSocket(folder)
    shutil.rmtree(folder)
    folder.mkdir()
    wait_until((folder / "control.socket").exists)
    answers: list[dict[str, object]] = []
    asking = threading.Thread(target=lambda: answers.append(send_command(folder, "status", {})))
    asking.start()
    while asking.is_alive():
        control.poll(lambda command: b'{"verb": "%s"}' % command.verb.encode())
        asking.join(0.01)
    assert answers == [{"verb": "status"}]
    control.close()
    assert not (folder / "control.socket").exists()
