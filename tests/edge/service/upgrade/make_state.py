"""Makes state.tar.xz: what a monitor of version 0.1.0 at commit adf296a leaves behind when its power goes.

    git worktree add /elsewhere adf296a
    cd /elsewhere && PYTHONPATH=/elsewhere python THIS_FILE /here/tests/edge/service/upgrade/state.tar.xz

The version of before had the modules named below. Two runs without a broker: the first ends in order; the second has an
asystole that was acknowledged, a patient's event and a snooze when it is killed. The archive holds the settings, with
FOLDER and PORT for what the test fills in, the storage, and a store with a small model that was chosen.
"""

from __future__ import annotations

import importlib.util
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from edge.control import ask
from edge.errors import CheckFailedError
from edge.inference.model_file import Golden, pack
from edge.inference.quantised import QuantisedModel
from edge.inference.runtime import open_interpreter

from edge.config import (
    DeviceSettings,
    ModelSettings,
    MqttSettings,
    Settings,
    SimulatorSettings,
    SourceSettings,
    StorageSettings,
    TechnicalSettings,
    render,
)
from edge.model_store import Store

FIRST = "normal:12,asystole:8,normal:14,lost:600"
SECOND = "normal:16,asystole:9,lost:600"
SPEED = 5.0


def settings_for(folder: str, port: int, scenario: str) -> Settings:
    """Give settings in which much is not the default."""
    return Settings(
        device=DeviceSettings(id="bed-3"),
        source=SourceSettings(simulator=SimulatorSettings(scenario=scenario, speed=SPEED, seed=3)),
        model=ModelSettings(store=f"{folder}/models", trusted_keys=f"{folder}/trusted-keys"),
        technical=TechnicalSettings(close_s=0.5, storage_free_mb=1.0),
        mqtt=MqttSettings(host="127.0.0.1", port=port),
        storage=StorageSettings(
            directory=f"{folder}/storage",
            recording_max_days=100_000.0,  # the test is run long after
            recording_sync_s=0.2,
            recording_leave_free_mb=0.0,
        ),
    )


def add_model(settings: Settings, folder: Path) -> None:
    """Choose a small model of random weights, which the tests of that version make."""
    path = Path("tests/edge/inference/conftest.py").resolve()
    spec = importlib.util.spec_from_file_location("small_model", path)
    assert spec is not None
    assert spec.loader is not None
    made: Any = importlib.util.module_from_spec(spec)
    sys.modules["small_model"] = made
    spec.loader.exec_module(made)
    flatbuffer, beats = made.dense_model(), made.random_beats(40)
    model = QuantisedModel(open_interpreter(flatbuffer), inputs=made.SHAPES, labels=len(made.LABELS))
    outputs = np.stack([model.run({name: values[beat] for name, values in beats.items()}) for beat in range(40)])
    ranked = np.sort(outputs.astype(np.int16), axis=1)
    clear = np.flatnonzero(ranked[:, -1] - ranked[:, -2] > 40)[:6]
    golden = Golden({name: values[clear] for name, values in beats.items()}, outputs[clear])
    file = folder / "tiny.tflite"
    file.write_bytes(pack(flatbuffer, made._card(), golden))
    store = Store.of(settings.model)
    with store.changing():
        store.choose(store.add(file))
    (store.directory / "lock").unlink()
    file.unlink()


def start(folder: Path, scenario: str) -> subprocess.Popen[bytes]:
    """Start the monitor; nobody listens on its port."""
    config = folder / "edge.toml"
    config.write_text(render(settings_for(str(folder), 9, scenario)))
    return subprocess.Popen([sys.executable, "-m", "edge.cli", "run", str(config)])


def wait_for(storage: Path, kind: str, state: str) -> dict[str, Any]:
    """Wait until the last thing told of a kind of alarm is this; give the event."""
    while True:
        try:
            event = ask(storage, "status", {})["status"].get("event") or {}
        except (CheckFailedError, OSError):
            event = {}
        if (event.get("kind"), event.get("state")) == (kind, state):
            return event
        time.sleep(0.05)


def of_nobody(info: tarfile.TarInfo) -> tarfile.TarInfo:
    """Leave out who made it."""
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    return info


def main(archive: Path) -> None:
    """Run it twice and pack what is left."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        storage = folder / "storage"
        add_model(settings_for(scratch, 9, FIRST), folder)

        process = start(folder, FIRST)
        wait_for(storage, "asystole", "closed")
        time.sleep(2)  # the rest of its last minute
        process.send_signal(signal.SIGTERM)
        process.wait()

        process = start(folder, SECOND)
        asystole = wait_for(storage, "asystole", "opened")
        time.sleep(2)  # the simulator pauses
        for verb, request in (
            ("ack", {"uuid": asystole["uuid"], "by": "nurse"}),
            ("snooze", {"kind": "bigeminy", "minutes": 60}),
            ("mark", {"text": "dizzy"}),
        ):
            assert ask(storage, verb, request)["ok"]
        time.sleep(1)
        process.send_signal(signal.SIGKILL)
        process.wait()

        (storage / "control.socket").unlink()
        settings = settings_for("FOLDER", 1234, SECOND)
        (folder / "edge.toml").write_text(render(settings).replace("port = 1234", "port = PORT"))
        with tarfile.open(archive, "w:xz", preset=9) as packed:
            for name in ("edge.toml", "models", "storage"):
                packed.add(folder / name, name, filter=of_nobody)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
