"""What the figures of a model do not tell, from what it learned from and what it was tested on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from converter.datasets.annotations import FALSE_DETECTION
from converter.datasets.beats import MOTION, dataset_names
from converter.datasets.databases import database
from converter.datasets.motion import motion_limit
from converter.simulation.simulated_beats import simulation_limit
from converter.training.calibration import calibration_limit
from ecg.samples import NORMAL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from converter.datasets.beats import BeatSet

__all__ = ["limits"]

_MOST: Final = 0.5
"""Share of a label's test beats from which on its figures are those of one record, or of false detections."""


def limits(
    train: BeatSet, test: BeatSet, labels: tuple[str, ...], *, simulated_share: float, temperature: float
) -> tuple[str, ...]:
    """What the figures do not tell, a sentence each.

    Args:
        train: beats that the model learned from or was chosen by; their inputs are not looked at.
        test: beats that its figures are from; likewise.
        labels: of the model.
        simulated_share: of the beats in a training step.
        temperature: by which the probabilities were calibrated.
    """
    found = [simulation_limit(simulated_share)] if simulated_share else []
    moved = dataset_names(train.record[train.augmentation == MOTION])
    if moved:
        found.append(motion_limit(moved))
    found += [limit for name in dataset_names(train.record) for limit in database(name).limits]
    found += _same_people(train, test)
    found += _uneven_labels(test, labels)
    return (*found, calibration_limit(temperature))


def _same_people(train: BeatSet, test: BeatSet) -> Iterator[str]:
    """Who is on both sides."""
    trained, tested = (set(np.unique(beats.record).tolist()) for beats in (train, test))
    if trained & tested:
        yield "The same patients are in training and test: the figures say nothing about a new patient."
        return
    for dataset in dataset_names(test.record):
        for group in database(dataset).one_person:
            for one in group:
                for other in group:
                    if f"{dataset}/{one}" in trained and f"{dataset}/{other}" in tested:
                        yield f"Records {one} (training) and {other} (test) of {dataset} come from the same person."


def _uneven_labels(test: BeatSet, labels: tuple[str, ...]) -> Iterator[str]:
    """Labels whose figures are those of one record, or of what is no beat."""
    classes = test.classes(labels)
    is_normal = classes == labels.index(NORMAL)
    for number, label in enumerate(labels):
        mine = classes == number
        if not mine.any():
            continue
        records, counts = np.unique(test.record[mine], return_counts=True)
        record = str(records[counts.argmax()])
        share = float(counts.max() / counts.sum())
        if share > _MOST:
            here = test.record == record
            most = label != NORMAL and np.count_nonzero(mine & here) > np.count_nonzero(is_normal & here)
            yield (
                f"Of the test's beats {label} {100 * share:.0f} % are in record {record.partition('/')[2]}"
                f"{', where they outnumber the normal ones' if most else ''}."
            )
        false = float(np.mean(test.symbol[mine] == FALSE_DETECTION))
        if false > _MOST:
            yield f"Of the test's beats {label} {100 * false:.0f} % are no beats: false detections."
