"""From a model file to its model at work: what is in the flatbuffer is what the card says, and golden outputs hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecg.errors import InputError
from ecg.model_file import golden
from ecg.model_file.container import refusal
from ecg.model_file.crash_trial import try_in_own_process
from ecg.model_file.quantised import QuantisedModel
from ecg.model_file.runtime import open_interpreter
from ecg.model_file.tasks import output_shape

if TYPE_CHECKING:
    from ecg.model_file.card import ModelCard
    from ecg.model_file.container import ModelFile
    from ecg.model_file.runtime import Interpreter

__all__ = ["check_golden", "load_model", "quantised_model"]


def load_model(model_file: ModelFile, *, default_delegates: bool = True, is_trusted: bool = False) -> QuantisedModel:
    """The model of a model file, on this machine's runtime; it is tried in a process of its own first.

    Args:
        model_file: as read.
        default_delegates: False runs without XNNPACK.
        is_trusted: the file is part of this program, or was tried already: it is loaded without a trial.

    Raises:
        InputError: no runtime is installed, the model crashes it, the flatbuffer is not what its card says, or its
            golden examples come out otherwise.
    """
    if not is_trusted:
        try_in_own_process(model_file)
    interpreter = open_interpreter(
        model_file.flatbuffer, name=f"model file {model_file.path}", default_delegates=default_delegates
    )
    try:
        model = quantised_model(interpreter, model_file.card)
    except InputError as error:
        raise refusal(model_file.path, f"it {error}") from error
    check_golden(model_file, model)
    return model


def quantised_model(interpreter: Interpreter, card: ModelCard) -> QuantisedModel:
    """The model that an interpreter has loaded, with the inputs and outputs that its card names.

    Raises:
        InputError: it is not wholly int8, or has others; the message goes on after "the model".
    """
    inputs = {spec.name: spec.shape for spec in card.inputs}
    further = {spec.name: spec.shape for spec in card.further_outputs}
    return QuantisedModel(interpreter, inputs=inputs, output=output_shape(card), further=further)


def check_golden(model_file: ModelFile, model: QuantisedModel) -> int:
    """Show a model the golden examples of its file, and give how many there are.

    Raises:
        InputError: one comes out otherwise than when the model was made.
    """
    try:
        return golden.check_golden(model_file.golden, model, model_file.card)
    except InputError as error:
        remedy = 'install another version of the runtime (package "ai-edge-litert"), or export the model anew'
        raise refusal(model_file.path, str(error), remedy) from None
