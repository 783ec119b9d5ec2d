"""A device on this machine: a folder with settings, keys and a store, a daemon that is kept running, and an sshd."""

from __future__ import annotations

import getpass
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from ecg.errors import CheckFailedError
from ecg.model_file.container import pack
from edge.config import (
    ModelSettings,
    MqttSettings,
    Settings,
    SimulatorSettings,
    SourceSettings,
    StorageSettings,
    render,
)
from edge.control_socket import send_command
from edge.inference import read
from edge.model_store import ModelStore
from tests.support.waiting import answers, free_port, wait_until

PATIENCE_S = 30.0

# What systemd does: stop the monitor, start it, wait until it is ready, and start it again whenever it ends.
# -P: the folder `models` beside it is not the package of that name.
RESTART = """#!/bin/sh
cd {folder}
[ ! -f pid ] || kill -TERM -$(cat pid) 2>/dev/null
flock lock true
rm -f pid storage/control.socket
[ ! -f broken ] || {{ echo 'the unit is masked' >&2; exit 5; }}
[ "$1" != stop ] || exit 0
setsid sh -c 'exec 9>lock; flock 9; echo $$ >pid; while :; do {python} -P -m edge.cli run {config}; sleep 0.2; done' \\
  >>daemon.log 2>&1 </dev/null &
for _ in $(seq 400); do
  [ -S storage/control.socket ] && exit 0
  sleep 0.05
done
echo 'it is not ready after 20 s' >&2; exit 6
"""


def version_of(model: Path, folder: Path, version: str, **changes: Any) -> Path:
    """Write the same model under another version."""
    whole = read(model)
    card = msgspec.structs.replace(whole.card, version=version, **changes)
    path = folder / f"{card.name}-{version}.tflite"
    path.write_bytes(pack(whole.flatbuffer, card, whole.golden))
    return path


class Device:
    """A monitor that is kept running, and its models."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.keys = folder / "trusted-keys"
        self.keys.mkdir(parents=True)
        self.settings = Settings(
            source=SourceSettings(simulator=SimulatorSettings(scenario="normal:36000", speed=10.0)),
            model=ModelSettings(store=str(folder / "models"), trusted_keys=str(self.keys)),
            mqtt=MqttSettings(host="127.0.0.1", port=free_port()),  # nobody listens, and the watching goes on
            storage=StorageSettings(directory=str(folder / "storage"), recording=False),
        )
        self.config = folder / "edge.toml"
        self.config.write_text(render(self.settings))
        self.store = ModelStore.of(self.settings.model)
        self._script = folder / "restart"
        self._script.write_text(RESTART.format(folder=folder, python=sys.executable, config=self.config))
        self._script.chmod(0o755)
        self.restart_command = str(self._script)

    def restart(self) -> None:
        subprocess.run([self.restart_command], check=True)

    def stop(self) -> None:
        (self.folder / "broken").unlink(missing_ok=True)
        subprocess.run([self.restart_command, "stop"], check=True)

    def kill(self) -> None:
        """The power goes."""
        with suppress(OSError, ValueError):
            os.killpg(int((self.folder / "pid").read_text()), signal.SIGKILL)

    def status(self) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = send_command(self.folder / "storage", "status", {})["status"]
        except CheckFailedError:
            return None
        return found

    def wait_for(self, file: str) -> dict[str, Any]:
        """Wait until the monitor runs a model; its status then."""
        deadline_s = time.monotonic() + PATIENCE_S
        while True:
            status = self.status()
            if status is not None and status["info"]["model_file"] == file:
                return status
            assert time.monotonic() < deadline_s, f"the monitor does not run {file}: {status and status['info']}"
            time.sleep(0.05)

    def command(self, *arguments: str) -> list[str]:
        """The command line of `ecg-edge model` on this device."""
        verb, *rest = arguments
        options = ["--restart", self.restart_command] if verb in {"use", "rollback"} and "--restart" not in rest else []
        return [sys.executable, "-m", "edge.cli", "model", verb, *rest, "--config", str(self.config), *options]

    def model(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `ecg-edge model` on this device."""
        return subprocess.run(self.command(*arguments), capture_output=True, text=True, check=False)


class Sshd:
    """An sshd on a loopback port, for this user and one throw-away key; `ssh` and `scp` on `path` know the way.

    What is in the folder `programs` comes before the other programs there.
    """

    HOST = "bed-3"

    def __init__(self, program: str, folder: Path, *, programs: Path | None = None) -> None:
        folder.mkdir(parents=True)
        port = free_port()
        for name in ("host", "user"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)  # where an sshd of root locks itself up
        path = "" if programs is None else f" PATH={programs}:{os.environ['PATH']}"
        server = folder / "sshd_config"
        server.write_text(
            f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nPidFile none\nUsePAM no\nStrictModes no\n"
            f"AuthorizedKeysFile {folder}/user.pub\nPasswordAuthentication no\n"
            f"Subsystem sftp internal-sftp\nSetEnv PYTHONPATH={os.environ.get('PYTHONPATH', '')}{path}\n"
        )
        client = folder / "ssh_config"
        client.write_text(
            f"Host {self.HOST}\n  HostName 127.0.0.1\n  Port {port}\n  User {getpass.getuser()}\n"
            f"  IdentityFile {folder}/user\n  IdentitiesOnly yes\n  UserKnownHostsFile {folder}/known\n"
            "  StrictHostKeyChecking accept-new\n  LogLevel ERROR\n"
        )
        self.path = folder / "bin"
        self.path.mkdir()
        for name in ("ssh", "scp"):
            script = self.path / name
            script.write_text(f'#!/bin/sh\nexec {shutil.which(name)} -F {client} "$@"\n')
            script.chmod(0o755)
        with (folder / "sshd.log").open("wb") as log:
            self.process = subprocess.Popen([program, "-D", "-e", "-f", str(server)], stderr=log)
        wait_until(lambda: answers(port), f"sshd answers, see {folder / 'sshd.log'}", timeout_s=PATIENCE_S)

    def install(self, device: Device, model: Path, *options: str, watch_s: float = 4.0) -> subprocess.Popen[str]:
        """Begin `ecg-converter install` to the device."""
        on_device = shlex.join([sys.executable, "-m", "edge.cli"])
        command = [sys.executable, "-m", "converter.cli", "install", str(model), "--to", self.HOST, *options]
        command += ["--config", str(device.config), "--restart", device.restart_command, "--watch", str(watch_s)]
        environment = os.environ | {"PATH": f"{self.path}:{os.environ['PATH']}"}
        return subprocess.Popen(
            [*command, "--command", on_device],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
            start_new_session=True,
        )

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()
