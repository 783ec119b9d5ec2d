"""A finished training run, with the very beats that it was trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from converter.datasets.cut_cache import CutCache
from converter.datasets.protocol_beats import cut_protocol
from converter.datasets.protocols import PROTOCOLS, Protocol, Split, split
from converter.export.export import LabelledBeats
from converter.training.run_folder import RunFolder
from converter.training.trained_model import load_trained
from converter.zoo import resecanet
from ecg.errors import CheckFailedError, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from converter.datasets.beats import BeatSet
    from converter.datasets.catalogue import Catalogue

__all__ = ["FinishedRun", "open_run"]


class FinishedRun:
    """A training run with its model and the beats that it divided.

    Attributes:
        folder: of the run.
        model: the trained Keras model.
        labels: of its outputs.
        beats: all beats of the protocol.
        parts: their division.
        protocol: which it was.
    """

    def __init__(self, folder: RunFolder, model: Any, beats: BeatSet, parts: Split, protocol: Protocol) -> None:
        self.folder = folder
        self.model = model
        self.labels = resecanet.ARCHITECTURES[folder.settings().model].labels
        self.beats = beats
        self.parts = parts
        self.protocol = protocol

    @property
    def test(self) -> LabelledBeats:
        """The test part."""
        test = self.beats.take(self.parts.test)
        return LabelledBeats(test.inputs, test.classes(self.labels))


def open_run(path: Path, catalogue: Catalogue, sources: Sequence[str]) -> FinishedRun:
    """Open a finished run, with the very beats that it was trained on.

    Args:
        path: the run folder.
        catalogue: of data sets.
        sources: data sets or folders that go before the catalogue's.

    Raises:
        InputError: no finished run there, or its data are not here.
        CheckFailedError: the data are not those of the run, or the signal path cuts other beats from them.
    """
    folder = RunFolder(path)
    settings = folder.settings()
    folder.metrics()  # refuses a run that is not finished
    if settings.left_out is not None:
        raise InputError(f"the run {path} was trained without a fifth of its records, to measure: train one with all")
    protocol = PROTOCOLS[settings.protocol]
    beats, provenance = cut_protocol(
        protocol,
        catalogue.resolve(sources, protocol.datasets),
        normalisation=settings.normalisation,
        cache=CutCache(catalogue.directory / "beats"),
    )
    if provenance != folder.provenance():
        what = "data have" if provenance.datasets != folder.provenance().datasets else "code that cuts beats has"
        raise CheckFailedError(f"the {what} changed since the run {path} was trained: train it again")
    labels = resecanet.ARCHITECTURES[settings.model].labels
    return FinishedRun(
        folder, load_trained(folder, beats), beats, split(protocol, beats, labels, settings.seed), protocol
    )
