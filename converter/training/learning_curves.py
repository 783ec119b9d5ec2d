"""The picture of a training run: losses and validation figures over its epochs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from converter.evaluation.plots import DPI, NAMELESS, empty_figure

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from converter.training.run_folder import EpochRow

__all__ = ["learning_curves"]


def learning_curves(rows: Sequence[EpochRow], path: Path) -> None:
    """Losses, and accuracy and macro F1 on the validation part, over the epochs."""
    figure = empty_figure(9, 3.6)
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
    figure.savefig(path, dpi=DPI, metadata=NAMELESS)
