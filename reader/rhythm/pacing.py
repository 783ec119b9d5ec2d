"""Whether a pacemaker is seen: its pulses in regular sequence, by the monitor's own rule, in two leads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecg.samples import SAMPLE_RATE_HZ
from edge.rhythm.pacing import Pacing
from edge.signal.impulse_filter import ImpulseFilter

if TYPE_CHECKING:
    from ecg.samples import FloatArray
    from reader.twelve_leads import TwelveLeads

__all__ = ["is_paced"]

_LEADS: Final = ("II", "III", "aVR", "V2", "V5")
"""Where pulses are looked for: these leads see all that any two of the twelve do in `ludb` (4 of 11 ECGs with a
pacemaker) and in half of the records of PTB-XL at 500 Hz (3 of 3); the pulses of the others were filtered out."""

_FEWEST: Final = 2
"""Leads that show them. One alone does so in 1 of 155 ECGs of `ludb` without a pacemaker, and in 3 of 214 of PTB-XL."""


def is_paced(ecg: TwelveLeads) -> bool:
    """Whether a pacemaker's pulses are seen. Recorders filter them out, so that nothing follows from their absence."""
    leads: list[str] = [lead for lead in _LEADS if lead in ecg.present] or list(ecg.present)
    needed = min(_FEWEST, len(leads))
    seen = 0
    for number, lead in enumerate(leads):
        if seen + len(leads) - number < needed:
            break
        seen += _shows_pulses(ecg.lead_mv(lead), float(ecg.rate_hz))
        if seen >= needed > 0:
            return True
    return False


def _shows_pulses(samples_mv: FloatArray, rate_hz: float) -> bool:
    impulses, pacing = ImpulseFilter(rate_hz), Pacing()
    for cleaned in (*impulses.push(0, samples_mv), *impulses.flush()):
        for pulse in cleaned.pulses:
            pacing.pulse(round(pulse * SAMPLE_RATE_HZ / rate_hz))
    return pacing.per_min(round(len(samples_mv) * SAMPLE_RATE_HZ / rate_hz)) is not None
