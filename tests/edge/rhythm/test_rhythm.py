"""The rhythm that is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.edge.rhythm.conftest import Steady, Told, Watch


def names(told: Told) -> list[str | None]:
    return [rhythm for _, rhythm in told.rhythms]


def test_regular_beats_are_normal_rhythm(watch: Watch, steady: Steady) -> None:
    told = watch(steady(70, start_s=1, end_s=60), until_s=60)
    assert names(told) == ["N"]
    assert {v.rhythm for v in told.vitals[1:]} == {"N"}


def test_the_rhythm_cannot_be_told_in_bad_signal(watch: Watch, steady: Steady) -> None:
    told = watch(steady(70, start_s=1, end_s=60), until_s=60, bad=[(20, 40)])
    assert names(told) == ["N", None, "N"]
    assert told.rhythms[1][0] == 20.05


def test_normal_rhythm_stays_told_across_a_pause(watch: Watch, steady: Steady) -> None:
    told = watch(steady(60, start_s=1, end_s=20.5) + steady(60, start_s=23, end_s=60), until_s=60)
    assert names(told) == ["N"]


def test_asystole_and_ventricular_tachycardia_are_rhythms(watch: Watch, steady: Steady) -> None:
    told = watch(steady(60, start_s=1, end_s=20.5) + steady(60, start_s=30, end_s=50), until_s=50)
    assert names(told) == ["N", "ASYS", "N"]  # until the third beat, which makes a rhythm
    assert told.rhythms[1][0] == 20
    beats = steady(60, start_s=1, end_s=20) + steady(150, start_s=20, end_s=24, label="V")
    told = watch(beats + steady(60, start_s=25, end_s=50), until_s=50)
    assert names(told) == ["N", "VT", "N"]
    assert told.rhythms[1][0] == 20


def test_bigeminy_and_trigeminy_are_told_from_their_first_beat_on(watch: Watch, steady: Steady) -> None:
    lead = steady(60, start_s=1, end_s=20.5)
    bigeminy = [(21 + 0.8 * k, "NV"[k % 2]) for k in range(12)]
    tail = steady(60, start_s=31, end_s=50)
    told = watch(lead + bigeminy + tail, until_s=50)
    assert names(told) == ["N", "B", "N"]
    assert 20 <= told.rhythms[1][0] <= 21
    trigeminy = [(21 + 0.8 * k, "NNV"[k % 3]) for k in range(12)]
    assert names(watch(lead + trigeminy + tail, until_s=50)) == ["N", "T", "N"]


def test_a_few_ventricular_beats_are_not_a_rhythm(watch: Watch, steady: Steady) -> None:
    beats = [(m, "V" if k in (10, 12, 30) else "N") for k, (m, _) in enumerate(steady(60, start_s=1, end_s=60))]
    assert names(watch(beats, until_s=60)) == ["N"]
