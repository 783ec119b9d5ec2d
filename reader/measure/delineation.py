"""The waves of each beat in each lead of an ECG, and its heartbeats."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from reader.measure.beats import find_heartbeats, has_atrial_fibrillation_waves, size_of
from reader.measure.measurements import BeatWaves, Wave
from reader.measure.preparation import prepare
from reader.measure.waves import NONE, P, find_waves

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecg.samples import FloatArray
    from reader.measure.beats import Heartbeats
    from reader.measure.preparation import PreparedLead
    from reader.measure.waves import FoundWave, LeadWaves
    from reader.twelve_leads import TwelveLeads

__all__ = ["Delineation", "LeadDelineation", "beat_waves", "delineate"]

SHARED: Final = 0.5
"""Weight of the mean over all leads in each lead's probabilities: a wave that is doubtful in a lead is where the other
leads have it, as those who marked the leads by hand saw them all. Chosen on one fold of LUDB."""


@dataclass(frozen=True, slots=True, eq=False)
class LeadDelineation:
    """One lead and its waves.

    Attributes:
        prepared: the lead at 250 Hz without baseline.
        probabilities: shape (n, 4), of P, QRS, T and none at each of its samples.
        waves: its waves.
    """

    prepared: PreparedLead
    probabilities: FloatArray
    waves: LeadWaves


@dataclass(frozen=True, slots=True, eq=False)
class Delineation:
    """An ECG and its waves; places are in samples of the prepared leads.

    Attributes:
        leads: by name, those that have a signal.
        together: the waves that all leads together show.
        beats: heartbeats of all leads together.
        period_ms: from a sample of the prepared leads to the next.
    """

    leads: dict[str, LeadDelineation]
    together: LeadWaves
    beats: Heartbeats
    period_ms: float


def delineate(ecg: TwelveLeads, network: Callable[[FloatArray], FloatArray]) -> Delineation | None:
    """Find the waves of an ECG; None where no lead has a signal.

    Args:
        ecg: as the intake gives it.
        network: from a prepared lead, shape (n,), to probabilities, shape (n, 4).
    """
    prepared = {name: prepare(ecg.lead_mv(name), ecg.rate_hz) for name in ecg.present}
    if not prepared:
        return None
    own = {name: _probabilities(lead, network) for name, lead in prepared.items()}
    shared = np.mean(list(own.values()), axis=0)
    period_ms = next(iter(prepared.values())).period_s * 1000
    in_common = size_of([lead.samples_mv for lead in prepared.values()])
    beats = find_heartbeats(
        list(own.values()),
        [lead.samples_mv for lead in prepared.values()],
        np.all([lead.is_lost for lead in prepared.values()], axis=0),
        period_ms,
    )
    together = find_waves(shared, in_common, period_ms)
    leads = {}
    for name, lead in prepared.items():
        probabilities = (1 - SHARED) * own[name] + SHARED * shared
        leads[name] = LeadDelineation(lead, probabilities, find_waves(probabilities, lead.samples_mv, period_ms))
    if has_atrial_fibrillation_waves(shared[:, P], beats, period_ms):
        together = replace(together, p=())
        leads = {name: replace(lead, waves=replace(lead.waves, p=())) for name, lead in leads.items()}
    return Delineation(leads, together, beats, period_ms)


def _probabilities(lead: PreparedLead, network: Callable[[FloatArray], FloatArray]) -> FloatArray:
    found = network(lead.samples_mv)
    found[lead.is_lost] = 0
    found[lead.is_lost, NONE] = 1
    return found


def beat_waves(waves: LeadWaves, period_ms: float) -> tuple[BeatWaves, ...]:
    """The waves of a lead, beat by beat; a P wave that is not the last before a QRS complex stands by itself."""
    begins = [each.begin for each in waves.qrs]
    p_of = {int(np.searchsorted(begins, wave.peak)): wave for wave in waves.p}
    t_of = {int(np.searchsorted(begins, wave.peak)) - 1: wave for wave in waves.t}
    beats = [
        (
            qrs.peak,
            BeatWaves(
                p=_wave(p_of.get(number), period_ms), qrs=_wave(qrs, period_ms), t=_wave(t_of.get(number), period_ms)
            ),
        )
        for number, qrs in enumerate(waves.qrs)
    ]
    followed = {id(p_of[number]) for number in range(len(begins)) if number in p_of}
    alone = [(wave.peak, BeatWaves(p=_wave(wave, period_ms))) for wave in waves.p if id(wave) not in followed]
    return tuple(beat for _, beat in sorted([*beats, *alone], key=lambda each: each[0]))


def _wave(wave: FoundWave | None, period_ms: float) -> Wave | None:
    if wave is None:
        return None
    begin, peak, end = (round(place * period_ms, 1) for place in (wave.begin, wave.peak, wave.end))
    return Wave(onset_ms=begin, peak_ms=peak, end_ms=end)
