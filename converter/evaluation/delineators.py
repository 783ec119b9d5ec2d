"""Who finds the waves: the reader's own way with a network, and neurokit2's wavelet delineator as a second opinion."""

from __future__ import annotations

import warnings
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from converter.evaluation.wave_tests import TOGETHER
from reader.measure.delineation import delineate
from reader.twelve_leads import LEADS, TwelveLeads

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from converter.datasets.wave_marks import MarkedLead
    from converter.evaluation.wave_bounds import Places
    from converter.evaluation.wave_tests import Delineator
    from ecg.samples import FloatArray
    from reader.measure.waves import LeadWaves

__all__ = ["by_network", "by_wavelets"]


def by_network(network: Callable[[FloatArray], FloatArray]) -> Delineator:
    """The reader's way, which looks at all leads that it is given together.

    Args:
        network: from a prepared lead, shape (n,), to probabilities, shape (n, 4).
    """

    def delineator(leads: Sequence[MarkedLead]) -> Mapping[str, Places]:
        read = delineate(_as_twelve(leads), network)
        assert read is not None
        found = {
            lead.lead: _places(read.leads[name].waves, read.period_ms) for lead, name in zip(leads, LEADS, strict=False)
        }
        return found | {TOGETHER: _places(read.together, read.period_ms)}

    return delineator


def by_wavelets(leads: Sequence[MarkedLead]) -> Mapping[str, Places]:
    """What neurokit2's R peaks and discrete wavelets find in each lead (Makowski et al. 2021; Martinez et al. 2004)."""
    return {lead.lead: _wavelet_places(lead) for lead in leads}


def _wavelet_places(lead: MarkedLead) -> Places:
    import neurokit2  # noqa: PLC0415 - costs seconds

    names = {"P": "P", "QRS": "R", "T": "T"}
    places: Places = {f"{kind} {what}": [] for kind in names for what in ("onset", "peak", "end")}
    rate = int(lead.rate_hz)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            clean = neurokit2.ecg_clean(np.nan_to_num(lead.samples_mv), sampling_rate=rate)
            peaks = neurokit2.ecg_peaks(clean, sampling_rate=rate)[1]["ECG_R_Peaks"]
            found = neurokit2.ecg_delineate(clean, peaks, sampling_rate=rate, method="dwt")[1]
        except Exception:  # noqa: BLE001 - it fails in many ways where it finds too few beats: it has found nothing then
            return places
    for kind, name in names.items():
        for what, key in (("onset", "Onsets"), ("end", "Offsets"), ("peak", "Peaks")):
            values = peaks if (kind, what) == ("QRS", "peak") else found.get(f"ECG_{name}_{key}", ())
            places[f"{kind} {what}"] = sorted(float(place) * 1000 / rate for place in values if np.isfinite(place))
    return places


def _as_twelve(leads: Sequence[MarkedLead]) -> TwelveLeads:
    samples_mv = np.full((len(LEADS), len(leads[0].samples_mv)), np.nan)
    for row, lead in enumerate(leads):
        samples_mv[row] = lead.samples_mv
    return TwelveLeads(samples_mv=samples_mv, rate_hz=Fraction(leads[0].rate_hz), recorded=LEADS[: len(leads)])


def _places(waves: LeadWaves, period_ms: float) -> Places:
    by_kind = {"P": waves.p, "QRS": waves.qrs, "T": waves.t}
    return {
        f"{kind} {what}": [getattr(wave, name) * period_ms for wave in found]
        for kind, found in by_kind.items()
        for what, name in (("onset", "begin"), ("peak", "peak"), ("end", "end"))
    }
