"""From a page of paper to an ECG of twelve leads, each known where it was printed."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.errors import InputError
from reader.digitise.file import digitise
from reader.digitise.overlay import Drawn
from reader.digitise.page import RATE_HZ
from reader.digitise.steps import PageNotUnderstoodError
from reader.twelve_leads import LEADS, TwelveLeads

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["ROUTE", "read_page"]

ROUTE: Final = "paper"


def read_page(path: Path) -> tuple[TwelveLeads, tuple[str, ...]]:
    """Digitise a page at 25 mm/s; the ECG and what was assumed.

    Raises:
        InputError: the page was not understood; the message names the step that failed.
    """
    try:
        page = digitise(path, Drawn())
    except PageNotUnderstoodError as error:
        raise InputError(f"{path}: {error}") from None
    printed = tuple(
        lead for lead, samples_mv in zip(LEADS, page.samples_mv, strict=True) if np.isfinite(samples_mv).any()
    )
    ecg = TwelveLeads(samples_mv=page.samples_mv, rate_hz=Fraction(RATE_HZ), recorded=printed)
    remarks = (f"read from paper, {page.layout}, at 25 mm/s; see ecg-reader digitise for how well", *page.remarks)
    return ecg, remarks
