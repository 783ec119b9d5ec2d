"""Pictures of training runs and reports, as PNG."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from converter.annotations import IntArray
    from converter.run_folder import EpochRow

__all__ = ["confusion_matrix", "learning_curves"]


def learning_curves(rows: Sequence[EpochRow], path: Path) -> None:
    """Losses, and accuracy and macro F1 on the validation part, over the epochs."""
    figure = _figure(9, 3.6)
    epochs = [row.epoch + 1 for row in rows]
    losses, scores = figure.subplots(1, 2)
    losses.plot(epochs, [row.loss for row in rows], label="training (weighted, augmented)")
    losses.plot(epochs, [row.validation_loss for row in rows], label="validation")
    losses.set_ylabel("cross-entropy")
    scores.plot(epochs, [row.validation_accuracy for row in rows], label="accuracy")
    scores.plot(epochs, [row.validation_macro_f1 for row in rows], label="macro F1")
    scores.set_ylabel("validation part")
    for axes in (losses, scores):
        axes.set_xlabel("epoch")
        axes.grid(alpha=0.3)
        axes.legend()
    figure.savefig(path, dpi=120)


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
    figure = _figure(1.6 + 0.8 * len(columns), 1.4 + 0.7 * len(rows))
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
    axes.set_title(title, fontsize=9)
    figure.savefig(path, dpi=120)


def _figure(width: float, height: float) -> Any:
    """A figure drawn without a display, and without pyplot's global state."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - costs a second, wanted at the end
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure
