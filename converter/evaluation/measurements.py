"""What a report is made of: recordings, models, each database through the product path once, and results on file."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from converter.datasets.cut_cache import CutCache
from converter.datasets.protocols import DS2
from converter.evaluation.product_path import Trial, run_trial
from converter.evaluation.r_peaks import read_peers
from converter.evaluation.split_leakage import read_results

if TYPE_CHECKING:
    from converter.datasets.catalogue import Catalogue, Dataset
    from converter.evaluation.r_peaks import PeerResults
    from edge.inference import TFLiteClassifier

__all__ = ["DATABASES", "Measurements"]

DATABASES = ("mitdb", "svdb", "vfdb")
PEERS = "peers.json"
BETWEEN_PATIENTS = "mitbih6-inter-patient.json"


class Measurements:
    """The recordings and models at hand; each database goes through the product path once for each channel.

    Args:
        recordings: folder that holds the databases.
        catalogue: knows what was checked before, and keeps cut beats.
        light: the classifier of the product path.
        published: the model of the published size.
        results: folder of what other commands measured.
    """

    def __init__(
        self,
        recordings: Path,
        catalogue: Catalogue,
        *,
        light: TFLiteClassifier,
        published: TFLiteClassifier,
        results: Path,
    ) -> None:
        self.recordings = recordings
        self.light = light
        self.published = published
        self.cache = CutCache(catalogue.directory / "beats")
        self.datasets: dict[str, Dataset] = {}
        for name in DATABASES:
            if (recordings / name).is_dir():
                self.datasets |= catalogue.resolve([str(recordings / name)], [name])
        self._results = results
        self._trials: dict[tuple[str, str], Trial] = {}

    @cached_property
    def peers(self) -> PeerResults | None:
        """What other detectors find."""
        return read_peers(self._results / PEERS)

    @cached_property
    def between_patients(self) -> dict[str, Any] | None:
        """How the model of the published size does between patients."""
        return read_results(self._results / BETWEEN_PATIENTS)

    def trial(self, name: str, channel: str = "0") -> Trial:
        """A database that is there, through the whole product path."""
        key = name, channel
        if key not in self._trials:
            dataset = self.datasets[name]
            records = [
                record.name for record in dataset.records if record.annotated and len(record.signals) > int(channel)
            ]
            self._trials[key] = run_trial(
                Path(dataset.folder), records, classifier=self.light, dataset=name, channel=channel
            )
        return self._trials[key]

    def ds2(self) -> Trial:
        """The half of `mitdb` that nothing was learned from."""
        trial = self.trial("mitdb").only(DS2)
        return replace(trial, dataset="DS2 of mitdb")
