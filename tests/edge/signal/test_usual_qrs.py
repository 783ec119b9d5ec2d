"""QRS complexes go on through tremor, and not through fibrillation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from edge.signal.beat_morphology import BeatMorphology
from edge.signal.filters import FilterBank
from edge.signal.quantisation import to_steps
from edge.signal.segmentation import cut_beat
from edge.signal.usual_qrs import UsualQrs

if TYPE_CHECKING:
    from ecg.samples import FloatArray

RATE = 360
SECONDS = 40
WAVES_FROM_S = 30
TIME_S = np.arange(SECONDS * RATE) / RATE
SHAKEN = slice((WAVES_FROM_S + 2) * RATE, (WAVES_FROM_S + 6) * RATE)
HISS = 0.01 * np.random.default_rng(3).normal(size=len(TIME_S))


def heart(rr_s: float, *, height_mv: float = 1.0, until_s: float = SECONDS, inverted: bool = False) -> FloatArray:
    """Narrow QRS complexes with a T wave, one each `rr_s` from 0.5 s on."""
    phase = (TIME_S - 0.5 + rr_s / 2) % rr_s - rr_s / 2
    qrs = np.exp(-((phase / 0.014) ** 2)) - 0.2 * np.exp(-(((phase - 0.035) / 0.016) ** 2))
    t_wave = 0.2 * np.exp(-(((phase - 0.28) / 0.06) ** 2))
    waves: FloatArray = height_mv * ((-qrs if inverted else qrs) + t_wave)
    return np.where(until_s > TIME_S, waves, 0.0)


def tremor(hz: float, mv: float) -> FloatArray:
    """A tone with its first harmonic whose height waxes and wanes, from second 30 on."""
    angle = 2 * np.pi * hz * TIME_S
    waves: FloatArray = mv * (1 + 0.4 * np.sin(2 * np.pi * 0.3 * TIME_S)) * (np.sin(angle) + 0.2 * np.sin(2 * angle))
    return np.where(TIME_S < WAVES_FROM_S, 0.0, waves)


def learn(morphology: BeatMorphology, filters: FilterBank, r_index: int) -> None:
    """File the beat around an R peak."""
    window_mv = cut_beat(filters, r_index, start=0, end=filters.raw.end)
    assert window_mv is not None
    morphology.add(morphology.measure(window_mv, 1.0), r_index / RATE)


def goes_on(samples_mv: FloatArray, rr_s: float, span: slice = SHAKEN) -> bool:
    """Learn the beats of the first 29 s, then look for them."""
    filters = FilterBank(first_index=0)
    filters.push(to_steps(samples_mv + HISS))
    morphology = BeatMorphology()
    for r_s in np.arange(0.5, WAVES_FROM_S - 1, rr_s):
        learn(morphology, filters, round(r_s * RATE))
    return UsualQrs(morphology).goes_on(filters, span.start, span.stop)


@pytest.mark.parametrize("hz", [3.0, 4.0, 5.0, 6.0])
@pytest.mark.parametrize(("rr_s", "mv"), [(1.1, 0.3), (0.8, 0.3), (0.8, 1.0), (0.5, 0.6)])
def test_narrow_complexes_are_found_through_tremor(hz: float, rr_s: float, mv: float) -> None:
    assert goes_on(heart(rr_s) + tremor(hz, mv), rr_s)


def test_an_inverted_lead_is_like_any_other() -> None:
    assert goes_on(heart(0.8, inverted=True) + tremor(5.0, 0.5), 0.8)


@pytest.mark.parametrize("hz", [3.0, 4.5, 7.0])
@pytest.mark.parametrize("mv", [0.15, 0.5, 1.5])
def test_waves_that_took_the_place_of_the_beats_have_none(hz: float, mv: float) -> None:
    assert not goes_on(heart(0.8, until_s=WAVES_FROM_S - 0.2) + tremor(hz, mv), 0.8)


def test_a_heart_that_stands_still_has_none() -> None:
    assert not goes_on(heart(0.8, until_s=WAVES_FROM_S - 0.2), 0.8)


def test_a_heart_that_stops_amid_the_tremor_is_soon_seen_to_have_stopped() -> None:
    stopped = heart(0.8, until_s=WAVES_FROM_S + 4) + tremor(5.0, 0.5)
    assert goes_on(stopped, 0.8, slice((WAVES_FROM_S) * RATE, (WAVES_FROM_S + 4) * RATE))
    assert not goes_on(stopped, 0.8, slice((WAVES_FROM_S + 2) * RATE, (WAVES_FROM_S + 6) * RATE))


def test_without_a_beat_learnt_nothing_is_found() -> None:
    filters = FilterBank(first_index=0)
    filters.push(to_steps(heart(0.8) + HISS))
    assert not UsualQrs(BeatMorphology()).goes_on(filters, SHAKEN.start, SHAKEN.stop)


def test_after_an_electrode_was_moved_the_new_shape_is_looked_for() -> None:
    filters, moved = FilterBank(first_index=0), FilterBank(first_index=0)
    filters.push(to_steps(heart(0.8) + HISS))
    moved.push(to_steps(heart(0.8, inverted=True) + HISS))
    morphology = BeatMorphology()
    usual = UsualQrs(morphology)
    beats = [round(r_s * RATE) for r_s in np.arange(0.5, 20, 0.8)]
    for r_index in beats:
        learn(morphology, filters, r_index)
    span = slice(5 * RATE, 15 * RATE)
    assert not usual.goes_on(moved, span.start, span.stop)
    for r_index in beats:
        learn(morphology, moved, r_index)
    assert usual.goes_on(moved, span.start, span.stop)
