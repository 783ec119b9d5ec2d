"""One gapless stretch of signal with electrodes on: its filters, and the R peaks whose beats wait for their label."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

from edge.signal.candidates import CANDIDATE_DELAY, CandidateFinder
from edge.signal.filters import FilterBank
from edge.signal.quality import QualityMeter
from edge.signal.resampler import Resampler
from edge.signal.seen_signal import JoinedSignals
from edge.signal.ventricular_flutter import VentricularFlutterMeter

if TYPE_CHECKING:
    from fractions import Fraction

    from ecg.samples import FloatArray
    from edge.signal.candidates import Candidate
    from edge.signal.seen_signal import SeenSignal
    from edge.signal.usual_qrs import UsualQrs

__all__ = ["Stretch", "WaitingBeat"]

_ONE_BEAT: Final = 72  # samples, 200 ms
_USUAL_KEPT: Final = 16  # the labels of fewer beats wait
_REACH: Final = 18  # samples, 50 ms: a bridged gap is far shorter


class WaitingBeat(NamedTuple):
    """An R peak whose beat has no label yet.

    Attributes:
        r_index: 360 Hz index.
        detected: `Candidate.shape` of its detection.
    """

    r_index: int
    detected: FloatArray | None


class Stretch:
    """What belongs to the stretch and ends with it; all indices count at 360 Hz.

    Args:
        rate_hz: of the source.
        first_index: source index of the first sample.
        usual_qrs: of the patient.
        seen: what was seen before.

    Attributes:
        start: index of the first 360 Hz sample.
        seen_before: what of that is judged together with the stretch.
        waiting: beats that are not labelled yet.
        last_r_index: newest R peak.
        labelled_r_index: R peak of the newest labelled beat.
        provisional: R peak of a label given before its time, and whether its window was whole.
        last_steps: newest sample, quantisation steps.
        credit: lost source samples that may be bridged now.
        bridged: indices of bridged gaps.
        usual_r_indices: R peaks of usual QRS complexes that were found in motion.
    """

    def __init__(self, rate_hz: Fraction, first_index: int, usual_qrs: UsualQrs, seen: SeenSignal) -> None:
        self.resampler = Resampler(rate_hz=rate_hz, first_index=first_index)
        self.start = self.resampler.next_index
        self.filters = FilterBank(first_index=self.start)
        self.seen_before = seen.before(self.start)
        joined = JoinedSignals(self.seen_before, self.filters, self.start)
        self.ventricular_flutter = VentricularFlutterMeter(joined, first_index=joined.start, usual_qrs=usual_qrs)
        self.quality = QualityMeter(
            joined,
            first_index=joined.start,
            usual_qrs=usual_qrs,
            is_rhythmic=lambda: self.ventricular_flutter.is_likely,
        )
        self.waiting: deque[WaitingBeat] = deque()
        self.last_r_index: int | None = None
        self.labelled_r_index: int | None = None
        self.provisional: tuple[int, bool] | None = None
        self.last_steps = 0.0
        self.credit = 0
        self.bridged: set[int] = set()
        self.usual_r_indices: deque[int] = deque(maxlen=_USUAL_KEPT)
        self._sought = self.start
        self._moved_until = self.start
        self._usual_qrs = usual_qrs
        self._finder = CandidateFinder(self.filters)
        self._candidates: deque[Candidate] = deque()

    def push(self, steps: FloatArray) -> None:
        """Filter the next 360 Hz samples, in quantisation steps."""
        self.filters.push(steps)
        self._candidates.extend(self._finder.find())

    def measured(self, index: int, *, before: int) -> int:
        """The index nearest to `index`, and below `before`, that lies in no bridged gap."""
        near = range(index - _REACH, min(index + _REACH, before))
        return min((each for each in near if each not in self.bridged), key=lambda each: abs(each - index))

    def known(self, index: int) -> list[Candidate]:
        """Candidates known from the samples before `index`, each told once.

        In motion they are the usual QRS complexes, and what stands out of the waves of the motion.
        """
        known = []
        while self._candidates and self._candidates[0].known_at < index:
            known.append(self._candidates.popleft())
        start, self._sought = self._sought, max(index - CANDIDATE_DELAY, self._sought)
        # A maximum is known some time before or after what lies at its place is sought.
        moved = index < self._moved_until
        if self.quality.sees_motion:
            self._moved_until = index + _ONE_BEAT
            start = start if moved else max(start - _ONE_BEAT, self.start)
        elif not moved:
            return known
        usual = self._usual_qrs.places(self.filters, start, self._sought)
        self.usual_r_indices.extend(usual)
        beats = [each for each in known if not self._is_usual(each.index) and not self.quality.is_wave(each.index)]
        return sorted([*beats, *map(self._finder.at, usual)], key=lambda each: each.index)

    def _is_usual(self, index: int) -> bool:
        return any(abs(each - index) < _ONE_BEAT for each in self.usual_r_indices)
