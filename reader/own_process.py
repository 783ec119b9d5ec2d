"""Reads files and digitises pages in a process of its own, so that one that crashes or hangs harms no other.

What runs in that process is `reader.worker`. It is started once and again after each file that ended it.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, Self, TypeVar

import msgspec

from reader.explain.methods import Method  # noqa: TC001 - the type of a field
from reader.page.wanted import Pages  # noqa: TC001 - the type of a field

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from reader.digitise.report import Digitisation
    from reader.reading import Reading

Answer = TypeVar("Answer", bound=msgspec.Struct)

__all__ = [
    "MOST_BYTES",
    "MOST_PAGE_BYTES",
    "MOST_PAGE_S",
    "MOST_S",
    "DigitiseRequest",
    "Request",
    "digitise_all",
    "read_all",
]

MOST_S: Final = 120.0
"""For one file. An hour of twelve leads at 500 Hz takes 13 s of processor time on a desktop."""

MOST_BYTES: Final = 2 << 30
"""Data of the process. An ECG of 10 s, or an hour, takes 0.1 GiB; the largest files that are read whole (MATLAB and
DICOM of 256 MiB, as 64-bit numbers) take the most."""


MOST_PAGE_S: Final = 60.0
"""For one page, which takes 2 s on a desktop."""

MOST_PAGE_BYTES: Final = 1 << 30
"""Data of the process that digitises pages. One takes 0.4 GiB; the largest picture, once decoded, the most."""


class _Request(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What both requests have.

    Attributes:
        path: of the file, which need not be UTF-8.
    """

    path: bytes

    @property
    def file(self) -> str:
        """The path as text, with a mark for what is no UTF-8."""
        return self.path.decode(errors="replace")


class DigitiseRequest(_Request, frozen=True, kw_only=True):
    """A page to be digitised.

    Attributes:
        record: the WFDB record to be written, without suffix.
        overlay: picture to be drawn with what was found; None: none.
        speed_mm_s: of the paper.
    """

    record: bytes
    overlay: bytes | None = None
    speed_mm_s: float


class Request(_Request, frozen=True, kw_only=True):
    """A file to be read.

    Attributes:
        classify: False measures only.
        explain: the method by which findings are explained; None: they are not.
        pages: to be written of it.
        rate, unit, time_column: see `ecg.formats.options.ReadOptions.parse`.
    """

    classify: bool = True
    explain: Method | None = None
    pages: Pages | None = None
    rate: str = ""
    unit: str = ""
    time_column: str = ""

    @classmethod
    def of(cls, path: Path, **told: Any) -> Self:
        """The request for a file; `told`: the other attributes."""
        return cls(path=os.fsencode(path), **told)


def read_all(requests: Iterable[Request], *, most_s: float = MOST_S, most_bytes: int = MOST_BYTES) -> Iterator[Reading]:
    """Read files, one after the other; give a reading of each, in order.

    Args:
        requests: the files.
        most_s: time for each.
        most_bytes: data of the process that reads them.
    """

    def kind() -> tuple[type[Reading], Callable[[str, str], Reading]]:
        from reader.reading import Reading, refused_reading  # noqa: PLC0415

        return Reading, refused_reading

    return _answers(requests, kind, most_s, most_bytes)


def digitise_all(requests: Iterable[DigitiseRequest]) -> Iterator[Digitisation]:
    """Digitise pages, one after the other; give what became of each, in order."""

    def kind() -> tuple[type[Digitisation], Callable[[str, str], Digitisation]]:
        from reader.digitise.report import Digitisation, refused_digitisation  # noqa: PLC0415

        return Digitisation, refused_digitisation

    return _answers(requests, kind, MOST_PAGE_S, MOST_PAGE_BYTES)


def _answers(
    requests: Iterable[_Request],
    kind: Callable[[], tuple[type[Answer], Callable[[str, str], Answer]]],
    most_s: float,
    most_bytes: int,
) -> Iterator[Answer]:
    """Answers to requests; `kind` imports their type and what gives one for a file without an answer."""
    worker: subprocess.Popen[bytes] | None = None
    try:
        for request in requests:
            if worker is None:
                worker = _start(most_bytes)
            answers, refuse = kind()  # both processes import at the same time
            answer = _ask(worker, request, answers, most_s)
            if not isinstance(answer, str):
                yield answer
                continue
            yield refuse(request.file, f"{request.file}: {answer}")
            _end(worker)
            worker = None
    finally:
        if worker is not None:
            _end(worker)


def _ask(worker: subprocess.Popen[bytes], request: _Request, kind: type[Answer], most_s: float) -> Answer | str:
    """The answer of the process, or why there is none."""
    assert worker.stdin is not None
    assert worker.stdout is not None
    try:
        worker.stdin.write(msgspec.json.encode(request) + b"\n")
        worker.stdin.flush()
        line = _line(worker.stdout, time.monotonic() + most_s)
    except TimeoutError:
        return f"it is not read within {most_s:g} s; give a part of it"
    except BrokenPipeError:
        line = b""
    if line.endswith(b"\n"):
        return msgspec.json.decode(line, type=kind)
    status = worker.wait()
    how = _signal_name(-status) if status < 0 else f"exit status {status}"
    return f"it ends the process that reads it ({how}); copy it again, or give a part of it"


def _line(file: IO[bytes], until_s: float) -> bytes:
    """A line of an unbuffered pipe; without its end if the pipe ends.

    Raises:
        TimeoutError: it did not come in time.
    """
    parts = []
    with selectors.DefaultSelector() as selector:
        selector.register(file, selectors.EVENT_READ)
        while True:
            if not selector.select(max(0.0, until_s - time.monotonic())):
                raise TimeoutError
            part = os.read(file.fileno(), 1 << 16)
            parts.append(part)
            if not part or part.endswith(b"\n"):
                return b"".join(parts)


def _start(most_bytes: int) -> subprocess.Popen[bytes]:
    # The same modules as in this process, wherever it was started, and none from the present folder.
    root = str(Path(__file__).parents[1])
    path = os.pathsep.join([*(entry for entry in sys.path if Path(entry).is_absolute()), root])
    return subprocess.Popen(  # noqa: S603 - this program's own module
        [sys.executable, "-P", "-m", "reader.worker", str(most_bytes)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
        env={**os.environ, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
    )


def _end(worker: subprocess.Popen[bytes]) -> None:
    worker.kill()
    worker.wait()
    for pipe in (worker.stdin, worker.stdout):
        if pipe is not None:
            pipe.close()


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
