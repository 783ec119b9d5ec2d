"""What `ecg-reader digitise --json` prints of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from reader.digitise.page import RATE_HZ
from reader.twelve_leads import LEADS

if TYPE_CHECKING:
    from reader.digitise.page import Page

__all__ = ["Digitisation", "SelfCheck", "digitisation_of", "refused_digitisation"]

STEP_S: Final = 0.5
"""For each of which confidence is told."""


class SelfCheck(msgspec.Struct, frozen=True, kw_only=True):
    """Ratios of variances in dB, before any step that uses what they rest on; null where the page has not both sides.

    Attributes:
        einthoven_db: lead II over I + III - II.
        goldberger_db: aVR over aVR + aVL + aVF.
        twice_db: a lead that is printed twice over the difference of both.
    """

    einthoven_db: float | None = None
    goldberger_db: float | None = None
    twice_db: float | None = None


class Digitisation(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one file.

    Attributes:
        file: as given.
        refused: why it was not digitised; null if it was.
        step: at which it failed: file, grid, rows, calibration, lead names or traces.
        record: the header of the WFDB record that was written.
        layout: rows, columns and rhythm strips.
        rhythm_strips: their leads; such a lead in the record is the strip's.
        printed: for each lead the share of what was printed that was read.
        rate_hz: of the record.
        duration_s: of the record.
        speed_mm_s: of the paper, as told or assumed.
        gain_mm_a_mv: height of 1 mV.
        calibrated: a pulse tells the gain; false: it is assumed.
        px_a_mm: pixels for each mm across and down.
        turned_deg: by which the page was turned to be upright.
        self_check: what the leads say about each other.
        confidence: for each lead and each 0.5 s, 0 to 1; null where nothing was printed.
        remarks: what was assumed, a sentence each.
    """

    file: str
    refused: str | None = None
    step: str | None = None
    record: str | None = None
    layout: str | None = None
    rhythm_strips: tuple[str, ...] = ()
    printed: dict[str, float] = {}
    rate_hz: int | None = None
    duration_s: float | None = None
    speed_mm_s: float | None = None
    gain_mm_a_mv: float | None = None
    calibrated: bool | None = None
    px_a_mm: tuple[float, float] | None = None
    turned_deg: float | None = None
    self_check: SelfCheck | None = None
    confidence: dict[str, list[float | None]] = {}
    remarks: tuple[str, ...] = ()


def refused_digitisation(file: str, reason: str, step: str | None = None) -> Digitisation:
    """Of a file that was not digitised."""
    return Digitisation(file=file, refused=reason, step=step)


def digitisation_of(page: Page, file: str, record: str) -> Digitisation:
    """Of a page that was."""
    return Digitisation(
        file=file,
        record=record,
        layout=page.layout,
        rhythm_strips=page.strips,
        printed=dict(page.printed),
        rate_hz=RATE_HZ,
        duration_s=round(page.samples_mv.shape[1] / RATE_HZ, 3),
        speed_mm_s=page.speed_mm_s,
        gain_mm_a_mv=page.gain_mm_a_mv,
        calibrated=page.is_calibrated,
        px_a_mm=page.px_a_mm,
        turned_deg=page.turned_deg,
        self_check=SelfCheck(**page.check),
        confidence=_confidence(page),
        remarks=page.remarks,
    )


def _confidence(page: Page) -> dict[str, list[float | None]]:
    step = round(STEP_S * RATE_HZ)
    found: dict[str, list[float | None]] = {}
    for lead, samples_mv, confidence in zip(LEADS, page.samples_mv, page.confidence, strict=True):
        parts = [slice(first, first + step) for first in range(0, len(samples_mv), step)]
        found[lead] = [
            round(float(confidence[part].mean()), 3) if np.isfinite(samples_mv[part]).any() else None for part in parts
        ]
    return found
