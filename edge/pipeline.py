"""The pipeline: SampleBlocks in, events out. Pure: no I/O, no clock, no threads.

The filters run on whatever arrives; decisions fall on a fixed grid of stream time, every 36 samples (100 ms), and use
only what had arrived by then. With the exact arithmetic of `edge.signal.grid` the events are therefore the same for
each cutting of the stream into blocks.
"""

from __future__ import annotations

from collections import deque
from fractions import Fraction
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from edge.inference.inputs import BeatContext, InputBuilder
from edge.rhythm import RhythmMonitor
from edge.samples import (
    BEAT_AFTER,
    BEAT_BEFORE,
    SAMPLE_RATE_HZ,
    UNCLASSIFIED,
    Beat,
    Event,
    FloatArray,
    Gap,
    Quality,
    SampleBlock,
)
from edge.signal.candidates import CANDIDATE_DELAY, Candidate, CandidateFinder
from edge.signal.filters import BEAT_DELAY, FilterBank
from edge.signal.grid import to_steps
from edge.signal.pan_tompkins import PanTompkins
from edge.signal.quality import PERIOD, QualityMeter
from edge.signal.resampler import Resampler
from edge.signal.segmentation import RPeakFinder, cut_beat
from edge.signal.shape import ShapeMeter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from edge.config import Settings
    from edge.inference import Classifier

__all__ = ["TICK", "Detector", "Pipeline"]

TICK: Final = 36
"""Decisions fall every 36 samples, 100 ms."""

_WINDOW_DELAY: Final = BEAT_AFTER + 1 + BEAT_DELAY  # a beat can be cut this long after its R peak: 1.04 s
_LONGEST_WAIT_S: Final = 2  # for the next R peak, before a beat is labelled without it
_KEEP: Final = 12 * SAMPLE_RATE_HZ  # history: search-back reaches 8 s back, waiting beats and quality less
_TAIL: Final = BEAT_DELAY + CANDIDATE_DELAY + SAMPLE_RATE_HZ  # held samples that flush the filters at a stretch's end


class Detector(Protocol):
    """What decides which candidates are QRS complexes; `edge.signal.PanTompkins` on the Pi."""

    def restart(self, index: int) -> None:
        """A gapless stretch begins at `index`."""

    def advance(self, candidates: Iterable[Candidate], index: int) -> list[Candidate]:
        """Take new candidates and the time; return the QRS complexes decided on, in order."""
        ...

    def finish(self) -> list[Candidate]:
        """The stretch ends: decide on what is held back."""
        ...


class _Stretch:
    """State of one gapless stretch with electrodes on."""

    def __init__(self, rate_hz: Fraction, first_index: int) -> None:
        self.resampler = Resampler(rate_hz=rate_hz, first_index=first_index)
        self.start = self.resampler.next_index
        self.filters = FilterBank(first_index=self.start)
        self.finder = CandidateFinder(self.filters)
        self.meter = QualityMeter(self.filters, first_index=self.start)
        self.candidates: deque[Candidate] = deque()
        self.waiting: deque[int] = deque()  # R peaks whose beats are not labelled yet
        self.last_r_index: int | None = None  # newest R peak
        self.labelled_r_index: int | None = None  # R peak of the newest labelled beat

    def push(self, steps: FloatArray) -> None:
        self.filters.push(steps)
        self.candidates.extend(self.finder.find())

    def known(self, index: int) -> list[Candidate]:
        """Candidates known by `index`, each told once."""
        known = []
        while self.candidates and self.candidates[0].known_at <= index:
            known.append(self.candidates.popleft())
        return known


class Pipeline:
    """Everything between a front end's samples and the messages, as one state machine.

    Args:
        rate_hz: the source's sample rate.
        settings: thresholds of the rhythm rules.
        classifier: labels beats; None leaves each of them unclassified.
        detector: decides on R peaks; None is `PanTompkins`.

    Raises:
        InputError: the rate cannot be resampled.
    """

    def __init__(
        self,
        *,
        rate_hz: float | Fraction,
        settings: Settings,
        classifier: Classifier | None = None,
        detector: Detector | None = None,
    ) -> None:
        self._rate_hz = Fraction(rate_hz).limit_denominator(1000)
        Resampler(rate_hz=self._rate_hz)  # an unusable rate is refused here, not at the first sample
        self._classifier = classifier
        self._inputs = InputBuilder(normalisation=classifier.normalisation) if classifier else None
        self._detector: Detector = detector or PanTompkins()
        self._peaks = RPeakFinder()
        self._shapes = ShapeMeter()
        self._rhythm = RhythmMonitor(settings.rhythm)
        self._stretch: _Stretch | None = None
        self._next_source_index: int | None = None  # after the last sample that was good
        self._end_source_index = 0  # after the last sample that was pushed
        self._next_tick = TICK
        self._quality = Quality(index=0, score=None)
        self._electrode_off: bool | None = None

    def push(self, block: SampleBlock) -> list[Event]:
        """Take the next block; return what became known, in stream order.

        Raises:
            ValueError: the block begins before the end of the one before.
        """
        events: list[Event] = []
        if self._next_source_index is None:
            self._next_source_index = block.first_index
            self._next_tick = TICK * (self._to_grid(block.first_index) // TICK + 1)
        if block.first_index < self._next_source_index:
            raise ValueError(f"block begins at sample {block.first_index}, before {self._next_source_index}")
        if block.electrode_off != self._electrode_off:
            if self._electrode_off or block.electrode_off:
                self._close(events)
            self._tick_until(self._to_grid(block.first_index), events)
            self._electrode_off = block.electrode_off
        for first_index, samples_mv in _valid_runs(block):
            self._push_run(first_index, samples_mv, events)
        self._end_source_index = block.first_index + len(block.samples_mv)
        if self._end_source_index > self._next_source_index:  # it ends in lost samples: time goes on without them
            self._close(events)
            self._tick_until(self._to_grid(self._end_source_index), events)
        return events

    def finish(self) -> list[Event]:
        """End of the stream: what was still in flight."""
        events: list[Event] = []
        self._close(events)
        self._lose_until(self._end_source_index, events)
        end = self._to_grid(self._end_source_index)
        self._tick_until(end, events)
        events += self._rhythm.finish(end)
        return events

    def _to_grid(self, source_index: int) -> int:
        """First 360 Hz index at or after a source index."""
        ratio = SAMPLE_RATE_HZ / self._rate_hz
        return -(-source_index * ratio.numerator // ratio.denominator)

    def _push_run(self, first_index: int, samples_mv: FloatArray, events: list[Event]) -> None:
        self._lose_until(first_index, events)
        self._next_source_index = first_index + len(samples_mv)
        if self._electrode_off:  # what an open input picks up is not ECG: no beat is looked for
            self._tick_until(self._to_grid(self._next_source_index), events)
            return
        if self._stretch is None:
            self._stretch = _Stretch(self._rate_hz, first_index)
            self._detector.restart(self._stretch.start)
        stretch = self._stretch
        stretch.push(stretch.resampler.push(to_steps(samples_mv)))
        self._tick_until(stretch.filters.raw.end, events)
        stretch.filters.forget(self._next_tick - _KEEP)

    def _lose_until(self, source_index: int, events: list[Event]) -> None:
        """Account for lost samples up to a source index; the gap is told at its end, when its length is known."""
        if self._next_source_index is None or source_index <= self._next_source_index:
            return
        self._close(events)
        start, stop = self._to_grid(self._next_source_index), self._to_grid(source_index)
        self._tick_until(stop, events)
        gap = Gap(index=start, length=max(stop - start, 1))
        events.append(gap)
        events += self._rhythm.gap(gap)
        self._next_source_index = source_index

    def _close(self, events: list[Event]) -> None:
        """End the stretch: flush the filters, decide on what is in flight."""
        stretch = self._stretch
        if stretch is None:
            return
        stretch.push(stretch.resampler.finish())
        end = stretch.filters.raw.end
        self._tick_until(end, events)
        if end > stretch.start:
            stretch.push(np.full(_TAIL, stretch.filters.raw[end - 1 : end][0]))
        found = self._detector.advance(stretch.known(end + _TAIL), end + _TAIL) + self._detector.finish()
        self._take_peaks((peak for peak in found if peak.index < end), events, before=end)
        while stretch.waiting:
            self._label_next(events, end=end)
        self._stretch = None
        self._quality = Quality(index=end, score=None)

    def _tick_until(self, end: int, events: list[Event]) -> None:
        while self._next_tick <= end:
            index = self._next_tick
            self._next_tick += TICK
            if self._stretch is not None:
                self._decide(self._stretch, index, events)
            events += self._rhythm.tick(index, self._quality, self._electrode_off)

    def _decide(self, stretch: _Stretch, index: int, events: list[Event]) -> None:
        """Everything that can be known at `index`."""
        if index % PERIOD == 0:
            self._quality = stretch.meter.judge(index)
        self._take_peaks(self._detector.advance(stretch.known(index), index), events, before=index)
        while stretch.waiting:
            r_index = stretch.waiting[0]
            followed = len(stretch.waiting) > 1 or index >= r_index + _LONGEST_WAIT_S * SAMPLE_RATE_HZ + CANDIDATE_DELAY
            if not followed or index < r_index + _WINDOW_DELAY:
                break
            self._label_next(events)

    def _take_peaks(self, found: Iterable[Candidate], events: list[Event], *, before: int) -> None:
        stretch = self._stretch
        assert stretch is not None
        for candidate in found:
            r_index = min(self._peaks.refine(stretch.filters, candidate.index), before - 1)
            if r_index < stretch.start:
                continue
            if stretch.last_r_index is not None and r_index <= stretch.last_r_index:
                r_index = max(candidate.index, stretch.last_r_index + 1)
            stretch.last_r_index = r_index
            stretch.waiting.append(r_index)
            events += self._rhythm.r_peak(r_index)

    def _label_next(self, events: list[Event], *, end: int | None = None) -> None:
        """Label the beat that waits longest; `end`: where the stretch ended, if it did."""
        stretch = self._stretch
        assert stretch is not None
        r_index = stretch.waiting.popleft()
        before = stretch.labelled_r_index
        rr_before_s = None if before is None else (r_index - before) / SAMPLE_RATE_HZ
        stretch.labelled_r_index = r_index
        rr_after_s: float | None = None
        if stretch.waiting:
            rr_after_s = (stretch.waiting[0] - r_index) / SAMPLE_RATE_HZ
        elif end is None:
            rr_after_s = float(_LONGEST_WAIT_S)  # at least
        window_mv = cut_beat(stretch.filters, r_index, start=stretch.start, end=end or r_index + BEAT_AFTER + 1)
        label, probability = self._classify(window_mv, rr_before_s, rr_after_s)
        shape = self._shapes.measure(window_mv, rr_before_s)
        beat = Beat(
            index=r_index,
            label=label,
            rr_ms=None if rr_before_s is None else 1000 * rr_before_s,
            probability=probability,
            quality=self._quality.score,
            r_mv=None if window_mv is None else float(window_mv[BEAT_BEFORE]),
            likeness=shape.likeness,
            p_wave=shape.p_wave,
        )
        events.append(beat)
        events += self._rhythm.beat(beat)

    def _classify(
        self, window_mv: FloatArray | None, rr_before_s: float | None, rr_after_s: float | None
    ) -> tuple[str, float | None]:
        """Label and its probability; a beat of bad signal or with a part missing is not shown to the model."""
        if self._classifier is None or self._inputs is None:
            return UNCLASSIFIED, None
        bad = self._quality.score is not None and not self._quality.good
        if window_mv is None or bad:
            self._inputs.skip(rr_before_s)
            return UNCLASSIFIED, None
        inputs = self._inputs.build(BeatContext(window_mv, rr_before_s, rr_after_s))
        probabilities = self._classifier.classify(inputs)
        best = int(probabilities.argmax())
        return self._classifier.labels[best], float(probabilities[best])


def _valid_runs(block: SampleBlock) -> Iterator[tuple[int, FloatArray]]:
    """The stretches of a block between samples that are not numbers: (source index, samples)."""
    valid = np.isfinite(block.samples_mv)
    if valid.all():
        if len(valid):
            yield block.first_index, block.samples_mv
        return
    edges = np.flatnonzero(np.diff(np.concatenate(([False], valid, [False])).astype(np.int8)))
    for start, stop in edges.reshape(-1, 2).tolist():
        yield block.first_index + start, block.samples_mv[start:stop]
