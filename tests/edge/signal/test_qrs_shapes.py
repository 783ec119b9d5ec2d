"""The detector's memory of what QRS complexes look like."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from edge.signal.qrs_shapes import QrsShapes

if TYPE_CHECKING:
    from ecg.samples import FloatArray


def wave(kind: int) -> FloatArray:
    """Waves of different kinds have a cosine of 0 with each other."""
    return np.eye(8)[kind]


def learnt(*kinds: int, beats: int = 4) -> QrsShapes:
    shapes = QrsShapes()
    for kind in kinds:
        for _ in range(beats):
            shapes.add(wave(kind), may_be_new=True)
    return shapes


def test_nothing_is_known_before_four_beats_of_a_shape() -> None:
    shapes = learnt(0, beats=3)
    assert shapes.likeness(wave(0)) is None
    shapes.add(wave(0), may_be_new=True)
    assert shapes.likeness(wave(0)) == pytest.approx(1.0)
    assert shapes.likeness(-wave(0)) == pytest.approx(-1.0)
    assert shapes.likeness(None) is None


def test_likeness_is_that_with_the_nearest_shape() -> None:
    shapes = learnt(0, 1)
    between = (wave(0) + 0.5 * wave(1)) / np.sqrt(1.25)
    assert shapes.likeness(between) == pytest.approx(1 / np.sqrt(1.25))
    assert shapes.likeness(wave(2)) == pytest.approx(0.0)


def test_the_shape_that_was_not_seen_for_longest_is_forgotten() -> None:
    shapes = learnt(0, 1, 2)
    shapes.add(wave(0), may_be_new=True)
    shapes.add(wave(3), may_be_new=True)
    assert shapes.likeness(wave(0)) == pytest.approx(1.0)
    assert shapes.likeness(wave(1)) == pytest.approx(0.0)


def test_in_noise_no_shape_begins_and_the_known_ones_are_kept() -> None:
    shapes = learnt(0)
    for kind in (1, 2, 3, 4):
        for _ in range(10):
            shapes.add(wave(kind), may_be_new=False)
    shapes.add(None, may_be_new=True)
    assert shapes.likeness(wave(0)) == pytest.approx(1.0)
    assert shapes.likeness(wave(1)) == pytest.approx(0.0)


def test_a_shape_that_changes_slowly_is_followed() -> None:
    shapes = learnt(0)
    for turn in np.linspace(0.0, np.pi / 2, 200):
        shapes.add(np.cos(turn) * wave(0) + np.sin(turn) * wave(1), may_be_new=False)
    likeness = shapes.likeness(wave(1))
    assert likeness is not None
    assert likeness > 0.95
