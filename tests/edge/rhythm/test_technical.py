"""Electrode off, poor signal, no samples, samples lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.edge.rhythm.conftest import Steady, Watch

RATE = 360


def test_an_electrode_off_is_told_after_its_hold_time_and_closed_after_another(watch: Watch, steady: Steady) -> None:
    told = watch(steady(60, start_s=1, end_s=60), until_s=60, off=[(20, 30)])
    assert told.kinds == ["electrode_off"]
    (opened,), (closed,) = told.opened(), told.closed("electrode_off")
    assert opened.priority == "low"
    assert opened.onset_index == 20 * RATE
    assert opened.index == 21 * RATE
    assert opened.evidence["withheld"] == "arrhythmia alarms"
    assert closed.index / RATE == pytest.approx(35, abs=0.2)
    assert closed.evidence["duration_s"] == pytest.approx(10, abs=0.2)


def test_an_electrode_off_for_a_moment_is_not_told(watch: Watch, steady: Steady) -> None:
    assert watch(steady(60, start_s=1, end_s=40), until_s=40, off=[(20, 20.8)]).kinds == []


def test_vitals_tell_the_electrodes(watch: Watch, steady: Steady) -> None:
    beats = steady(60, start_s=1, end_s=40)
    told = watch(beats, until_s=40, off=[(20, 30)])
    assert [v.electrodes for v in told.vitals] == ["on", "on", "on", "on", "off", "off", "on", "on"]
    assert {v.electrodes for v in watch(beats, until_s=40, electrodes_known=False).vitals} == {None}


def test_poor_signal_is_told_with_its_faults_after_10_s(watch: Watch, steady: Steady) -> None:
    told = watch(steady(60, start_s=1, end_s=60), until_s=60, bad=[(20, 40)])
    assert told.kinds == ["poor_signal"]
    (opened,) = told.opened()
    assert opened.index / RATE == pytest.approx(30, abs=0.2)
    assert opened.evidence["faults"] == "muscle"
    assert opened.evidence["quality"] == 0.2
    assert opened.evidence["withheld"] == "arrhythmia alarms"


def test_poor_signal_for_some_seconds_is_not_told(watch: Watch, steady: Steady) -> None:
    assert watch(steady(60, start_s=1, end_s=60), until_s=60, bad=[(20, 28)]).kinds == []


def test_signal_that_is_poor_most_of_the_time_is_told(watch: Watch, steady: Steady) -> None:
    told = watch(steady(60, start_s=1, end_s=60), until_s=60, bad=[(20 + 4 * k, 23 + 4 * k) for k in range(8)])
    assert told.kinds == ["poor_signal"]


def test_an_electrode_off_is_not_also_poor_signal(watch: Watch, steady: Steady) -> None:
    told = watch(steady(60, start_s=1, end_s=60), until_s=60, off=[(20, 50)])
    assert told.kinds == ["electrode_off"]


def test_lost_samples_are_told_with_their_length(watch: Watch, steady: Steady) -> None:
    told = watch(steady(60, start_s=1, end_s=40), until_s=40, gaps=[(20.2, 20.7)])
    assert told.kinds == ["samples_lost"]
    (opened,), (closed,) = told.opened(), told.closed("samples_lost")
    assert opened.onset_index == 20.2 * RATE
    assert opened.evidence == {"lost_s": 0.5, "gaps": 1, "threshold_s": 0.1}
    assert closed.index / RATE == pytest.approx(25.7, abs=0.2)


def test_a_few_lost_samples_are_not_told_until_they_add_up(watch: Watch, steady: Steady) -> None:
    beats = steady(60, start_s=1, end_s=40)
    assert watch(beats, until_s=40, gaps=[(20.2, 20.25)]).kinds == []
    assert watch(beats, until_s=40, gaps=[(20.2 + k, 20.25 + k) for k in range(3)]).kinds == ["samples_lost"]


def test_a_loss_that_goes_on_is_told_again_when_it_has_doubled(watch: Watch, steady: Steady) -> None:
    told = watch(steady(60, start_s=1, end_s=40), until_s=40, gaps=[(20.2 + k, 20.4 + k) for k in range(8)])
    assert told.kinds == ["samples_lost"]
    assert [u.evidence["gaps"] for u in told.updated("samples_lost")] == [2, 4, 8]


def test_an_outage_is_no_samples_and_not_samples_lost(watch: Watch, steady: Steady) -> None:
    told = watch(steady(60, start_s=1, end_s=40), until_s=40, gaps=[(20.2, 23.2)])
    assert told.kinds == ["no_samples"]
    (opened,), (closed,) = told.opened(), told.closed("no_samples")
    assert opened.priority == "medium"
    assert opened.onset_index == 20.2 * RATE
    assert opened.evidence == {"lost_s": 3.0, "threshold_s": 2.0}
    assert closed.index / RATE == pytest.approx(28.2, abs=0.2)


def test_what_an_outage_lost_does_not_add_to_scattered_losses(watch: Watch, steady: Steady) -> None:
    beats = steady(60, start_s=1, end_s=60)
    assert watch(beats, until_s=60, gaps=[(20.2, 23.2), (40.2, 40.25)]).kinds == ["no_samples"]
    assert watch(beats, until_s=60, gaps=[(20.2, 22.1)]).kinds == ["samples_lost"]
