"""The index of each edge: with missed, late and extra edges no sample gets the index of another."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from edge.frontends.ads1292.edge_indexer import EdgeIndexer
from edge.frontends.bus import Edge

PERIOD_NS = 2_000_000


def edges(
    count: int, *, clock_error: float = 0.0, late_us: dict[int, float] | None = None, first_number: int = 1
) -> list[Edge]:
    late_us = late_us or {}
    period_ns = PERIOD_NS / (1 + clock_error)
    return [
        Edge((first_number + k) % 2**32, round(1e12 + k * period_ns + late_us.get(k, 20) * 1e3)) for k in range(count)
    ]


def place(given_edges: list[Edge], values: list[int]) -> dict[int, int]:
    """Index of each value that was placed; each value is the true index of its edge."""
    indexer: EdgeIndexer[int] = EdgeIndexer(500)
    placed = {}
    for edge, value in zip(given_edges, values, strict=True):
        for index, _, its_value in indexer.add(edge, value):
            assert index not in placed.values()
            placed[its_value] = index
    return placed


@given(
    clock_error=st.floats(-0.02, 0.02),
    missed=st.sets(st.integers(1, 399), max_size=60),
    counted=st.booleans(),
    late_us=st.dictionaries(st.integers(1, 99).map(lambda k: 4 * k), st.floats(0, 1900), max_size=30),
)
@example(clock_error=0.0, missed={69}, counted=False, late_us={68: 1520.0})
@example(clock_error=-0.015625, missed={1, 11, 19}, counted=False, late_us={24: 161.0})
def test_no_edge_gets_the_index_of_another_and_only_the_late_may_be_lost(
    clock_error: float, missed: set[int], counted: bool, late_us: dict[int, float]
) -> None:
    every = edges(400, clock_error=clock_error, late_us=late_us)
    kept = [k for k in range(400) if k not in missed]
    seen = [every[k] for k in kept]
    if not counted:
        seen = [Edge(1 + n, edge.ns) for n, edge in enumerate(seen)]
    placed = place(seen, kept)
    assert all(index == k for k, index in placed.items())
    lost = set(range(395)) & set(kept) - placed.keys()
    assert len(lost) <= 6 * (len(late_us) + (0 if counted else len(missed)))


def test_a_second_edge_at_one_sample_is_ignored() -> None:
    seen = edges(100)
    seen.insert(50, Edge(seen[49].number, seen[49].ns + 30_000))
    seen = [Edge(n, edge.ns) for n, edge in enumerate(seen)]
    placed = place(seen, [*range(50), -1, *range(50, 100)])
    assert -1 not in placed
    assert all(index == k for k, index in placed.items())
    assert len(placed) == 100


def test_numbers_that_wrap_are_not_a_gap() -> None:
    placed = place(edges(100, first_number=2**32 - 50), list(range(100)))
    assert placed == {k: k for k in range(100)}


def test_a_wrong_line_restarts_and_keeps_the_time() -> None:
    seen = edges(200)
    shifted = [Edge(edge.number, edge.ns + 1_000_000) for edge in seen[100:]]  # converting began anew
    placed = place(seen[:100] + shifted, list(range(200)))
    assert [placed[k] for k in range(100)] == list(range(100))
    assert len(placed) >= 145
    assert all(abs(index - k) <= 1 for k, index in placed.items())


def test_the_rate_is_known_after_a_second_and_the_interval_after_a_fifth() -> None:
    indexer: EdgeIndexer[None] = EdgeIndexer(500)
    for number, edge in enumerate(edges(1100, clock_error=0.01)):
        if number == 102:
            assert indexer.interval_hz is not None
            assert abs(indexer.interval_hz - 505) < 0.1
        if number < 500:
            assert indexer.rate_hz is None
        indexer.add(edge, None)
    assert indexer.rate_hz is not None
    assert abs(indexer.rate_hz - 505) < 0.001
