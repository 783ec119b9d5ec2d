"""The lead in which the heartbeats are looked for: the one with the largest QRS complexes that can be read well."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reader.rhythm.filtered_lead import filter_lead
from reader.rhythm.lead_quality import judge_lead

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from reader.rhythm.filtered_lead import FilteredLead
    from reader.twelve_leads import TwelveLeads

__all__ = ["best_lead", "filter_leads", "judge_leads"]


def filter_leads(ecg: TwelveLeads, leads: Collection[str]) -> dict[str, FilteredLead]:
    """Leads behind the monitor's filters, those that have a signal, in the order of `reader.twelve_leads.LEADS`.

    Raises:
        InputError: the rate cannot be resampled.
    """
    return {lead: filter_lead(ecg.lead_mv(lead), ecg.rate_hz) for lead in ecg.present if lead in leads}


def judge_leads(leads: Mapping[str, FilteredLead]) -> dict[str, float]:
    """The quality of each lead."""
    return {name: judge_lead(lead) for name, lead in leads.items()}


def best_lead(leads: Mapping[str, FilteredLead], quality: Mapping[str, float]) -> str | None:
    """The lead with the largest product of quality and size of the QRS complexes; None without any.

    Args:
        leads: filtered, by name.
        quality: of each of them.
    """
    sizes = [quality[name] * lead.qrs_energy for name, lead in leads.items()]
    return list(leads)[int(np.argmax(sizes))] if sizes and max(sizes) > 0 else None
