"""How long after an R peak the monitor knows of it, and names it.

The pipeline is fed in blocks of 100 ms, as a front end delivers them, and the moment of a decision is the end of the
block after which it is there. A detection is seen where the pipeline hands it on: as an answer of its detector.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from converter.datasets.folders import read_channel
from converter.datasets.matching import match_beats
from converter.evaluation.tables import Section, Table
from converter.progress import track
from ecg.samples import SAMPLE_RATE_HZ, Beat, SampleBlock
from edge.pipeline import Pipeline
from edge.rhythm.monitor import TICK
from edge.rhythm.settings import RhythmSettings
from edge.signal.beat_morphology import BeatMorphology
from edge.signal.pan_tompkins import PanTompkins

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from ecg.samples import FloatArray
    from edge.inference import Classifier
    from edge.signal.candidates import Candidate

__all__ = ["Delays", "delays_of", "delays_section"]

TO_DETECT_S = 0.4
TO_LABEL_S = 0.7
"""What is aimed at: a detection so long after its R peak, a label so long after the R peak that follows."""


@dataclass(frozen=True, slots=True)
class Delays:
    """Delays of the beats of a recording, in s.

    Attributes:
        detection: from each R peak to its detection.
        label: from each R peak to its label.
        label_after_next: from the R peak that follows each labelled one to the label; negative where it came before.
    """

    detection: FloatArray
    label: FloatArray
    label_after_next: FloatArray


class _RecordingDetector(PanTompkins):
    """The monitor's detector, which keeps the index of each detection."""

    def __init__(self, morphology: BeatMorphology) -> None:
        super().__init__(morphology)
        self.detections: list[int] = []  # 360 Hz index of each since they were last taken

    def advance(self, candidates: Iterable[Candidate], index: int) -> list[Candidate]:
        """As the detector's own."""
        found = super().advance(candidates, index)
        self.detections += [candidate.index for candidate in found]
        return found


def delays_of(samples_mv: FloatArray, rate_hz: float, classifier: Classifier | None) -> Delays:
    """Feed one recording block by block and note when each beat is detected and when it is labelled.

    What is decided only as the stream ends is left out.
    """
    morphology = BeatMorphology()
    detector = _RecordingDetector(morphology)
    pipeline = Pipeline(
        rate_hz=rate_hz, settings=RhythmSettings(), classifier=classifier, detector=detector, morphology=morphology
    )
    detections: list[tuple[int, float]] = []  # 360 Hz index, and moment of the decision in s
    labels: list[tuple[int, float]] = []
    width = max(1, round(TICK / SAMPLE_RATE_HZ * rate_hz))
    for first in range(0, len(samples_mv), width):
        block = samples_mv[first : first + width]
        events = pipeline.push(SampleBlock(first, block))
        now_s = (first + len(block)) / rate_hz
        detections += [(index, now_s) for index in detector.detections]
        detector.detections.clear()
        labels += [(event.index, now_s) for event in events if isinstance(event, Beat)]
    r_index, labelled_s = _columns(labels)
    found_index, found_s = _columns(sorted(detections))
    r_s = r_index / SAMPLE_RATE_HZ
    partner = match_beats(r_index.astype(np.int64), found_index.astype(np.int64))
    seen = partner >= 0
    return Delays(
        detection=found_s[partner[seen]] - r_s[seen],
        label=labelled_s - r_s,
        label_after_next=labelled_s[:-1] - r_s[1:],
    )


def delays_section(folder: Path, records: Sequence[str], *, classifier: Classifier | None, dataset: str) -> Section:
    """Median, 95th percentile and longest delays over the beats of some records, first channel."""
    parts = []
    for record in track(records, "timing"):
        samples_mv, rate_hz = read_channel(folder, record, 0)
        parts.append(delays_of(samples_mv, rate_hz, classifier))
    rows = {
        "R peak to its detection": _figures([part.detection for part in parts], TO_DETECT_S),
        "R peak to its label": _figures([part.label for part in parts], None),
        "next R peak to the label": _figures([part.label_after_next for part in parts], TO_LABEL_S),
    }
    cells = [
        [
            name,
            f"{own['beats']:,}",
            *(f"{own[figure]:.3f}" for figure in ("median_s", "percentile_95_s", "longest_s")),
            "-" if own["aim_s"] is None else f"{100 * own['within_aim']:.2f} (<= {own['aim_s']:g} s)",
        ]
        for name, own in rows.items()
    ]
    title = f"Delays in s, {dataset}, {len(records)} records, signal 0, blocks of {1000 * TICK // SAMPLE_RATE_HZ} ms"
    notes = ["Own R peaks; stream time, to the end of the block after which the decision is there"]
    table = Table(title, ["", "beats", "median", "95th percentile", "longest", "within aim %"], cells, notes)
    return Section("delays", rows, (table,))


def _figures(parts: Sequence[FloatArray], aim_s: float | None) -> dict[str, Any]:
    delays = np.concatenate(parts)
    return {
        "beats": len(delays),
        "median_s": float(np.median(delays)),
        "percentile_95_s": float(np.percentile(delays, 95)),
        "longest_s": float(delays.max()),
        "aim_s": aim_s,
        "within_aim": None if aim_s is None else float((delays <= aim_s).mean()),
    }


def _columns(pairs: Sequence[tuple[int, float]]) -> tuple[FloatArray, FloatArray]:
    table = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    return table[:, 0], table[:, 1]
