"""Follows the trace of a row through the ink, column by column, on the path of least cost.

The path is found by dynamic programming (Viterbi 1967, IEEE Trans. Inf. Theory 13:260-269) over the vertical runs of
ink, as PaperECG does over their centres (Fortune et al. 2022, Comput. Methods Programs Biomed. 215:106643). Deviations:
a path jumps over columns without ink at a cost, and runs that touch cost nothing, however tall they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reader.digitise.grid import Grid
    from reader.digitise.runs import Runs

__all__ = ["follow"]

_JUMPED_MM: Final = 3.0
"""Longest way without ink that a path jumps over at its usual cost; longer ways cost the same."""
_JUMP_COST: Final = 0.6
"""For each column without ink."""
_GAP_COST_A_MM: Final = 1.0
"""For each mm between runs of one column and the next."""
_BEND_COST_A_MM: Final = 0.01
"""For each mm between their middles."""
_FAR_COST_A_MM: Final = 0.006
"""For each mm between a run and the row's baseline."""
_REACH_MM: Final = 55.0


def follow(
    runs: Runs, grid: Grid, baseline: float, columns: tuple[int, int], is_hidden: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """The run of each column on the path of a row; -1 where there is none.

    Args:
        runs: of the page.
        grid: its scale.
        baseline: of the row, pixels.
        columns: the first, and the one behind the last.
        is_hidden: columns whose ink is not known, such as those of upright lines: they cost nothing.
    """
    first, last = columns
    longest = max(3, round(_JUMPED_MM * grid.px_a_mm_x))
    cumulated = np.cumsum(np.where(is_hidden, 0.0, _JUMP_COST * 4 / grid.px_a_mm_x))
    scale = grid.px_a_mm_y
    start, end = int(runs.first[first]), int(runs.first[last])
    cost = np.full(end - start, np.inf)
    before = np.full(end - start, -1)
    recent: list[NDArray[np.int64]] = []  # numbers of runs of the last columns
    column_of = runs.column
    for column in range(first, last):
        here = np.arange(runs.first[column], runs.first[column + 1])
        top, bottom = runs.top[here], runs.bottom[here]
        far = np.maximum(0, np.maximum(top - baseline, baseline - bottom)) / scale
        near = far < _REACH_MM
        here, top, bottom, far = here[near], top[near], bottom[near], far[near]
        if not len(here):
            continue
        own = _FAR_COST_A_MM * far
        begun = own + cumulated[column] - cumulated[first] + 0.2 * far
        chosen, link = begun, np.full(len(here), -1)
        while len(recent) > 1 and column_of[recent[0][0]] < column - longest:
            recent.pop(0)
        if recent:
            past = np.concatenate(recent)
            gap = np.maximum(
                0, np.maximum(top[None] - runs.bottom[past][:, None], runs.top[past][:, None] - bottom[None])
            )
            bend = np.abs((top + bottom)[None] - (runs.top[past] + runs.bottom[past])[:, None]) / 2
            jumped = cumulated[column - 1] - cumulated[column_of[past]]
            total = (cost[past - start] + jumped)[:, None] + (_GAP_COST_A_MM * gap + _BEND_COST_A_MM * bend) / scale
            best = total.argmin(axis=0)
            reached = total[best, np.arange(len(here))] + own
            chosen = np.where(reached < begun, reached, begun)
            link = np.where(reached < begun, past[best], -1)
        cost[here - start], before[here - start] = chosen, link
        recent.append(here)
    path = np.full(last - first, -1)
    rest = cumulated[last - 1] - cumulated[column_of[start:end]]
    number = start + int((cost + rest).argmin()) if end > start else -1
    while number >= 0:
        path[column_of[number] - first] = number
        number = int(before[number - start])
    return path
