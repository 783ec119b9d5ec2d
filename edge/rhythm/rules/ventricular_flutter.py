"""Ventricular flutter and fibrillation, and tachycardia whose beats cannot be told apart, from the waves themselves.

How sure one must be that there are waves, and for how long, was chosen on `vfdb` (14 records, first channel, this rule
alone): `benchmarks/CHOICES.md` (Ventricular flutter). `ecg-converter report` measures the rule.
"""

from __future__ import annotations

from collections import deque
from itertools import takewhile
from math import exp, log
from statistics import median
from typing import TYPE_CHECKING, Final

from ecg.alarms.episode import AlarmEpisode
from ecg.alarms.kinds import AlarmKind, Evidence, Reason
from ecg.timing import samples_of
from edge.rhythm.superseding import supersede

if TYPE_CHECKING:
    from ecg.alarms.kinds import AlarmEvent
    from ecg.samples import VentricularWaves
    from edge.rhythm.rules.ventricular import VentricularRule
    from edge.rhythm.settings import RhythmSettings

__all__ = ["VentricularFlutterRule"]

JUDGEMENTS: Final = 3
"""So many in a row are averaged: one and a half seconds."""
LONGEST_ODDS: Final = 6.0
"""Log-odds beyond this count as this: one judgement does not decide for the others."""
LEAVE: Final = 0.0
"""Log-odds below which waves that are not told yet are gone: even odds."""
STAYS: Final = -3.0
"""Log-odds below which waves that were told are gone: fibrillation waxes and wanes, and hardly ever ends by itself."""
LATELY: Final = samples_of(60.0)
"""Waves that come back within this time after the last ones are the same, and need only be more likely than not ..."""
RETURNS: Final = 2.0
"""... with these log-odds, for the whole hold time."""
SEEN: Final = 4
"""The usual QRS complexes that one of so many judgements found go on: within two seconds no heart can be told to have
stopped."""
SURE: Final = (6, 8)
"""Waves that were told are over by QRS complexes alone where so many of so many judgements found them."""
DOUBTED: Final = 4
"""Waves that are certain began with the first judgement in a row that spoke for them, at most so many before those."""
UPDATE_EVERY: Final = samples_of(10.0)
"""An episode that goes on is told again this often."""


class VentricularFlutterRule:
    """Watches the judgements of `edge.signal.ventricular_flutter`.

    Waves slower than `ventricular_flutter_bpm` are a ventricular tachycardia, and told by the alarm of that kind, be it
    open already on account of its beats or not. Faster ones are flutter, which takes the place of a tachycardia: one
    episode is one story. Flutter that becomes slower stays flutter until it is over.

    Attributes:
        alarm: ventricular flutter, also alone in `alarms`.
        onset: 360 Hz index at which the waves now seen began; None without any.
    """

    def __init__(self, settings: RhythmSettings, ventricular: VentricularRule) -> None:
        self.alarm = AlarmEpisode(AlarmKind.VENTRICULAR_FLUTTER, close_after=samples_of(settings.close_s))
        self.alarms = (self.alarm,)
        self._ventricular = ventricular
        self._hold_s = settings.ventricular_flutter_s
        self._hold = samples_of(settings.ventricular_flutter_s)
        self._flutter_bpm = settings.ventricular_flutter_bpm
        self._certainty = settings.ventricular_flutter_certainty
        self._enter = log(self._certainty / (1 - self._certainty))
        self._recent: deque[VentricularWaves] = deque(maxlen=JUDGEMENTS + DOUBTED)
        self._has_usual_qrs: deque[bool] = deque(maxlen=SURE[1])
        self.onset: int | None = None
        self._certain_from = 0  # what the hold time counts from
        self._update_due = 0
        self._told_at = -LATELY  # when waves that are told were seen last

    @property
    def suspects(self) -> bool:
        """Whether the latest judgement speaks for waves rather than against."""
        return bool(self._recent) and self._recent[-1].log_odds > LEAVE

    def judge(self, now: int, waves: VentricularWaves, *, usable: bool, doubtful: bool) -> list[AlarmEvent]:
        """Take the next judgement.

        Args:
            now: 360 Hz index of the decision.
            waves: the judgement.
            usable: the signal can be believed now; else nothing is opened.
            doubtful: a part of what was judged was bad: where no waves are found there, they may go on.
        """
        if not usable:
            self._recent.clear()
            return []
        self._recent.append(waves)
        self._has_usual_qrs.append(waves.has_usual_qrs)
        if len(self._recent) < JUDGEMENTS:
            return []
        judged = list(self._recent)[-JUDGEMENTS:]
        # Waves that became too low to be judged may be fibrillation still: it becomes fine before it ends.
        is_low = any(each.height_mv is None for each in judged)
        gone = Reason.POOR_SIGNAL if doubtful or is_low else Reason.OVER
        log_odds = sum(max(-LONGEST_ODDS, min(LONGEST_ODDS, each.log_odds)) for each in judged) / JUDGEMENTS
        is_told = self.alarm.is_unseen or (self.onset is not None and self._told_at >= self.onset)
        if self._usual_qrs_go_on(is_told=is_told) or log_odds <= (STAYS if is_told else LEAVE):
            return self._gone(now, gone)
        if self.onset is None and log_odds < (RETURNS if now < self._told_at + LATELY else self._enter):
            return [] if self.alarm.is_unseen else self._gone(now, gone)
        if self.onset is None:
            self.onset = self._certain_from = judged[0].onset_index
            for signs in takewhile(lambda each: each.log_odds > LEAVE, reversed(self._recent)):
                self.onset = min(self.onset, signs.onset_index)
        if now < self._certain_from + self._hold:
            return []
        self._told_at = now
        return self._present(now, self.onset, judged, log_odds)

    def _usual_qrs_go_on(self, *, is_told: bool) -> bool:
        """Whether the heart beats through the waves; told ones need more to be taken back."""
        least, _ = SURE
        return sum(self._has_usual_qrs) >= least if is_told else any(list(self._has_usual_qrs)[-SEEN:])

    def interrupt(self, now: int, reason: Reason = Reason.OVER) -> list[AlarmEvent]:
        """What follows is not consecutive to what came before, or cannot be believed."""
        self._recent.clear()
        return self._gone(now, reason)

    def supersede(self, now: int, by: AlarmKind) -> list[AlarmEvent]:
        """A more telling alarm opened."""
        self._recent.clear()
        self.onset = None
        return supersede(self.alarms, now, by)

    def _gone(self, now: int, reason: Reason) -> list[AlarmEvent]:
        self.onset = None
        return self.alarm.absent(now, reason) + self._ventricular.waves_gone(now, reason)

    def _present(self, now: int, onset: int, judged: list[VentricularWaves], log_odds: float) -> list[AlarmEvent]:
        rate_bpm = median(each.rate_bpm for each in judged if each.rate_bpm is not None)
        height_mv = max(each.height_mv for each in judged if each.height_mv is not None)
        evidence: Evidence = {
            "rate_bpm": round(rate_bpm, 1),
            "certainty": round(1 / (1 + exp(-log_odds)), 3),
            "height_mv": round(height_mv, 3),
            "threshold_bpm": self._flutter_bpm,
            "threshold_certainty": self._certainty,
            "threshold_s": self._hold_s,
        }
        opens = not self.alarm.is_open
        if opens and rate_bpm < self._flutter_bpm:
            return self._ventricular.waves_seen(now, onset, evidence)
        events = self.alarm.present(now, onset, evidence)
        if opens:
            self._update_due = now + UPDATE_EVERY
        elif now >= self._update_due:
            self._update_due = now + UPDATE_EVERY
            events += self.alarm.update(now, evidence)
        return events
