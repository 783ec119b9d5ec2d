"""Heart rate and intervals, and the QT interval corrected for the rate by four formulas.

AHA/ACCF/HRS 2009 (Rautaharju et al., Circulation 119:e241-e250) asks for a linear formula, Framingham's or Hodges's,
and not for Bazett's; Fridericia's is what trials of medicines report (ICH E14).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from reader.measure.beats import IRREGULAR, irregularity
from reader.measure.sheet import NO_P, NO_T

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ecg.samples import FloatArray
    from reader.measure.median_beat import BeatBounds
    from reader.measure.sheet import Sheet

__all__ = ["CORRECTIONS", "KnownRhythm", "put_intervals", "why_no_qtc"]

WIDE_QRS_MS: Final = 120.0
"""From here on the QRS complex lengthens QT by itself (bundle branch block), and JT is told instead."""
LOWEST_BPM: Final = 50.0
HIGHEST_BPM: Final = 110.0
"""Outside, the formulas differ from each other by more than they correct."""
ONE_BEAT: Final = "fewer than two heartbeats follow each other"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRhythm:
    """What is known of the rhythm from elsewhere; None where it is not.

    Attributes:
        is_atrial_fibrillation: or atrial flutter.
        is_paced: a pacemaker paces.
    """

    is_atrial_fibrillation: bool | None = None
    is_paced: bool | None = None


def fridericia_ms(qt_ms: float, rr_ms: float) -> float:
    """QT divided by the cube root of RR in seconds (Fridericia 1920)."""
    return float(qt_ms / (rr_ms / 1000) ** (1 / 3))


def bazett_ms(qt_ms: float, rr_ms: float) -> float:
    """QT divided by the square root of RR in seconds (Bazett 1920)."""
    return float(qt_ms / (rr_ms / 1000) ** 0.5)


def framingham_ms(qt_ms: float, rr_ms: float) -> float:
    """QT and 0.154 of what RR lacks of a second (Sagie et al. 1992)."""
    return qt_ms + 0.154 * (1000 - rr_ms)


def hodges_ms(qt_ms: float, rr_ms: float) -> float:
    """QT and 1.75 ms for each beat a minute above 60 (Hodges et al. 1983)."""
    return qt_ms + 1.75 * (60_000 / rr_ms - 60)


CORRECTIONS: Final[Mapping[str, Callable[[float, float], float]]] = {
    "qtcf_ms": fridericia_ms,
    "qtcb_ms": bazett_ms,
    "qtc_framingham_ms": framingham_ms,
    "qtc_hodges_ms": hodges_ms,
}


def put_intervals(sheet: Sheet, whole: BeatBounds, rr_ms: FloatArray, rhythm: KnownRhythm) -> None:
    """Write down the heart rate and the intervals of the median beat of all leads.

    Args:
        sheet: what is written on.
        whole: that beat; it has a QRS complex.
        rr_ms: shape (beats,), NaN where unknown.
        rhythm: what is known of it.
    """
    known = rr_ms[np.isfinite(rr_ms)]
    rr = float(np.median(known)) if len(known) else None
    sheet.put("rr_ms", rr, ONE_BEAT)
    sheet.put("heart_rate_bpm", None if rr is None else 60_000 / rr, ONE_BEAT)
    p, qrs, t = whole.p, whole.qrs, whole.t
    assert qrs is not None
    no_p = NO_P
    if rhythm.is_atrial_fibrillation:
        p, no_p = None, "atrial fibrillation or flutter has no P waves"
    sheet.put("p_duration_ms", None if p is None else p.end - p.begin, no_p)
    sheet.put("pr_ms", None if p is None else qrs.begin - p.begin, no_p)
    sheet.put("qrs_ms", qrs.end - qrs.begin, "")
    sheet.put("qt_ms", None if t is None else t.end - qrs.begin, NO_T)
    sheet.put("jt_ms", None if t is None else t.end - qrs.end, NO_T)
    reason = NO_T if t is None else ONE_BEAT if rr is None else why_no_qtc(whole, known, rhythm)
    for field, corrected_ms in CORRECTIONS.items():
        value = corrected_ms(t.end - qrs.begin, rr) if t is not None and rr is not None and reason is None else None
        sheet.put(field, value, reason or "")


def why_no_qtc(whole: BeatBounds, rr_ms: FloatArray, rhythm: KnownRhythm) -> str | None:
    """Why QT is not corrected for the rate; None where it may be."""
    qrs, rate_bpm = whole.qrs, 60_000 / float(np.median(rr_ms))
    assert qrs is not None
    if rhythm.is_paced:
        return "a pacemaker paces"
    if rhythm.is_atrial_fibrillation:
        return "atrial fibrillation or flutter: the rate changes from beat to beat"
    if rhythm.is_atrial_fibrillation is None and whole.p is None and irregularity(rr_ms) > IRREGULAR:
        return "the rhythm is irregular and has no P waves, as in atrial fibrillation"
    if qrs.end - qrs.begin >= WIDE_QRS_MS:
        return f"the QRS complex lasts {WIDE_QRS_MS:.0f} ms or more; see JT"
    if not LOWEST_BPM <= rate_bpm <= HIGHEST_BPM:
        return f"the heart rate is outside {LOWEST_BPM:.0f} to {HIGHEST_BPM:.0f} bpm"
    return None
