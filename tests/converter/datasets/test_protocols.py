"""Which beats are learned from and which are reported on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from converter.datasets.beats import AS_RECORDED, MOTION, BeatSet
from converter.datasets.protocols import DS1, DS2, FIFTHS, PROTOCOLS, is_learned, split
from ecg.errors import CheckFailedError, InputError

if TYPE_CHECKING:
    from collections.abc import Callable

AAMI5 = ("N", "S", "V", "F", "Q")
MITBIH6 = ("N", "L", "R", "A", "V", "/")


def beat_set(
    records: dict[str, str], *, channels: tuple[int, ...] = (0,), augmentation: str = AS_RECORDED, seed: int = 0
) -> BeatSet:
    """Beats of noise, no two alike; `records` gives each record's symbols."""
    rows = [
        (record, channel, symbol) for record, symbols in records.items() for channel in channels for symbol in symbols
    ]
    waveform = np.random.default_rng(seed).standard_normal((len(rows), 259, 1)).astype(np.float32)
    return BeatSet(
        {"waveform": waveform},
        np.array([symbol for _, _, symbol in rows]),
        np.arange(len(rows), dtype=np.int64) * 300,
        np.array([record for record, _, _ in rows]),
        np.array([channel for _, channel, _ in rows], dtype=np.int64),
        np.full(len(rows), augmentation),
    )


def two_databases() -> BeatSet:
    mitdb = {f"mitdb/{record}": "N" * 20 + "A" * 2 + "V" * 3 for record in (*DS1, *DS2, "102")}
    return beat_set({**mitdb, **{f"svdb/{800 + n}": "N" * 20 + "S" * 5 for n in range(20)}}, channels=(0, 1))


def all_databases() -> BeatSet:
    """With short recordings, and what is learned from of the first channel once more in motion."""
    clean = two_databases()
    learned = [record for record in dict.fromkeys(clean.record.tolist()) if is_learned(record)]
    symbols = {
        record: "".join(clean.symbol[clean.is_first_channel & (clean.record == record)].tolist()) for record in learned
    }
    short = {f"cinc2017/A{number:05}": "N" * 9 for number in range(5)}
    return BeatSet.join([clean, beat_set(short, seed=1), beat_set(symbols, augmentation=MOTION, seed=2)])


def records_of(beats: BeatSet, numbers: np.ndarray) -> set[str]:
    return set(beats.record[numbers].tolist())


def test_the_random_protocol_deals_each_class_out_80_10_10() -> None:
    beats = beat_set({"mitdb/100": "N" * 1000 + "A" * 100 + "V" * 50, "mitdb/102": "/" * 200 + "L" * 70 + "R" * 30})
    parts = split(PROTOCOLS["random"], beats, MITBIH6, seed=1)
    for symbol in MITBIH6:
        total = int((beats.symbol == symbol).sum())
        found = [int((beats.symbol[part] == symbol).sum()) for part in (parts.train, parts.validation, parts.test)]
        assert found == [total - 2 * round(total / 10), round(total / 10), round(total / 10)]


def test_beats_of_no_class_and_of_the_second_channel_stay_out_of_the_random_protocol() -> None:
    beats = beat_set({"mitdb/100": "N" * 100 + "F" * 50}, channels=(0, 1))
    parts = split(PROTOCOLS["random"], beats, MITBIH6, seed=1)
    used = np.concatenate([parts.train, parts.validation, parts.test])
    assert set(beats.symbol[used].tolist()) == {"N"}
    assert set(beats.channel[used].tolist()) == {0}
    assert len(used) == len(set(used.tolist())) == 100


@pytest.mark.parametrize("protocol", ["random", "inter-patient"])
def test_the_same_seed_divides_alike_and_another_does_not(protocol: str) -> None:
    beats, chosen = two_databases(), PROTOCOLS[protocol]
    first, again, other = (split(chosen, beats, AAMI5, seed=seed) for seed in (1, 1, 2))
    assert first.validation.tolist() == again.validation.tolist()
    assert first.validation.tolist() != other.validation.tolist()


@pytest.mark.parametrize(
    ("protocol", "left_out", "digest"),
    [
        ("random", None, "9a7fd730398ca381"),
        ("inter-patient", None, "f1cf24f8a3bc9652"),
        ("inter-patient", 2, "c204ad02c0428ca4"),
    ],
)
def test_the_parts_of_a_seed_stay_what_they_are(
    protocol: str, left_out: int | None, digest: str, rounded_digest: Callable[..., str]
) -> None:
    """Model files that ship were trained and tested on these draws."""
    parts = split(PROTOCOLS[protocol], all_databases(), AAMI5, seed=1, left_out=left_out)
    assert rounded_digest(parts.train, parts.validation, parts.test) == digest


def test_beats_in_motion_are_learned_from_alone() -> None:
    beats = all_databases()
    parts = split(PROTOCOLS["inter-patient"], beats, AAMI5, seed=1)
    assert MOTION in beats.augmentation[parts.train]
    for part in (parts.validation, parts.test):
        assert set(beats.augmentation[part].tolist()) == {AS_RECORDED}


def test_a_beat_that_is_there_twice_is_found_when_it_falls_on_two_sides() -> None:
    once = beat_set({"mitdb/100": "N" * 300})
    twice = BeatSet.join([once, once])
    with pytest.raises(CheckFailedError, match="mitdb/100 is in train and in"):
        split(PROTOCOLS["random"], twice, MITBIH6, seed=1)


def test_no_record_of_the_report_is_learned_from_nor_chooses_the_epoch() -> None:
    beats = two_databases()
    parts = split(PROTOCOLS["inter-patient"], beats, AAMI5, seed=1)
    assert records_of(beats, parts.test) == {f"mitdb/{record}" for record in DS2}
    learned, validated = records_of(beats, parts.train), records_of(beats, parts.validation)
    assert not learned & validated
    allowed = {f"mitdb/{record}" for record in DS1} | {f"svdb/{800 + n}" for n in range(20)}
    assert learned | validated == allowed


def test_both_databases_give_validation_records() -> None:
    beats = two_databases()
    validated = records_of(beats, split(PROTOCOLS["inter-patient"], beats, AAMI5, seed=3).validation)
    assert {name.split("/")[0] for name in validated} == {"mitdb", "svdb"}


def test_beats_that_nobody_annotated_are_learned_from_and_nothing_is_chosen_by_them() -> None:
    short = {f"cinc2017/A{number:05}": "N" * 30 for number in range(5)}
    beats = BeatSet.join([two_databases(), beat_set(short, seed=1)])
    for left_out in (None, 2):
        parts = split(PROTOCOLS["inter-patient"], beats, AAMI5, seed=1, left_out=left_out)
        assert set(short) <= records_of(beats, parts.train)
        assert not set(short) & (records_of(beats, parts.validation) | records_of(beats, parts.test))


def test_the_second_channel_is_learned_from_but_not_reported_on() -> None:
    beats = two_databases()
    parts = split(PROTOCOLS["inter-patient"], beats, AAMI5, seed=1)
    assert set(beats.channel[parts.train].tolist()) == {0, 1}
    assert set(beats.channel[parts.test].tolist()) == {0}


def test_premature_beats_that_sit_in_few_records_reach_both_sides() -> None:
    records = {f"mitdb/{record}": "N" * 50 for record in (*DS1, *DS2)}
    for record in DS1[:6]:
        records[f"mitdb/{record}"] = "N" * 50 + "V" * 30
    beats = beat_set(records)
    for seed in range(5):
        parts = split(PROTOCOLS["inter-patient"], beats, AAMI5, seed=seed)
        assert (beats.symbol[parts.train] == "V").sum() > 0
        assert (beats.symbol[parts.validation] == "V").sum() > 0


def test_a_missing_half_is_told_before_hours_of_training() -> None:
    with pytest.raises(InputError, match="leaves no beat for test"):
        split(PROTOCOLS["inter-patient"], beat_set({f"mitdb/{record}": "NV" for record in DS1}), AAMI5, seed=1)


def test_the_two_halves_have_22_records_each_and_no_paced_one() -> None:
    assert len(set(DS1)) == len(set(DS2)) == 22
    assert not set(DS1) & set(DS2)
    assert not {"102", "104", "107", "217"} & {*DS1, *DS2}


def test_the_fifths_of_svdb_are_each_reported_once_and_never_learned_from() -> None:
    beats = two_databases()
    reported: list[str] = []
    for left_out in range(FIFTHS):
        parts = split(PROTOCOLS["inter-patient"], beats, AAMI5, seed=left_out, left_out=left_out)
        mine = records_of(beats, parts.test)
        assert not mine & (records_of(beats, parts.train) | records_of(beats, parts.validation))
        assert not {f"mitdb/{record}" for record in DS2} & records_of(beats, parts.train)
        reported += mine
    assert sorted(reported) == [f"svdb/{800 + n}" for n in range(20)]
