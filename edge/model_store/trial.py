"""Switches a running monitor to another model: restarts it, watches its first minute, and rolls back if it fails.

All of this runs in one process on the device, so a broken connection does not matter. If this process dies too, the
trial ends by itself: see `edge.model_store.selection.Trial`.
"""

from __future__ import annotations

import shlex
import subprocess
import time
from typing import TYPE_CHECKING, Any, Final

from ecg.errors import CheckFailedError
from edge.control_socket import send_command

if TYPE_CHECKING:
    from pathlib import Path

    from edge.model_store.store import ModelStore

__all__ = ["RESTART_COMMAND", "restart_monitor", "running_model", "try_out"]

RESTART_COMMAND: Final = "systemctl restart ecg-edge"

RESTART_S: Final = 60.0
"""For the restart command: the unit stops within 20 s, and a Pi Zero 2 W starts in about 10 s."""

START_S: Final = 30.0
"""For the monitor's first answer after the restart. A later silence of up to this is left to the watchdog."""

SLACK_S: Final = 10.0
"""From the end of the watch to the confirmation, on a busy machine."""

POLL_S: Final = 1.0


def try_out(store: ModelStore, name: str, *, restart: str, watch_s: float, storage: Path) -> str:
    """Switch to a model if the monitor works with it, else roll back; the store must be locked.

    Args:
        store: holds the model.
        name: name of the model.
        restart: command that restarts the monitor.
        watch_s: time to watch the monitor, its start included.
        storage: the monitor's storage directory, which holds its control socket.

    Returns:
        The result, as a sentence without its full stop.

    Raises:
        CheckFailedError: the monitor failed, and the old model is in use again.
    """
    had_samples = _has_samples(_status(storage)[0])
    store.begin_trial(name, RESTART_S + watch_s + SLACK_S)
    try:
        status = _restart_and_watch(restart, store.path(name).name, watch_s, storage)
        seen = _judge(status, had_samples=had_samples)
    except (CheckFailedError, KeyboardInterrupt) as error:
        problem = str(error) or "interrupted"
        store.end_trial()
        after = restart_monitor(restart, storage)
        raise CheckFailedError(f"{name} was rolled back: {problem}; {after}") from error
    store.choose(name)
    return seen


def restart_monitor(restart: str, storage: Path) -> str:
    """Restart the monitor and wait for its first answer; which model it runs, or what is wrong."""
    try:
        _restart(restart)
    except CheckFailedError as error:
        return f"{error}; the monitor may not be running: see `journalctl -u ecg-edge` and `ecg-edge doctor`"
    began_s = time.monotonic()
    while True:
        status, trouble = _status(storage)
        if status is not None:
            return f"the monitor runs {status['info'].get('model_file', 'a model')}"
        if time.monotonic() - began_s > START_S:
            return f"{trouble}: see `journalctl -u ecg-edge` and `ecg-edge doctor`"
        time.sleep(POLL_S)


def running_model(storage: Path) -> tuple[str | None, str]:
    """File name of the model that the monitor runs; None and the reason if the monitor does not answer."""
    status, trouble = _status(storage)
    return (None, trouble) if status is None else (status["info"].get("model_file"), "")


def _restart(command: str) -> None:
    try:
        done = subprocess.run(  # noqa: S603 - only who may change models can give this command
            shlex.split(command),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=RESTART_S,
            check=False,
        )
    except OSError as error:
        raise CheckFailedError(f"`{command}` cannot be run ({error.strerror})") from error
    except subprocess.TimeoutExpired as error:
        raise CheckFailedError(f"`{command}` did not finish within {RESTART_S:g} s") from error
    if done.returncode:
        output = (done.stderr.strip() or done.stdout.strip()).splitlines()
        reason = f": {output[-1]}" if output else ""
        raise CheckFailedError(f"`{command}` failed with exit code {done.returncode}{reason}")


def _restart_and_watch(restart: str, file_name: str, watch_s: float, storage: Path) -> dict[str, Any]:
    """Restart the monitor and watch it for `watch_s`; its last status.

    Raises:
        CheckFailedError: it does not start, runs another model, or stops.
    """
    _restart(restart)
    patience_s = min(START_S, watch_s / 2)
    began_s = heard_s = time.monotonic()
    seen: dict[str, Any] | None = None
    while (now_s := time.monotonic()) - began_s < watch_s:
        status, trouble = _status(storage)
        if status is None:
            if now_s - heard_s > patience_s:
                raise CheckFailedError(f"the monitor gave no answer for {patience_s:g} s: {trouble}")
        elif (running := status["info"].get("model_file")) != file_name:
            old = status["machine"]["uptime_s"] > now_s - began_s + 1  # still stopping
            if not old or now_s - began_s > patience_s:
                raise CheckFailedError(f"the monitor runs {running} instead{_cause(status)}")
        elif seen is not None and status["machine"]["uptime_s"] < seen["machine"]["uptime_s"]:
            raise CheckFailedError("the monitor stopped and was restarted while it was watched")
        else:
            seen, heard_s = status, now_s
        time.sleep(min(POLL_S, watch_s / 10))
    if seen is None:
        raise CheckFailedError(f"the monitor did not start within {watch_s:g} s")
    return seen


def _judge(status: dict[str, Any], *, had_samples: bool) -> str:
    """Judge the last status; only faults that the model can cause count.

    Raises:
        CheckFailedError: the monitor does not work with this model.
    """
    if had_samples and not _has_samples(status):
        raise CheckFailedError("the monitor gets no samples, and before the switch it did")
    labelled = status["labelled_beats"]
    if labelled:
        return f"the monitor works, and {labelled} beats are labelled"
    if status.get("vitals", {}).get("heart_rate_bpm") is not None:
        raise CheckFailedError("the monitor finds beats, but labels none of them")
    return f"the monitor runs; it had no beat to label: {status.get('trouble', 'the signal is good')}"


def _has_samples(status: dict[str, Any] | None) -> bool:
    vitals = None if status is None else status.get("vitals")
    return vitals is not None and "no_samples" not in vitals["faults"]


def _cause(status: dict[str, Any]) -> str:
    """Why the monitor refused the model, if it says so."""
    causes = [alarm["evidence"]["cause"] for alarm in status["alarms"]["alarms"] if alarm["kind"] == "model_refused"]
    return f": {causes[0].rstrip('.')}" if causes else ""


def _status(storage: Path) -> tuple[dict[str, Any] | None, str]:
    """The monitor's status; None and the reason if it does not answer."""
    try:
        return send_command(storage, "status", {})["status"], ""
    except CheckFailedError as error:
        return None, str(error)
