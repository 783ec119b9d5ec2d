"""The pipeline: SampleBlocks in, events out. Pure: no I/O, no clock, no threads.

The filters run on whatever arrives; decisions fall on a fixed grid of stream time, every 18 samples (50 ms), and use
only what had arrived by then. With the exact arithmetic of `edge.signal.quantisation` the events are therefore the same
for each cutting of the stream into blocks.

Across a gap nothing is interpolated and no beat is invented: the stretch ends, and behind the gap filters, R peaks and
beats begin anew. Quality and waves are judged by what was seen on either side (`edge.signal.seen_signal`), and after
lost samples the last quality holds until it is judged again, within a second.

One deviation: a gap of at most 25 ms (`_BRIDGED_S`) between samples of one stretch is bridged. The filters are given a
straight line between the samples on either side; a QRS complex is wider than 40 ms, so none can be hidden or made
there, and an R peak that would lie on the line is told at the nearest sample that was measured. The gap is told,
counted and alarmed with its length like any other. It is bridged only as long as half of what the filters see was
measured: each sample earns the right to bridge one, up to two such gaps in advance.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from ecg.samples import BEAT_AFTER, NORMAL, SAMPLE_RATE_HZ, UNCLASSIFIED, Gap, Quality, runs
from edge.inference.labeller import BeatLabeller
from edge.rhythm.monitor import TICK, RhythmMonitor
from edge.rhythm.rr_context import RrContext
from edge.signal.beat_morphology import BeatMorphology
from edge.signal.candidates import CANDIDATE_DELAY
from edge.signal.filters import BEAT_DELAY, LOW_PASS_DELAY
from edge.signal.impulse_filter import Cleaned, ImpulseFilter
from edge.signal.pan_tompkins import PanTompkins
from edge.signal.quality import PERIOD
from edge.signal.quantisation import to_steps
from edge.signal.resampler import Resampler
from edge.signal.seen_signal import SeenSignal
from edge.signal.segmentation import RPeakFinder, cut_beat
from edge.signal.stretch import Stretch, WaitingBeat
from edge.signal.usual_qrs import UsualQrs
from edge.signal.ventricular_flutter import PERIOD as WAVES_PERIOD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ecg.alarms.kinds import AlarmKind, Evidence
    from ecg.events import Event
    from ecg.samples import Beat, FloatArray, SampleBlock
    from edge.inference.classifier import Classifier
    from edge.rhythm.settings import RhythmSettings
    from edge.signal.candidates import Candidate

__all__ = ["Detector", "Pipeline"]

_BRIDGED_S: Final = Fraction(1, 40)
"""The longest gap that does not end a stretch: a third of a QRS complex (80 to 100 ms), whose flanks stay."""

_WINDOW_DELAY: Final = BEAT_AFTER + 1 + BEAT_DELAY  # a beat can be cut this long after its R peak: 1.04 s
_EARLY_DELAY: Final = BEAT_AFTER + 1 + LOW_PASS_DELAY  # and with a baseline that is known in part already after 0.54 s
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


class Pipeline:
    """Everything between a front end's samples and the messages, as one state machine.

    Args:
        rate_hz: the source's sample rate.
        settings: thresholds of the rhythm rules.
        classifier: labels beats; None leaves each of them unclassified.
        detector: decides on R peaks; None is `PanTompkins`.
        morphology: where beats are filed; for a detector that asks it too.

    Raises:
        InputError: the rate cannot be resampled.
    """

    def __init__(
        self,
        *,
        rate_hz: float | Fraction,
        settings: RhythmSettings,
        classifier: Classifier | None = None,
        detector: Detector | None = None,
        morphology: BeatMorphology | None = None,
    ) -> None:
        self._rate_hz = Fraction(rate_hz).limit_denominator(1000)
        Resampler(rate_hz=self._rate_hz)  # an unusable rate is refused here, not at the first sample
        self._most_bridged = int(_BRIDGED_S * self._rate_hz)  # source samples
        self._impulses = ImpulseFilter(float(self._rate_hz))
        morphology = morphology or BeatMorphology()
        self._labeller = BeatLabeller(classifier, morphology)
        self._detector: Detector = detector or PanTompkins(morphology)
        self._peaks = RPeakFinder()
        self._usual_qrs = UsualQrs(morphology)
        self._rhythm = RhythmMonitor(settings)
        self._stretch: Stretch | None = None
        self._next_source_index: int | None = None  # after the last sample that was good
        self._end_source_index = 0  # after the last sample that was pushed
        self._next_tick = TICK
        self._quality = self._unknown = Quality(index=0, score=None)
        self._seen = SeenSignal()
        self._judged_from = 0  # 360 Hz index; an electrode just put on has to show itself
        self._electrode_off: bool | None = None

    def push(self, block: SampleBlock) -> list[Event]:
        """Take the next block; return what became known, in stream order.

        Raises:
            ValueError: the block begins before the end of the one before.
        """
        events: list[Event] = []
        if self._next_source_index is None:
            self._next_source_index = block.first_index
            self._next_tick = TICK * (self._to_360_hz(block.first_index) // TICK + 1)
            self._impulses.skip(block.first_index)
        if block.first_index < self._impulses.end:
            raise ValueError(f"block begins at sample {block.first_index}, before {self._impulses.end}")
        if block.electrode_off != self._electrode_off:
            self._flush_impulses(events)
            if self._electrode_off or block.electrode_off:
                self._close(events)
                self._quality = self._unknown
                self._judged_from = self._to_360_hz(block.first_index) + PERIOD
            self._tick_until(self._to_360_hz(block.first_index), events)
            self._electrode_off = block.electrode_off
        delivers = block.fault is None or bool(np.isfinite(block.samples_mv).any())
        self._rhythm.front_end(block.fault, delivers=delivers)
        if self._electrode_off:  # what an open input picks up is not ECG
            self._impulses.skip(block.first_index + len(block.samples_mv))
            self._take(Cleaned(block.first_index, to_steps(block.samples_mv)), events)
            return events
        for cleaned in self._impulses.push(block.first_index, block.samples_mv):
            self._take(cleaned, events)
        return events

    def _flush_impulses(self, events: list[Event]) -> None:
        for cleaned in self._impulses.flush():
            self._take(cleaned, events)

    def _take(self, cleaned: Cleaned, events: list[Event]) -> None:
        """Take samples without impulses."""
        assert self._next_source_index is not None
        for pulse in cleaned.pulses:
            self._rhythm.pacing_pulse(self._to_360_hz(pulse))
        for first_index, steps in _valid_runs(cleaned):
            self._push_run(first_index, steps, events)
        self._end_source_index = cleaned.first_index + len(cleaned.steps)
        lost = self._end_source_index - self._next_source_index
        if lost and not self._can_bridge(lost):  # it ends in lost samples: time goes on without them
            self._close(events)
            self._tick_until(self._to_360_hz(self._end_source_index), events)

    def mark(self, evidence: Evidence) -> list[Event]:
        """The patient marks the present moment of the stream as an event; `evidence` says how."""
        return self._rhythm.mark(evidence)

    def acknowledge(self, kind: AlarmKind) -> None:
        """Somebody knows of the alarm of this kind."""
        self._rhythm.acknowledge(kind)

    def finish(self) -> list[Event]:
        """End of the stream: what was still in flight."""
        events: list[Event] = []
        self._flush_impulses(events)
        self._close(events)
        self._lose_until(self._end_source_index, events)
        end = self._to_360_hz(self._end_source_index)
        self._tick_until(end, events)
        events += self._rhythm.finish(end)
        return events

    def _to_360_hz(self, source_index: int) -> int:
        """First 360 Hz index at or after a source index."""
        ratio = SAMPLE_RATE_HZ / self._rate_hz
        return -(-source_index * ratio.numerator // ratio.denominator)

    def _push_run(self, first_index: int, steps: FloatArray, events: list[Event]) -> None:
        if not self._bridge(first_index, float(steps[0]), events):
            self._lose_until(first_index, events)
        self._next_source_index = first_index + len(steps)
        if self._electrode_off:  # what an open input picks up is not ECG: no beat is looked for
            self._tick_until(self._to_360_hz(self._next_source_index), events)
            return
        if self._stretch is None:
            self._stretch = Stretch(self._rate_hz, first_index, self._usual_qrs, self._seen)
            self._detector.restart(self._stretch.start)
        self._filter(self._stretch, steps, events)
        self._stretch.last_steps = float(steps[-1])
        self._stretch.credit = min(self._stretch.credit + len(steps), 2 * self._most_bridged)

    def _filter(self, stretch: Stretch, steps: FloatArray, events: list[Event]) -> None:
        stretch.push(stretch.resampler.push(steps))
        self._tick_until(stretch.filters.raw.end, events)
        stretch.filters.forget(self._next_tick - _KEEP)

    def _can_bridge(self, lost: int) -> bool:
        """Whether a gap of so many source samples would not end the stretch."""
        return self._stretch is not None and lost <= min(self._most_bridged, self._stretch.credit)

    def _bridge(self, source_index: int, next_steps: float, events: list[Event]) -> bool:
        """Lead a line across a short gap up to a source index and tell of it; gives whether the gap was one."""
        stretch = self._stretch
        assert self._next_source_index is not None
        lost = source_index - self._next_source_index
        if stretch is None or lost <= 0 or not self._can_bridge(lost):
            return False
        gap = self._gap(source_index)
        stretch.bridged = {each for each in stretch.bridged if each >= self._next_tick - _KEEP}
        stretch.bridged.update(range(gap.index, gap.index + gap.length))
        self._filter(stretch, np.rint(np.linspace(stretch.last_steps, next_steps, lost + 2)[1:-1]), events)
        stretch.credit -= lost
        events.append(gap)
        events += self._rhythm.gap(gap, bridged=True)
        return True

    def _gap(self, source_index: int) -> Gap:
        """What is lost up to a source index."""
        assert self._next_source_index is not None
        start, stop = self._to_360_hz(self._next_source_index), self._to_360_hz(source_index)
        return Gap(index=start, length=max(stop - start, 1))

    def _lose_until(self, source_index: int, events: list[Event]) -> None:
        """Account for lost samples up to a source index; the gap is told at its end, when its length is known."""
        if self._next_source_index is None or source_index <= self._next_source_index:
            return
        self._close(events)
        self._tick_until(self._to_360_hz(source_index), events)
        gap = self._gap(source_index)
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
        self._seen = stretch.seen_before.and_then(stretch.filters, stretch.start, end)
        self._unknown = Quality(index=end, score=None)

    def _tick_until(self, end: int, events: list[Event]) -> None:
        while self._next_tick <= end:
            index = self._next_tick
            self._next_tick += TICK
            if self._stretch is not None:
                self._decide(self._stretch, index, events)
            quality = self._unknown if self._stretch is None else self._quality
            events += self._rhythm.tick(index, quality, self._electrode_off)

    def _decide(self, stretch: Stretch, index: int, events: list[Event]) -> None:
        """Everything that can be known at `index`."""
        is_overdue = self._quality.score is not None and index >= self._quality.index + PERIOD
        if index >= self._judged_from and (index % PERIOD == 0 or is_overdue):
            self._quality = stretch.quality.judge(index)
        self._take_peaks(self._detector.advance(stretch.known(index), index), events, before=index)
        while stretch.waiting:
            r_index = stretch.waiting[0].r_index
            followed = len(stretch.waiting) > 1 or index >= r_index + _LONGEST_WAIT_S * SAMPLE_RATE_HZ + CANDIDATE_DELAY
            if not followed or index < r_index + _WINDOW_DELAY:
                self._label_provisionally(stretch, index, events)
                break
            self._label_next(events)
        if index % WAVES_PERIOD == 0 and (waves := stretch.ventricular_flutter.judge(index)) is not None:
            events += self._rhythm.waves(waves)

    def _take_peaks(self, found: Iterable[Candidate], events: list[Event], *, before: int) -> None:
        stretch = self._stretch
        assert stretch is not None
        for candidate in found:
            is_usual = candidate.index in stretch.usual_r_indices
            r_index = candidate.index if is_usual else self._peaks.refine(stretch.filters, candidate.index)
            r_index = min(r_index, before - 1)
            r_index = stretch.measured(r_index, before=before)
            if r_index < stretch.start:
                continue
            if stretch.last_r_index is not None and r_index <= stretch.last_r_index:
                r_index = max(candidate.index, stretch.last_r_index + 1)
            stretch.last_r_index = r_index
            stretch.waiting.append(WaitingBeat(r_index, candidate.shape))
            events += self._rhythm.r_peak(r_index, candidate.shape)

    def _label_next(self, events: list[Event], *, end: int | None = None) -> None:
        """Label the beat that waits longest; `end`: where the stretch ended, if it did."""
        stretch = self._stretch
        assert stretch is not None
        waiting = stretch.waiting.popleft()
        r_index = waiting.r_index
        rr_after_s: float | None = None
        if stretch.waiting:
            rr_after_s = (stretch.waiting[0].r_index - r_index) / SAMPLE_RATE_HZ
        elif end is None:
            rr_after_s = float(_LONGEST_WAIT_S)  # at least
        window_mv = cut_beat(stretch.filters, r_index, start=stretch.start, end=end or r_index + BEAT_AFTER + 1)
        beat = self._beat(waiting, window_mv, rr_after_s, final=True)
        rr_before_s = self._rr_before_s(r_index)
        stretch.labelled_r_index = r_index
        events.append(beat)
        rr = self._rhythm.rr(beat)
        atrial_fibrillation = self._labeller.intervals.add(rr_before_s, is_whole=rr is not None)
        events += self._rhythm.beat(beat, RrContext(rr, atrial_fibrillation))

    def _label_provisionally(self, stretch: Stretch, index: int, events: list[Event]) -> None:
        """Label the beat that waits longest by what is known of it, where an alarm hangs on the label.

        A label waits for the baseline and for the next R peak, which after a run of ventricular beats comes late. It
        is given provisionally as soon as the samples are there, and again with the whole baseline. A next R peak that
        is not found yet is expected after as long as the last one took.
        """
        waiting = stretch.waiting[0]
        r_index = waiting.r_index
        whole = index >= r_index + _WINDOW_DELAY
        if index < r_index + _EARLY_DELAY or stretch.provisional == (r_index, whole) or not self._rhythm.awaits_label:
            return
        stretch.provisional = (r_index, whole)
        if len(stretch.waiting) > 1:
            rr_after = stretch.waiting[1].r_index - r_index
        else:
            at_least = index - CANDIDATE_DELAY - r_index
            rr_after = max(at_least, r_index - (stretch.labelled_r_index or r_index))
        end = r_index + BEAT_AFTER + 1
        window_mv = cut_beat(stretch.filters, r_index, start=stretch.start, end=end, baseline_end=index - BEAT_DELAY)
        beat = self._beat(waiting, window_mv, rr_after / SAMPLE_RATE_HZ, final=False)
        events += self._rhythm.provisional_beat(beat)

    def _beat(
        self, waiting: WaitingBeat, window_mv: FloatArray | None, rr_after_s: float | None, *, final: bool
    ) -> Beat:
        """Label the beat of an R peak; one that is not final leaves no trace in what is known of the beats before."""
        assert self._stretch is not None
        beat = self._labeller.label(
            waiting.r_index,
            window_mv,
            self._rr_before_s(waiting.r_index),
            rr_after_s,
            detected=waiting.detected,
            quality=self._quality,
            in_atrial_fibrillation=self._rhythm.in_atrial_fibrillation_lately,
            final=final,
        )
        # What motion adds to a QRS complex of the usual shape makes no other beat of it.
        if beat.label != NORMAL and waiting.r_index in self._stretch.usual_r_indices:
            return replace(beat, label=UNCLASSIFIED, probability=None)
        return beat

    def _rr_before_s(self, r_index: int) -> float | None:
        """Interval to an R peak from the last one that was labelled; None for the first of the stretch."""
        before = self._stretch.labelled_r_index if self._stretch else None
        return None if before is None else (r_index - before) / SAMPLE_RATE_HZ


def _valid_runs(cleaned: Cleaned) -> Iterator[tuple[int, FloatArray]]:
    """The stretches between samples that are lost: (source index, quantisation steps)."""
    for start, stop in runs(np.isfinite(cleaned.steps)):
        yield cleaned.first_index + start, cleaned.steps[start:stop]
