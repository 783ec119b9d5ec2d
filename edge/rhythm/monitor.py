"""The rhythm monitor: R peaks, labelled beats, gaps and signal quality in; alarms, vitals, rhythm and summaries out."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from ecg.events import Event, Vitals
from ecg.samples import VENTRICULAR
from ecg.timing import samples_of
from edge.rhythm.atrial_fibrillation_time import AtrialFibrillationTime
from edge.rhythm.heart_rate import HeartRate
from edge.rhythm.minutes import MinuteSummaries
from edge.rhythm.pacing import Pacing
from edge.rhythm.present_rhythm import PresentRhythm
from edge.rhythm.recent_shapes import RecentShapes
from edge.rhythm.rule_set import RuleSet
from edge.rhythm.signal_state import MEMORY, SignalState
from edge.signal.contact_step import ContactSteps
from edge.signal.ventricular_flutter import WINDOW as WAVES_WINDOW

if TYPE_CHECKING:
    from ecg.alarms.kinds import AlarmEvent, AlarmKind, Evidence, Reason
    from ecg.samples import Beat, FloatArray, Gap, Quality, VentricularWaves
    from edge.rhythm.rr_context import RrContext
    from edge.rhythm.settings import RhythmSettings

__all__ = ["TICK", "RhythmMonitor"]

VITALS_EVERY: Final = samples_of(5.0)
TICK: Final = 18
"""Decisions fall every 18 samples, 50 ms; a tick that comes later than that after the one before says nothing about the
time between."""
VENTRICULAR_FLUTTER_LATENCY: Final = samples_of(4.0)
"""Ventricular flutter is certain so long after it is suspected, or not at all."""


class RhythmMonitor:
    """Turns what the signal path finds into what a caregiver is told; pure, in 360 Hz stream time.

    R peaks come as soon as they are detected and drive asystole, pause and rate; beats come about one RR interval later
    with their label and drive the ventricular rules, atrial fibrillation and the summaries. Ticks are the clock.

    In bad signal, across lost samples or with an electrode off no arrhythmia alarm opens. One that is open stays for
    the closing time, in case the signal comes back. Then a high alarm is told as unseen and stays open until its cause
    is seen, or seen to be gone (`ecg.alarms.episode`); any other is closed with `poor_signal`, `electrode_off` or
    `no_samples` as the reason. Heart rate and rhythm are None meanwhile. Frequent PVCs alone stay open: they are a
    count over the last hour.

    What was seen before an interruption is not forgotten: silence, runs and rates go on behind it, for what was seen
    less what was not.

    A more telling alarm closes the lesser ones of the same episode as superseded (`edge.rhythm.superseding`). In
    ventricular flutter the R peaks that are found are none: there is no heart rate. Silence means nothing until fast
    waves are gone. No ventricular flutter begins among beats of one shape that come one by one, however wide they are,
    as those of a pacemaker.

    The decision indices of the events never decrease. A `RhythmChange` carries the index at which the rhythm began,
    which may lie before events already told, but never before an earlier `RhythmChange`. At the end of the stream all
    alarms are closed.

    Args:
        settings: thresholds of the rules.
    """

    def __init__(self, settings: RhythmSettings) -> None:
        self._signal = SignalState()
        self._rate = HeartRate()
        self._rules = RuleSet(settings)
        self._summaries = MinuteSummaries()
        self._shapes = RecentShapes()
        self._rhythm = PresentRhythm(self._rules, self._signal)
        self._atrial_fibrillation = AtrialFibrillationTime(self._rules.atrial_fibrillation, self._summaries)
        self._pacing = Pacing()
        self._now = 0  # the latest decision
        self._last_tick: int | None = None
        self._last_r: int | None = None
        self._last_beat: int | None = None
        self._steps = ContactSteps()
        self._silent_from = 0  # no silence is believed to begin before
        self._peaks: deque[int] = deque()  # R peaks of the last minute
        self._reason: Reason | None = None  # why the signal is not usable, as the rules know it
        self._vitals_due = 0
        self._due = 0  # before this index a tick without news has nothing to do

    def r_peak(self, index: int, shape: FloatArray | None = None) -> list[Event]:
        """Take a detected R peak at 360 Hz index `index`; peaks come in order. `shape` is `Candidate.shape`."""
        rules = self._rules
        now = self._news(index)
        before, self._last_r = self._last_r, index
        self._peaks.append(index)
        if not self._in_asystole:
            self._steps.learn(shape)
        while self._peaks[0] < index - MEMORY:
            self._peaks.popleft()
        events: list[Event] = []
        if self._signal.usable:
            follows = before is not None and self._signal.whole(before, index)
            is_step = self._in_asystole and self._steps.is_step(shape)
            events += rules.silence.beat_came(now, index, follows=follows, is_step=is_step)
            self._listen_again(now)
        if before is None or self._in_ventricular_flutter:
            rules.rate.interrupt()
        elif not self._signal.whole(before, index):
            at_least = self._signal.silence(before, index) if self._signal.usable else 0
            events += rules.rate.torn(now, index, at_least, self._rate.bpm(now), few=self._in_asystole)
        elif index > before:
            rr = index - before
            self._rate.add(index, rr)
            if self._signal.usable:
                in_vt = self._in_ventricular_tachycardia
                few = self._in_asystole
                doubtful = self._shapes.are_artefacts(now, self._signal.steady_since)
                events += rules.rate.interval(
                    now, index, rr, self._rate.bpm(now), in_vt=in_vt, few=few, doubtful=doubtful
                )
                if rules.ventricular_flutter.onset is None:
                    events += rules.silence.interval(now, index, rr)
        return events

    def rr(self, beat: Beat) -> int | None:
        """The interval in samples that the next labelled beat ends.

        None where it was not measured in whole signal, or in ventricular flutter.
        """
        before = self._last_beat
        if before is None or beat.index <= before or beat.rr_ms is None or self._in_ventricular_flutter:
            return None
        return beat.index - before if self._signal.whole(before, beat.index) else None

    def beat(self, beat: Beat, context: RrContext) -> list[Event]:
        """Take a labelled beat; beats come in order, some seconds at most after their R peak.

        Args:
            beat: with its label.
            context: the intervals around it; its `rr` is what `rr` gives.
        """
        rules = self._rules
        now = self._news(beat.index)
        self._last_beat = beat.index
        self._shapes.beat(beat)
        usable, follows = self._can_open, context.rr is not None
        self._summaries.beat(beat, context.rr)
        events = self._superseding(now, rules.ventricular.beat(now, beat, follows=follows, usable=usable))
        events += rules.atrial_fibrillation.beat(now, beat, context, usable=usable)
        in_vt = self._in_ventricular_tachycardia
        events += rules.ectopy.beat(now, beat, follows=follows, usable=usable, in_vt=in_vt)
        events += self._rhythm.tell(now)
        self._atrial_fibrillation.beat()
        return events

    @property
    def in_atrial_fibrillation_lately(self) -> bool:
        """Whether the rhythm is atrial fibrillation, or was for at least 60 of the last 200 beats."""
        return self._atrial_fibrillation.was_present_lately

    @property
    def awaits_label(self) -> bool:
        """Whether a ventricular label of the next beat would be told at once: then it need not be final."""
        return self._rules.ventricular.awaits

    def provisional_beat(self, beat: Beat) -> list[Event]:
        """Take a beat whose label may still change with the R peak that follows; `beat` takes it again when it has."""
        if beat.label != VENTRICULAR:
            return []
        now = self._news(beat.index)
        follows = self.rr(beat) is not None
        told = self._rules.ventricular.provisional_beat(now, beat, follows=follows, usable=self._can_open)
        return self._superseding(now, told) + self._rhythm.tell(now)

    def waves(self, waves: VentricularWaves) -> list[Event]:
        """Take a judgement of the last seconds of signal: are they waves without separate beats?"""
        rule, tachycardia = self._rules.ventricular_flutter, self._rules.ventricular.tachycardia
        now = self._now = max(self._now, waves.index)
        was_open = rule.alarm.is_open or tachycardia.is_open
        if not was_open and self._shapes.come_apart(now):
            told = rule.interrupt(now)
        else:
            doubtful = self._signal.deceives(waves.onset_index - WAVES_WINDOW // 2, waves.index)
            told = rule.judge(now, waves, usable=self._signal.usable, doubtful=doubtful)
        events = self._superseding(now, told)
        if self._in_ventricular_flutter:
            self._last_r = self._last_beat = None
        if rule.onset is not None and (rule.alarm.is_present or tachycardia.is_present):
            self._silent_from = now
            self._listen_again(now)
        if events or was_open:
            self._due = 0
            events += self._rhythm.tell(now)
        return events

    def gap(self, gap: Gap, *, bridged: bool = False) -> list[Event]:
        """Take a stretch of lost samples; no interval is formed across it, unless it is short and was `bridged`."""
        rules = self._rules
        now = self._news(gap.index)
        self._summaries.gap(gap)
        events: list[Event] = [*rules.technical.gap(now, gap, self._signal.fault)]
        if bridged:
            return events
        self._signal.gap(gap)
        rules.rate.consecutive = 0
        rules.ectopy.interrupt()
        if self._signal.usable:
            self._listen_again(max(now, gap.index + gap.length))
        return events + self._rhythm.tell(now)

    def mark(self, evidence: Evidence) -> list[Event]:
        """The patient marks this moment of the stream; once more within the same event is told as its update."""
        return [*self._rules.patient_event.mark(self._news(self._now), evidence)]

    def acknowledge(self, kind: AlarmKind) -> None:
        """Somebody knows of the alarm of this kind: where it cannot be seen, it does not stay open for ever."""
        self._rules.acknowledge(self._news(self._now), kind)

    def pacing_pulse(self, index: int) -> None:
        """Take a pacemaker's pulse at 360 Hz index `index`, whether or not a heartbeat follows; it may lie ahead."""
        self._pacing.pulse(index)

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
                self._summaries.good(index, TICK)
            return []
        if since is None:
            since = max(0, index - TICK)
            self._begin(since)
        events = self._advance(index, since, quality, electrode_off)
        if index >= self._vitals_due:
            events.append(self._vitals())
        if signal.usable:
            self._summaries.good(index, min(TICK, index - since))
        self._atrial_fibrillation.count(self._now)
        if index >= self._summaries.deadline and (signal.electrode_off or signal.is_judged):
            events += self._summaries.close(index)
        self._plan()
        return events

    def finish(self, index: int) -> list[Event]:
        """The stream ended at 360 Hz index `index`: close all alarms, give the last summary."""
        now = self._news(index)
        events: list[Event] = [*self._rules.ventricular.end(now, usable=self._can_open)]
        self._atrial_fibrillation.count(now)
        return [*events, *self._rules.finish(now), *self._summaries.finish(index)]

    def _news(self, index: int) -> int:
        """Something happened at 360 Hz index `index`, so that the next tick has work; gives the decision's index."""
        self._now = max(self._now, index)
        self._due = 0
        return self._now

    def _superseding(self, now: int, told: list[AlarmEvent]) -> list[Event]:
        """What a rule told, and the alarms of others that close because of it."""
        return [*told, *self._rules.supersede(now, told)]

    def _advance(self, index: int, since: int, quality: Quality, electrode_off: bool | None) -> list[Event]:
        """Let everything happen that is due, or that follows from a change of the signal's state."""
        now, signal, rules = self._now, self._signal, self._rules
        events: list[Event] = []
        steady_since = signal.steady_since
        became_other = signal.tick(index, since, quality, electrode_off)
        if signal.steady_since > steady_since:
            rules.silence.moved(index)
        if became_other and signal.usable:
            self._listen_again(now)
            events += rules.atrial_fibrillation.resume(now)
        elif became_other or (signal.is_known_bad and signal.reason is not self._reason):
            self._reason = signal.reason
            events += rules.suspend(now, signal.reason)
        if signal.delivers:
            events += rules.technical.tick(now, since, quality, electrode_off, signal.fault)
        else:
            events += rules.technical.silent(now, since, signal.fault)
        events += rules.ectopy.tick(now)
        events += rules.run(now)
        if signal.usable and index >= rules.silence.deadline and not self._may_be_ventricular_flutter(index):
            events += self._superseding(now, rules.silence.tick(now))
        return events + self._rhythm.tell(now)

    def _may_be_ventricular_flutter(self, index: int) -> bool:
        """Whether silence that is due has to wait: the signal may be one of ventricular flutter."""
        silence = self._rules.silence
        suspected = self._rules.ventricular_flutter.suspects and not silence.asystole.is_open
        return suspected and index < silence.deadline + VENTRICULAR_FLUTTER_LATENCY

    def _listen_again(self, now: int) -> None:
        """The signal is usable: silence counts from the last R peak, as far as it was seen."""
        signal = self._signal
        believed = (peak for peak in reversed(self._peaks) if not signal.deceives(peak, peak + 1))
        since = max(self._silent_from, next(believed, 0))
        if signal.silence(since, signal.seen_since) == 0:  # nothing is left of what was seen before
            since = max(since, signal.usable_since)
        self._rules.silence.listen_from(now - signal.silence(since, now), onset=since)

    @property
    def _can_open(self) -> bool:
        """Whether an alarm of beats may open."""
        return self._signal.usable and not self._rules.ventricular_flutter.alarm.is_open

    @property
    def _in_ventricular_flutter(self) -> bool:
        """Whether the R peaks that are found now are none."""
        alarm = self._rules.ventricular_flutter.alarm
        return alarm.is_present or alarm.is_unseen

    @property
    def _in_asystole(self) -> bool:
        """Whether no rhythm was seen since an asystole was told: what beats there are make none."""
        alarm = self._rules.silence.asystole
        return alarm.is_present or alarm.is_unseen

    @property
    def _in_ventricular_tachycardia(self) -> bool:
        """Whether the beats that come now are those of a ventricular tachycardia, as far as can be seen."""
        alarm = self._rules.ventricular.tachycardia
        return alarm.is_present or alarm.is_unseen

    def _begin(self, start: int) -> None:
        self._summaries.begin(start)
        self._rhythm.begin(start)
        self._vitals_due = (start // VITALS_EVERY + 1) * VITALS_EVERY

    def _plan(self) -> None:
        """Find out up to where ticks without news can be passed over."""
        summaries = self._summaries
        due = min(self._vitals_due, summaries.deadline, summaries.next_minute(self._now), self._rules.deadline)
        self._due = min(due, self._rules.silence.deadline) if self._signal.usable else due

    def _vitals(self) -> Vitals:
        now, signal = self._now, self._signal
        quality = signal.quality
        has_beats = not self._in_asystole and not self._in_ventricular_flutter
        self._vitals_due = (now // VITALS_EVERY + 1) * VITALS_EVERY
        return Vitals(
            index=now,
            heart_rate_bpm=self._rate.bpm(now) if signal.usable and has_beats else None,
            rhythm=self._rhythm.rhythm,
            quality=quality.score if quality else None,
            faults=() if quality is None else quality.faults if signal.delivers else ("no_samples",),
            electrodes=None if signal.electrode_off is None else "off" if signal.electrode_off else "on",
            pacing_pulses_per_min=self._pacing.per_min(now),
        )
