"""Loads the model file that comes on standard input and runs its golden examples; for `ecg.model_file.crash_trial`.

Its argument is the path for messages. Why it refuses a model goes to standard output.
"""

from __future__ import annotations

import os
import resource
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from ecg.errors import InputError
from ecg.model_file.container import parse
from ecg.model_file.crash_trial import REFUSED, TRIAL_S
from ecg.model_file.loading import load_model

__all__ = ["most_bytes"]

TRIAL_BYTES: Final = 4 * 2**30
"""Address space; no model of ours takes more."""

MEMORY_SHARE: Final = 0.5
"""Of the machine's memory: a monitor that runs beside the trial, and loads the model after it, has the rest."""

OOM_SCORE: Final = Path("/proc/self/oom_score_adj")
"""Linux: 1000 is killed before all others where memory runs short (man 5 proc_pid_oom_score_adj)."""


def most_bytes(memory_bytes: int) -> int:
    """The memory that a model may take on a machine with so much of it."""
    return min(TRIAL_BYTES, round(MEMORY_SHARE * memory_bytes))


def _limit(kind: int, most: int) -> None:
    with suppress(OSError, ValueError):  # a lower limit is in force already
        resource.setrlimit(kind, (most, resource.getrlimit(kind)[1]))


def _main() -> int:
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_CPU, round(TRIAL_S))
    _limit(resource.RLIMIT_DATA, most_bytes(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")))
    with suppress(OSError):
        OOM_SCORE.write_text("1000", encoding="ascii")
    if sys.maxsize > TRIAL_BYTES:
        _limit(resource.RLIMIT_AS, TRIAL_BYTES)
    try:
        load_model(parse(Path(sys.argv[1]), sys.stdin.buffer.read()), is_trusted=True)
    except InputError as error:
        sys.stdout.buffer.write(str(error).encode(errors="surrogateescape"))  # as in a path that is no UTF-8
        return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(_main())
