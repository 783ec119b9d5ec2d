"""From one model to another with the monitor running: restart it, watch its first minute, go back if it is not well.

All of it runs on the device, in one process, so a connection that breaks does not matter. Where this process dies too,
the trial ends by itself: see `edge.model_store.selection.Trial`.
"""

from __future__ import annotations

import shlex
import subprocess
import time
from typing import TYPE_CHECKING, Any, Final

from ecg.errors import CheckFailedError
from edge.control_socket import ask

if TYPE_CHECKING:
    from pathlib import Path

    from edge.model_store.store import Store

__all__ = ["RESTART_COMMAND", "restart_monitor", "running_model", "try_out"]

RESTART_COMMAND: Final = "systemctl restart ecg-edge"

RESTART_S: Final = 60.0
"""For the restart command: the unit stops within 20 s, and a Pi Zero 2 W starts in some 10."""

START_S: Final = 30.0
"""For the monitor's first answer after it; and as long as that, a silence in the middle is the watchdog's business."""

SLACK_S: Final = 10.0
"""From the end of the watch to the confirmation, on a machine that is busy."""

LOOK_S: Final = 1.0


def try_out(store: Store, name: str, *, restart: str, watch_s: float, storage: Path) -> str:
    """Use a model for good if the monitor does well with it, else go back; the store must be locked.

    Args:
        store: holds the model.
        name: of the model.
        restart: command that restarts the monitor.
        watch_s: how long to watch it, its start included.
        storage: the monitor's storage directory, through which it is asked.

    Returns:
        What was seen, as a sentence without its full stop.

    Raises:
        CheckFailedError: it did not do well, and the old model is in use again.
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
    """Restart the monitor and wait for its first answer; tell which model it runs, or what is wrong."""
    try:
        _restart(restart)
    except CheckFailedError as error:
        return f"{error}; the monitor may not run: see `journalctl -u ecg-edge` and `ecg-edge doctor`"
    began_s = time.monotonic()
    while True:
        status, trouble = _status(storage)
        if status is not None:
            return f"the monitor runs {status['info'].get('model_file', 'a model')}"
        if time.monotonic() - began_s > START_S:
            return f"{trouble}: see `journalctl -u ecg-edge` and `ecg-edge doctor`"
        time.sleep(LOOK_S)


def running_model(storage: Path) -> tuple[str | None, str]:
    """File name of the model that the monitor runs; None where it does not tell, and why."""
    status, trouble = _status(storage)
    return (None, trouble) if status is None else (status["info"].get("model_file"), "")


def _restart(command: str) -> None:
    try:
        done = subprocess.run(  # noqa: S603 - who may change models gives this command
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
        raise CheckFailedError(f"`{command}` was not done after {RESTART_S:g} s") from error
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        reason = f": {said[-1]}" if said else ""
        raise CheckFailedError(f"`{command}` failed with exit code {done.returncode}{reason}")


def _restart_and_watch(restart: str, file_name: str, watch_s: float, storage: Path) -> dict[str, Any]:
    """Restart, and look at the monitor until the time is over; its last status.

    Raises:
        CheckFailedError: it does not start, starts with another model, or does not go on.
    """
    _restart(restart)
    patience_s = min(START_S, watch_s / 2)
    began_s = heard_s = time.monotonic()
    seen: dict[str, Any] | None = None
    while (now_s := time.monotonic()) - began_s < watch_s:
        status, trouble = _status(storage)
        if status is None:
            if now_s - heard_s > patience_s:
                raise CheckFailedError(f"for {patience_s:g} s the monitor gave no answer: {trouble}")
        elif (running := status["info"].get("model_file")) != file_name:
            old = status["machine"]["uptime_s"] > now_s - began_s + 1  # still on its way out
            if not old or now_s - began_s > patience_s:
                raise CheckFailedError(f"the monitor runs {running} instead{_cause(status)}")
        elif seen is not None and status["machine"]["uptime_s"] < seen["machine"]["uptime_s"]:
            raise CheckFailedError("the monitor stopped and was started anew while it was watched")
        else:
            seen, heard_s = status, now_s
        time.sleep(min(LOOK_S, watch_s / 10))
    if seen is None:
        raise CheckFailedError(f"within {watch_s:g} s the monitor did not come up")
    return seen


def _judge(status: dict[str, Any], *, had_samples: bool) -> str:
    """What the last status says; only what a model can be to blame for is a failure.

    Raises:
        CheckFailedError: the monitor is not well.
    """
    if had_samples and not _has_samples(status):
        raise CheckFailedError("no samples come through the monitor, and before they did")
    labelled = status["labelled_beats"]
    if labelled:
        return f"the monitor is well, and {labelled} beats have got their labels"
    if status.get("vitals", {}).get("heart_rate_bpm") is not None:
        raise CheckFailedError("the monitor finds beats, and none of them gets a label")
    return f"the monitor is up; no beat came to be labelled: {status.get('trouble', 'the signal is good')}"


def _has_samples(status: dict[str, Any] | None) -> bool:
    vitals = None if status is None else status.get("vitals")
    return vitals is not None and "no_samples" not in vitals["faults"]


def _cause(status: dict[str, Any]) -> str:
    """Why the monitor refused its model, where it says so."""
    causes = [alarm["evidence"]["cause"] for alarm in status["alarms"]["alarms"] if alarm["kind"] == "model_refused"]
    return f": {causes[0].rstrip('.')}" if causes else ""


def _status(storage: Path) -> tuple[dict[str, Any] | None, str]:
    """How the monitor is; else None and why it does not say."""
    try:
        return ask(storage, "status", {})["status"], ""
    except CheckFailedError as error:
        return None, str(error)
