"""Bigeminy, trigeminy and frequent PVCs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg.events import Rhythm
from edge.rhythm.ectopy import EctopicPattern

if TYPE_CHECKING:
    from tests.edge.rhythm.conftest import Beats, Steady, Watch

RATE = 360
KINDS = {"bigeminy", "trigeminy", "frequent_pvcs"}


def patterned(pattern: str, *, start_s: float = 20.0, end_s: float = 60.0) -> Beats:
    """Sinus rhythm with a pattern of labels from `start_s` to `end_s`, 75 beats a minute, up to 200 s."""
    moments_s = [1 + 0.8 * k for k in range(249)]
    inside = [m for m in moments_s if start_s <= m < end_s]
    labels = {m: pattern[k % len(pattern)] for k, m in enumerate(inside)}
    return [(m, labels.get(m, "N")) for m in moments_s]


@pytest.mark.parametrize(("pattern", "kind"), [("NV", "bigeminy"), ("NNV", "trigeminy")])
def test_a_pattern_that_lasts_is_told_with_its_evidence_and_closed_once_it_stays_away(
    watch: Watch, pattern: str, kind: str
) -> None:
    told = watch(patterned(pattern), until_s=200, frequent_pvcs_per_hour=1000)
    assert told.kinds == [kind]
    (opened,), (closed,) = told.opened(), told.closed(kind)
    assert opened.priority == "low"
    assert opened.onset_index / RATE == pytest.approx(20, abs=1.5)
    assert opened.index - opened.onset_index >= 10 * RATE
    assert opened.evidence["threshold_repeats"] == 3
    assert opened.evidence["beats"] >= 11
    assert opened.evidence["rr_ms"] == [800.0] * 9
    assert opened.evidence["probabilities"] == [1.0] * 9
    assert opened.evidence["quality"] == 1.0
    assert closed.index / RATE == pytest.approx(60 + 60, abs=4)
    assert closed.evidence["duration_s"] == pytest.approx(40, abs=4)


@pytest.mark.parametrize("pattern", ["NV", "NNV"])
def test_a_pattern_shorter_than_its_hold_time_is_no_alarm(watch: Watch, pattern: str) -> None:
    assert not KINDS & set(watch(patterned(pattern, end_s=26), until_s=200, frequent_pvcs_per_hour=1000).kinds)


def test_a_pattern_that_is_broken_for_a_moment_is_one_alarm(watch: Watch) -> None:
    beats = [(m, "N" if 40 < m < 43 else label) for m, label in patterned("NV", end_s=80)]
    assert watch(beats, until_s=200, frequent_pvcs_per_hour=1000).kinds == ["bigeminy"]


def test_a_pattern_that_turns_into_the_other_is_told_as_both(watch: Watch) -> None:
    beats = patterned("NV", end_s=50)
    beats = [(m, dict(patterned("NNV", start_s=50, end_s=80)).get(m) if m >= 50 else label) for m, label in beats]
    told = watch(beats, until_s=200, frequent_pvcs_per_hour=1000)
    assert told.kinds == ["bigeminy", "trigeminy"]


def test_no_pattern_opens_in_bad_signal_and_an_open_one_is_closed_by_it(watch: Watch) -> None:
    assert watch(patterned("NV"), until_s=60, bad=[(15, 60)]).kinds == ["poor_signal"]
    told = watch(patterned("NV", end_s=150), until_s=150, bad=[(60, 150)], frequent_pvcs_per_hour=1000)
    assert told.closed("bigeminy")[0].evidence["reason"] == "poor_signal"


def test_asystole_supersedes_a_pattern(watch: Watch) -> None:
    beats = [beat for beat in patterned("NV") if beat[0] < 40]
    told = watch(beats, until_s=60, frequent_pvcs_per_hour=1000)
    assert told.closed("bigeminy")[0].evidence["by"] == "asystole"


def test_ventricular_beats_within_an_hour_are_frequent_wherever_the_hour_begins(watch: Watch, steady: Steady) -> None:
    def told_with(every_s: int) -> list[str]:
        beats = [(m, "V" if round(m) % every_s == 0 else "N") for m, _ in steady(60, start_s=1, end_s=7000)]
        return watch(beats, until_s=7000).kinds

    assert told_with(125) == []
    assert told_with(100) == ["frequent_pvcs"]


def test_frequent_beats_are_told_once_told_again_when_doubled_and_closed_when_the_hour_has_passed(
    watch: Watch, steady: Steady
) -> None:
    beats = [(m, "V" if 100 < m < 660 and round(m) % 8 == 0 else "N") for m, _ in steady(60, start_s=1, end_s=4200)]
    told = watch(beats, until_s=4200)
    (opened,), (updated,), (closed,) = (
        told.opened("frequent_pvcs"),
        told.updated("frequent_pvcs"),
        told.closed("frequent_pvcs"),
    )
    assert opened.priority == "low"
    assert opened.evidence["threshold_per_hour"] == 30
    assert 30 <= opened.evidence["ventricular_beats"] < 35
    assert opened.evidence["mean_probability"] == 1.0
    assert updated.evidence["ventricular_beats"] == 2 * opened.evidence["ventricular_beats"]
    # 70 beats, the first at 104 s: 25 are left when the 45th is an hour old, and closing takes 5 s.
    assert closed.index / RATE == pytest.approx(104 + 44 * 8 + 3600 + 5, abs=6)


def test_frequent_beats_stay_told_in_bad_signal(watch: Watch, steady: Steady) -> None:
    beats = [(m, "V" if round(m) % 4 == 0 else "N") for m, _ in steady(60, start_s=1, end_s=300)]
    told = watch(beats, until_s=300, bad=[(200, 300)])
    assert told.closed("frequent_pvcs")[0].evidence["reason"] == "end_of_stream"


@given(st.text("NVSu", max_size=60), st.integers(2, 4))
def test_a_pattern_is_what_its_definition_says(labels: str, repeats: int) -> None:
    pattern = EctopicPattern(repeats)
    for index, label in enumerate(labels):
        pattern.beat(index, "unclassified" if label == "u" else label, follows=True)
        heard = "".join("V" if each == "V" else "u" if each == "u" else "N" for each in labels[: index + 1])
        expected = None
        if any(heard.endswith(unit * repeats) for unit in ("NV", "VN")):
            expected = Rhythm.BIGEMINY
        elif any(heard.endswith(unit * repeats) for unit in ("NNV", "NVN", "VNN")):
            expected = Rhythm.TRIGEMINY
        assert pattern.rhythm is expected
