"""Golden outputs: examples in a model file with what the model made of them, for a runtime to do the same with."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ecg.errors import InputError
from ecg.model_file.tasks import TASKS, output_shape

if TYPE_CHECKING:
    from ecg.model_file.card import ModelCard
    from ecg.model_file.quantised import Int8Array, QuantisedModel
    from ecg.samples import Float32Array

__all__ = ["GOLDEN_TOLERANCE_STEPS", "Golden", "check_golden", "read_golden", "write_golden"]

GOLDEN_TOLERANCE_STEPS: Final = 8
"""Steps of 1/256 by which a golden output may differ. With and without XNNPACK those of golden examples differ by half
of it at most: the export takes no others."""

_INPUT_PREFIX: Final = "input_"
_OUTPUTS: Final = "outputs"
_MAX_UNPACKED_BYTES: Final = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Golden:
    """Examples with the outputs that the model gave when it was exported.

    Attributes:
        inputs: by name, float32, shape (examples, *shape of the input).
        outputs: int8, shape (examples, *shape of the outputs).
    """

    inputs: dict[str, Float32Array]
    outputs: Int8Array


def read_golden(content: bytes, card: ModelCard) -> Golden:
    """The examples of a `golden.npz`.

    Args:
        content: of the file.
        card: as `ecg.model_file.card_check.check_card` passes it.

    Raises:
        InputError: they cannot be read, or are not what the card says; the message goes on after "the model file".
    """
    golden = f"its golden {TASKS[card.task].example}s"
    try:
        _check_unpacked_size(content, golden)
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except InputError:
        raise
    except Exception as error:  # whatever numpy's reader, and tokenize and zlib under it, make of damaged bytes
        raise InputError(f"{golden} cannot be read") from error
    outputs = arrays.get(_OUTPUTS, np.empty((0, 0), np.int8))
    count = len(outputs) if outputs.ndim else 0
    wanted = {_INPUT_PREFIX + spec.name: (count, *spec.shape) for spec in card.inputs}
    given = {name: array.shape for name, array in arrays.items() if name != _OUTPUTS}
    if not count or outputs.shape[1:] != output_shape(card) or outputs.dtype != np.int8 or given != wanted:
        raise InputError(f"{golden} do not have the shapes that its card names")
    inputs = {spec.name: arrays[_INPUT_PREFIX + spec.name] for spec in card.inputs}
    if any(values.dtype != np.float32 or not np.isfinite(values).all() for values in inputs.values()):
        raise InputError(f"{golden} are not finite float32 numbers")
    return Golden(inputs, outputs)


def _check_unpacked_size(content: bytes, golden: str) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        unpacked_bytes = sum(member.file_size for member in archive.infolist())
    if unpacked_bytes > _MAX_UNPACKED_BYTES:
        raise InputError(f"{golden} have more than {_MAX_UNPACKED_BYTES // 2**20} MB")


def write_golden(golden: Golden) -> bytes:
    """The content of a `golden.npz`; the same examples give the same bytes."""
    arrays: dict[str, Any] = {_INPUT_PREFIX + name: values for name, values in golden.inputs.items()}
    file = io.BytesIO()
    np.savez_compressed(file, outputs=golden.outputs, **arrays)
    return file.getvalue()


def check_golden(golden: Golden, model: QuantisedModel, card: ModelCard) -> int:
    """Show a model its golden examples, and give how many there are.

    Raises:
        InputError: one comes out otherwise than when the model was made; the message goes on after "the model file".
    """
    count = len(golden.outputs)
    for number, expected in enumerate(golden.outputs):
        found = model.run({name: values[number] for name, values in golden.inputs.items()})
        difference = _difference(expected, found, card)
        if difference:
            raise InputError(f"its golden {TASKS[card.task].example} {number + 1} of {count} comes out {difference}")
    return count


def _difference(expected: Int8Array, found: Int8Array, card: ModelCard) -> str:
    """What is wrong with the outputs of an example; empty where they are as good as those expected."""
    steps = int(np.abs(found.astype(np.int16) - expected).max())
    away = f"{steps} steps of 1/256 away (at most {GOLDEN_TOLERANCE_STEPS})"
    if not TASKS[card.task].is_one_label:
        return away if steps > GOLDEN_TOLERANCE_STEPS else ""
    was, now = card.labels[int(expected.argmax())], card.labels[int(found.argmax())]
    return f"as {now} instead of {was}, {away}" if was != now or steps > GOLDEN_TOLERANCE_STEPS else ""
