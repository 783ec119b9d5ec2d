"""Episodes by EC57: any overlap finds an episode, durations are seconds of overlap, flutter is left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.evaluation.episodes import EpisodeScore, length, merged, overlap, score_episodes, without

S = 360  # samples in a second
END = 1000 * S

intervals = st.lists(st.tuples(st.integers(0, 900), st.integers(1, 100)), max_size=8).map(
    lambda pairs: [(first, first + width) for first, width in pairs]
)


def seconds(*spans: tuple[int, int]) -> list[tuple[int, int]]:
    return [(first * S, end * S) for first, end in spans]


def test_an_episode_is_found_where_anything_overlaps_it_and_right_where_it_overlaps_anything() -> None:
    reference = seconds((100, 200), (300, 400), (500, 520))
    test = seconds((190, 210), (350, 360), (370, 380), (600, 700))
    score = score_episodes(reference, test, end=END)
    assert (score.reference, score.found, score.sensitivity) == (3, 2, pytest.approx(2 / 3))
    assert (score.called, score.right, score.predictivity) == (4, 3, 0.75)


def test_durations_are_seconds_of_overlap() -> None:
    score = score_episodes(seconds((100, 200)), seconds((150, 250), (300, 310)), end=END)
    assert (score.reference_s, score.found_s, score.duration_sensitivity) == (100, 50, 0.5)
    assert (score.called_s, score.right_s, score.duration_predictivity) == (110, 50, pytest.approx(50 / 110))
    assert (score.other_s, score.false_s, score.duration_specificity) == (900, 60, pytest.approx(1 - 60 / 900))


def test_episodes_that_only_touch_do_not_overlap() -> None:
    score = score_episodes(seconds((100, 200)), seconds((200, 300)), end=END)
    assert (score.found, score.right, score.found_s) == (0, 0, 0)


def test_short_episodes_are_not_judged_but_count_as_overlap() -> None:
    reference, test = seconds((100, 110), (200, 300)), seconds((100, 140), (250, 255))
    score = score_episodes(reference, test, end=END, least_s=30)
    assert (score.reference, score.found) == (1, 1)  # the long one, by the short call
    assert (score.called, score.right) == (1, 1)  # the long call, by the short one


def test_what_lies_before_the_start_is_cut_off() -> None:
    score = score_episodes(seconds((0, 100), (290, 310)), seconds((0, 305)), end=END, start=300 * S)
    assert (score.reference, score.reference_s, score.found_s) == (1, 10, 5)
    assert (score.called, score.called_s) == (1, 5)


def test_the_monitor_is_not_judged_in_what_is_excluded() -> None:
    flutter = seconds((400, 500))
    whole = score_episodes([], seconds((400, 500)), end=END, excluded=flutter)
    assert (whole.called, whole.false_s, whole.other_s) == (0, 0, 900)
    part = score_episodes([], seconds((390, 510)), end=END, excluded=flutter)
    assert (part.called, part.right, part.called_s) == (1, 0, 20)  # one episode still, though in two pieces


def test_without_episodes_the_rates_are_not_known() -> None:
    score = score_episodes([], [], end=END)
    assert score.sensitivity is None
    assert score.predictivity is None
    assert score.duration_sensitivity is None
    assert score.duration_predictivity is None
    assert score.duration_specificity == 1.0


def test_records_add_up() -> None:
    score = score_episodes(seconds((100, 200)), seconds((100, 200)), end=END)
    assert score + EpisodeScore() == score
    assert (score + score).sensitivity == 1.0
    assert (score + score).reference_s == 200


@given(intervals)
def test_what_is_called_exactly_as_it_is_scores_one_hundred_percent(episodes: list[tuple[int, int]]) -> None:
    score = score_episodes(episodes, episodes, end=1000)
    assert score.found == score.reference == score.called == score.right
    assert score.found_s == pytest.approx(score.reference_s)
    assert score.false_s == 0


@given(intervals, intervals)
def test_what_is_cut_out_and_what_is_left_make_the_whole(
    some: list[tuple[int, int]], cut: list[tuple[int, int]]
) -> None:
    whole, removed = merged(some), merged(cut)
    assert length(without(whole, removed)) + overlap(whole, removed) == length(whole)
