"""Loading Keras with its backend, without the banners that native libraries write past Python's standard error."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from ecg.errors import InputError
from ecg.extras import how_to_install

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["load", "native_stderr_kept_back"]


def load(threads: int | None = None) -> None:
    """Import Keras and its backend: TensorFlow, or what `KERAS_BACKEND` names.

    Args:
        threads: how many TensorFlow uses; None leaves it the choice. Has no effect once TensorFlow has computed.

    Raises:
        InputError: they are not installed.
    """
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        with native_stderr_kept_back():
            import keras  # noqa: PLC0415 - 3 to 6 s
    except ImportError as error:
        raise InputError(f"{error.name} is not installed: {how_to_install('converter')}") from error
    if threads is not None and keras.backend.backend() == "tensorflow":
        import tensorflow as tf  # noqa: PLC0415 - another backend may train as well

        with suppress(RuntimeError):  # it has computed already
            tf.config.threading.set_intra_op_parallelism_threads(threads)
            tf.config.threading.set_inter_op_parallelism_threads(1)


@contextmanager
def native_stderr_kept_back() -> Iterator[None]:
    """Keep what is written to file descriptor 2; show it only if the block fails."""
    sys.stderr.flush()
    with tempfile.TemporaryFile() as kept:
        own = os.dup(2)
        os.dup2(kept.fileno(), 2)
        try:
            yield
        except BaseException:
            kept.seek(0)
            os.write(own, kept.read())
            raise
        finally:
            os.dup2(own, 2)
            os.close(own)
