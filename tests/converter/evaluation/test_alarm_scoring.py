"""Which alarms the reference bears out, which it cannot judge, and which episodes are found."""

from __future__ import annotations

import numpy as np
import pytest

from converter.datasets.annotations import BeatAnnotations
from converter.evaluation.alarm_scoring import DEFINITIONS, found_by, is_true, touches_ventricular
from converter.evaluation.alarms import judge_alarms, quietest
from converter.evaluation.records import Alarm, Finding, Truth
from ecg.alarms.kinds import PRIORITIES

S = 360
END = 600 * S


def truth(
    beats_s: np.ndarray | None = None,
    symbols: str = "N",
    rhythms: tuple[tuple[str, int, int], ...] = (("N", 0, END),),
    ventricular_flutter: tuple[tuple[int, int], ...] = (),
    record: str = "r",
) -> Truth:
    times = np.arange(0.5, 599.5, 0.8) if beats_s is None else beats_s
    index = np.rint(times * S).astype(np.int64)
    labels = np.array(list((symbols * len(index))[: len(index)]), dtype=np.str_)
    return Truth(record, END, BeatAnnotations(index, labels, ventricular_flutter), rhythms)


def alarm(kind: str, onset_s: float = 100.0, opened_s: float = 110.0, closed_s: float = 130.0) -> Alarm:
    return Alarm(kind, "high", round(onset_s * S), round(opened_s * S), round(closed_s * S))


def with_gap(gap_s: float) -> Truth:
    """A beat each 0.8 s, and once, from 100 s on, none for so long."""
    return truth(np.concatenate((np.arange(0.4, 100.1, 0.8), np.arange(99.6 + gap_s, 599, 0.8))))


def with_rate(bpm: float, beats: int) -> Truth:
    """75 bpm, and from 100 s on so many intervals at another rate."""
    fast = 100 + 60 / bpm * np.arange(beats + 1)
    return truth(np.concatenate((np.arange(0.8, 99.9, 0.8), fast, np.arange(fast[-1] + 0.8, 599, 0.8))))


@pytest.mark.parametrize(
    ("kind", "gap_s", "borne_out"),
    [
        ("asystole", 4.1, True),
        ("asystole", 3.85, True),  # thresholds are eased by 5 %
        ("asystole", 3.6, False),
        ("pause", 2.6, True),
        ("pause", 2.2, False),
    ],
)
def test_a_silence_must_be_in_the_reference(kind: str, gap_s: float, borne_out: bool) -> None:
    assert is_true(alarm(kind), with_gap(gap_s)) is borne_out


@pytest.mark.parametrize(
    ("kind", "bpm", "beats", "borne_out"),
    [
        ("extreme_tachycardia", 150, 16, True),
        ("extreme_tachycardia", 150, 10, False),  # too few of them
        ("extreme_tachycardia", 125, 30, False),
        ("tachycardia", 115, 8, True),
        ("tachycardia", 100, 30, False),
        ("extreme_bradycardia", 38, 4, True),
        ("extreme_bradycardia", 45, 8, False),
        ("bradycardia", 48, 8, True),
        ("bradycardia", 60, 20, False),
    ],
)
def test_a_rate_must_be_in_the_reference(kind: str, bpm: float, beats: int, borne_out: bool) -> None:
    assert is_true(alarm(kind), with_rate(bpm, beats)) is borne_out


def test_a_thing_that_happens_elsewhere_bears_nothing_out() -> None:
    assert is_true(alarm("pause", 94.0, 95.0), with_gap(3.0)) is True  # within 5 s of it
    assert is_true(alarm("pause", 80.0, 90.0), with_gap(3.0)) is False
    assert is_true(alarm("pause", 110.0, 111.0), with_gap(3.0)) is False


@pytest.mark.parametrize(
    ("symbols", "kind", "borne_out"),
    [
        ("NNNNNNVVV", "ventricular_run", True),
        ("NNNNNNVFE", "ventricular_run", True),
        ("NNNNVNVNV", "ventricular_run", False),
        ("NNNNVVVVV", "ventricular_tachycardia", False),  # at 75 bpm
    ],
)
def test_a_run_must_be_in_the_reference(symbols: str, kind: str, borne_out: bool) -> None:
    assert is_true(alarm(kind), truth(symbols=symbols)) is borne_out


def test_ventricular_tachycardia_is_borne_out_by_beats_or_by_the_rhythm() -> None:
    fast = np.concatenate((np.arange(0.8, 99.9, 0.8), np.arange(100, 110, 0.5), np.arange(111, 599, 0.8)))
    assert is_true(alarm("ventricular_tachycardia"), truth(fast, "V")) is True
    rhythms = (("N", 0, 100 * S), ("VT", 100 * S, 120 * S), ("N", 120 * S, END))
    assert is_true(alarm("ventricular_tachycardia"), truth(rhythms=rhythms)) is True
    assert is_true(alarm("ventricular_tachycardia", 300, 310), truth(rhythms=rhythms)) is False


def test_ventricular_flutter_has_no_beats_and_bears_out_any_alarm_of_rate_or_silence() -> None:
    fluttering = truth(np.arange(0.5, 90, 0.8), ventricular_flutter=((95 * S, 140 * S),))
    for kind in ("asystole", "pause", "extreme_tachycardia", "ventricular_run"):
        assert is_true(alarm(kind), fluttering) is True
    assert is_true(alarm("atrial_fibrillation"), fluttering) is False


def test_atrial_flutter_is_not_held_against_an_alarm_of_atrial_fibrillation() -> None:
    for rhythm in ("AFIB", "AFL"):
        rhythms = (("N", 0, 105 * S), (rhythm, 105 * S, END))
        assert is_true(alarm("atrial_fibrillation"), truth(rhythms=rhythms)) is True
    assert is_true(alarm("atrial_fibrillation"), truth()) is False


def test_what_is_not_annotated_is_not_judged() -> None:
    rhythms_only = truth(np.array([]))
    beats_only = truth(rhythms=())
    assert is_true(alarm("atrial_fibrillation"), beats_only) is None
    assert is_true(alarm("pause"), rhythms_only) is None
    assert is_true(alarm("asystole"), rhythms_only) is False  # it would bear the label ASYS
    for kind in ("poor_signal", "electrode_off", "samples_lost"):
        assert is_true(alarm(kind), truth()) is None


@pytest.mark.parametrize(
    ("opened_s", "closed_s", "finds"),
    [(105, 120, True), (110, 111, True), (110.1, 130, False), (20, 100.1, True), (20, 100, False)],
)
def test_an_episode_is_found_by_an_alarm_that_is_open_within_ten_seconds(
    opened_s: float, closed_s: float, finds: bool
) -> None:
    told = alarm("ventricular_tachycardia", 10, opened_s, closed_s)
    assert found_by(100 * S, [told]) == ([told] if finds else [])


def test_an_alarm_touches_what_is_ventricular_at_any_moment_while_it_lasts() -> None:
    told = alarm("ventricular_tachycardia", 100, 110, 130)
    assert not touches_ventricular(told, truth())
    for first, end, touches in ((125, 126, True), (99, 101, True), (130, 140, False), (90, 100, False)):
        assert touches_ventricular(told, truth(rhythms=(("VT", first * S, end * S),))) is touches
        assert touches_ventricular(told, truth(ventricular_flutter=((first * S, end * S - 1),))) is touches
    assert touches_ventricular(told, truth(symbols="VVVN"))
    assert not touches_ventricular(told, truth(symbols="VVNF"))
    assert not touches_ventricular(told, truth(np.array([])))


def test_kinds_that_cannot_be_judged_have_no_rate_of_false_alarms_and_the_others_have() -> None:
    finding = Finding("r", truth().beats, (), (alarm("pause"), alarm("pause", 200, 203), alarm("poor_signal")))
    scores = {score.kind: score for score in judge_alarms([truth(), with_gap(3.0)], [finding, finding])}
    assert set(scores) == {kind.value for kind in PRIORITIES}
    assert (scores["pause"].raised, scores["pause"].judged, scores["pause"].false) == (4, 4, 3)
    assert scores["pause"].false_a_day == pytest.approx(3 * 86_400 / 1200)
    assert scores["asystole"].false_a_day == 0
    assert scores["poor_signal"].raised == 2
    assert scores["poor_signal"].false_a_day is None


def test_every_kind_of_a_heart_has_a_definition() -> None:
    technical = {
        "electrode_off",
        "poor_signal",
        "samples_lost",
        "no_samples",
        "storage_nearly_full",
        "storage_failed",
        "battery_low",
        "clock_not_set",
        "model_refused",
        "patient_event",
    }
    assert {kind.value for kind in PRIORITIES} - technical <= set(DEFINITIONS)


@pytest.mark.parametrize(
    ("kind", "symbols", "expected"),
    [
        ("bigeminy", "NV" * 20, True),
        ("bigeminy", "NNV" * 20, False),
        ("trigeminy", "NNV" * 20, True),
        ("trigeminy", "NV" * 20, False),
        ("frequent_pvcs", "NV" * 100, True),
        ("frequent_pvcs", "NV" + "N" * 200, False),
    ],
)
def test_ectopy_is_judged_by_the_pattern_and_count_of_the_beats(kind: str, symbols: str, expected: bool) -> None:
    assert is_true(alarm(kind), truth(symbols=symbols)) is expected


def test_the_quietest_records_have_no_reason_for_an_alarm_and_the_fewest_ectopic_beats() -> None:
    records = [
        truth(record="calm"),
        truth(record="some", symbols="NNNNNNNNNV"),
        truth(record="paced", symbols="/"),
        truth(record="fibrillating", rhythms=(("AFIB", 0, END),)),
        truth(record="fluttering", ventricular_flutter=((0, S),)),
        truth(record="many", symbols="NNV"),
        truth(record="unlabelled", rhythms=()),
    ]
    assert [found.record for found in quietest(records)] == ["calm", "some", "many"]
    assert [found.record for found in quietest(records, 1)] == ["calm"]
