"""A pacemaker is seen by pulses in regular sequence, and noise is none."""

from __future__ import annotations

import numpy as np
import pytest

from edge.rhythm.pacing import Pacing


def seen(pulses: list[int], now_s: float) -> float | None:
    pacing = Pacing()
    for pulse in pulses:
        pacing.pulse(pulse)
    return pacing.per_min(round(360 * now_s))


@pytest.mark.parametrize("rate_bpm", [40, 70, 120])
def test_regular_pulses_are_a_pacemaker_from_the_fifth_on(rate_bpm: int) -> None:
    pulses = [round(360 * 60 / rate_bpm * n) for n in range(1, 6)]
    assert seen(pulses[:4], pulses[4] / 360) is None
    assert seen(pulses, pulses[4] / 360 - 0.01) is None
    assert seen(pulses, pulses[4] / 360) == pytest.approx(rate_bpm, rel=0.01)


def test_pulses_to_two_chambers_count_once() -> None:
    assert seen([index for n in range(9) for index in (300 * n, 300 * n + 57)], 8) == pytest.approx(72, rel=0.01)


def test_spikes_that_come_when_they_like_are_no_pacemaker() -> None:
    for seed in range(50):
        pulses = np.cumsum(np.random.default_rng(seed).uniform(120, 700, 60)).astype(int).tolist()
        assert seen(pulses, pulses[-1] / 360) is None


def test_a_pacemaker_that_lets_the_heart_beat_stays_known_for_15_s() -> None:
    pulses = [300 * n for n in range(9)]
    assert seen(pulses, 6.7 + 14) is not None
    assert seen(pulses, 6.7 + 16) is None
    assert seen([*pulses, 2400 + 4000], (2400 + 4000) / 360 + 14) == pytest.approx(72, rel=0.01)
