"""Heights in the median beat of one lead, its ST level, the areas of its waves, and the voltages of hypertrophy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.samples import runs
from reader.measure.measurements import LeadMeasurements
from reader.measure.median_beat import FIRST_MS, STEP_MS, waves_in_ms
from reader.measure.sheet import NO_P, NO_QRS, NO_T, UNCALIBRATED, Sheet

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecg.samples import FloatArray
    from reader.measure.median_beat import BeatBounds, MedianBeat
    from reader.measure.waves import FoundWave

__all__ = ["QrsHeights", "areas", "is_p_wave", "lead_measurements", "put_voltages", "qrs_heights"]

LEAST_MV: Final = 0.02
"""A lower deflection is no wave (CSE Working Party, Eur Heart J 6:815-825, 1985)."""
J_AFTER_MS: Final = 60.0
"""After the J point, where the ST level is measured."""


@dataclass(frozen=True, slots=True)
class QrsHeights:
    """The deflections of a QRS complex, mV; None where there is none.

    Attributes:
        q_mv: before the R wave, below 0.
        r_mv: above 0.
        s_mv: after the R wave, below 0; of a complex without R wave (QS) all of it.
    """

    q_mv: float | None
    r_mv: float | None
    s_mv: float | None


def lead_measurements(beat: MedianBeat, whole: BeatBounds, *, is_calibrated: bool) -> LeadMeasurements:
    """What is measured in one lead.

    Args:
        beat: its median beat.
        whole: the bounds over all leads; the ST level of each lead counts from the J point of all.
        is_calibrated: whether heights are in mV.
    """
    sheet = Sheet()
    waves, own = beat.waves, QrsHeights(None, None, None)
    st_mv = None
    if waves.qrs is not None:
        own = qrs_heights(beat, waves.qrs)
    if whole.qrs is not None:
        st_mv = beat.at(whole.qrs.end + J_AFTER_MS)
    no_qrs = NO_QRS if waves.qrs is None else ""
    heights = {
        "p_mv": (_farthest(beat, waves.p), NO_P),
        "q_mv": (own.q_mv, no_qrs or "there is no Q wave"),
        "r_mv": (own.r_mv, no_qrs or "there is no R wave"),
        "s_mv": (own.s_mv, no_qrs or "there is no S wave"),
        "t_mv": (_farthest(beat, waves.t), NO_T),
        "st_j60_mv": (st_mv, "samples are lost there" if whole.qrs is not None else NO_QRS),
    }
    for field, (height_mv, reason) in heights.items():
        is_known = is_calibrated and height_mv is not None and np.isfinite(height_mv)
        sheet.put(field, height_mv if is_known else None, reason if is_calibrated else UNCALIBRATED, digits=3)
    return LeadMeasurements(waves=waves_in_ms(waves), **sheet.values, unknown=sheet.unknown)


def put_voltages(sheet: Sheet, medians: Mapping[str, MedianBeat], *, is_calibrated: bool) -> None:
    """Write down the voltages of left ventricular hypertrophy."""
    sokolow, cornell = "sokolow_lyon_mv", "cornell_mv"
    found = {name: qrs_heights(beat, beat.waves.qrs) for name, beat in medians.items() if beat.waves.qrs is not None}
    for field, leads in ((sokolow, ("V1", "V5", "V6")), (cornell, ("aVL", "V3"))):
        missing = [name for name in leads if name not in found]
        if missing or not is_calibrated:
            why = "no QRS complex was found" if missing and missing[0] in medians else "no signal"
            reason = f"{why} in lead {missing[0]}" if missing and is_calibrated else UNCALIBRATED
            sheet.put(field, None, reason)
            continue
        r_mv = max(found[name].r_mv or 0.0 for name in (leads[1:] if field == sokolow else leads[:1]))
        s_mv = found["V1" if field == sokolow else "V3"].s_mv or 0.0
        sheet.put(field, r_mv - s_mv, "", digits=3)


def is_p_wave(medians: Mapping[str, MedianBeat]) -> bool:
    """Whether what is taken for a P wave is high enough in two leads, or in the only one that shows it.

    What remains of the waves of atrial fibrillation in a median beat is lower.
    """
    heights = [_farthest(beat, beat.waves.p) for beat in medians.values() if beat.waves.p is not None]
    high = sum(height_mv is not None and abs(height_mv) >= LEAST_MV for height_mv in heights)
    return high >= min(2, max(len(heights), 1))


def qrs_heights(beat: MedianBeat, qrs: FoundWave) -> QrsHeights:
    """Heights of Q, R and S over the level before the complex."""
    heights = _deflections(_stretch(beat, qrs))
    up = [height for height in heights if height > 0]
    if not up:
        return QrsHeights(None, None, min(heights, default=None))
    first = heights.index(up[0])
    down = [height for height in heights[first:] if height < 0]
    return QrsHeights(heights[0] if first else None, max(up), min(down, default=None))


def _deflections(stretch: FloatArray) -> list[float]:
    """Heights of the waves of a QRS complex, above and below the level before it, in order.

    What is high or deep only where the complex ends is the ST segment.
    """
    if not len(stretch) or not np.isfinite(stretch).all():
        return []
    found: list[tuple[int, float]] = []
    for sign in (1, -1):
        for first, after in runs(sign * stretch > 0):
            top = first + int(np.abs(stretch[first:after]).argmax())
            height = float(stretch[top])
            if abs(height) >= LEAST_MV and abs(height - stretch[-1]) >= LEAST_MV:
                found.append((top, height))
    return [height for _, height in sorted(found)] or [float(stretch[int(np.abs(stretch).argmax())])]


def areas(beat: MedianBeat, wave: FoundWave) -> tuple[float, float] | None:
    """Area above the line from a wave's begin to its end less that below, and both together, mV ms."""
    stretch = _stretch(beat, wave)
    if len(stretch) < 2 or not np.isfinite(stretch).all():
        return None
    height = stretch - np.linspace(stretch[0], stretch[-1], len(stretch))
    return float(height.sum() * STEP_MS), float(np.abs(height).sum() * STEP_MS)


def _deep(stretch: FloatArray) -> float | None:
    lowest = float(stretch.min()) if len(stretch) else 0.0
    return lowest if lowest <= -LEAST_MV else None


def _farthest(beat: MedianBeat, wave: FoundWave | None) -> float | None:
    """Height of a P or T wave where it is farthest from the level before the QRS complex; None without a wave."""
    if wave is None:
        return None
    stretch = _stretch(beat, wave)
    if not np.isfinite(stretch).any():
        return None
    return float(stretch[int(np.nanargmax(np.abs(stretch)))])


def _stretch(beat: MedianBeat, wave: FoundWave) -> FloatArray:
    first, last = (round((edge - FIRST_MS) / STEP_MS) for edge in (wave.begin, wave.end))
    return beat.samples_mv[max(first, 0) : last + 1]
