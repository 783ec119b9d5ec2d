"""Delays are those of the pipeline's own decisions."""

from __future__ import annotations

import numpy as np
import pytest

from converter.evaluation.delays import delays_of
from ecg.samples import Beat, SampleBlock
from edge.pipeline import Pipeline
from edge.rhythm.monitor import TICK
from edge.rhythm.settings import RhythmSettings


@pytest.fixture(scope="module")
def signal_mv() -> np.ndarray:
    time_s = np.arange(40 * 360) / 360
    beats_s = np.arange(0.7, 39.0, 0.8)
    rng = np.random.default_rng(7)
    return sum(np.exp(-0.5 * ((time_s - at) / 0.012) ** 2) for at in beats_s) + 0.01 * rng.standard_normal(len(time_s))


def test_a_beat_is_detected_before_it_is_labelled_and_neither_before_it_is_there(signal_mv: np.ndarray) -> None:
    delays = delays_of(signal_mv, 360, None)
    assert len(delays.detection) == len(delays.label) >= 45
    assert (delays.detection > 0).all()
    assert (delays.label >= delays.detection).all()
    np.testing.assert_allclose(delays.label_after_next, delays.label[:-1] - 0.8, atol=0.03)


def test_a_label_is_there_at_its_moment_and_not_a_block_before(signal_mv: np.ndarray) -> None:
    delays = delays_of(signal_mv, 360, None)
    events = Pipeline(rate_hz=360, settings=RhythmSettings()).push(SampleBlock(0, signal_mv))
    beats = [event.index for event in events if isinstance(event, Beat)]
    for number in (0, 10, 20):
        moment = beats[number] + round(delays.label[number] * 360)
        for end, count in ((moment, number + 1), (moment - TICK, number)):
            told = Pipeline(rate_hz=360, settings=RhythmSettings()).push(SampleBlock(0, signal_mv[:end]))
            assert sum(isinstance(event, Beat) for event in told) == count
