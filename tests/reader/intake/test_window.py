"""A recording in windows of 10 s: the last one ends with it, and nothing depends on how it is cut into blocks."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg.errors import InputError
from ecg.recording import Lead, Recording, RecordingBlock
from reader.intake.window import Windows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ecg.samples import FloatArray

RATE_HZ = 10


def recording(samples: int) -> Recording:
    ramp = np.arange(samples, dtype=np.float64)[np.newaxis]
    return Recording(samples_mv=ramp, leads=(Lead("II"),), rate_hz=Fraction(RATE_HZ), name="r")


@dataclass
class Cut:
    """A recording in blocks of given lengths, of unknown length, as a CSV file is."""

    whole: Recording
    lengths: Sequence[int]
    length = None
    device = ""
    true_rate_hz = None
    start_utc = None
    name = "r"

    @property
    def leads(self) -> tuple[Lead, ...]:
        return self.whole.leads

    @property
    def rate_hz(self) -> Fraction:
        return self.whole.rate_hz

    def blocks(self) -> Iterator[RecordingBlock]:
        first = 0
        for length in self.lengths:
            yield RecordingBlock(first, self.whole.samples_mv[:, first : first + length])
            first += length


def contents(windows: Windows) -> list[tuple[int, FloatArray]]:
    return [(window.first_index, window.samples_mv[0].copy()) for window in windows]


@pytest.mark.parametrize("samples", [50, 99, 100])
def test_a_short_recording_is_one_window(samples: int) -> None:
    ((first, row),) = contents(Windows(recording(samples), "r"))
    assert first == 0
    np.testing.assert_array_equal(row, np.arange(samples))


@pytest.mark.parametrize("samples", [101, 157, 200, 1234])
def test_the_windows_of_a_longer_one_are_full_and_the_last_ends_with_it(samples: int) -> None:
    windows = Windows(recording(samples), "r")
    found = contents(windows)
    for first, row in found:
        np.testing.assert_array_equal(row, np.arange(first, first + 100))
    assert found[-1][0] == samples - 100
    assert windows.length == samples


@given(st.lists(st.integers(1, 130), min_size=1, max_size=12).filter(lambda lengths: sum(lengths) >= 50))
def test_blocks_do_not_matter(lengths: list[int]) -> None:
    whole = recording(sum(lengths))
    cut = contents(Windows(Cut(whole, lengths), "r"))
    expected = contents(Windows(whole, "r"))
    assert [first for first, _ in cut] == [first for first, _ in expected]
    for (_, row), (_, other) in zip(cut, expected, strict=True):
        np.testing.assert_array_equal(row, other)


def test_a_gap_is_lost_samples_however_long_it_is() -> None:
    samples_mv = np.ones((1, 300))
    stream = Recording(
        samples_mv=samples_mv, leads=(Lead("II"),), rate_hz=Fraction(RATE_HZ), name="r", gaps=(range(40, 260),)
    )
    found = contents(Windows(stream, "r"))
    assert np.isnan(found[0][1][40:]).all()
    assert np.isnan(found[-1][1][:60]).all()
    assert np.isfinite(found[-1][1][60:]).all()


def test_of_a_long_recording_one_window_a_minute_is_judged_after_ten_minutes() -> None:
    found = contents(Windows(recording(RATE_HZ * 1800), "r"))
    assert len(found) == 60 + 20 + 1


@pytest.mark.parametrize(
    ("seconds", "said"), [(1, "too short"), (4.9, "too short"), (3601, "too long"), (86400, "too long")]
)
def test_what_is_too_short_or_too_long_is_refused(seconds: float, said: str) -> None:
    with pytest.raises(InputError, match=said):
        list(Windows(recording(round(seconds * RATE_HZ)), "r"))


def test_a_length_that_is_not_known_beforehand_is_limited_too() -> None:
    whole = recording(3700 * RATE_HZ)
    with pytest.raises(InputError, match="ecg-edge replay"):
        list(Windows(Cut(whole, [100] * 370), "r"))
