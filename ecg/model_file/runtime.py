"""The int8 interpreter: one loader for the two packages that provide it.

`ai-edge-litert` is the living one (64-bit machines); `tflite-runtime` 2.14, its dead ancestor, is all that 32-bit Arm
has.
"""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, TypedDict, cast

from ecg.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

    from numpy.typing import NDArray

__all__ = ["Interpreter", "TensorDetails", "open_interpreter", "runtime_version"]

_PACKAGES = {"ai_edge_litert": "ai-edge-litert", "tflite_runtime": "tflite-runtime"}


class TensorDetails(TypedDict):
    """What the interpreter tells of a tensor, as far as we read it; `quantization` is (scale, zero point)."""

    name: str
    index: int
    shape: NDArray[Any]
    dtype: type
    quantization: tuple[float, int]


class Interpreter(Protocol):
    """The part of the interpreters' interface that we use; TensorFlow's own has it too."""

    def allocate_tensors(self) -> None:
        """Reserve memory; before anything else."""

    def get_input_details(self) -> list[TensorDetails]:
        """The inputs, in an order that the exporter chose."""

    def get_output_details(self) -> list[TensorDetails]:
        """The outputs."""

    def get_tensor_details(self) -> list[TensorDetails]:
        """Every tensor."""

    def set_tensor(self, index: int, value: NDArray[Any]) -> None:
        """Copy `value` into an input."""

    def get_signature_list(self) -> dict[str, Any]:
        """The signatures by key."""

    def get_signature_runner(self, signature_key: str) -> Callable[..., dict[str, NDArray[Any]]]:
        """From the inputs of a signature to its outputs, each by name and with its batch."""

    def get_tensor(self, index: int) -> NDArray[Any]:
        """A copy of an output."""

    def invoke(self) -> None:
        """Run once."""


def open_interpreter(flatbuffer: bytes, *, name: str = "the model", default_delegates: bool = True) -> Interpreter:
    """An interpreter on one thread, ready to run.

    Args:
        flatbuffer: the model.
        name: what to call it in an error.
        default_delegates: False runs the reference way, without XNNPACK, whose outputs differ by a few steps of 1/256.

    Raises:
        InputError: no runtime is installed, or it cannot load this model.
    """
    module = _runtime()
    resolvers = module.OpResolverType
    resolver = resolvers.AUTO if default_delegates else resolvers.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    try:
        with _without_info_lines():
            interpreter = module.Interpreter(
                model_content=flatbuffer, num_threads=1, experimental_op_resolver_type=resolver
            )
            interpreter.allocate_tensors()
    except SystemError as error:
        # tflite-runtime 2.14 beside numpy 2: it imports, and fails here.
        raise InputError(
            f"{_package(module)} does not work beside the installed numpy ({error}): "
            'install the extra ecg-edge[tflite-runtime], which takes numpy < 2, or the package "ai-edge-litert".'
        ) from error
    except (RuntimeError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{_package(module)} cannot load {name}: {reason}") from error
    return cast("Interpreter", interpreter)


def runtime_version() -> str:
    """Name and version of the runtime in use, for logs and `info`.

    Raises:
        InputError: no runtime is installed.
    """
    from importlib.metadata import version  # noqa: PLC0415 - costs 20 ms, wanted once

    package = _package(_runtime())
    return f"{package} {version(package)}"


def _runtime() -> ModuleType:
    for name in _PACKAGES:
        try:
            return import_module(f"{name}.interpreter")
        except ImportError:
            continue
    raise InputError(
        "No TensorFlow Lite runtime is installed, so no model can run: install the package "
        '"ai-edge-litert" (64-bit systems), or the extra ecg-edge[tflite-runtime] (32-bit Arm, Python 3.11).'
    )


def _package(module: ModuleType) -> str:
    return _PACKAGES[module.__name__.partition(".")[0]]


@contextmanager
def _without_info_lines() -> Iterator[None]:
    """Hold back what native code writes to standard error, and let through all but `INFO:` lines.

    The runtime announces its XNNPACK delegate there, with no switch to turn it off, in the middle of a progress bar.
    """
    try:
        sys.stderr.flush()
        kept = os.dup(2)
    except (AttributeError, OSError):  # started without a standard error: nothing to hold back
        yield
        return
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            held.seek(0)
            rest = b"".join(line for line in held if not line.startswith(b"INFO: "))
            if rest:
                os.write(2, rest)
