"""What the delineation network learns from."""

from __future__ import annotations

from fractions import Fraction

import msgspec
import numpy as np
import pytest

from converter.datasets.wave_marks import MarkedLead, MarkedWave
from converter.training.waves.examples import draw_batch, example_of, targets_at
from converter.training.waves.settings import WaveSettings
from models import DIRECTORY

WAVES = (
    MarkedWave("P", 1000, 1040, 1080),
    MarkedWave("QRS", 1100, 1150, 1200),
    MarkedWave("T", None, 1400, 1500),
    MarkedWave("QRS", 2100, 2150, 2200),
    MarkedWave("P", 2900, 2950, 3000),
)


def lead(*, is_complete: bool = False) -> MarkedLead:
    samples = np.sin(np.arange(5000) / 30)
    return MarkedLead("qtdb/x", "0", samples, Fraction(500), WAVES, ((1000, 3001),), is_complete)


def weight_at(sample: int, *, is_complete: bool = False) -> float:
    _, weights = targets_at(example_of(lead(is_complete=is_complete)), np.array([sample / 2]))
    return float(weights[0])


def test_targets_are_a_half_at_the_very_begin_and_end() -> None:
    targets, _ = targets_at(example_of(lead()), np.array([499.0, 500.0, 520.0, 540.0, 541.0]))
    assert targets[:, 0].tolist() == pytest.approx([0, 0.5, 1, 0.5, 0])
    assert targets.sum(axis=1) == pytest.approx(1)


def test_what_nobody_marked_is_not_learned() -> None:
    assert weight_at(900) == 0, "before the first mark"
    assert weight_at(1300) == 0, "the begin of T may lie here"
    assert weight_at(1450) == weight_at(1520) == 1
    assert weight_at(2400) == 0, "behind a QRS complex without T in the QT Database"
    assert weight_at(2400, is_complete=True) == 1, "in LUDB there is none then"


def test_batches_are_the_same_for_the_same_seed_and_finite() -> None:
    groups = [[[example_of(lead())]], [[example_of(lead(is_complete=True))]]]
    one, other = (draw_batch(groups, (2, 1), np.random.default_rng(3), samples=1280) for _ in range(2))
    assert one.inputs.shape == (3, 1280, 1)
    assert one.targets.shape == (3, 1280, 4)
    for ours, theirs in zip(one, other, strict=True):
        assert np.isfinite(ours).all()
        assert (ours == theirs).all()


def test_the_shipped_network_was_trained_with_the_settings_by_default() -> None:
    shipped = msgspec.json.decode((DIRECTORY / "delineation.settings.json").read_bytes(), type=WaveSettings)
    assert shipped == WaveSettings()
