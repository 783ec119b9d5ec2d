"""What the pipeline makes of the blocks of a bench, and how it compares with the replay of the same recording."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ecg.samples import Beat
from edge.inference import load_classifier
from edge.pipeline import Pipeline
from edge.rhythm.settings import RhythmSettings
from edge.simulator.source import Simulator
from simulated.electrodes import Recording

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from fractions import Fraction

    from numpy.typing import NDArray

    from ecg.events import Event
    from ecg.samples import SampleBlock
    from simulated.bench import Bench


def events_of(rate_hz: float | Fraction, blocks: Iterable[SampleBlock], *, classify: bool = True) -> list[Event]:
    pipeline = Pipeline(rate_hz=rate_hz, settings=RhythmSettings(), classifier=load_classifier() if classify else None)
    events = [event for block in blocks for event in pipeline.push(block)]
    return events + pipeline.finish()


def beats_of(events: Iterable[Event]) -> list[Beat]:
    return [event for event in events if isinstance(event, Beat)]


def simulated_patient(seconds: int = 60) -> Recording:
    source = Simulator(scenario="normal:600", heart_rate_bpm=75.0, noise_uv=10.0, seed=2)
    samples, length = [], 0
    for block in source.blocks():
        samples.append(block.samples_mv)
        length += len(block.samples_mv)
        if length > seconds * source.rate_hz:
            break
    return Recording.of(np.concatenate(samples), float(source.rate_hz))


@dataclass(frozen=True)
class Comparison:
    """Beats of the front end beside those of the replay, between two times of the recording.

    Attributes:
        beats: of the replay.
        off_ms: from each R peak of the replay to the nearest of the front end.
        differing: beats of the replay that have another label at the front end, each with that one.
        surplus: beats that the front end has more.
    """

    beats: int
    off_ms: NDArray[np.float64]
    differing: list[tuple[Beat, Beat]]
    surplus: int

    @property
    def worst_ms(self) -> float:
        return float(self.off_ms.max())

    @property
    def agreement(self) -> float:
        """Share of the beats with the same label."""
        return 1 - len(self.differing) / self.beats


def compare(
    found: Sequence[Beat], expected: Sequence[Beat], bench: Bench, *, start_s: float, from_s: float, to_s: float
) -> Comparison:
    """Compare a front end with the replay; the recording began at the electrodes `start_s` after the bench."""
    last = bench.blocks[-1]
    assert last.end_s is not None
    end_s = last.end_s - bench.began_ns / 1e9 - start_s  # recording time at the end of the last block
    end_index = (last.first_index + len(last.samples_mv)) * 360 / bench.nominal_hz
    step_s = bench.nominal_hz / bench.rate_hz / 360
    moments_s = np.array([end_s - (end_index - beat.index) * step_s for beat in found])
    return compare_at(moments_s, found, expected, from_s=from_s, to_s=to_s)


def compare_at(
    moments_s: NDArray[np.float64], found: Sequence[Beat], expected: Sequence[Beat], *, from_s: float, to_s: float
) -> Comparison:
    """The same with the beats' moments in the recording's own time."""
    compared = [beat for beat in expected if from_s < beat.index / 360 < to_s]
    nearest = [int(np.argmin(np.abs(moments_s - beat.index / 360))) for beat in compared]
    off_ms = [1000 * abs(moments_s[n] - beat.index / 360) for n, beat in zip(nearest, compared, strict=True)]
    pairs = [(beat, found[n]) for n, beat in zip(nearest, compared, strict=True)]
    within = int(np.count_nonzero((moments_s > from_s) & (moments_s < to_s)))
    return Comparison(
        len(compared),
        np.array(off_ms),
        [pair for pair in pairs if pair[0].label != pair[1].label],
        within - len(compared),
    )
