"""Ventricular beats in a row: a run of 3 or 4, or ventricular tachycardia (5 or more above 100 bpm).

Tachycardia is told by the waves of the signal too, where beats cannot be told apart (`edge.rhythm.rules.flutter`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edge.rhythm.alarms import Alarm, Evidence, Reason
from edge.rhythm.timing import bpm_of_rr, rr_of_bpm, samples_of
from edge.samples import UNCLASSIFIED, AlarmKind, Event

if TYPE_CHECKING:
    from edge.config import RhythmSettings

__all__ = ["VentricularRule"]

VENTRICULAR: Final = "V"
"""The ventricular label of `aami5` and `mitbih6`. Paced (/), fusion (F) and unknown (Q) beats are not ventricular."""
UPDATE_EVERY: Final = samples_of(10.0)
"""A ventricular tachycardia that goes on is told again this often."""
WORSE_BY_BPM: Final = 10.0
"""And when it gets faster by this much."""


class VentricularRule:
    """Watches labelled beats.

    What a caregiver sees is one alarm for one run. A run is told when it is over, or as soon as it is as long as a
    tachycardia but too slow for one; a run that becomes a tachycardia closes the run's alarm as superseded and opens
    the tachycardia with the run's onset. While a tachycardia is open, shorter runs belong to its episode.

    An unclassified beat makes a run uncertain: one between ventricular beats is bridged and not counted, a second one
    in a row ends the run. The evidence says how many were bridged.

    Attributes:
        alarms: ventricular tachycardia, ventricular run.
        onset: 360 Hz index of the first beat of the present run; None outside a run.
    """

    def __init__(self, settings: RhythmSettings, out: list[Event]) -> None:
        close = samples_of(settings.close_s)
        self.tachycardia = Alarm(AlarmKind.VENTRICULAR_TACHYCARDIA, out, close_after=close)
        self.run = Alarm(AlarmKind.VENTRICULAR_RUN, out, close_after=close)
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
        self._fastest_bpm = 0.0
        self._told_bpm = 0.0
        self._update_due = 0
        self._in_beats = self._in_waves = False  # what speaks for the tachycardia

    def beat(self, now: int, index: int, label: str, *, follows: bool, usable: bool) -> bool:
        """Take the next labelled beat; tells whether a ventricular tachycardia opened.

        Args:
            now: 360 Hz index of the decision.
            index: 360 Hz index of the R peak.
            label: of the model, or `unclassified`.
            follows: the interval from the beat before was measured in whole signal.
            usable: the signal can be believed now; else nothing is opened.
        """
        if label != VENTRICULAR:
            if self._peaks:
                if label == UNCLASSIFIED and follows and not self._pending_bridge:
                    self._pending_bridge = True
                    self._places += 1
                else:
                    self.end(now, usable=usable)
            return False
        if not follows:
            self.end(now, usable=usable)
        if self._pending_bridge:
            self._pending_bridge = False
            self._bridged += 1
        self._places += 1
        self._peaks.append((index, self._places))
        if self.onset is None:
            self.onset = index
        return usable and self._judge(now)

    def end(self, now: int, *, usable: bool, reason: Reason = Reason.OVER) -> None:
        """The run, if there is one, is over."""
        if self.onset is not None:
            if usable and len(self._peaks) >= self._run_beats and not self.tachycardia.is_open:
                self._tell_run(now)
            self._peaks.clear()
            self._places = self._bridged = 0
            self._pending_bridge = False
            self._fastest_bpm = 0.0
            self.onset = None
        self._in_beats = False
        if not self._in_waves:
            self.tachycardia.absent(now, reason)
        self.run.absent(now, reason)

    def waves_seen(self, now: int, onset: int, evidence: Evidence) -> bool:
        """The waves are those of a tachycardia, whatever the labels say; tells whether it opened."""
        self._in_waves = True
        opens = not self.tachycardia.is_open
        if opens:
            self.run.close(now, Reason.SUPERSEDED, by=AlarmKind.VENTRICULAR_TACHYCARDIA.value)
            self._update_due = now + UPDATE_EVERY
        self.tachycardia.present(now, onset, evidence)
        if now >= self._update_due:
            self._update_due = now + UPDATE_EVERY
            self.tachycardia.update(now, evidence)
        return opens

    def waves_gone(self, now: int, reason: Reason) -> None:
        """The waves are no longer those of a tachycardia; it lasts if its beats say so."""
        self._in_waves = False
        if not self._in_beats:
            self.tachycardia.absent(now, reason)

    def yield_to(self, now: int, kind: AlarmKind) -> None:
        """A more telling alarm opened."""
        self._in_waves = False
        self.end(now, usable=False)
        for alarm in self.alarms:
            alarm.close(now, Reason.SUPERSEDED, by=kind.value)

    def _judge(self, now: int) -> bool:
        beats = len(self._peaks)
        if beats < self._tachycardia_beats or beats < 2:
            return False
        (first, place), (last, last_place) = self._peaks[-max(2, self._tachycardia_beats)], self._peaks[-1]
        rr = (last - first) / (last_place - place)
        rate_bpm = bpm_of_rr(rr)
        self._fastest_bpm = max(self._fastest_bpm, rate_bpm)
        if rr >= self._slowest_rr:
            if not self.tachycardia.is_open:
                self._tell_run(now)
            return False
        assert self.onset is not None
        self._in_beats = True
        opens = not self.tachycardia.is_open
        if opens:
            self.run.close(now, Reason.SUPERSEDED, by=AlarmKind.VENTRICULAR_TACHYCARDIA.value)
        self.tachycardia.present(now, self.onset, self._evidence(is_tachycardia=True))
        if opens:
            self._told_bpm, self._update_due = self._fastest_bpm, now + UPDATE_EVERY
        elif now >= self._update_due or self._fastest_bpm >= self._told_bpm + WORSE_BY_BPM:
            self._told_bpm, self._update_due = self._fastest_bpm, now + UPDATE_EVERY
            self.tachycardia.update(now, self._evidence(is_tachycardia=True))
        return opens

    def _tell_run(self, now: int) -> None:
        assert self.onset is not None
        if len(self._peaks) > 1:
            rr = (self._peaks[-1][0] - self._peaks[0][0]) / (self._peaks[-1][1] - self._peaks[0][1])
            self._fastest_bpm = max(self._fastest_bpm, bpm_of_rr(rr))
        self.run.present(now, self.onset, self._evidence(is_tachycardia=False))

    def _evidence(self, *, is_tachycardia: bool) -> Evidence:
        return {
            "beats": len(self._peaks),
            "heart_rate_bpm": self._fastest_bpm or None,
            "unclassified_beats": self._bridged,
            "threshold_beats": self._tachycardia_beats if is_tachycardia else self._run_beats,
            "threshold_bpm": self._threshold_bpm,
        }
