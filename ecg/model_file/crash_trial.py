"""Runs a model in a process of its own first: one in a thousand damaged files makes the runtime crash, not complain.

python -m ecg.model_file.crash_trial < NAME.tflite
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ecg.errors import InputError
from ecg.model_file.container import pack, parse, refusal

if TYPE_CHECKING:
    from ecg.model_file.container import ModelFile

__all__ = ["try_in_own_process"]

TRIAL_S: Final = 60.0
"""For the start of Python, the runtime and the golden examples: about 5 s on a Pi Zero 2 W."""

TRIAL_BYTES: Final = 4 * 2**30
"""Address space; a model that takes more does not run on a Pi."""

REFUSED: Final = 3
"""Exit status of a trial whose model is refused in order, and not by a crash."""

_survived: set[str] = set()  # digests, so that a process tries a model once


def try_in_own_process(model_file: ModelFile) -> None:
    """Load a model and run its golden examples in a process of its own.

    A model that is refused in order there passes: it is refused in this process too, with a better message.

    Raises:
        InputError: that process crashed, took too long or could not be started.
    """
    if model_file.sha256 in _survived:
        return
    # The same modules as in this process, wherever it was started, and none from the present folder.
    root = str(Path(__file__).parents[2])
    path = os.pathsep.join([*(entry for entry in sys.path if Path(entry).is_absolute()), root])
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "ecg.model_file.crash_trial"],
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
    if done.returncode not in {0, REFUSED}:
        last = (done.stderr.decode(errors="replace").strip().splitlines() or [f"exit status {done.returncode}"])[-1]
        raise refusal(model_file.path, f"it fails when it is tried in a process of its own ({last})")
    _survived.add(model_file.sha256)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _limit(kind: int, most: int) -> None:
    with suppress(OSError, ValueError):  # a lower limit is in force already
        resource.setrlimit(kind, (most, resource.getrlimit(kind)[1]))


def _main() -> int:
    from ecg.model_file.loading import load_model  # noqa: PLC0415 - it imports this module

    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_CPU, round(TRIAL_S))
    if sys.maxsize > TRIAL_BYTES:
        _limit(resource.RLIMIT_AS, TRIAL_BYTES)
    try:
        load_model(parse(Path("model.tflite"), sys.stdin.buffer.read()), is_trusted=True)
    except InputError:
        return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(_main())
