"""Models onto a device while it goes wrong: kills at random instants, damaged files, bad signatures.

    python benchmarks/model_install.py [--kills 100] [--corrupt 20] [--badly-signed 20] [--seed 1]

A real sshd on this machine (Debian package openssh-server), a monitor that is kept running as systemd would, and the
commands of both sides as processes. A third of the kills hits the desk (its connection breaks), a third the process on
the device, a third is a power cut: everything on the device and the connection, after which the machine's clock begins
anew. After each, the monitor must run the old model or the new one, without an alarm that one was refused, and so it
must after one more restart.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from contextlib import suppress
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))  # for `tests.support`

import msgspec

from converter.release import keys
from ecg.errors import CheckFailedError, ExitCode
from ecg.model_file.container import pack
from edge.inference import read
from edge.inference.classifier import shipped_path
from edge.model_store import load_selected
from tests.support.device import Device, Sshd, version_of

WATCH_S = 4.0
KINDS = ("desk", "device", "power")
NO_COMMENT = b"\0\0"
"""How an unsigned model file ends; the length of the signature stands there in a signed one."""
OVER_S = 60.0
"""For what the device still does alone after the desk was killed."""


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    for name, count in (("kills", 100), ("corrupt", 20), ("badly-signed", 20), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=count)
    arguments = parser.parse_args()
    generator = random.Random(arguments.seed)  # noqa: S311 - no secret
    folder = Path(tempfile.mkdtemp(prefix="model-install-"))
    device = Device(folder / "device")
    try:
        sound = version_of(shipped_path(), folder, "4.0.0")
        _corrupt(device, sound, generator, arguments.corrupt, "no key on the device")
        keys.generate(folder / "clinic")
        shutil.copy(folder / "clinic.pub", device.keys)
        keys.sign(sound, folder / "clinic")
        _corrupt(device, sound, generator, arguments.corrupt, "signed, one key on the device")
        _badly_signed(device, folder, generator, arguments.badly_signed)
        sshd = Sshd(shutil.which("sshd") or "/usr/sbin/sshd", folder / "sshd")
        try:
            _kills(device, sshd, folder, generator, arguments.kills)
        finally:
            sshd.stop()
    finally:
        device.stop()
        shutil.rmtree(folder)


def _kills(device: Device, sshd: Sshd, folder: Path, generator: random.Random, count: int) -> None:
    models = [version_of(shipped_path(), folder, version) for version in ("2.0.0", "3.0.0")]
    for model in models:
        keys.sign(model, folder / "clinic")
    files = [_name_of(device, model) for model in models]
    device.restart()
    began_s = time.monotonic()
    first = sshd.install(device, models[0], watch_s=WATCH_S)
    out, errors = first.communicate()
    assert first.returncode == ExitCode.DONE, out + errors
    whole_s = time.monotonic() - began_s
    outcomes: Counter[str] = Counter()
    number = too_late = 0
    while number - too_late < count:
        old = device.store.selection().current
        new = files[1 - files.index(old)]
        kind = KINDS[number % len(KINDS)]
        if number % 2:  # else the copy is there already
            device.store.path(new).unlink(missing_ok=True)
        installation = sshd.install(device, models[files.index(new)], watch_s=WATCH_S)
        began_s = time.monotonic()
        with suppress(subprocess.TimeoutExpired):
            installation.wait(generator.uniform(0.5, whole_s))  # before, the desk's own Python is starting
            whole_s = time.monotonic() - began_s  # it ended first: a kill that interrupts nothing does not count
            too_late += 1
        stage = _stage(device, old, new, installation)
        _kill(device, kind, installation)
        _check(device, {old, new}, f"{number} {kind}, {stage}")
        _begin_anew(device)  # a watcher that died leaves a trial behind, which must end with the machine
        device.restart()
        ended = _check(device, {old, new}, f"{number} {kind}, {stage}, after a restart")
        assert ended == device.store.selection().current
        outcome = f"{kind}: killed {stage}, then the {'new' if ended == new else 'old'} model"
        outcomes[outcome] += 1
        number += 1
        print(f"{number}, {number - too_late} of {count}: {outcome}", file=sys.stderr)
    print(f"{number} kills, {too_late} of them after the end: always a working model, no refusal")
    for outcome, times in sorted(outcomes.items()):
        print(f"  {times:3d} {outcome}")


def _stage(device: Device, old: str, new: str, installation: subprocess.Popen[str]) -> str:
    selection = device.store.selection()
    if installation.poll() is not None:
        return "after its end"
    if selection.current == new:
        return "after the confirmation"
    if selection.trial is not None:
        return "in the trial"
    return "before the switch" if selection.current == old else "elsewhere"


def _kill(device: Device, kind: str, installation: subprocess.Popen[str]) -> None:
    if kind != "device":
        with suppress(ProcessLookupError):
            os.killpg(installation.pid, signal.SIGKILL)
    if kind != "desk":
        while _kill_on_device(device, also_children=kind == "power") and kind == "power":
            time.sleep(0.1)  # what was about to begin is killed too
    if kind == "power":
        device.kill()
        _begin_anew(device)
    installation.communicate()
    if kind == "power":
        device.restart()
    else:
        _wait_until_over(device)


def _kill_on_device(device: Device, *, also_children: bool) -> int:
    """Kill `ecg-edge model use`, and where the power goes its shell and what it has started; how many there were."""
    killed = 0
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        with suppress(OSError):
            words = (entry / "cmdline").read_bytes()
            uses = b"model\0use\0" in words or (also_children and b" model use " in words)
            restarts = also_children and words.startswith(b"/bin/sh\0" + device.restart_command.encode())
            if (uses and str(device.config).encode() in words) or restarts:
                os.kill(int(entry.name), signal.SIGKILL)
                killed += 1
    return killed


def _begin_anew(device: Device) -> None:
    """Let the machine's clock begin anew, as seen from a trial."""
    path = device.store.directory / "selection.json"
    with suppress(FileNotFoundError):
        selection = json.loads(path.read_bytes())
        if selection["trial"] is not None:
            for key in ("from_s", "until_s"):
                selection["trial"][key] += 1e7
            path.write_text(json.dumps(selection))


def _wait_until_over(device: Device) -> None:
    deadline_s = time.monotonic() + OVER_S
    while True:
        try:
            with device.store.locked():
                return
        except CheckFailedError:
            assert time.monotonic() < deadline_s
            time.sleep(0.1)


def _check(device: Device, allowed: set[str], when: str) -> str:
    """The monitor runs one of these models; the name of which."""
    chosen = load_selected(device.settings.model)
    assert chosen.fault is None, f"{when}: {chosen.fault}"
    assert chosen.name in allowed, f"{when}: {chosen.name}"
    status = device.wait_for(chosen.name)
    refused = [alarm for alarm in status["alarms"]["alarms"] if alarm["kind"] == "model_refused"]
    assert not refused, f"{when}: {refused}"
    assert status["info"]["model_signed_by"] == "clinic"
    return chosen.name


def _corrupt(device: Device, whole: Path, generator: random.Random, count: int, how: str) -> None:
    content = whole.read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {
            info.filename: (info.header_offset + 30 + len(info.filename), info.file_size) for info in archive.infolist()
        }
        start = min(info.header_offset for info in archive.infolist())
    end = max(sum(place) for place in members.values())
    regions = {
        "flatbuffer": (0, start),
        "model.json": (members["model.json"][0], sum(members["model.json"])),
        "golden.npz": (members["golden.npz"][0], sum(members["golden.npz"])),
        "zip directory": (end, len(content)),
    }
    reasons: Counter[str] = Counter()
    for number in range(count):
        damaged = bytearray(content)
        kind = [*regions, "cut short"][number % 5]
        if kind == "cut short":
            damaged = damaged[: generator.randrange(len(content))]
        else:
            damaged[generator.randrange(*regions[kind])] ^= 1 << generator.randrange(8)
        reasons[f"{kind}: {_refusal(device, bytes(damaged), whole)}"] += 1
    _show(f"{count} corrupt files, {how}", reasons)


def _badly_signed(device: Device, folder: Path, generator: random.Random, count: int) -> None:
    whole = version_of(shipped_path(), folder, "5.0.0")
    unsigned = whole.read_bytes()
    keys.generate(folder / "stranger")
    keys.sign(whole, folder / "clinic")
    signed = whole.read_bytes()
    comment = signed[len(unsigned) - len(NO_COMMENT) :]
    model = read(whole)
    reasons: Counter[str] = Counter()
    for number in range(count):
        kind = ("no signature", "another key", "altered card", "altered flatbuffer", "altered signature")[number % 5]
        if kind == "no signature":
            content = unsigned
        elif kind == "another key":
            path = folder / "strange.tflite"
            path.write_bytes(unsigned)
            keys.sign(path, folder / "stranger")
            content = path.read_bytes()
        elif kind == "altered signature":
            altered = bytearray(signed)
            altered[-generator.randrange(1, len(comment) - len(NO_COMMENT))] ^= 1 << generator.randrange(7)
            content = bytes(altered)
        elif kind == "altered card":  # this and the next are sound in themselves, under a signature of what they were
            card = msgspec.structs.replace(model.card, version=f"5.0.{number}")
            content = pack(model.flatbuffer, card, model.golden)[: -len(NO_COMMENT)] + comment
        else:
            flatbuffer = bytearray(model.flatbuffer)
            flatbuffer[generator.randrange(len(flatbuffer) // 2, len(flatbuffer))] ^= 1
            content = pack(bytes(flatbuffer), model.card, model.golden)[: -len(NO_COMMENT)] + comment
        reasons[f"{kind}: {_refusal(device, content, None)}"] += 1
    _show(f"{count} badly signed files, one key on the device", reasons)


def _refusal(device: Device, content: bytes, whole: Path | None) -> str:
    """With what reason the device refuses a file; its model must be as before."""
    path = device.folder / "suspect.tflite"
    path.write_bytes(content)
    before = device.store.selection()
    done = device.model("use", str(path), "--restart", "")
    if done.returncode == ExitCode.DONE and whole is not None:
        one, other = read(path), read(whole)
        assert (one.flatbuffer, one.card) == (other.flatbuffer, other.card)
        device.model("use", "shipped", "--restart", "")
        return "harmless: what is read of the file is the same"
    assert done.returncode in {ExitCode.USAGE, ExitCode.CHECK_FAILED}, done
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"ecg-edge: Model file {path} is refused: "), line
    assert device.store.selection() == before
    assert load_selected(device.settings.model).fault is None
    return line.partition("is refused: ")[2].partition(";")[0]


def _show(title: str, reasons: Counter[str]) -> None:
    print(title)
    for reason, times in sorted(reasons.items()):
        print(f"  {times:3d} {reason}")


def _name_of(device: Device, model: Path) -> str:
    with device.store.locked():
        return device.store.add(model)


if __name__ == "__main__":
    main()
