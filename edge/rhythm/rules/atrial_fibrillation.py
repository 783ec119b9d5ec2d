"""Atrial fibrillation: RR intervals that are irregular and do not repeat, without a P wave before the beats.

Method. The irregularity of the last 32 RR intervals is the smallest share of pairs that differ at a lag of 1 to 6
intervals (`edge/signal/irregularity.py`).

The irregularity must reach a threshold, which rises with all that speaks against fibrillation:

    threshold + 1.25 * P wave + 0.4 * share of intervals that cannot be judged + 0.65 * doubt

The P wave is the mean of `Beat.p_wave` over the last 32 beats, about 0 in fibrillation and 0.2 to 0.9 in sinus rhythm
(`edge/signal/beat_shape.py`); where it is not known it counts as 0.15. An interval cannot be judged where it begins or
ends at a ventricular beat or at one whose QRS complex is unlike the patient's others (noise, artefact, aberrant beat).
The doubt is that of `edge/inference/interval_network.py`, a network that reads the order of the intervals and learned
from simulated patients alone: by how much the mean of its probability of fibrillation over the last 8 beats is below
0.25. It only speaks against fibrillation.

It is over when the irregularity falls below the threshold by the hysteresis, or when the newest 12 intervals are
regular, so that an episode of 20 s is not told as one of 30 s. One episode is one alarm (`ecg/alarms/episode.py`).

Kin: the origin and bin counts of Sarkar et al. 2008 (IEEE Trans Biomed Eng 55:1219-1224); counts cost less than
histograms. That irregularity, absent P waves and fibrillatory waves are the three marks: Sornmo (ed.), Atrial
Fibrillation from an Engineering Perspective, 2018, chapter 4; the third is not used.

Where the numbers come from. Window, lags and 6 % stand from a first design, for which DS2 of MIT-BIH was looked at
once. P wave, shapes and weights were chosen on DS1 and on the CinC 2017 recordings with an even CRC-32 of their name
(logistic regression of fibrillation on the three terms gives their ratio; F1 hardly changes around the values taken).
The threshold, 0.385, is where sensitivity and predictivity met on those recordings (82.6 %, with the labels of
`resecanet-aami5` 1.2.0) before the doubt joined; DS1 allowed 0.34 to 0.45. The weight of the doubt is its ratio in the
logistic regression on the same recordings, which left the other two where they were; 0.25 is where F1 is best there
(84.5 % instead of 82.6 %, with the labels of 1.5.0; 84.2 % with 0.2, 83.0 % with 0.3). With an opinion that also speaks
for fibrillation F1 was 84.7 %, and a plain P wave no longer helped.
`svdb`, which has no rhythm annotations, served to look for false calls: records 804, 845, 849 and 867 look like
fibrillation in long stretches and were not held against the rule. `ecg-converter report` measures it.

Known limits. Fibrillation with a nearly regular ventricular response (fast conduction, complete block, pacing) and
atrial flutter with fixed conduction are not seen. Frequent atrial ectopy without a pattern in a lead without visible P
waves is taken for fibrillation, and so are runs of atrial tachycardia. Above 120 bpm no P waves are looked for. Noise
over the P waves looks like their absence, though noisy beats mostly are of strange shape.
"""

from __future__ import annotations

from collections import deque
from statistics import fmean
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from ecg.alarms.episode import AlarmEpisode
from ecg.alarms.kinds import AlarmKind
from ecg.samples import VENTRICULAR, Beat
from ecg.timing import bpm_of_rr, samples_of
from edge.rhythm.superseding import supersede
from edge.signal.beat_shape import LIKE
from edge.signal.irregularity import LAGS, WINDOW, differ, differing_shares

if TYPE_CHECKING:
    from ecg.alarms.kinds import AlarmEvent, Reason
    from edge.rhythm.rr_context import RrContext
    from edge.rhythm.settings import RhythmSettings

__all__ = ["AtrialFibrillationRule"]

BEATS: Final = 48
"""They are sought among so many beats."""
FEWEST_P_WAVES: Final = 4
"""Fewer beats with or without a P wave say nothing."""
P_WAVE_WEIGHT: Final = 1.25
"""So much more irregularity is asked for where the P wave is wholly there, in proportion where it is partly."""
UNJUDGED_WEIGHT: Final = 0.4
"""And so much more where no interval can be judged: noise and ectopic beats counterfeit fibrillation."""
UNKNOWN_P_WAVE: Final = 0.15
"""Stands for the P wave where nothing is known of it: the irregularity must then be plain."""
DOUBT_BEATS: Final = 8
"""Beats over which the network's probability of fibrillation is averaged."""
DOUBT_BELOW: Final = 0.25
"""The network doubts where that is below this one ..."""
DOUBT_WEIGHT: Final = 0.65
"""... and so much more irregularity is asked for, in proportion to how far it is below."""
HYSTERESIS: Final = 0.08
"""Fibrillation is over when the irregularity has fallen this far below the threshold ..."""
RECENT: Final = 12
"""... or when of so many intervals fewer than half the threshold's share differ from the one before."""
LONGEST: Final = samples_of(2.5)
"""A longer interval is a pause and says nothing about regularity."""
MEMORY: Final = samples_of(60.0)
"""Beats that lie further back are not judged."""


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
        self._rows: deque[_Row] = deque(maxlen=BEATS)
        self._irregularity = 0.0
        self._recent = 0.0
        self._p_wave = 0.0
        self._unjudged = 0.0
        self._opinions: deque[float] = deque(maxlen=DOUBT_BEATS)

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
        judged = None if touches_strange or rr > LONGEST else rr
        self._rows.append(_Row(beat.index, judged, None if is_strange else beat.p_wave))
        while self._rows[0].r_index < beat.index - MEMORY:
            self._rows.popleft()
        if context.atrial_fibrillation is not None:
            self._opinions.append(context.atrial_fibrillation)
        self._judge()
        was_irregular = self._is_irregular
        enough = self._least - HYSTERESIS if was_irregular else self._least
        self._is_irregular = self._irregularity >= enough and self._recent >= self._threshold / 2
        if was_irregular and not self._is_irregular:
            self.ended_at = self._rows[-min(len(self._rows), RECENT)].r_index
            return self.alarm.absent(now)
        return self._tell(now) if self._is_irregular and usable and not self.alarm.is_present else []

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
        self._p_wave = max(0.0, fmean(known)) if len(known) >= FEWEST_P_WAVES else UNKNOWN_P_WAVE
        rr = np.array([row.rr for row in self._rows if row.rr is not None][-WINDOW - LAGS :], dtype=np.float64)
        self._unjudged = sum(row.rr is None for row in self._rows) / len(self._rows)
        shares = differing_shares(rr)
        self._irregularity = min(shares, default=0.0)
        self._recent = float(differ(rr, 1)[-RECENT:].mean()) if shares else 0.0

    @property
    def _doubt(self) -> float:
        """0 where the network takes the rhythm for fibrillation, or has not seen it yet; at most 0.25."""
        return max(0.0, DOUBT_BELOW - fmean(self._opinions)) if self._opinions else 0.0

    @property
    def _least(self) -> float:
        """Irregularity that is asked for."""
        evidence = P_WAVE_WEIGHT * self._p_wave + UNJUDGED_WEIGHT * self._unjudged + DOUBT_WEIGHT * self._doubt
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
