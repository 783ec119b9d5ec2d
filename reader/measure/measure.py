"""All that is measured in an ECG."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from reader.measure.axes import put_axes
from reader.measure.combination import combine
from reader.measure.delineation import beat_waves, delineate
from reader.measure.heights import is_p_wave, lead_measurements, put_voltages
from reader.measure.intervals import KnownRhythm, put_intervals
from reader.measure.measurements import Measurements
from reader.measure.median_beat import median_beat, waves_in_ms
from reader.measure.network import shipped_network
from reader.measure.sheet import NO_BEAT, NO_SIGNAL, Sheet

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecg.samples import FloatArray
    from reader.measure.delineation import Delineation
    from reader.measure.median_beat import BeatBounds, MedianBeat
    from reader.twelve_leads import TwelveLeads

__all__ = ["LONGEST_LEAD_S", "measure"]

LONGEST_LEAD_S: Final = 3600.0
"""Seconds, of all leads together, that are measured of a longer recording: 5 min of twelve leads. A median beat gains
nothing from more, and the memory that it takes is bounded."""

_NUMBERS: Final = tuple(
    field for field in Measurements.__struct_fields__ if field.rpartition("_")[2] in {"bpm", "ms", "deg", "mv"}
)


def measure(
    ecg: TwelveLeads,
    *,
    rhythm: KnownRhythm | None = None,
    network: Callable[[FloatArray], FloatArray] | None = None,
) -> Measurements:
    """Measure an ECG: waves, intervals, axes, ST levels and heights.

    Args:
        ecg: as the intake gives it.
        rhythm: what is known of it; where atrial fibrillation or pacing is known, QTc is withheld.
        network: from a prepared lead, shape (n,), to probabilities, shape (n, 4); by default the one that ships.

    Raises:
        InputError: no runtime for the network is installed.
    """
    longest = max(round(LONGEST_LEAD_S / max(len(ecg.present), 1) * ecg.rate_hz), 1)
    if ecg.length > longest:
        ecg = replace(ecg, samples_mv=ecg.samples_mv[:, :longest])
    found = delineate(ecg, network or shipped_network().probabilities)
    if found is None:
        return Measurements(unknown=dict.fromkeys(_NUMBERS, NO_SIGNAL))
    beats = {name: beat_waves(lead.waves, found.period_ms) for name, lead in found.leads.items()}
    medians, whole = _median_beats(ecg, found)
    if whole is None or whole.qrs is None:
        return Measurements(beats=beats, unknown=dict.fromkeys(_NUMBERS, NO_BEAT))
    sheet = Sheet()
    put_intervals(sheet, whole, found.beats.rr_ms, rhythm or KnownRhythm())
    put_axes(sheet, ecg, medians, whole)
    put_voltages(sheet, medians, is_calibrated=ecg.is_calibrated)
    return Measurements(
        **sheet.values,
        measured_s=round(ecg.duration_s, 3),
        median_beat=waves_in_ms(whole),
        leads={name: lead_measurements(beat, whole, is_calibrated=ecg.is_calibrated) for name, beat in medians.items()},
        beats=beats,
        unknown=sheet.unknown,
    )


def _median_beats(ecg: TwelveLeads, found: Delineation) -> tuple[dict[str, MedianBeat], BeatBounds | None]:
    """The median beat of each lead, and the bounds of the waves over all leads; none without a heartbeat."""
    if not found.beats.is_usual.any():
        return {}, None
    period_ms = float(1000 / ecg.rate_hz)
    medians = {
        name: median_beat(ecg.lead_mv(name), period_ms, lead.prepared, lead.probabilities, found.beats)
        for name, lead in found.leads.items()
    }
    whole = combine(beat.waves for beat in medians.values())
    if whole.p is not None and ecg.is_calibrated and not is_p_wave(medians):
        whole = replace(whole, p=None)
    return medians, whole
