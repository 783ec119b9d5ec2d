"""A digitised page as a recording of twelve leads."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from ecg.recording import Lead, Recording
from reader.digitise.page import RATE_HZ
from reader.twelve_leads import LEADS

if TYPE_CHECKING:
    from reader.digitise.page import Page

__all__ = ["recording_of"]


def recording_of(page: Page, name: str) -> Recording:
    """Twelve leads at 500 Hz; NaN where nothing was printed."""
    return Recording(
        samples_mv=page.samples_mv,
        leads=tuple(Lead(lead) for lead in LEADS),
        rate_hz=Fraction(RATE_HZ),
        name=name,
    )
