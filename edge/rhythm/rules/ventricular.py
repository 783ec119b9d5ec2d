"""Ventricular beats in a row: a run of 3 or 4, or ventricular tachycardia (5 or more above 100 bpm).

Tachycardia is told by the waves of the signal too, where beats cannot be told apart
(`edge.rhythm.rules.ventricular_flutter`).
"""

from __future__ import annotations

from collections import deque
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from ecg.alarms.episode import AlarmEpisode
from ecg.alarms.kinds import AlarmKind, Evidence, Reason
from ecg.samples import UNCLASSIFIED, VENTRICULAR, Beat
from ecg.timing import bpm_of_rr, rr_of_bpm, samples_of
from edge.rhythm.superseding import supersede
from edge.signal.beat_morphology import LIKE

if TYPE_CHECKING:
    from ecg.alarms.kinds import AlarmEvent
    from edge.rhythm.settings import RhythmSettings

__all__ = ["VentricularRule"]

UPDATE_EVERY: Final = samples_of(10.0)
"""A ventricular tachycardia that goes on is told again this often."""
WORSE_BY_BPM: Final = 10.0
"""And when it gets faster by this much."""
LONGEST_HIDDEN: Final = samples_of(3.0)
"""Between two ventricular beats of one run: as long as the slowest tachycardia takes to be told, 5 beats of 0.6 s."""
MORE_BEATS: Final = 7
FAR_FASTER: Final = 0.75
"""Of the longest interval of a tachycardia."""
FEW_INTERVALS: Final = 2
SHOWN_BEATS: Final = 5
"""Beats whose intervals and probabilities stand in the evidence."""


class VentricularRule:
    """Watches labelled beats.

    A run is told with its third beat. A run that becomes a tachycardia closes the run's alarm as superseded and opens
    the tachycardia with the run's onset. While a tachycardia is open, shorter runs belong to its episode. Runs within
    the closing time are one episode too: told again, at its end, is one that was longer than those told, and when
    their number has doubled.

    A beat gets its label when the next R peak is known, and after a run that is often late. `provisional_beat`
    takes a label that was made without it; the label that comes then need not be told twice, and ends the run if it is
    another one.

    An unclassified beat makes a run uncertain: one between ventricular beats is bridged and not counted, a second one
    in a row ends the run. The evidence says how many were bridged.

    What is hidden (lost samples, an electrode off, beats that these tear) ends no run: it goes on with the next
    ventricular beat within three seconds, if no more beats were torn than seen, and no beat of another kind was seen
    meanwhile. Bad signal ends it, unless a tachycardia is open.

    A tachycardia is over only when beats of another kind were seen: like the patient's own, or slower. Fast beats
    that are neither ventricular by their label nor like the patient's own say nothing: many a beat of a
    polymorphic tachycardia is like that, and fusion beats are. While it is open, or unseen, a fast run shows that it
    goes on.
    """

    def __init__(self, settings: RhythmSettings) -> None:
        close, close_run = samples_of(settings.close_s), samples_of(settings.episode_close_s)
        self.tachycardia = AlarmEpisode(AlarmKind.VENTRICULAR_TACHYCARDIA, close_after=close)
        self.run = AlarmEpisode(AlarmKind.VENTRICULAR_RUN, close_after=close_run, unseen_after=close)
        self.alarms = (self.tachycardia, self.run)
        self.onset: int | None = None
        self._tachycardia_beats = settings.ventricular_tachycardia_beats
        self._run_beats = settings.ventricular_run_beats
        self._threshold_bpm = settings.ventricular_tachycardia_bpm
        self._slowest_rr = rr_of_bpm(settings.ventricular_tachycardia_bpm)
        self._peaks: list[tuple[int, int]] = []  # index and place in the run (bridged beats have a place) of V beats
        self._places = 0
        self._bridged = 0
        self._pending_bridge = False
        self._is_hidden = False  # something since the newest ventricular beat
        self._torn = 0  # beats that were hidden in part
        self._fastest_bpm = 0.0
        self._told_bpm = 0.0
        self._update_due = 0
        self._in_beats = self._in_waves = False  # what speaks for the tachycardia
        self._recent: deque[Beat] = deque(maxlen=SHOWN_BEATS)  # ventricular beats of the present run
        self._provisional: int | None = None  # index of a beat that was taken before its label was final
        self._runs = 0  # in the present episode, with this one
        self._run_onset: int | None = None  # of the newest of them
        self._told_runs = self._told_beats = 0

    @property
    def awaits(self) -> bool:
        """Whether one more ventricular beat would be told."""
        return len(self._peaks) + 1 in {self._run_beats, self._tachycardia_beats}

    def provisional_beat(self, now: int, beat: Beat, *, follows: bool, usable: bool) -> list[AlarmEvent]:
        """Take a beat that is ventricular by all that is known yet."""
        events = self.beat(now, beat, follows=follows, usable=usable)
        self._provisional = beat.index
        return events

    def beat(self, now: int, beat: Beat, *, follows: bool, usable: bool) -> list[AlarmEvent]:
        """Take the next labelled beat.

        Args:
            now: 360 Hz index of the decision.
            beat: with its label.
            follows: the interval from the beat before was measured in whole signal.
            usable: the signal can be believed now; else nothing is opened.
        """
        index, label = beat.index, beat.label
        if index == self._provisional and label == VENTRICULAR:
            return []
        if label == UNCLASSIFIED and beat.r_mv is None:
            self._torn += 1
            self._is_hidden = True
            return []
        self._is_hidden = self._is_hidden or not follows
        if label != VENTRICULAR:
            if self._peaks and label == UNCLASSIFIED and follows and not self._pending_bridge:
                self._pending_bridge = True
                self._places += 1
                return []
            if self.tachycardia.is_open and label != UNCLASSIFIED and self._may_go_on(beat):
                return self.end(now, usable=usable)
            return self._gone(now, Reason.POOR_SIGNAL if label == UNCLASSIFIED else Reason.OVER, usable=usable)
        events = self._resume(now, beat, usable=usable) if self._is_hidden else []
        self._is_hidden = False
        if self._pending_bridge:
            self._pending_bridge = False
            self._bridged += 1
        self._places += 1
        self._peaks.append((index, self._places))
        self._recent.append(beat)
        if self.onset is None:
            self.onset = index
        return events + self._judge(now) if usable else events

    def end(self, now: int, *, usable: bool) -> list[AlarmEvent]:
        """The run, if there is one, is over."""
        events: list[AlarmEvent] = []
        if self.onset is not None:
            if usable and self.run.is_present:
                events += self._tell_run_again(now)
            self._peaks.clear()
            self._recent.clear()
            self._places = self._bridged = self._torn = 0
            self._pending_bridge = False
            self._fastest_bpm = 0.0
            self.onset = None
        self._in_beats = False
        return events

    def suspend(self, now: int, reason: Reason) -> list[AlarmEvent]:
        """Nothing can be seen for now."""
        if reason is Reason.POOR_SIGNAL and not self.tachycardia.is_open:
            self.end(now, usable=False)  # artefacts may be ventricular to the model: none begins a tachycardia
        self._in_beats = False
        self._is_hidden = True
        return self._absent(now, reason)

    def _gone(self, now: int, reason: Reason, *, usable: bool) -> list[AlarmEvent]:
        """A beat that is not ventricular, or is not known to be, ends the run."""
        events = self.end(now, usable=usable)
        return events + self._absent(now, reason) if usable else events

    def _may_go_on(self, beat: Beat) -> bool:
        """Whether a beat, though it is not called ventricular, may be one of a tachycardia."""
        is_unlike = beat.likeness is not None and beat.likeness < LIKE
        return is_unlike and beat.rr_ms is not None and samples_of(beat.rr_ms / 1000) < self._slowest_rr

    def _absent(self, now: int, reason: Reason) -> list[AlarmEvent]:
        events = [] if self._in_waves else self.tachycardia.absent(now, reason)
        return events + self.run.absent(now, reason)

    def _resume(self, now: int, beat: Beat, *, usable: bool) -> list[AlarmEvent]:
        """Something was hidden before this ventricular beat: does it belong to the run?"""
        if not self._peaks:
            return []
        hidden = beat.index - self._peaks[-1][0]
        if hidden > LONGEST_HIDDEN or self._torn > len(self._peaks):
            return self.end(now, usable=usable)
        # So many beats as there is room for at the rate of the run.
        measured = [each.rr_ms for each in (*list(self._recent)[1:], beat) if each.rr_ms is not None]
        rr = samples_of(measured[0] / 1000) if measured else self._slowest_rr
        self._places += max(round(hidden / rr), 1) - 1
        return []

    def waves_seen(self, now: int, onset: int, evidence: Evidence) -> list[AlarmEvent]:
        """The waves are those of a tachycardia, whatever the labels say."""
        self._in_waves = True
        events: list[AlarmEvent] = []
        if not self.tachycardia.is_open:
            events += supersede((self.run,), now, AlarmKind.VENTRICULAR_TACHYCARDIA)
            self._update_due = now + UPDATE_EVERY
        events += self.tachycardia.present(now, onset, evidence)
        if now >= self._update_due:
            self._update_due = now + UPDATE_EVERY
            events += self.tachycardia.update(now, evidence)
        return events

    def waves_gone(self, now: int, reason: Reason) -> list[AlarmEvent]:
        """The waves are no longer those of a tachycardia; it lasts if its beats say so, or if it is unseen."""
        were_seen, self._in_waves = self._in_waves, False
        return self.tachycardia.absent(now, reason) if were_seen and not self._in_beats else []

    def supersede(self, now: int, by: AlarmKind) -> list[AlarmEvent]:
        """A more telling alarm opened."""
        self._in_waves = False
        self.end(now, usable=False)
        return supersede(self.alarms, now, by)

    def _judge(self, now: int) -> list[AlarmEvent]:
        beats = len(self._peaks)
        enough = self._run_beats if self.tachycardia.is_open else self._tachycardia_beats
        if beats < max(2, enough) or not self._is_fast():
            is_run = beats >= self._run_beats and not self.tachycardia.is_open
            return self._tell_run(now) if is_run else []
        assert self.onset is not None
        self._in_beats = True
        opens = not self.tachycardia.is_open
        events = supersede((self.run,), now, AlarmKind.VENTRICULAR_TACHYCARDIA) if opens else []
        evidence = self._evidence(is_tachycardia=True)
        events += self.tachycardia.present(now, self.onset, evidence)
        is_worse = now >= self._update_due or self._fastest_bpm >= self._told_bpm + WORSE_BY_BPM
        if opens or is_worse:
            self._told_bpm, self._update_due = self._fastest_bpm, now + UPDATE_EVERY
        if is_worse and not opens:
            events += self.tachycardia.update(now, evidence)
        return events

    def _is_fast(self) -> bool:
        """Whether the last beats, so many as a tachycardia needs, are as fast as one.

        Or some of the last more are far faster: of a polymorphic tachycardia the low beats are missed.
        """
        (first, place), (last, last_place) = self._peaks[-max(2, self._tachycardia_beats) :][0], self._peaks[-1]
        rr = (last - first) / (last_place - place)
        rate_bpm = bpm_of_rr(rr)
        self._fastest_bpm = max(self._fastest_bpm, rate_bpm)
        if rr < self._slowest_rr:
            return True
        more = [index for index, _ in self._peaks[-MORE_BEATS:]]
        far_faster = sum(after - before < FAR_FASTER * self._slowest_rr for before, after in pairwise(more))
        return len(more) == MORE_BEATS and far_faster >= FEW_INTERVALS

    def _tell_run(self, now: int) -> list[AlarmEvent]:
        assert self.onset is not None
        known = self.run.is_open
        if self.onset != self._run_onset:
            self._run_onset = self.onset
            self._runs = self._runs + 1 if known else 1
        if len(self._peaks) > 1:
            rr = (self._peaks[-1][0] - self._peaks[0][0]) / (self._peaks[-1][1] - self._peaks[0][1])
            self._fastest_bpm = max(self._fastest_bpm, bpm_of_rr(rr))
        events = self.run.present(now, self.onset, self._evidence(is_tachycardia=False))
        if not known:
            self._told_runs, self._told_beats = 1, len(self._peaks)
        return events

    def _tell_run_again(self, now: int) -> list[AlarmEvent]:
        """The run is over: is there more to say of it than was told?"""
        if len(self._peaks) <= self._told_beats and self._runs < 2 * self._told_runs:
            return []
        self._told_runs, self._told_beats = self._runs, max(len(self._peaks), self._told_beats)
        return self.run.update(now, self._evidence(is_tachycardia=False))

    def _evidence(self, *, is_tachycardia: bool) -> Evidence:
        evidence: Evidence = {
            "beats": len(self._peaks),
            "heart_rate_bpm": self._fastest_bpm or None,
            "unclassified_beats": self._bridged,
            "rr_ms": [round(each.rr_ms, 1) for each in self._recent if each.rr_ms is not None],
            "probabilities": [round(each.probability, 3) for each in self._recent if each.probability is not None],
            "quality": self._recent[-1].quality,
            "threshold_beats": self._tachycardia_beats if is_tachycardia else self._run_beats,
            "threshold_bpm": self._threshold_bpm,
        }
        return evidence if is_tachycardia else {**evidence, "runs": self._runs}
