"""Pictures of reports, as PNG."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from converter.datasets.annotations import IntArray
    from converter.evaluation.metrics import Reliability, Roc

__all__ = ["DPI", "NAMELESS", "calibration", "confusion_matrix", "empty_figure", "record_bars", "roc_curves"]

DPI = 100
_TITLE_CHARACTERS = 13  # an inch
NAMELESS = {"Software": None}
"""The same figures give the same file, whatever the version of matplotlib calls itself."""


def confusion_matrix(
    matrix: IntArray,
    labels: Sequence[str],
    title: str,
    path: Path,
    *,
    beyond: Sequence[str] = (),
) -> None:
    """Counts in each cell, shaded by the share of the row.

    Args:
        matrix: reference classes in rows, predicted ones in columns.
        labels: names of both, in order.
        title: what is shown, on which data.
        path: where the PNG goes.
        beyond: names of the row and the column beyond `labels`: beats that the reference has not, beats missed.
    """
    rows, columns = [*labels, *beyond[:1]], [*labels, *beyond[1:]]
    figure = empty_figure(1.6 + 0.8 * len(columns), 1.4 + 0.7 * len(rows))
    axes = figure.subplots()
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for (row, column), count in np.ndenumerate(matrix):
        colour = "white" if shares[row, column] > 0.5 else "black"
        axes.text(column, row, f"{count:,}", ha="center", va="center", color=colour, fontsize=9)
    axes.set_xticks(range(len(columns)), columns)
    axes.set_yticks(range(len(rows)), rows)
    axes.set_xlabel("monitor")
    axes.set_ylabel("reference")
    axes.set_title(_wrapped(title, figure), fontsize=9)
    figure.savefig(path, dpi=DPI, metadata=NAMELESS)


def record_bars(records: Sequence[str], bars: Mapping[str, Sequence[float | None]], title: str, path: Path) -> None:
    """Shares of each record as bars below each other; a record without the figure has none.

    Args:
        records: names.
        bars: shares by name of the figure, one for each record.
        title: what is shown, on which data.
        path: where the PNG goes.
    """
    figure = empty_figure(2 + 0.28 * len(records), 1 + 1.1 * len(bars))
    for axes, (name, shares) in zip(figure.subplots(len(bars), 1, sharex=True), bars.items(), strict=True):
        axes.bar(range(len(records)), [0 if share is None else share for share in shares], color="tab:blue")
        axes.set_ylabel(name)
        axes.set_ylim(0, 1)
        axes.grid(axis="y", alpha=0.3)
        axes.set_xticks(range(len(records)), records, rotation=90, fontsize=8)
        for number, share in enumerate(shares):
            if share is None:
                axes.text(number, 0.02, "-", ha="center", color="grey")
    figure.suptitle(_wrapped(title, figure), fontsize=9)
    figure.savefig(path, dpi=DPI, metadata=NAMELESS)


def roc_curves(curves: Mapping[str, Roc], title: str, path: Path) -> None:
    """One curve for each class against all others."""
    figure = empty_figure(5, 4.6)
    axes = figure.subplots()
    for label, curve in curves.items():
        axes.plot(curve.false_positive_rate, curve.sensitivity, label=f"{label}: area {curve.area:.4f}")
    axes.set_xscale("symlog", linthresh=0.01)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_xlabel("false-positive rate (linear up to 0.01)")
    axes.set_ylabel("sensitivity")
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right")
    axes.set_title(_wrapped(title, figure), fontsize=9)
    figure.savefig(path, dpi=DPI, metadata=NAMELESS)


def calibration(reliability: Reliability, title: str, path: Path) -> None:
    """Share of right labels against the probability that the model gave them, and the number of beats at each."""
    figure = empty_figure(5, 5)
    axes, counts = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    filled = [number for number, beats in enumerate(reliability.beats) if beats]
    axes.plot((0, 1), (0, 1), color="grey", linewidth=1)
    axes.plot(
        [reliability.confidence[number] for number in filled],
        [reliability.accuracy[number] for number in filled],
        marker="o",
        label=f"expected calibration error {100 * reliability.error:.2f} %",
    )
    axes.set_ylabel("share that is right")
    axes.grid(alpha=0.3)
    axes.legend()
    axes.set_title(_wrapped(title, figure), fontsize=9)
    width = 1 / len(reliability.beats)
    middles = [(number + 0.5) * width for number in range(len(reliability.beats))]
    counts.bar(middles, reliability.beats, width=0.9 * width)
    counts.set_yscale("log")
    counts.set_ylabel("beats")
    counts.set_xlabel("probability of the label")
    figure.savefig(path, dpi=DPI, metadata=NAMELESS)


def _wrapped(title: str, figure: Any) -> str:
    """A title in lines that fit the figure at 9 points."""
    return textwrap.fill(title, round(_TITLE_CHARACTERS * figure.get_figwidth()))


def empty_figure(width: float, height: float) -> Any:
    """A figure drawn without a display, and without pyplot's global state."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - costs a second, wanted at the end
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure
