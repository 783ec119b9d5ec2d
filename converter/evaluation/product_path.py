"""The whole product path over recordings: what `ecg-edge replay --annotations` does, laid beside the reference."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from converter.datasets.folders import read_duration_s, read_rate_hz
from converter.datasets.matching import WHOLE
from converter.evaluation.records import Finding, Truth, read_finding, read_truth
from converter.evaluation.scoring import RecordScore, score_record
from converter.progress import bars
from ecg.errors import InputError
from ecg.samples import UNCLASSIFIED
from edge.config import Settings
from edge.service.replay import replay

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from converter.datasets.matching import Span
    from edge.inference import Classifier

__all__ = ["Trial", "run_trial"]


@dataclass(frozen=True, slots=True)
class Trial:
    """Records that the monitor went through, laid beside their reference annotations.

    Attributes:
        dataset: name of the database.
        channel: number or name of the signal that it was shown.
        truths: the reference's view of each record.
        findings: the monitor's, in the same order.
        unclassified: beats of each record that the monitor gave no class, since they come from a bad stretch.
    """

    dataset: str
    channel: str
    truths: tuple[Truth, ...]
    findings: tuple[Finding, ...]
    unclassified: tuple[int, ...]

    @property
    def scope(self) -> str:
        """Data and source of the labels, for titles."""
        return f"{self.dataset}, {len(self.truths)} records, signal {self.channel}, labels from .atr"

    def scores(self, spans_s: Sequence[Span] = WHOLE) -> list[RecordScore]:
        """Compare beat by beat within some spans of each record."""
        return [
            score_record(truth.record, truth.beats, finding.beats, spans_s=spans_s)
            for truth, finding in zip(self.truths, self.findings, strict=True)
        ]

    def only(self, records: Collection[str]) -> Trial:
        """The same of some records alone."""
        chosen = [number for number, truth in enumerate(self.truths) if truth.record in records]
        return replace(
            self,
            truths=tuple(self.truths[number] for number in chosen),
            findings=tuple(self.findings[number] for number in chosen),
            unclassified=tuple(self.unclassified[number] for number in chosen),
        )


def run_trial(
    folder: Path,
    records: Sequence[str],
    *,
    classifier: Classifier | None,
    dataset: str,
    channel: str = "0",
    annotations: Path | None = None,
) -> Trial:
    """Run the daemon's pipeline over records and read back the annotation files that it leaves.

    Args:
        folder: of the data set.
        records: names below it; each has reference annotations (`atr`).
        classifier: None leaves every beat unclassified (Q).
        dataset: name to carry along.
        channel: signal by name or number.
        annotations: folder to leave the annotation files in, as `RECORD.edge`; None keeps none.

    Raises:
        InputError: a record cannot be read to its end, or has no annotations.
    """
    truths, findings, unclassified = [], [], []
    with tempfile.TemporaryDirectory() as scratch, bars() as display:
        left = annotations or Path(scratch)
        task = display.add_task(f"replaying {dataset}", total=len(records), note="")
        for record in records:
            display.update(task, note=record)
            result = replay(
                [folder / record], settings=Settings(), classifier=classifier, channel=channel, annotations=left
            )[0]
            if result.error is not None:
                raise InputError(f"record {record}: {result.error}")
            rate_hz, duration_s = read_rate_hz(folder, record), read_duration_s(folder, record)
            truths.append(read_truth(folder / record, name=record, duration_s=duration_s, rate_hz=rate_hz))
            written = left / record.rpartition("/")[2]
            findings.append(read_finding(written, name=record, duration_s=duration_s, rate_hz=rate_hz))
            unclassified.append(result.beats.get(UNCLASSIFIED, 0))
            display.advance(task)
    return Trial(dataset, channel, tuple(truths), tuple(findings), tuple(unclassified))
