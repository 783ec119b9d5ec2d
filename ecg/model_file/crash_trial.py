"""Runs a model in a process of its own first: one in a thousand damaged files makes the runtime crash, not complain.

What runs in that process is `ecg.model_file.crash_trial_process`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ecg.errors import InputError
from ecg.model_file.container import pack, refusal

if TYPE_CHECKING:
    from ecg.model_file.container import ModelFile

__all__ = ["REFUSED", "TRIAL_S", "try_in_own_process"]

TRIAL_S: Final = 20.0
"""For the start of Python, the runtime and the golden examples: about 5 s on a Pi Zero 2 W. A monitor that starts does
not watch meanwhile."""

REFUSED: Final = 3
"""Exit status of a trial whose model is refused in order, and not by a crash."""

_survived: set[str] = set()  # digests, so that a process tries a model once


def try_in_own_process(model_file: ModelFile) -> None:
    """Load a model and run its golden examples in a process of its own, with limits on time and memory.

    Raises:
        InputError: that process refused the model, crashed, took too long or could not be started.
    """
    if model_file.sha256 in _survived:
        return
    # The same modules as in this process, wherever it was started, and none from the present folder.
    root = str(Path(__file__).parents[2])
    path = os.pathsep.join([*(entry for entry in sys.path if Path(entry).is_absolute()), root])
    try:
        done = subprocess.run(  # noqa: S603 - this program's own module
            [sys.executable, "-P", "-m", "ecg.model_file.crash_trial_process", str(model_file.path)],
            input=pack(model_file.flatbuffer, model_file.card, model_file.golden),
            capture_output=True,
            timeout=TRIAL_S,
            check=False,
            env={**os.environ, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1"},
        )
    except subprocess.TimeoutExpired:
        raise refusal(model_file.path, f"it does not come to an end within {TRIAL_S:g} s") from None
    except OSError as error:
        reason = f"it cannot be tried in a process of its own ({error.strerror})"
        raise refusal(model_file.path, reason, "close what else needs memory") from error
    if done.returncode < 0:
        raise refusal(model_file.path, f"it crashes the model runtime ({_signal_name(-done.returncode)})")
    if done.returncode == REFUSED:
        raise InputError(" ".join(done.stdout.decode(errors="surrogateescape").split()))
    if done.returncode != 0:
        last = (done.stderr.decode(errors="replace").strip().splitlines() or [f"exit status {done.returncode}"])[-1]
        raise refusal(model_file.path, f"it fails when it is tried in a process of its own ({last})")
    _survived.add(model_file.sha256)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
