"""What a source of samples gives, as one array."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ecg.samples import FloatArray
    from ecg.source import Source

__all__ = ["samples_of"]


def samples_of(source: Source) -> FloatArray:
    """All samples of a source, NaN where a gap is."""
    blocks = list(source.blocks())
    samples = np.full(blocks[-1].first_index + len(blocks[-1].samples_mv), np.nan)
    for block in blocks:
        samples[block.first_index : block.first_index + len(block.samples_mv)] = block.samples_mv
    return samples
