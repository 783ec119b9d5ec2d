"""A model file that crashes the model runtime."""

from __future__ import annotations

from typing import TYPE_CHECKING

import flatbuffers
from ai_edge_litert import schema_py_generated as schema

from ecg.model_file.container import read, write

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["write_crashing_model"]

UNCHECKED = {schema.BuiltinOperator.ADD: 0, schema.BuiltinOperator.RESHAPE: 1}
"""Operators, and the input of theirs that their kernels read without a look at its index."""


def write_crashing_model(sound: Path, path: Path) -> None:
    """Write a copy of a sound model file, with a right digest, in which operators read a tensor that is not there."""
    model_file = read(sound)
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(model_file.flatbuffer, 0))
    for operator in model.subgraphs[0].operators:
        number = UNCHECKED.get(model.operatorCodes[operator.opcodeIndex].builtinCode)
        if number is not None and number < len(operator.inputs):
            operator.inputs = [-1 if place == number else tensor for place, tensor in enumerate(operator.inputs)]
    builder = flatbuffers.Builder()
    builder.Finish(model.Pack(builder), b"TFL3")
    write(path, bytes(builder.Output()), model_file.card, model_file.golden)
