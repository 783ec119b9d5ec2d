"""Rhythms of whole trials: episodes told, and told in time."""

from __future__ import annotations

import numpy as np
import pytest

from converter.datasets.annotations import BeatAnnotations
from converter.evaluation.product_path import Trial
from converter.evaluation.records import Alarm, Finding, Truth
from converter.evaluation.rhythms import atrial_fibrillation_section, ventricular_section

S = 360
END = 3600 * S
NO_BEATS = BeatAnnotations(np.array([], dtype=np.int64), np.array([], dtype=np.str_))


def rhythms(name: str, *spans_s: tuple[int, int]) -> tuple[tuple[str, int, int], ...]:
    """The rhythm in these spans, and normal rhythm between them."""
    found: list[tuple[str, int, int]] = []
    before = 0
    for first, end in spans_s:
        found += [("N", before, first * S), (name, first * S, end * S)]
        before = end * S
    return (*found, ("N", before, END))


def trial(reference: tuple[tuple[str, int, int], ...], told: tuple[tuple[str, int, int], ...], *alarms: Alarm) -> Trial:
    truth = Truth("r", END, NO_BEATS, reference)
    return Trial("db", "0", (truth,), (Finding("r", NO_BEATS, told, alarms),), (0,))


def alarm(opened_s: float, closed_s: float, kind: str = "ventricular_tachycardia", priority: str = "high") -> Alarm:
    return Alarm(kind, priority, round(opened_s * S) - S, round(opened_s * S), round(closed_s * S))


def test_fibrillation_is_scored_by_all_episodes_and_by_those_of_thirty_seconds() -> None:
    reference = rhythms("AFIB", (100, 120), (1000, 1060))
    figures = atrial_fibrillation_section(trial(reference, rhythms("AFIB", (1010, 1070)))).figures
    assert (figures["all"]["reference"], figures["all"]["found"]) == (2, 1)
    assert figures["30 s and more"]["sensitivity"] == 1.0
    assert figures["30 s and more"]["duration_sensitivity"] == pytest.approx(50 / 60)
    assert figures["30 s and more, after 5 min"]["reference"] == 1


def test_flutter_and_tachycardia_that_pass_into_each_other_are_one_episode() -> None:
    reference = (("N", 0, 100 * S), ("VT", 100 * S, 110 * S), ("VFIB", 110 * S, 120 * S), ("N", 120 * S, END))
    figures = ventricular_section(trial(reference, rhythms("VT", (105, 130)))).figures
    assert (figures["all"]["reference"], figures["all"]["found"], figures["all"]["reference_s"]) == (1, 1, 20)


def test_an_episode_is_found_in_time_by_an_alarm_of_high_priority_within_ten_seconds() -> None:
    reference = rhythms("VT", (100, 130), (500, 530), (900, 930), (1300, 1303))
    alarms = (
        alarm(109, 140),  # 9 s after the onset
        alarm(512, 540),  # 12 s: too late
        alarm(903, 905, kind="ventricular_run", priority="medium"),  # nobody runs for that
        alarm(2000, 2010),  # nothing there
    )
    figures = ventricular_section(trial(reference, rhythms("VT"), *alarms)).figures["alarmed"]["a ventricular alarm"]
    assert (figures["episodes"], figures["found"]) == (3, 1)  # the one of 3 s is too short to count
    assert (figures["false"], figures["false_an_hour"]) == (1, 1.0)


def test_an_alarm_still_open_from_the_episode_before_finds_the_next_and_a_closed_one_does_not() -> None:
    reference = rhythms("VT", (100, 130), (140, 170))
    for closed_s, found in ((150, 2), (135, 1)):
        figures = ventricular_section(trial(reference, rhythms("VT"), alarm(105, closed_s))).figures
        assert figures["alarmed"]["a ventricular alarm"]["found"] == found


def test_false_alarms_are_not_counted_where_some_cannot_be_judged() -> None:
    figures = ventricular_section(
        trial(rhythms("VT"), rhythms("VT"), alarm(50, 60, kind="extreme_tachycardia"))
    ).figures
    assert figures["alarmed"]["any high-priority alarm"]["false"] is None
    assert figures["alarmed"]["a ventricular alarm"]["false"] == 0


def test_a_database_without_rhythms_says_so_and_has_no_figures() -> None:
    section = ventricular_section(trial((), ()))
    assert section.figures == {}
    assert section.tables[0].notes == ["db labels no rhythms"]
