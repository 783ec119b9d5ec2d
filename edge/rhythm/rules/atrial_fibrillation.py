"""Atrial fibrillation: RR intervals that are irregular and do not repeat, without a P wave before the beats.

Method. The irregularity of the last 32 RR intervals is the smallest share of pairs that differ at a lag of 1 to 6
intervals (`edge/signal/irregularity.py`).

The irregularity must reach a threshold, which rises with all that speaks against atrial fibrillation:

    threshold + 1.25 * P wave + 0.4 * share of intervals that cannot be judged + 0.65 * doubt

The P wave is the mean of `Beat.p_wave` over the last 32 beats, about 0 in atrial fibrillation and 0.2 to 0.9 in sinus
rhythm (`edge/signal/p_wave.py`); where it is not known it counts as 0.15. An interval cannot be judged where it
begins or ends at a ventricular beat or at one whose QRS complex is unlike the patient's others (noise, artefact,
aberrant beat). The doubt is by how much the mean of `RrContext.atrial_fibrillation` over the last 8 beats is below
0.25: a network that reads the order of the intervals gives it. It only speaks against atrial fibrillation.

It is over when the irregularity falls below the threshold by the hysteresis, or when the newest 12 intervals are
regular, so that an episode of 20 s is not told as one of 30 s. One episode is one alarm (`ecg/alarms/episode.py`).

Kin: the origin and bin counts of Sarkar et al. 2008 (IEEE Trans Biomed Eng 55:1219-1224); counts cost less than
histograms. That irregularity, absent P waves and fibrillatory waves are the three marks: Sornmo (ed.), Atrial
Fibrillation from an Engineering Perspective, 2018, chapter 4; the third is not used.

Known limits. Atrial fibrillation with a nearly regular ventricular response (fast conduction, complete block, pacing)
and atrial flutter with fixed conduction are not seen. Frequent atrial ectopy without a pattern in a lead without
visible P waves is taken for atrial fibrillation, and so are runs of atrial tachycardia. Above 120 bpm no P waves are
looked for. Noise over the P waves looks like their absence, though noisy beats mostly are of strange shape.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from ecg.alarms.episode import AlarmEpisode
from ecg.alarms.kinds import AlarmKind
from ecg.samples import VENTRICULAR, Beat
from ecg.timing import bpm_of_rr, samples_of
from edge.rhythm.superseding import supersede
from edge.signal.beat_morphology import LIKE
from edge.signal.irregularity import LAGS, WINDOW, differ, differing_shares

if TYPE_CHECKING:
    from ecg.alarms.kinds import AlarmEvent, Reason
    from edge.rhythm.rr_context import RrContext
    from edge.rhythm.settings import RhythmSettings

__all__ = ["AtrialFibrillationRule"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Criteria:
    """Numbers that were chosen together, and with the default of `RhythmSettings.atrial_fibrillation_irregularity`.

    On DS1 of `mitdb` and on the recordings of CinC 2017 with an even CRC-32 of their name; the weights are their ratios
    in a logistic regression there. `benchmarks/CHOICES.md` (Atrial fibrillation) says what else was tried, and
    `ecg-converter report` measures the rule.

    Attributes:
        beats: P waves and intervals are sought among so many.
        fewest_p_waves: fewer beats with or without a P wave say nothing.
        p_wave_weight: so much more irregularity is asked for where the P wave is wholly there, in proportion where it
            is partly.
        unjudged_weight: and so much more where no interval can be judged: noise and ectopic beats counterfeit atrial
            fibrillation.
        unknown_p_wave: stands for the P wave where nothing is known of it: the irregularity must then be plain.
        doubt_beats: beats over which the network's probability is averaged.
        doubt_below: the network doubts where that is below this one ...
        doubt_weight: ... and so much more irregularity is asked for, in proportion to how far it is below.
        hysteresis: it is over when the irregularity has fallen this far below the threshold ...
        recent: ... or when of so many intervals fewer than half the threshold's share differ from the one before.
        longest: samples; a longer interval is a pause and says nothing about regularity.
        memory: samples; beats that lie further back are not judged.
    """

    beats: int = 48
    fewest_p_waves: int = 4
    p_wave_weight: float = 1.25
    unjudged_weight: float = 0.4
    unknown_p_wave: float = 0.15
    doubt_beats: int = 8
    doubt_below: float = 0.25
    doubt_weight: float = 0.65
    hysteresis: float = 0.08
    recent: int = 12
    longest: int = samples_of(2.5)
    memory: int = samples_of(60.0)


CRITERIA: Final = Criteria()


class _Row(NamedTuple):
    """A beat: its R peak, the interval that it ends (None: not to be judged), its P wave's evidence (None: unknown)."""

    r_index: int
    rr: int | None
    p_wave: float | None


class AtrialFibrillationRule:
    """Watches labelled beats.

    Attributes:
        alarm: atrial fibrillation, also alone in `alarms`.
        began_at, ended_at: 360 Hz indices at which the last stretch of irregularity began and ended, as well as they
            can be told afterwards; one alarm may have several of them.
    """

    def __init__(self, settings: RhythmSettings) -> None:
        self.alarm = AlarmEpisode(
            AlarmKind.ATRIAL_FIBRILLATION,
            close_after=samples_of(settings.episode_close_s),
            unseen_after=samples_of(settings.close_s),
            hold=samples_of(settings.atrial_fibrillation_s),
        )
        self.alarms = (self.alarm,)
        self.began_at = self.ended_at = 0
        self._threshold = settings.atrial_fibrillation_irregularity
        self._is_irregular = False
        self._follows_strange = True
        self._rows: deque[_Row] = deque(maxlen=CRITERIA.beats)
        self._irregularity = 0.0
        self._recent = 0.0
        self._p_wave = 0.0
        self._unjudged = 0.0
        self._opinions: deque[float] = deque(maxlen=CRITERIA.doubt_beats)

    def beat(self, now: int, beat: Beat, context: RrContext, *, usable: bool) -> list[AlarmEvent]:
        """Take the next labelled beat.

        Args:
            now: 360 Hz index of the decision.
            beat: an unclassified one is taken as not ventricular.
            context: the intervals around it.
            usable: the signal can be believed now; else nothing is opened.
        """
        is_strange = beat.label == VENTRICULAR or (beat.likeness is not None and beat.likeness < LIKE)
        touches_strange = is_strange or self._follows_strange
        self._follows_strange = is_strange
        rr = context.rr
        if rr is None:
            return []
        judged = None if touches_strange or rr > CRITERIA.longest else rr
        self._rows.append(_Row(beat.index, judged, None if is_strange else beat.p_wave))
        while self._rows[0].r_index < beat.index - CRITERIA.memory:
            self._rows.popleft()
        if context.atrial_fibrillation is not None:
            self._opinions.append(context.atrial_fibrillation)
        self._judge()
        was_irregular = self._is_irregular
        enough = self._least - CRITERIA.hysteresis if was_irregular else self._least
        self._is_irregular = self._irregularity >= enough and self._recent >= self._threshold / 2
        if was_irregular and not self._is_irregular:
            self.ended_at = self._rows[-min(len(self._rows), CRITERIA.recent)].r_index
        if not self._is_irregular:
            return self.alarm.absent(now) if usable else []
        return self._tell(now) if usable and not self.alarm.is_present else []

    def suspend(self, now: int, reason: Reason) -> list[AlarmEvent]:
        """Nothing can be told of the rhythm any more; what was measured stays valid."""
        if self.alarm.is_present:
            self.ended_at = now
        return self.alarm.absent(now, reason)

    def resume(self, now: int) -> list[AlarmEvent]:
        """The signal can be believed again; an episode that was open before a short disturbance goes on."""
        return self._tell(now) if self._is_irregular and self.alarm.is_open else []

    def supersede(self, now: int, by: AlarmKind) -> list[AlarmEvent]:
        """A more telling alarm opened, in which there are no beats to judge."""
        self._is_irregular = False
        self.ended_at = now
        self._rows.clear()
        return supersede(self.alarms, now, by)

    def _judge(self) -> None:
        """Measure the irregularity of the last intervals and the P wave of the last beats."""
        known = [row.p_wave for row in self._rows if row.p_wave is not None][-WINDOW:]
        self._p_wave = max(0.0, fmean(known)) if len(known) >= CRITERIA.fewest_p_waves else CRITERIA.unknown_p_wave
        rr = np.array([row.rr for row in self._rows if row.rr is not None][-WINDOW - LAGS :], dtype=np.float64)
        self._unjudged = sum(row.rr is None for row in self._rows) / len(self._rows)
        shares = differing_shares(rr)
        self._irregularity = min(shares, default=0.0)
        self._recent = float(differ(rr, 1)[-CRITERIA.recent :].mean()) if shares else 0.0

    @property
    def _doubt(self) -> float:
        """0 where the network takes the rhythm for atrial fibrillation, or has not seen it yet; at most 0.25."""
        return max(0.0, CRITERIA.doubt_below - fmean(self._opinions)) if self._opinions else 0.0

    @property
    def _least(self) -> float:
        """Irregularity that is asked for."""
        evidence = (
            CRITERIA.p_wave_weight * self._p_wave
            + CRITERIA.unjudged_weight * self._unjudged
            + CRITERIA.doubt_weight * self._doubt
        )
        return self._threshold + evidence

    def _tell(self, now: int) -> list[AlarmEvent]:
        rows = [row for row in self._rows if row.rr is not None][-WINDOW:]
        rr = np.array([row.rr for row in rows], dtype=np.float64)
        # The window that first is irregular enough begins with some intervals of the rhythm before.
        onset = rows[int(differ(rr, 1).argmax())].r_index
        goes_on = self.alarm.is_open
        events = self.alarm.present(
            now,
            onset,
            {
                "irregularity": round(self._irregularity, 3),
                "threshold_irregularity": round(self._least, 3),
                "p_wave": round(self._p_wave, 3),
                "doubt": round(self._doubt, 3),
                "intervals": len(rows),
                "heart_rate_bpm": bpm_of_rr(float(rr.mean())),
            },
        )
        self.began_at = onset if goes_on else self.alarm.onset
        return events
