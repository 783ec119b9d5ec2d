"""Interpolation to 360 Hz: exact where the signal is smooth, and no samples in gaps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.frontends.ad8232.interpolation import MAX_GAP_NS, OUTPUT_RATE_HZ, Conversion, InterpolatedSample, Interpolator

BEGAN_NS = 10**15


def interpolate(moments_ns: list[int], *, railed: frozenset[int] = frozenset()) -> list[InterpolatedSample]:
    """A parabola of time, converted at these moments."""
    interpolator = Interpolator()
    samples = []
    for n, ns in enumerate(moments_ns):
        samples += interpolator.add(Conversion(BEGAN_NS + ns, parabola(ns), n in railed))
    return samples


def parabola(ns: float) -> float:
    return 100 + 3 * ns / 1e6 - 0.01 * (ns / 1e6) ** 2


@given(st.lists(st.integers(700_000, int(MAX_GAP_NS)), min_size=4, max_size=200))
def test_every_sample_has_the_value_at_its_own_time(steps_ns: list[int]) -> None:
    moments_ns = [sum(steps_ns[:n]) for n in range(len(steps_ns))]
    samples = interpolate(moments_ns)
    numbers = [sample.number for sample in samples]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers))) if numbers else True
    for sample in samples:
        assert sample.ns == BEGAN_NS + round(sample.number * 1e9 / OUTPUT_RATE_HZ)
        assert sample.counts == pytest.approx(parabola(sample.ns - BEGAN_NS), abs=1e-3)


@given(st.integers(1, 10**11))
def test_a_gap_has_no_samples_and_shifts_nothing(hole_ns: int) -> None:
    before = [n * 1_400_000 for n in range(10)]
    after = [before[-1] + round(MAX_GAP_NS) + hole_ns + n * 1_400_000 for n in range(10)]
    samples = interpolate(before + after)
    assert not [sample for sample in samples if before[-1] < sample.ns - BEGAN_NS < after[0]]
    for sample in samples:
        assert sample.ns == BEGAN_NS + round(sample.number * 1e9 / OUTPUT_RATE_HZ)
        assert sample.counts == pytest.approx(parabola(sample.ns - BEGAN_NS), rel=1e-3, abs=1e-3)
    assert len(samples) >= 8


def test_a_conversion_at_a_rail_marks_the_samples_beside_it_and_no_others() -> None:
    samples = interpolate([n * 1_388_889 for n in range(20)], railed=frozenset({8}))
    spoilt = [sample.number for sample in samples if sample.railed]
    assert spoilt == [4]  # two conversions a point: the 8th is at point 4
