"""Recordings in memory: blocks, gaps, and one lead picked."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg.errors import InputError
from ecg.recording import Lead, OneLead, Recording, read_whole


def recording(length: int = 50, gaps: tuple[range, ...] = (), rate_hz: Fraction = Fraction(2)) -> Recording:
    samples_mv = np.arange(2.0 * length).reshape(2, length)
    for gap in gaps:
        samples_mv[:, gap] = np.nan
    return Recording(
        samples_mv=samples_mv, leads=(Lead("I"), Lead("II")), rate_hz=rate_hz, name="r", device="bed-3", gaps=gaps
    )


GAPS = st.lists(st.integers(0, 60), max_size=8, unique=True).map(
    lambda edges: tuple(range(*pair) for pair in zip(sorted(edges)[::2], sorted(edges)[1::2], strict=False))
)


@given(gaps=GAPS, length=st.integers(60, 100), rate_hz=st.sampled_from([Fraction(1, 3), Fraction(2), Fraction(500)]))
def test_what_is_read_from_blocks_is_the_recording(gaps: tuple[range, ...], length: int, rate_hz: Fraction) -> None:
    given_ = recording(length, gaps, rate_hz)
    again = read_whole(given_)

    assert np.array_equal(again.samples_mv, given_.samples_mv, equal_nan=True)
    assert (again.gaps, again.leads, again.rate_hz, again.name, again.device) == (
        given_.gaps,
        given_.leads,
        rate_hz,
        "r",
        "bed-3",
    )


@given(gaps=GAPS, length=st.integers(60, 100))
def test_blocks_leave_out_gaps_and_last_10_s_at_most(gaps: tuple[range, ...], length: int) -> None:
    blocks = list(recording(length, gaps).blocks())

    assert all(0 < block.samples_mv.shape[1] <= 20 for block in blocks)
    assert not any(np.isnan(block.samples_mv).any() for block in blocks)
    jumps = [
        range(a.first_index + a.samples_mv.shape[1], b.first_index)
        for a, b in pairwise(blocks)
        if b.first_index > a.first_index + a.samples_mv.shape[1]
    ]
    assert jumps == [gap for gap in gaps if gap.start > 0 and gap.stop < length]


@pytest.mark.parametrize(("lead", "row"), [("0", 0), ("1", 1), ("ii", 1), ("I", 0)])
def test_one_lead_is_a_source(lead: str, row: int) -> None:
    whole = recording(gaps=(range(10, 12),))
    source = OneLead(whole, lead)

    assert (source.name, source.rate_hz, source.length) == (f"r {'I' * (row + 1)}", 2, 50)
    blocks = list(source.blocks())
    assert [(block.first_index, len(block.samples_mv)) for block in blocks] == [(0, 10), (12, 20), (32, 18)]
    assert blocks[1].samples_mv.tolist() == whole.samples_mv[row, 12:32].tolist()


def test_a_lead_that_is_not_there_is_answered_with_those_that_are() -> None:
    with pytest.raises(InputError, match=r"r: no signal 'V1'; choose one .* 0 = I, 1 = II"):
        OneLead(recording(), "V1")
