"""One lead through the monitor's own pipeline: R peaks, labels of beats, rhythm."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ecg.events import RhythmChange
from ecg.samples import SAMPLE_RATE_HZ, Beat, SampleBlock
from edge.pipeline import Pipeline
from edge.rhythm.settings import RhythmSettings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from fractions import Fraction

    from ecg.events import Event
    from ecg.samples import FloatArray
    from edge.inference import Classifier

__all__ = ["Watched", "blocks_of", "watch"]


@dataclass(frozen=True, slots=True)
class Watched:
    """What the monitor told of a lead.

    Attributes:
        rate_hz: of the samples that it was given.
        beats: in order; their indices count at 360 Hz.
        rhythms: changes of the rhythm, in order.
    """

    rate_hz: Fraction
    beats: list[Beat] = field(default_factory=list)
    rhythms: list[RhythmChange] = field(default_factory=list)

    @property
    def r_indices(self) -> list[int]:
        """Index of each R peak among the samples that the monitor was given."""
        return [round(beat.index * self.rate_hz / SAMPLE_RATE_HZ) for beat in self.beats]


def watch(blocks: Iterable[SampleBlock], rate_hz: Fraction, *, classifier: Classifier | None = None) -> Watched:
    """Play a lead through the monitor's pipeline with its default rules.

    Args:
        blocks: of the lead, as `blocks_of` gives them, or a recording's own.
        rate_hz: their rate.
        classifier: labels the beats; None leaves each of them unclassified.

    Raises:
        InputError: the rate cannot be resampled, or the recording is damaged.
    """
    pipeline = Pipeline(rate_hz=rate_hz, settings=RhythmSettings(), classifier=classifier)
    events: list[Event] = []
    for block in blocks:
        events += pipeline.push(block)
    events += pipeline.finish()
    return Watched(
        rate_hz=rate_hz,
        beats=[event for event in events if isinstance(event, Beat)],
        rhythms=[event for event in events if isinstance(event, RhythmChange)],
    )


def blocks_of(samples_mv: FloatArray, rate_hz: Fraction) -> Iterator[SampleBlock]:
    """A lead in memory, in blocks of a second.

    Args:
        samples_mv: shape (n,), mV. NaN marks a lost sample.
        rate_hz: their rate.
    """
    step = max(1, round(rate_hz))
    for first in range(0, len(samples_mv), step):
        yield SampleBlock(first, samples_mv[first : first + step])
