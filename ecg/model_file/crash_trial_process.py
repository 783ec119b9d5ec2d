"""Loads the model file that comes on standard input and runs its golden examples; for `ecg.model_file.crash_trial`."""

from __future__ import annotations

import resource
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from ecg.errors import InputError
from ecg.model_file.container import parse
from ecg.model_file.crash_trial import REFUSED, TRIAL_S
from ecg.model_file.loading import load_model

__all__: list[str] = []

TRIAL_BYTES: Final = 4 * 2**30
"""Address space; a model that takes more does not run on a Pi."""


def _limit(kind: int, most: int) -> None:
    with suppress(OSError, ValueError):  # a lower limit is in force already
        resource.setrlimit(kind, (most, resource.getrlimit(kind)[1]))


def _main() -> int:
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
