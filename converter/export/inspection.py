"""What is inside a model file: its card, operators, tensors and sizes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from converter.export.graph import read_graph
from ecg.model_file.container import read

if TYPE_CHECKING:
    from pathlib import Path

    from ecg.model_file.card import ModelCard

__all__ = ["Inspection", "TensorLine", "inspect", "report"]


class TensorLine(msgspec.Struct, frozen=True, kw_only=True):
    """A tensor: its name, type, shape, size of its constant content (0 for an activation) and number of scales."""

    name: str
    type: str
    shape: tuple[int, ...]
    bytes: int
    scales: int


class Inspection(msgspec.Struct, frozen=True, kw_only=True):
    """What `inspect` found; `msgspec.to_builtins` makes it JSON-able.

    Attributes:
        path: the file.
        file_bytes: its size.
        flatbuffer_bytes: of this, the model that a runtime loads.
        weight_bytes: of this, constants.
        multiply_accumulates: of one beat, counted on the flatbuffer.
        golden_beats: beats with known outputs.
        operators: count by name.
        tensors: in the order of the flatbuffer.
        card: the card.
    """

    path: str
    file_bytes: int
    flatbuffer_bytes: int
    weight_bytes: int
    multiply_accumulates: int
    golden_beats: int
    operators: dict[str, int]
    tensors: tuple[TensorLine, ...]
    card: ModelCard


def inspect(path: Path) -> Inspection:
    """Look into a model file.

    Raises:
        InputError: it is no model file, or is damaged.
    """
    model_file = read(path)
    graph = read_graph(model_file.flatbuffer)
    return Inspection(
        path=str(path),
        file_bytes=path.stat().st_size,
        flatbuffer_bytes=len(model_file.flatbuffer),
        weight_bytes=graph.weight_bytes,
        multiply_accumulates=graph.multiply_accumulates,
        golden_beats=len(model_file.golden.outputs),
        operators=dict(sorted(Counter(operator.name for operator in graph.operators).items())),
        tensors=tuple(
            TensorLine(name=tensor.name, type=tensor.type, shape=tensor.shape, bytes=tensor.bytes, scales=tensor.scales)
            for tensor in graph.tensors
        ),
        card=model_file.card,
    )


def report(inspection: Inspection) -> str:
    """An inspection as lines for a person; the tensors are the weights, greatest first."""
    card = inspection.card
    weights = sorted((tensor for tensor in inspection.tensors if tensor.bytes), key=lambda tensor: -tensor.bytes)
    size = (
        f"{inspection.file_bytes:,} bytes: model {inspection.flatbuffer_bytes:,}, of it weights "
        f"{inspection.weight_bytes:,}; card and {inspection.golden_beats} golden beats the rest"
    )
    work = f"{inspection.multiply_accumulates:,} multiply-accumulates a beat, {card.parameters:,} parameters"
    lines = [
        f"{card.name} {card.version}",
        f"task          {card.task}",
        f"labels        {' '.join(card.labels)}",
        f"inputs        {', '.join(f'{spec.name} {spec.shape}' for spec in card.inputs)}",
        *_signal(card),
        f"digest        {card.flatbuffer_sha256}",
        f"size          {size}",
        f"work          {work}",
        f"operators     {', '.join(f'{count} {name}' for name, count in inspection.operators.items())}",
        f"training      protocol {card.training.protocol}, seed {card.training.seed}",
    ]
    if card.results is not None:
        lines.append(
            f"results       accuracy {card.results.int8_model.accuracy:.2%}, macro F1 "
            f"{card.results.int8_model.macro_f1:.4f} on {card.results.tested_on}"
        )
    lines.append("weights")
    lines += [f"  {tensor.bytes:>9,}  {tensor.type:<5}  {tensor.shape!s:<20}  {tensor.name}" for tensor in weights]
    return "\n".join(lines)


def _signal(card: ModelCard) -> list[str]:
    rate = [] if card.sample_rate_hz is None else [f"{card.sample_rate_hz:g} Hz"]
    normalisation = [] if card.normalisation is None else [f"normalisation {card.normalisation}"]
    return [f"signal        {', '.join(rate + normalisation)}"] if rate or normalisation else []
