"""QRS detection after Pan and Tompkins, "A real-time QRS detection algorithm", IEEE Trans Biomed Eng 32:230-236, 1985.

The filters are in `edge.signal.filters`, the maxima of the integrated energy in `edge.signal.candidates`; here each
maximum is decided upon. Deviations from the paper, each with its reason:

1. 360 Hz instead of 200 Hz; all lengths are scaled to the same times, the integration window is 54 samples (150 ms).
2. The thresholds work on the square root of the integrated energy. The paper's quarter of a squared quantity is half of
   the amplitude, which loses the smaller beats of a varying lead until search-back; the factor is 0.27 of the
   amplitude. This and the other factors were chosen on DS1 of `mitdb` and on `svdb`.
3. The second threshold is on the steepness of the low-passed signal (to 35 Hz) instead of the height of the
   band-passed one (5 to 15 Hz): in leads with tall T or P waves those are nearly as high in that band as the QRS
   complex, and never nearly as steep.
4. A maximum counts when it is the highest within 100 ms on either side, instead of the paper's fiducial mark on the
   rising slope: the same for each cutting of the stream, and known after a fixed 289 ms.
5. Learning: the first two seconds set the levels and are then judged with them, so that no beat of theirs is lost; the
   paper's detector reports nothing until it has learnt. The levels are set by the steepest maxima for their height, so
   that a large premature beat does not hide the small beats beside it, and as long as no QRS complex came, or only one
   of less than 0.5 mV, nothing is learnt.
6. A beat raises the signal level as if it were at most 1.5 times that level: one artefact cannot blind the detector.
7. A T wave is told by a steepness below 0.6 of that of the beat before (paper: 0.5 of the band-passed slope), within
   360 ms as in the paper; the test holds for search-back too, where the paper does not say.
   A peaked T wave may be as steep as the beat before: within 380 ms, taller by a fifth and more, but below 0.24 in
   steepness over height, and 0.52 of that of the beat. It does not count as noise.
8. The paper halves the thresholds in irregular rhythm. Left out: on the amplitude it costs more false than it finds
   missed beats, and search-back finds most of these.
9. Search-back at 166 % of the mean of the last eight RR intervals takes the steepest maximum above 0.6 of both
   thresholds (paper: the highest, 0.5). The paper's second mean, over intervals within 92 to 116 % of itself, serves
   the halving and is left out with it.
10. The refractory period is 250 ms (paper: 200 ms) in slow rhythm; it shrinks to 0.45 of the mean RR interval,
    and not below 200 ms, so that a heart of up to 300 bpm is followed. It is 200 ms for a maximum of the shape and size
    of the last beat.
11. Of two maxima closer than that, the paper keeps the first. A P wave before a low QRS complex comes first and is not
    the beat: a maximum that is early (below 0.9 of the mean RR interval) and weak (energy below 0.8 of the signal
    level) is held back for the refractory period and gives way to a stronger one. Once that has happened, each of the
    next 16 beats is held back: such P waves come with every beat.
12. Nothing below 0.15 mV peak to peak is a QRS complex (ANSI/AAMI EC12 and EC13), nor below 0.35 mV what is no steeper
    for its height than P waves are, unless it is like the patient's own beats, half as large and three quarters as
    steep, or the very shape of them at whatever height. In `mitdb` and `svdb` 26 of 175,676 beats in the first channel
    are smaller than 0.15 mV.
13. How noisy it is, is told by the steepness of the noise over that of the beats, from 0.22 (quiet) to 0.42. In muscle
    noise the factor on the energy rises from 0.27 to 0.42, what is smaller than a beat must lie up to 0.6 of the usual
    RR interval (at most 0.4 s) behind the last one, and a beat is held back for that long as under 11.
14. As long as fewer than 8 beats bear the first levels out, three seconds without a beat are enough to learn anew, and
    the maxima of the last three are judged with the new levels: an electrode just put on may have set them ten times
    too high.
    Only when the two highest are as steep as QRS complexes, for a heart may also stop in its first beats: steepness
    over height is 0.5 to 0.9 of P waves, 1.5 and 1.25 at the median of `mitdb` and `svdb`. Chosen on normal recordings
    of CinC 2017 with an even CRC-32 of their name.
15. A maximum is compared with the shapes of the beats so far (`edge.signal.beat_morphology`): both thresholds are
    multiplied by exp(w (0.7 - cosine)), at most by 1.6, where w goes from 0 to 1 with the noise under 13, and is at
    least 0.5 for what is unlike them. In noise what looks like the patient's beats may be smaller, and at any time what
    does not must be larger. Chosen on DS1 and `svdb`, and on eight records of DS1 with muscle and motion noise
    (`benchmarks/CHOICES.md`, Detector).
16. In noise what has the shape of a beat (a cosine of 0.9) is not held back under 13, or one beat in ten would be told
    later than after 0.4 s. P waves may have become one of the shapes: where such a beat has to give way to a stronger
    one, or one of such a shape and stronger follows within the refractory period, the next 16 are held back after all.
17. What the levels turn down although it may be a QRS complex is followed by its shape and size
    (`edge.signal.recurring_shapes`); in noise nothing recurs. What came three times among the last six such
    maxima is a beat, as those before are, back to the last one; from the second on it does not count as noise. So are
    found small beats between large ones, beats whose height fell for good or whose polarity takes turns, and an escape
    rhythm. A maximum that is flatter than a beat within 350 ms after it (above 0.5 mV: 300 ms), or below 0.3 of its
    height, is its P wave and recurs in vain. So do the T wave of what was turned down itself, the waves of atrial
    flutter, which are below 0.5 mV and follow one another within 320 ms, or are flat and unlike the beats, and P waves
    that no beat follows.
"""

from __future__ import annotations

import math
from collections import deque
from itertools import combinations
from typing import TYPE_CHECKING, Final, NamedTuple

from ecg.samples import SAMPLE_RATE_HZ
from edge.signal.candidates import CANDIDATE_DELAY, Candidate
from edge.signal.recurring_shapes import RecurringShapes, are_alike

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edge.signal.beat_morphology import BeatMorphology

__all__ = ["PanTompkins"]

_LEARNING: Final = 2 * SAMPLE_RATE_HZ
_REFRACTORY: Final = round(0.200 * SAMPLE_RATE_HZ)
_LONGEST_REFRACTORY: Final = round(0.250 * SAMPLE_RATE_HZ)
_REFRACTORY_SHARE: Final = 0.45  # of the mean RR interval, between the two
_EARLY: Final = 0.9  # of the mean RR interval
_WEAK: Final = 0.8  # of the signal level
_WARY_BEATS: Final = 16  # each held back, after one that gave way
_QUIET: Final = 0.22  # steepness: noise level over signal level
_NOISY: Final = 0.42
_HOLD_BACK: Final = 0.5  # of the way from quiet to noisy
_NOISY_THRESHOLD: Final = 0.42
_NOISY_REFRACTORY: Final = round(0.400 * SAMPLE_RATE_HZ)
_NOISY_REFRACTORY_SHARE: Final = 0.6  # of the usual RR interval
_LIKE: Final = 0.7  # cosine with the QRS complexes so far
_LEAST_WEIGHT: Final = 0.5  # of what is less like them, where it is quiet
_STRICTEST: Final = 1.6  # factor on the thresholds
_CERTAIN: Final = 0.9  # cosine from which on it is hardly anything else
_BEAT_ENERGY: Final = 0.8  # of the signal level: from there on as large as a beat
_BEAT_STEEPNESS: Final = 0.5  # likewise
_T_WAVE: Final = round(0.360 * SAMPLE_RATE_HZ)
_T_WAVE_STEEPNESS: Final = 0.6  # of the beat before
_PEAKED_T_WAVE: Final = round(0.380 * SAMPLE_RATE_HZ)
_LATE_T_WAVE: Final = round(0.480 * SAMPLE_RATE_HZ)
_T_WAVE_SLOPE: Final = 0.24
_KNOWN_T_WAVES: Final = 8
_LARGER_THAN_T: Final = 3.0  # energy, of that of T waves so far
_T_WAVE_SLOPES: Final = 0.2
_T_WAVE_SLOPE_SHARE: Final = 0.52  # of the beat before ...
_TALL: Final = 1.2  # ... where it is so much taller than that
_TALLEST_T_WAVE: Final = 2.5 * 1024  # extent, 2.5 mV
_LARGEST_T_WAVE: Final = 2.2  # energy, of that of the beat before
_NEARLY: Final = 0.92  # as steep as the beat before, or less
_T_WAVE_SPREAD: Final = round(0.020 * SAMPLE_RATE_HZ)  # of its distance from the beat
_AGAIN: Final = 1.12  # the steepest, where the last one came so
_EARLIEST_WIDE: Final = round(0.290 * SAMPLE_RATE_HZ)  # what recurs so late ...
_WIDE_SLOPE: Final = 0.25  # ... and is steeper than T waves are ...
_WIDE_SIZE: Final = 0.6  # ... and has this share of the beat before may be a wide beat
_TAKES_TURNS: Final = round(0.340 * SAMPLE_RATE_HZ)  # what recurs so late ...
_NARROW: Final = 0.42  # slope of narrow QRS complexes
_TURN_SIZE: Final = 0.35  # ... has this share of the beat before ...
_TURN_SLOPE: Final = 0.22  # ... is steeper than most T waves ...
_TURN_SLOPE_SHARE: Final = 0.7  # ... and has this share of its slope, takes turns with it
_WAVE_TRAIN: Final = round(0.320 * SAMPLE_RATE_HZ)  # small maxima of one size that follow one another so soon are waves
_SMALL: Final = 0.5  # energy, of the signal level: of no beat as large as the others
_MUCH_SMALLER: Final = 0.3  # likewise: as P waves and flutter waves are ...
_STEEPER: Final = 0.5  # ... which are less steep for their height than narrow QRS complexes
_GOES_ON: Final = 2 * SAMPLE_RATE_HZ  # after a beat: what is so small then is no escape rhythm
_P_WAVE: Final = round(0.350 * SAMPLE_RATE_HZ)  # before a beat
_TALL_P_WAVE: Final = round(0.300 * SAMPLE_RATE_HZ)  # likewise, above 0.5 mV: other than that it may be a beat
_FLATTER: Final = 0.8  # than the beat after it ...
_SMALLER: Final = 0.3  # ... or so small beside it
_THRESHOLD: Final = 0.27  # of the way from noise level to signal level
_STEEPNESS_THRESHOLD: Final = 0.25  # the same for the steepness: ventricular beats rise less steeply
_SECOND_THRESHOLD: Final = 0.6  # of the first, for search-back
_WIDE_SECOND_THRESHOLD: Final = 0.35  # of the first on the steepness, for a beat that is wide and small
_WEIGHT: Final = 1 / 8  # of a new peak in the running levels
_SEARCH_BACK_WEIGHT: Final = 1 / 4
_LARGEST_STEP: Final = 1.5
_SEARCH_BACK: Final = 1.66
_REACHES_BACK: Final = 8 * SAMPLE_RATE_HZ  # what was turned down longer ago is forgotten, as its samples are soon
_FIRST_LEVEL: Final = 0.7  # of the highest maximum while learning
_FIRST_NOISE: Final = 0.15  # of the mean maximum while learning
_FIRST_SILENCE: Final = 3 * SAMPLE_RATE_HZ
_FIRST_BEATS: Final = 8  # bear the first levels out
_QRS_SLOPE: Final = 0.9  # least steepness over height of what may be a QRS complex then
_SMALLEST: Final = 0.15 * 1024  # extent, 0.15 mV: what is smaller is no QRS complex (ANSI/AAMI EC13)
_FLATTEST: Final = 0.15  # slope: that of the widest QRS complexes of `mitdb` and `svdb` is 0.17
_LARGEST_P_WAVE: Final = 0.35 * 1024  # extent; 0.3 mV, and some noise
_P_WAVE_SLOPE: Final = 0.42  # of narrow P waves (42 ms at half height) and some noise
_OWN_EXTENT: Final = 0.5  # of the patient's beats so far: what is smaller ...
_OWN_SLOPE: Final = 0.75  # ... or flatter may be a P wave, though it looks like them ...
_IDENTICAL: Final = 0.98  # ... unless with this cosine ...
_IDENTICAL_SLOPE: Final = 0.9  # ... and as steep for its height
_CLEAR: Final = 0.5 * 1024  # extent of what one beat is enough to learn from
_LEARNING_SIZE: Final = 0.15  # of the largest extent: what is smaller sets no levels


class _Level:
    """Running signal and noise peak of one quantity, and the threshold between them (SPKI, NPKI, THRESHOLD I1)."""

    def __init__(self, share: float) -> None:
        self.signal = self.noise = 0.0
        self.share = share

    @property
    def threshold(self) -> float:
        return self.noise + self.share * (self.signal - self.noise)

    def learn(self, beats: list[float], peaks: list[float]) -> None:
        self.signal = _FIRST_LEVEL * max(beats)
        self.noise = _FIRST_NOISE * sum(peaks) / len(peaks)

    def add_signal(self, peak: float, weight: float) -> None:
        self.signal += weight * (min(peak, _LARGEST_STEP * self.signal) - self.signal)

    def add_noise(self, peak: float) -> None:
        self.noise += _WEIGHT * (peak - self.noise)


class _Held(NamedTuple):
    """A beat not yet told; `before` is the index of the beat before it, if there was one."""

    beat: Candidate
    before: int | None


class _PeakedTWave(NamedTuple):
    """The last T wave that was as steep as a beat, and how many samples it came after one."""

    wave: Candidate
    distance: int


class PanTompkins:
    """Decides which candidates are QRS complexes; fed in stream order, tells each decision once.

    After a gap the levels stay and `restart` begins anew at the next stretch, without an RR interval across the gap.
    """

    def __init__(self, morphology: BeatMorphology) -> None:
        self._energy, self._steepness = _Level(_THRESHOLD), _Level(_STEEPNESS_THRESHOLD)
        self._learnt = False
        self._waiting: list[Candidate] = []  # seen while learning
        self._learning_until: int | None = None
        self._rejected: list[Candidate] = []  # since the last beat, for search-back
        self._rr: deque[int] = deque(maxlen=8)
        self._last: int | None = None
        self._last_beat: Candidate | None = None  # of this stretch or one before
        self._peaked: _PeakedTWave | None = None
        self._slope = self._extent = 0.0  # of the beats so far, running means
        self._t_wave, self._t_waves = 0.0, 0  # energy of what was taken for T waves, a running mean; their number
        self._held: _Held | None = None
        self._wary = 0  # beats still to be held back whatever they look like
        self._noisiness = 0.0  # 0: quiet, 1: the steepness cannot tell beats from noise
        self._silent_since = 0
        self._beats = 0  # since the first levels were learnt
        self._morphology = morphology
        self._recurring = RecurringShapes()

    def restart(self, index: int) -> None:
        """A new stretch begins at `index`."""
        self._learning_until = None if self._learnt else index + _LEARNING + CANDIDATE_DELAY
        self._waiting.clear()
        self._rejected.clear()
        self._last = None
        self._held = None
        self._silent_since = index

    def advance(self, candidates: Iterable[Candidate], index: int) -> list[Candidate]:
        """Take the candidates known by now, in order, and the time; return the QRS complexes decided on, in order.

        Args:
            candidates: those with `known_at < index` that were not given before.
            index: 360 Hz index after the newest sample that has arrived.
        """
        if self._learning_until is not None:
            self._waiting.extend(candidates)
            if index < self._learning_until:
                return []
            candidates = self._end_learning()
            if not self._learnt:  # no beat so far: go on
                self._waiting = [each for each in candidates if index - each.index <= 2 * _LEARNING]
                self._learning_until = index
                return []
        found: list[Candidate] = []
        for candidate in candidates:
            self._search_back(candidate.known_at, found)
            self._judge(candidate, found)
        self._search_back(index, found)
        if self._held is not None and index - CANDIDATE_DELAY - self._held.beat.index >= self._refractory():
            self._release(found)
        return found

    def finish(self) -> list[Candidate]:
        """End of the stretch: decide on what waits for the end of learning, and on what is held back."""
        found: list[Candidate] = []
        for candidate in self._end_learning():
            if self._learnt:
                self._search_back(candidate.known_at, found)
                self._judge(candidate, found)
        self._release(found)
        return found

    def _end_learning(self) -> list[Candidate]:
        """Set the levels if they are not; give what waited for that."""
        self._learning_until = None
        waiting, self._waiting = self._waiting, []
        if not self._learnt:
            possible = [candidate for candidate in waiting if self._may_be_qrs(candidate)]
            if any(candidate.extent >= _CLEAR for candidate in possible) or _some_are_alike(possible):
                self._learn(waiting, possible)
        return waiting

    def _learn(self, candidates: list[Candidate], possible: list[Candidate]) -> None:
        """Set the levels by the steepest of what may be QRS complexes: wide or tall ones pass with them as well."""
        least = _LEARNING_SIZE * max(candidate.extent for candidate in possible)
        large = [candidate for candidate in possible if candidate.extent >= least]
        slope = 0.5 * max(candidate.slope for candidate in large)
        steep = [candidate for candidate in large if candidate.slope >= slope]
        self._energy.learn([each.energy for each in steep], [each.energy for each in candidates])
        self._steepness.learn([each.steepness for each in steep], [each.steepness for each in candidates])
        self._learnt = True

    def _judge(self, candidate: Candidate, found: list[Candidate]) -> None:
        self._listen()
        refractory = self._shortest() if self._is_large(candidate) else self._refractory()
        if self._last is not None and candidate.index - self._last < refractory and not self._goes_on_fast(candidate):
            if self._held is not None and candidate.energy > self._held.beat.energy:
                self._withdraw(self._held)
                self._accept(candidate, _WEIGHT, found)
            elif self._held is None and self._outdoes_the_last(candidate):
                self._wary = _WARY_BEATS
            return
        strictness = self._strictness(candidate)
        is_possible = self._may_be_qrs(candidate)
        if (
            is_possible
            and candidate.energy > strictness * self._energy.threshold
            and candidate.steepness > strictness * self._steepness.threshold
            and not self._is_t_wave(candidate)
        ):
            if self._recurring.find(candidate) is not None:
                self._recurring.add(candidate)
            self._accept(candidate, _WEIGHT, found)
        elif not is_possible or not self._recurs(candidate, found):
            if self._last is not None and _REFRACTORY < candidate.index - self._last < _LATE_T_WAVE:
                self._t_waves += 1
                self._t_wave += max(1 / self._t_waves, _WEIGHT) * (candidate.energy - self._t_wave)
            if self._last is not None and not self._noisiness and self._is_peaked_t_wave(candidate):  # it is no noise
                self._peaked = _PeakedTWave(candidate, candidate.index - self._last)
            else:
                self._energy.add_noise(candidate.energy)
                self._steepness.add_noise(candidate.steepness)
            self._reject(candidate)

    def _reject(self, candidate: Candidate) -> None:
        """It may be asked for again, for a while."""
        self._rejected = [each for each in self._rejected if candidate.index - each.index <= _REACHES_BACK]
        self._rejected.append(candidate)

    def _recurs(self, candidate: Candidate, found: list[Candidate]) -> bool:
        """Whether what the levels turn down has come before in its shape and size: it is no noise, but soon a beat."""
        if self._noisiness or self._may_be_recurring_t_wave(candidate) or self._may_be_atrial(candidate):
            return False
        shape = self._recurring.add(candidate)
        if shape is None or shape.times < 2:
            return False
        if not shape.is_often:
            self._reject(candidate)
            return True
        for other in [*self._rejected, candidate]:
            if shape.holds(other) and (self._last is None or other.index - self._last >= self._shortest()):
                self._accept(other, _SEARCH_BACK_WEIGHT, found)
        for level in (self._energy, self._steepness):  # the noise so far was beats in part
            level.noise = min(level.noise, _FIRST_NOISE * level.signal)
        return True

    def _may_be_qrs(self, candidate: Candidate) -> bool:
        """Whether it is as large and steep as a QRS complex: larger than P waves, or steeper, or the patient's own."""
        if candidate.extent < _SMALLEST or candidate.slope < _FLATTEST:
            return False
        if candidate.extent >= _LARGEST_P_WAVE or candidate.slope >= _P_WAVE_SLOPE:
            return True
        if not self._beats or not self._is_certain(candidate):
            return False
        if candidate.extent >= _OWN_EXTENT * self._extent:
            return candidate.slope >= _OWN_SLOPE * self._slope
        return self._likeness(candidate) >= _IDENTICAL and candidate.slope >= _IDENTICAL_SLOPE * self._slope

    def _may_be_recurring_t_wave(self, candidate: Candidate) -> bool:
        """Whether it may be the T wave of the last beat though it recurs: less steep, and not nearly as large."""
        if self._is_t_wave_of_rejected(candidate):
            return True
        last = self._last_beat
        if self._last is None or last is None or candidate.index - self._last >= _LATE_T_WAVE:
            return False
        distance, least, flattest = candidate.index - self._last, _WIDE_SIZE, _WIDE_SLOPE
        are_wide = max(candidate.slope, last.slope) < _NARROW
        if are_wide and distance >= _TAKES_TURNS and candidate.slope >= _TURN_SLOPE_SHARE * last.slope:
            least, flattest = _TURN_SIZE, _TURN_SLOPE
        is_wide_beat = (
            distance >= _EARLIEST_WIDE
            and candidate.slope > flattest
            and candidate.energy > least * last.energy
            and candidate.extent > least * last.extent
        )
        is_flat = candidate.steepness < _T_WAVE_STEEPNESS * last.steepness
        return self._is_peaked_t_wave(candidate) or (is_flat and not is_wide_beat)

    def _is_t_wave_of_rejected(self, candidate: Candidate) -> bool:
        """Whether it may be the T wave of what was turned down before it."""
        return any(
            0 < candidate.index - other.index < _LATE_T_WAVE
            and self._may_be_qrs(other)
            and candidate.energy < _T_WAVE_STEEPNESS * other.energy
            and candidate.steepness < _T_WAVE_STEEPNESS * other.steepness
            for other in self._rejected[-2:]
        )

    def _may_be_atrial(self, candidate: Candidate) -> bool:
        """Whether it may be a wave of atrial flutter, or a P wave that nothing follows, though it recurs."""
        is_large = candidate.energy >= _SMALL * self._energy.signal or candidate.extent >= _CLEAR
        if is_large or self._beats < _FIRST_BEATS:  # few beats do not tell an artefact's levels from a heart's
            return False
        for other in self._rejected[-2:]:
            smaller, larger = sorted((candidate.energy, other.energy))
            if 0 < candidate.index - other.index < _WAVE_TRAIN and smaller >= _T_WAVE_STEEPNESS * larger:
                return True
        if candidate.energy >= _MUCH_SMALLER * self._energy.signal or candidate.slope >= _STEEPER:
            return False
        goes_on = self._last is not None and candidate.index - self._last < _GOES_ON
        return (goes_on or candidate.extent < _LARGEST_P_WAVE) and abs(self._likeness(candidate)) < _CERTAIN

    def _listen(self) -> None:
        """How noisy it is, and what follows for the threshold."""
        ratio = self._steepness.noise / max(self._steepness.signal, 1.0)
        self._noisiness = min(max((ratio - _QUIET) / (_NOISY - _QUIET), 0.0), 1.0)
        self._energy.share = _THRESHOLD + self._noisiness * (_NOISY_THRESHOLD - _THRESHOLD)

    def _likeness(self, candidate: Candidate) -> float:
        """How much it looks like the beats so far; 0 where that is not known."""
        return self._morphology.likeness(candidate.shape) or 0.0

    def _strictness(self, candidate: Candidate) -> float:
        """Factor on the thresholds, by how much it looks like the beats so far."""
        likeness = self._morphology.likeness(candidate.shape)
        if likeness is None:
            return 1.0
        weight = self._noisiness if likeness > _LIKE else max(self._noisiness, _LEAST_WEIGHT)
        return min(math.exp(weight * (_LIKE - likeness)), _STRICTEST)

    def _is_certain(self, candidate: Candidate) -> bool:
        """Whether it looks like the beats so far, or like P waves that were taken for beats."""
        return self._likeness(candidate) >= _CERTAIN

    def _outdoes_the_last(self, candidate: Candidate) -> bool:
        """Whether the last beat, told already, may have been the P wave of this one."""
        return (
            self._last is not None
            and candidate.index - self._last < self._shortest()
            and self._last_beat is not None
            and candidate.energy > self._last_beat.energy
            and self._is_certain(candidate)
        )

    def _is_large(self, candidate: Candidate) -> bool:
        return (
            candidate.energy > _BEAT_ENERGY * self._energy.signal
            and candidate.steepness > _BEAT_STEEPNESS * self._steepness.signal
        )

    def _goes_on_fast(self, candidate: Candidate) -> bool:
        """Whether it is one more beat of the last one's shape and size, so soon behind it as in the fastest hearts."""
        last = self._last_beat
        if self._noisiness or self._last is None or last is None or candidate.index - self._last < _REFRACTORY:
            return False
        return last.index == self._last and are_alike(candidate, last)

    def _refractory(self) -> float:
        """Two beats lie at least so far apart, in samples; in noise this holds for small ones only."""
        shortest = self._shortest()
        if not self._rr or not self._noisiness:
            return shortest
        usual = max(sorted(self._rr)[len(self._rr) // 2], self._mean_rr())
        longest = min(_NOISY_REFRACTORY_SHARE * usual, _NOISY_REFRACTORY)
        return max(shortest, shortest + self._noisiness * (longest - shortest))

    def _shortest(self) -> float:
        """The refractory period of a heart, in samples."""
        if not self._rr:
            return _LONGEST_REFRACTORY
        return min(max(_REFRACTORY_SHARE * self._mean_rr(), _REFRACTORY), _LONGEST_REFRACTORY)

    def _mean_rr(self) -> float:
        return sum(self._rr) / len(self._rr)

    def _is_t_wave(self, candidate: Candidate) -> bool:
        last = self._last_beat
        if self._last is None or last is None:
            return False
        distance = candidate.index - self._last
        is_flat = distance < _T_WAVE and candidate.steepness < _T_WAVE_STEEPNESS * last.steepness
        return self._is_peaked_t_wave(candidate) or (is_flat and not self._outgrows_t_waves(candidate, last))

    def _outgrows_t_waves(self, candidate: Candidate, last: Candidate) -> bool:
        """Whether it is larger by far than the T waves so far, as a premature beat on one of them is."""
        is_known = self._t_waves >= _KNOWN_T_WAVES and not self._noisiness
        return (
            is_known
            and candidate.energy > _LARGER_THAN_T * self._t_wave
            and candidate.energy > _WIDE_SIZE * last.energy
            and candidate.slope > _T_WAVE_SLOPES
        )

    def _is_peaked_t_wave(self, candidate: Candidate) -> bool:
        """Whether it is as steep as a beat only because it is so tall, or comes where the last such T wave came."""
        last = self._last_beat
        if self._last is None or last is None:
            return False
        distance = candidate.index - self._last
        is_tall = (
            _TALL * last.extent < candidate.extent < _TALLEST_T_WAVE
            and candidate.energy < _LARGEST_T_WAVE * last.energy
        )
        if distance >= _PEAKED_T_WAVE or not is_tall or candidate.steepness > _NEARLY * last.steepness:
            return False
        before = self._peaked
        comes_again = (
            before is not None
            and abs(distance - before.distance) <= _T_WAVE_SPREAD
            and are_alike(candidate, before.wave)
        )
        flattest = min(_T_WAVE_SLOPE, _T_WAVE_SLOPE_SHARE * last.slope)
        return candidate.slope < (_AGAIN * flattest if comes_again else flattest)

    def _accept(self, candidate: Candidate, weight: float, found: list[Candidate]) -> None:
        self._release(found)
        if self._wary or self._is_doubtful(candidate):
            self._wary = max(self._wary - 1, 0)
            self._held = _Held(candidate, before=self._last)
        else:
            found.append(candidate)
        if self._last is not None:
            self._rr.append(candidate.index - self._last)
        self._energy.add_signal(candidate.energy, weight)
        self._steepness.add_signal(candidate.steepness, weight)
        weight = max(1 / (self._beats + 1), _WEIGHT)
        self._slope += weight * (candidate.slope - self._slope)
        self._extent += weight * (candidate.extent - self._extent)
        self._beats += 1
        self._last = self._silent_since = candidate.index
        self._last_beat = candidate
        for other in self._rejected:
            if _may_be_p_wave(other, candidate):
                self._recurring.withdraw(other)
        self._rejected = [other for other in self._rejected if other.index > candidate.index]

    def _is_doubtful(self, candidate: Candidate) -> bool:
        """Whether this may be the P wave of a beat to come, or noise."""
        if self._noisiness > _HOLD_BACK:
            return candidate.energy < _LARGEST_STEP * self._energy.signal and not self._is_certain(candidate)
        is_early = self._last is None or not self._rr or candidate.index - self._last < _EARLY * self._mean_rr()
        return is_early and candidate.energy < _WEAK * self._energy.signal

    def _release(self, found: list[Candidate]) -> None:
        """What was held back is a beat."""
        if self._held is not None:
            found.append(self._held.beat)
            self._held = None

    def _withdraw(self, held: _Held) -> None:
        """What was held back is no beat: a stronger one follows too soon."""
        self._held = None
        if self._noisiness <= _HOLD_BACK or self._is_certain(held.beat):  # or else it need not have been a P wave
            self._wary = _WARY_BEATS
        self._last = held.before
        if held.before is not None:
            self._rr.pop()

    def _search_back(self, index: int, found: list[Candidate]) -> None:
        """While a beat is overdue: the highest of the rejected that passes the second thresholds is one."""
        judged_until = index - CANDIDATE_DELAY
        while self._last is not None and self._rr:
            if judged_until - self._last <= _SEARCH_BACK * self._mean_rr():
                break
            possible = [
                candidate
                for candidate in self._rejected
                if candidate.index - self._last >= self._refractory()
                and candidate.energy > _SECOND_THRESHOLD * self._energy.threshold
                and candidate.steepness > self._least_steepness(candidate)
                and self._may_be_qrs(candidate)
                and not self._is_t_wave(candidate)
            ]
            if not possible:
                break
            self._accept(max(possible, key=lambda candidate: candidate.steepness), _SEARCH_BACK_WEIGHT, found)
        self._learn_anew(judged_until, found)

    def _least_steepness(self, candidate: Candidate) -> float:
        """Second threshold on the steepness: lower for what is wide and clear, and comes too late for a T wave."""
        is_late = self._last is not None and candidate.index - self._last >= _LATE_T_WAVE
        is_wide = is_late and candidate.extent >= _CLEAR and not self._noisiness
        return (_WIDE_SECOND_THRESHOLD if is_wide else _SECOND_THRESHOLD) * self._steepness.threshold

    def _learn_anew(self, judged_until: int, found: list[Candidate]) -> None:
        """After a silence among the first beats: set the levels by the maxima in it, and judge these by them."""
        if self._beats >= _FIRST_BEATS or judged_until - self._silent_since <= _FIRST_SILENCE:
            return
        recent = [candidate for candidate in self._rejected if judged_until - candidate.index <= _FIRST_SILENCE]
        self._rejected = recent  # to be asked again as time goes on
        highest = sorted(recent, key=lambda candidate: candidate.height)[-2:]
        if not highest or not all(
            candidate.steepness > _QRS_SLOPE * candidate.height and self._may_be_qrs(candidate) for candidate in highest
        ):
            return
        self._silent_since = judged_until
        self._rejected = []
        self._learn(recent, highest)
        for candidate in recent:
            self._judge(candidate, found)


def _may_be_p_wave(candidate: Candidate, beat: Candidate) -> bool:
    """Whether what was turned down may belong to the beat after it."""
    is_less = candidate.slope < _FLATTER * beat.slope or candidate.extent < _SMALLER * beat.extent
    earliest = _P_WAVE if candidate.extent < _CLEAR else _TALL_P_WAVE
    return 0 < beat.index - candidate.index < earliest and is_less


def _some_are_alike(candidates: list[Candidate]) -> bool:
    return any(are_alike(one, other) for one, other in combinations(candidates, 2))
