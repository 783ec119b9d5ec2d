"""The rhythm monitor: R peaks, labelled beats, gaps and signal quality in; alarms, vitals, rhythm and summaries out."""

from __future__ import annotations

from collections import deque
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Final

from ecg.alarms.episode import Alarm
from ecg.alarms.kinds import AlarmKind, Evidence, Reason
from ecg.events import Event, Rhythm, RhythmChange, Vitals
from ecg.samples import VENTRICULAR, Beat, Gap, Quality, Waves
from ecg.timing import samples_of
from edge.rhythm.heart_rate import HeartRate
from edge.rhythm.minutes import Summaries
from edge.rhythm.rules.atrial_fibrillation import AtrialFibrillationRule
from edge.rhythm.rules.ectopy import EctopyRule
from edge.rhythm.rules.rate import RateRule
from edge.rhythm.rules.silence import SilenceRule
from edge.rhythm.rules.technical import TechnicalRule
from edge.rhythm.rules.ventricular import VentricularRule
from edge.rhythm.rules.ventricular_flutter import FlutterRule
from edge.rhythm.signal_state import SignalState
from edge.signal.beat_shape import LIKE

if TYPE_CHECKING:
    from edge.rhythm.settings import RhythmSettings

__all__ = ["RhythmMonitor"]

VITALS_EVERY: Final = samples_of(5.0)
TICK: Final = 18
"""Ticks come each 50 ms; one that comes later than that after the one before says nothing about the time between."""
FLUTTER_LATENCY: Final = samples_of(4.0)
"""Flutter is certain so long after it is suspected, or not at all."""
DOUBTED: Final = samples_of(7.0)
"""A moving baseline is remembered for so long: 17 beats at 140 bpm, an extreme tachycardia."""
DOUBTED_BEATS: Final = 16
STRANGE_SHARE: Final = 0.65
"""Of the last 16 beats so many unlike the patient's others: where the baseline moves too, they are artefacts. In `vfdb`
and `mitdb` this is never so in a tachycardia, whose beats are alike."""
APART_BEATS: Final = 8
APART_ALIKE: Final = 6
APART_RR: Final = samples_of(0.55)
APART_NEWEST: Final = samples_of(3.0)
"""Of the last eight beats six alike, the median interval 0.55 s (109 bpm) or more, the last one labelled just now:
such beats are no waves. Flutter found as beats is faster, fibrillation is never alike."""
LATELY_BEATS: Final = 200
LATELY_FIBRILLATING: Final = 60
"""Of the last 200 beats so many in fibrillation: what comes between its episodes is hardly sinus rhythm. Chosen on DS1
and on `svdb`, each record by models that did not learn from it: F1 of S 0.803 instead of 0.793, and 0.793 instead of
0.787; much the same with a fifth of 300 beats and with a quarter of 100."""
BEATS_TO_TELL: Final = 3
"""RR intervals in whole signal before the rhythm is called normal."""


class RhythmMonitor:
    """Turns what the signal path finds into what a caregiver is told; pure, in 360 Hz stream time.

    R peaks come as soon as they are detected and drive asystole, pause and rate; beats come about one RR interval later
    with their label and drive the ventricular rules, fibrillation and the summaries. Ticks are the clock.

    In bad signal or with an electrode off no arrhythmia alarm opens; one that is open stays for the closing time, in
    case the signal comes back, and is then closed with `poor_signal` or `electrode_off` as the reason: an alarm that
    nobody can check any more must not stand as if it were seen. Heart rate and rhythm are None meanwhile. Frequent PVCs
    alone stay open: they are a count over the last hour.

    A more telling alarm closes the lesser one of the same episode as superseded: asystole and ventricular flutter all
    the others, ventricular tachycardia the run and the rate alarms, the extreme rates the sustained ones. In flutter
    the R peaks that are found are none: there is no heart rate. Silence means nothing until fast waves are gone.
    No flutter begins among beats of one shape that come one by one, however wide they are, as those of a pacemaker.

    The decision indices of the events never decrease. A `RhythmChange` carries the index at which the rhythm began,
    which may lie before events already told, but never before an earlier `RhythmChange`. At the end of the stream all
    alarms are closed.

    Args:
        settings: thresholds of the rules.

    Attributes:
        is_fibrillating: atrial fibrillation has been told and is not over.
    """

    def __init__(self, settings: RhythmSettings) -> None:
        out: list[Event] = []
        self._out = out
        self._signal = SignalState()
        self._rate = HeartRate()
        self._silence_rule = SilenceRule(settings, out)
        self._rate_rule = RateRule(settings, out)
        self._ventricular_rule = VentricularRule(settings, out)
        self._flutter_rule = FlutterRule(settings, out, self._ventricular_rule)
        self._fibrillation_rule = AtrialFibrillationRule(settings, out)
        self._technical_rule = TechnicalRule(settings, out)
        self._ectopy_rule = EctopyRule(settings, out)
        self._patient_event = Alarm(AlarmKind.PATIENT_EVENT, out, close_after=samples_of(settings.patient_event_s))
        self._presses = 0
        self._summaries = Summaries()
        self._alarms: tuple[Alarm, ...] = (
            *self._silence_rule.alarms,
            self._flutter_rule.alarm,
            *self._ventricular_rule.alarms,
            *self._rate_rule.alarms,
            self._fibrillation_rule.alarm,
            *self._ectopy_rule.alarms,
            self._patient_event,
            *self._technical_rule.alarms,
        )
        self._now = 0  # the latest decision
        self._last_tick: int | None = None
        self._last_r: int | None = None
        self._last_beat: int | None = None
        self._shapes: deque[tuple[int, float | None]] = deque(
            maxlen=DOUBTED_BEATS
        )  # R peak, likeness of the last beats
        self._rhythm: Rhythm | None = None
        self._rhythm_index = 0
        self._vitals_due = 0
        self._due = 0  # before this index a tick without news has nothing to do
        self._good_end = 0  # good signal up to here, not yet given to the summaries
        self._good_samples = 0
        self.is_fibrillating = False
        self._lately: deque[bool] = deque(maxlen=LATELY_BEATS)  # whether each of the last beats was in fibrillation
        self._fibrillation_start = 0  # of the present episode, as far as the summaries have not had it before
        self._fibrillation_end = 0  # atrial fibrillation up to here was given to the summaries

    def r_peak(self, index: int) -> list[Event]:
        """Take a detected R peak at 360 Hz index `index`; peaks come in order."""
        now = self._now = max(self._now, index)
        self._due = 0
        before, self._last_r = self._last_r, index
        self._silence_rule.beat_came(now)
        self._silence_rule.listen_from(max(index, self._signal.usable_since))
        if before is None or self._in_flutter or not self._signal.whole(before, index):
            self._rate_rule.interrupt()
        elif index > before:
            rr = index - before
            self._rate.add(index, rr)
            if self._signal.usable:
                in_vt = self._ventricular_rule.tachycardia.is_present
                rate_bpm = self._rate.bpm(now)
                self._rate_rule.interval(now, index, rr, rate_bpm, in_vt=in_vt, doubtful=self._is_doubtful(now))
                if self._flutter_rule.onset is None:
                    self._silence_rule.interval(now, index, rr)
        return self._told()

    def beat(self, beat: Beat) -> list[Event]:
        """Take a labelled beat; beats come in order, some seconds at most after their R peak."""
        index = beat.index
        now = self._now = max(self._now, index)
        self._due = 0
        before, self._last_beat = self._last_beat, index
        self._shapes.append((index, beat.likeness))
        usable = self._signal.usable and not self._flutter_rule.alarm.is_open
        rr = self._rr(beat, before)
        follows = rr is not None
        self._summaries.beat(beat, rr)
        if self._ventricular_rule.beat(now, beat, follows=follows, usable=usable):
            self._rate_rule.yield_to(now, AlarmKind.VENTRICULAR_TACHYCARDIA)
        self._fibrillation_rule.beat(now, beat, rr, usable=usable)
        in_vt = self._ventricular_rule.tachycardia.is_present
        self._ectopy_rule.beat(now, beat, follows=follows, usable=usable, in_vt=in_vt)
        self._tell_rhythm(now)
        self._lately.append(self.is_fibrillating)
        return self._told()

    @property
    def fibrillates_lately(self) -> bool:
        """Whether the rhythm is atrial fibrillation, or was for at least 60 of the last 200 beats."""
        return self.is_fibrillating or sum(self._lately) >= LATELY_FIBRILLATING

    @property
    def awaits_label(self) -> bool:
        """Whether a ventricular label of the next beat would be told at once: then it need not be final."""
        return self._ventricular_rule.awaits

    def foresee(self, beat: Beat) -> list[Event]:
        """Take a beat whose label may still change with the R peak that follows; `beat` takes it again when it has."""
        if beat.label != VENTRICULAR:
            return []
        now = self._now = max(self._now, beat.index)
        self._due = 0
        usable = self._signal.usable and not self._flutter_rule.alarm.is_open
        follows = self._rr(beat, self._last_beat) is not None
        if self._ventricular_rule.foresee(now, beat, follows=follows, usable=usable):
            self._rate_rule.yield_to(now, AlarmKind.VENTRICULAR_TACHYCARDIA)
        self._tell_rhythm(now)
        return self._told()

    def waves(self, waves: Waves) -> list[Event]:
        """Take a judgement of the last seconds of signal: are they waves without separate beats?"""
        now = self._now = max(self._now, waves.index)
        tachycardia = self._ventricular_rule.tachycardia
        was_open = self._flutter_rule.alarm.is_open or tachycardia.is_open
        if not was_open and self._beats_are_apart(now):
            self._flutter_rule.interrupt(now)
        elif self._flutter_rule.judge(now, waves, usable=self._signal.usable):
            if self._flutter_rule.alarm.is_open:
                for rule in (self._silence_rule, self._rate_rule, self._ventricular_rule, self._fibrillation_rule):
                    rule.yield_to(now, AlarmKind.VENTRICULAR_FLUTTER)
                self._ectopy_rule.yield_to(now, AlarmKind.VENTRICULAR_FLUTTER)
            else:
                self._rate_rule.yield_to(now, AlarmKind.VENTRICULAR_TACHYCARDIA)
        if self._in_flutter:
            self._last_r = self._last_beat = None
        if self._flutter_rule.onset is not None and (self._in_flutter or tachycardia.is_present):
            self._silence_rule.listen_from(now)
        if self._out or was_open:
            self._due = 0
            self._tell_rhythm(now)
        return self._told()

    def gap(self, gap: Gap, *, bridged: bool = False) -> list[Event]:
        """Take a stretch of lost samples; no interval is formed across it, unless it is short and was `bridged`."""
        now = self._now = max(self._now, gap.index)
        self._due = 0
        self._summaries.gap(gap)
        self._technical_rule.gap(now, gap, self._signal.fault)
        if bridged:
            return self._told()
        self._signal.gap(gap)
        self._rate_rule.interrupt()
        self._flutter_rule.interrupt(now)
        self._ventricular_rule.end(now, usable=self._signal.usable and not self._flutter_rule.alarm.is_open)
        self._ectopy_rule.interrupt()
        self._silence_rule.listen_from(max(self._last_r or 0, self._signal.usable_since))
        self._tell_rhythm(now)
        return self._told()

    def mark(self, evidence: Evidence) -> list[Event]:
        """The patient marks this moment of the stream; once more within the same event is told as its update."""
        now = self._now
        self._due = 0
        known = self._patient_event.is_open
        self._presses = self._presses + 1 if known else 1
        evidence = {**evidence, "presses": self._presses}
        self._patient_event.present(now, now, evidence)
        if known:
            self._patient_event.update(now, evidence)
        self._patient_event.absent(now)
        return self._told()

    def front_end(self, fault: str | None, *, delivers: bool) -> None:
        """Take what the front end says of itself: what is wrong with it, and whether it delivers all the same."""
        if fault != self._signal.fault or delivers != self._signal.delivers:
            self._signal.fault, self._signal.delivers = fault, delivers
            self._due = 0

    def tick(self, index: int, quality: Quality, electrode_off: bool | None) -> list[Event]:
        """Stream time has reached 360 Hz index `index`, with this quality and state of the electrodes."""
        signal = self._signal
        since, self._last_tick = self._last_tick, index
        self._now = max(self._now, index)
        if index < self._due and quality is signal.quality and electrode_off is signal.electrode_off:
            if signal.usable:
                self._good_samples += TICK
            self._good_end = index
            return []
        if since is None:
            since = max(0, index - TICK)
            self._begin(since)
        self._advance(index, since, quality, electrode_off)
        if index >= self._vitals_due:
            self._tell_vitals()
        self._summarise(index, min(TICK, index - since) if signal.usable else 0)
        self._plan()
        return self._told()

    def finish(self, index: int) -> list[Event]:
        """The stream ended at 360 Hz index `index`: close all alarms, give the last summary."""
        now = self._now = max(self._now, index)
        self._ventricular_rule.end(now, usable=self._signal.usable and not self._flutter_rule.alarm.is_open)
        self._count_fibrillation(now)
        for alarm in self._alarms:
            alarm.close(now, Reason.END_OF_STREAM)
        self._give_good()
        self._out.extend(self._summaries.finish(index))
        return self._told()

    def _advance(self, index: int, since: int, quality: Quality, electrode_off: bool | None) -> None:
        """Let everything happen that is due, or that follows from a change of the signal's state."""
        now, signal = self._now, self._signal
        steady_since = signal.steady_since
        became_other = signal.tick(index, since, quality, electrode_off)
        if signal.steady_since > steady_since:
            self._silence_rule.moved(index)
        if became_other:
            if signal.usable:
                self._silence_rule.listen_from(max(self._last_r or 0, signal.usable_since))
                self._fibrillation_rule.resume(now)
            else:
                self._suspend(now)
        if signal.delivers:
            self._technical_rule.tick(now, since, quality, electrode_off)
        else:
            self._technical_rule.silent(now, since, signal.fault)
        self._ectopy_rule.tick(now)
        for alarm in self._alarms:
            if now >= alarm.deadline:
                alarm.run(now)
        if signal.usable and index >= self._silence_rule.deadline and self._is_silent(index):
            for rule in (self._rate_rule, self._ventricular_rule, self._fibrillation_rule, self._ectopy_rule):
                rule.yield_to(now, AlarmKind.ASYSTOLE)
            self._flutter_rule.yield_to(now, AlarmKind.ASYSTOLE)
        self._tell_rhythm(now)

    def _is_silent(self, index: int) -> bool:
        """Silence is due; tells whether an asystole opened. It waits while the signal may be one of flutter."""
        silence_rule = self._silence_rule
        may_be_flutter = self._flutter_rule.suspects and not silence_rule.asystole.is_open
        if may_be_flutter and index < silence_rule.deadline + FLUTTER_LATENCY:
            return False
        return silence_rule.tick(self._now)

    def _rr(self, beat: Beat, before: int | None) -> int | None:
        """The interval from the beat before; None where it was not measured in whole signal, or in flutter."""
        if before is None or beat.index <= before or beat.rr_ms is None or self._in_flutter:
            return None
        return beat.index - before if self._signal.whole(before, beat.index) else None

    def _is_doubtful(self, now: int) -> bool:
        """Whether what was found of late is mostly artefact: the baseline moves, and the beats are not alike."""
        moved = self._signal.steady_since > 0 and now - self._signal.steady_since < DOUBTED
        strange = sum(likeness is not None and likeness < LIKE for _, likeness in self._shapes)
        return moved and strange >= STRANGE_SHARE * DOUBTED_BEATS

    def _beats_are_apart(self, now: int) -> bool:
        """Whether heartbeats of one shape come one by one, whatever the waves look like: a paced beat may be one."""
        last = list(self._shapes)[-APART_BEATS:]
        if len(last) < APART_BEATS or now - last[-1][0] > APART_NEWEST:
            return False
        alike = sum(likeness is not None and likeness >= LIKE for _, likeness in last)
        rr = [after - before for (before, _), (after, _) in pairwise(last)]
        return alike >= APART_ALIKE and median(rr) >= APART_RR

    @property
    def _in_flutter(self) -> bool:
        """Whether the R peaks that are found now are none."""
        return self._flutter_rule.alarm.is_present

    def _begin(self, start: int) -> None:
        self._summaries.begin(start)
        self._rhythm_index = start
        self._vitals_due = (start // VITALS_EVERY + 1) * VITALS_EVERY

    def _suspend(self, now: int) -> None:
        reason = self._signal.reason
        self._silence_rule.suspend(now, reason)
        self._rate_rule.suspend(now, reason)
        self._flutter_rule.interrupt(now, reason)
        self._ventricular_rule.end(now, usable=False, reason=reason)
        self._fibrillation_rule.suspend(now, reason)
        self._ectopy_rule.suspend(now, reason)

    def _summarise(self, index: int, good_samples: int) -> None:
        self._good_samples += good_samples
        self._good_end = index
        self._give_good()
        self._count_fibrillation(self._now)
        if index >= self._summaries.deadline and (self._signal.electrode_off or self._is_judged):
            self._out.extend(self._summaries.close(index))

    def _count_fibrillation(self, now: int) -> None:
        rule = self._fibrillation_rule
        if rule.alarm.is_present:
            # It is told only once its hold time is over, and counts from its onset on.
            start = max(rule.began_at, self._fibrillation_end)
            self._summaries.fibrillation(start, now, was_told=True)
            if not self.is_fibrillating:
                self._fibrillation_start = start
            self._fibrillation_end = now
            self.is_fibrillating = True
        elif self.is_fibrillating:
            self.is_fibrillating = False
            ended_at = max(rule.ended_at, self._fibrillation_start)
            self._summaries.fibrillation(ended_at, self._fibrillation_end, was_told=False)
            self._fibrillation_end = ended_at

    @property
    def _is_judged(self) -> bool:
        """Whether the quality is known; where it is not, a gap may be under way that is told only at its end."""
        return self._signal.quality is not None and self._signal.quality.score is not None

    def _give_good(self) -> None:
        if self._good_samples:
            self._summaries.good(self._good_end, self._good_samples)
            self._good_samples = 0

    def _plan(self) -> None:
        """Find out up to where ticks without news can be passed over."""
        now = self._now
        due = min(self._vitals_due, self._summaries.deadline, self._summaries.next_minute(now))
        for alarm in self._alarms:
            due = min(due, alarm.deadline)
        if self._signal.usable:
            due = min(due, self._silence_rule.deadline)
        self._due = due

    def _tell_vitals(self) -> None:
        now, signal = self._now, self._signal
        quality = signal.quality
        has_beats = not self._silence_rule.asystole.is_present and not self._in_flutter
        self._out.append(
            Vitals(
                index=now,
                heart_rate_bpm=self._rate.bpm(now) if signal.usable and has_beats else None,
                rhythm=self._rhythm,
                quality=quality.score if quality else None,
                faults=() if quality is None else quality.faults if signal.delivers else ("no_samples",),
                electrodes=None if signal.electrode_off is None else "off" if signal.electrode_off else "on",
            )
        )
        self._vitals_due = (now // VITALS_EVERY + 1) * VITALS_EVERY

    def _tell_rhythm(self, now: int) -> None:
        rhythm, onset = self._present_rhythm(now)
        if rhythm is not self._rhythm:
            self._rhythm = rhythm
            self._rhythm_index = max(self._rhythm_index, min(onset, now))
            self._out.append(RhythmChange(index=self._rhythm_index, rhythm=rhythm))

    def _present_rhythm(self, now: int) -> tuple[Rhythm | None, int]:
        """The rhythm that says most, and the 360 Hz index at which it began."""
        if not self._signal.usable:
            return None, now
        return self._alarmed_rhythm(now) or self._beating_rhythm(now)

    def _alarmed_rhythm(self, now: int) -> tuple[Rhythm, int] | None:
        if self._silence_rule.asystole.is_present:
            return Rhythm.ASYSTOLE, self._silence_rule.asystole.onset
        if self._in_flutter:
            return Rhythm.VENTRICULAR_FLUTTER, self._flutter_rule.alarm.onset
        if self._ventricular_rule.tachycardia.is_present:
            return Rhythm.VENTRICULAR_TACHYCARDIA, self._ventricular_rule.onset or self._flutter_rule.onset or now
        if self._fibrillation_rule.alarm.is_present:
            return Rhythm.ATRIAL_FIBRILLATION, self._fibrillation_rule.began_at
        return None

    def _beating_rhythm(self, now: int) -> tuple[Rhythm | None, int]:
        pattern = self._ectopy_rule.pattern
        if pattern.rhythm is not None:
            return pattern.rhythm, pattern.onset
        if self._rate_rule.consecutive >= BEATS_TO_TELL:
            ended_at = self._fibrillation_rule.ended_at
            return Rhythm.NORMAL, ended_at if self._rhythm is Rhythm.ATRIAL_FIBRILLATION else now
        # Normal rhythm stays told through the first beats after a gap; anything else must be seen again.
        return (Rhythm.NORMAL if self._rhythm is Rhythm.NORMAL else None), now

    def _told(self) -> list[Event]:
        if not self._out:
            return []
        told = self._out[:]
        self._out.clear()
        return told
