"""Reads files, or digitises pages, in a process of its own, with limits on memory; for `reader.own_process`.

Its argument is the limit in bytes. A request is a line of JSON on standard input, an answer one on standard output.
"""

from __future__ import annotations

import os
import resource
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from ecg.errors import EcgEdgeError
from ecg.extras import how_to_install
from ecg.formats.options import ReadOptions
from reader.own_process import DigitiseRequest, Request
from reader.reading import refused_reading

if TYPE_CHECKING:
    from reader.digitise.report import Digitisation
    from reader.reading import Reading

__all__: list[str] = []

_OOM_SCORE: Final = Path("/proc/self/oom_score_adj")
"""Linux: 1000 is killed before all others where memory runs short (man 5 proc_pid_oom_score_adj)."""


def _answer(request: Request) -> Reading:
    try:
        from reader.read_one import read_one  # noqa: PLC0415 - so that a missing package is an answer too

        options = ReadOptions.parse(rate=request.rate, unit=request.unit, time_column=request.time_column)
        return read_one(
            Path(os.fsdecode(request.path)),
            options,
            name=request.file,
            classify=request.classify,
            method=request.explain,
            pages=request.pages,
        )
    except EcgEdgeError as error:
        return refused_reading(request.file, _utf8(str(error)))
    except Exception as error:
        if os.environ.get("ECG_EDGE_DEBUG"):
            raise
        return refused_reading(request.file, f"{request.file}: {_utf8(_what_happened(error))}")


def _digitised(request: DigitiseRequest) -> Digitisation:
    from reader.digitise.report import refused_digitisation  # noqa: PLC0415

    try:
        from reader.digitise.write import digitise_file  # noqa: PLC0415 - as above

        return digitise_file(
            Path(os.fsdecode(request.path)),
            Path(os.fsdecode(request.record)),
            None if request.overlay is None else Path(os.fsdecode(request.overlay)),
            speed_mm_s=request.speed_mm_s,
            name=request.file,
        )
    except EcgEdgeError as error:
        return refused_digitisation(request.file, _utf8(str(error)))
    except Exception as error:
        if os.environ.get("ECG_EDGE_DEBUG"):
            raise
        return refused_digitisation(request.file, f"{request.file}: {_utf8(_what_happened(error))}")


def _what_happened(error: Exception) -> str:
    """An error that is none of ours, as a sentence: in one file it is no reason not to read the others."""
    match error:
        case MemoryError():
            return f"needs more memory than a reading may take ({_most_mib()} MiB); give a part of it"
        case RecursionError():
            return "is nested too deeply to be a recording; copy it again"
        case ModuleNotFoundError():
            return f"{error.name} is not installed: {how_to_install('reader')}"
        case OSError():
            return f"cannot be read ({error.strerror or error}); copy it again"
        case _:
            return f"internal error: {error!r}; please report it, with what ECG_EDGE_DEBUG=1 shows"


def _most_mib() -> int:
    return resource.getrlimit(resource.RLIMIT_DATA)[0] >> 20


def _utf8(message: str) -> str:
    """A message that may name a path that is no UTF-8."""
    return " ".join(message.encode(errors="surrogateescape").decode(errors="replace").split())


def _limit(kind: int, most: int) -> None:
    with suppress(OSError, ValueError):  # a lower limit is in force already
        resource.setrlimit(kind, (most, resource.getrlimit(kind)[1]))


def _main() -> None:
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_DATA, int(sys.argv[1]))
    with suppress(OSError):
        _OOM_SCORE.write_text("1000", encoding="ascii")
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no answer
    for line in sys.stdin.buffer:
        request = msgspec.json.decode(line, type=Request | DigitiseRequest)
        answer = _answer(request) if isinstance(request, Request) else _digitised(request)
        answers.write(msgspec.json.encode(answer) + b"\n")


if __name__ == "__main__":
    _main()
