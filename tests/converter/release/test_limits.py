"""What a card says of its figures follows from the beats that the run learned from and was tested on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from converter.datasets.annotations import FALSE_DETECTION
from converter.datasets.beats import AS_RECORDED, MOTION, BeatSet
from converter.release.limits import limits

if TYPE_CHECKING:
    from collections.abc import Sequence

LABELS = ("N", "S", "V", "F", "Q")
CALIBRATED = (
    "The probabilities were made honest by one temperature (1.09), on the validation records: for another patient they "
    "may be too sure."
)


def beats(*records: tuple[str, Sequence[str]], augmentation: str = AS_RECORDED) -> BeatSet:
    """Give beats, each record with its symbols."""
    symbol = np.array([symbol for _, symbols in records for symbol in symbols])
    record = np.array([name for name, symbols in records for _ in symbols])
    count = np.arange(len(record))
    return BeatSet({}, symbol, count, record, np.zeros_like(count), np.full(len(record), augmentation))


def found(train: BeatSet, test: BeatSet, *, simulated_share: float = 0.0) -> Sequence[str]:
    return limits(train, test, LABELS, simulated_share=simulated_share, temperature=1.09)


def test_of_a_plain_run_only_the_calibration_is_told() -> None:
    assert found(beats(("ours/a", "NNV")), beats(("ours/b", "NN"), ("ours/c", "NN"))) == (CALIBRATED,)


def test_what_was_simulated_and_moved_is_told_with_its_data_sets() -> None:
    train = BeatSet.join(
        [
            beats(("mitdb/101", "N"), ("svdb/800", "N"), ("ours/a", "N")),
            beats(("mitdb/101", "N"), ("svdb/800", "N"), augmentation=MOTION),
        ]
    )
    simulated, moving, calibrated = found(train, beats(("ours/b", "N"), ("ours/c", "N")), simulated_share=0.08)
    assert simulated.startswith("Of the beats in a training step 8 % are simulated")
    assert moving.startswith("The first signal of each training record of mitdb and svdb is learned from once more")
    assert calibrated == CALIBRATED


def test_a_data_set_s_own_limits_are_told_where_it_was_learned_from_and_only_there() -> None:
    ours, short = beats(("ours/b", "N"), ("ours/c", "N")), beats(("cinc2017/A00001", "N"))
    assert found(BeatSet.join([ours, short]), ours.take(ours.index > 5))[0].startswith("The beats of cinc2017 bear no")
    assert not any("cinc2017" in limit for limit in found(beats(("ours/a", "N")), ours))


def test_a_person_on_both_sides_is_told() -> None:
    person, _ = found(beats(("mitdb/201", "N")), beats(("mitdb/202", "N"), ("mitdb/100", "N")))
    assert person == "Records 201 (training) and 202 (test) of mitdb come from the same person."
    assert found(beats(("mitdb/101", "N")), beats(("mitdb/202", "N"), ("mitdb/100", "N"))) == (CALIBRATED,)
    assert found(beats(("svdb/201", "N")), beats(("svdb/202", "N"), ("svdb/100", "N"))) == (CALIBRATED,)


def test_the_same_records_on_both_sides_are_told() -> None:
    same, _ = found(beats(("mitdb/201", "N")), beats(("mitdb/201", "N"), ("mitdb/202", "N")))
    assert same == "The same patients are in training and test: the figures say nothing about a new patient."


def test_a_label_whose_beats_are_those_of_one_record_is_told() -> None:
    test = beats(("mitdb/232", "NNAAAV"), ("mitdb/100", "NNNA"), ("mitdb/213", "NNNNFFF"), ("mitdb/214", "V"))
    premature, fusion, _ = found(beats(("mitdb/101", "N")), test)
    assert premature == "Of the test's beats S 75 % are in record 232, where they outnumber the normal ones."
    assert fusion == "Of the test's beats F 100 % are in record 213."


def test_a_label_of_which_most_is_no_beat_is_told() -> None:
    test = beats(("mitdb/100", ["N", FALSE_DETECTION]), ("mitdb/103", ["N", "Q", FALSE_DETECTION, FALSE_DETECTION]))
    one_record, false, _ = found(beats(("mitdb/101", "N")), test)
    assert one_record == "Of the test's beats Q 75 % are in record 103, where they outnumber the normal ones."
    assert false == "Of the test's beats Q 75 % are no beats: false detections."
