"""Electrical axes in the frontal plane, from the net areas of a wave in leads I and aVF."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from reader.measure.heights import areas
from reader.measure.sheet import NO_P, NO_T

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reader.measure.median_beat import BeatBounds, MedianBeat
    from reader.measure.sheet import Sheet
    from reader.twelve_leads import TwelveLeads

__all__ = ["axis_deg", "put_axes"]

AUGMENTED: Final = 2 / math.sqrt(3)
"""Lead aVF has the sensitivity of lead I times this (Goldberger 1942)."""
LEAST_SHARE: Final = 0.05
"""Of the area above and below the baseline: a net area below it points nowhere (an indeterminate axis)."""
EINTHOVEN: Final = 0.05
"""Largest part of lead II by which it may differ from I + III: digitised leads differ by a step or two."""
_FIELDS: Final = {"axis_deg": ("qrs", ""), "p_axis_deg": ("p", NO_P), "t_axis_deg": ("t", NO_T)}


def put_axes(sheet: Sheet, ecg: TwelveLeads, medians: Mapping[str, MedianBeat], whole: BeatBounds) -> None:
    """Write down the axes of QRS, P and T within the bounds of the median beat of all leads."""
    missing = [name for name in ("I", "aVF") if name not in medians]
    reason = f"no signal in lead {' and lead '.join(missing)}" if missing else ""
    if not reason and not _are_proportions_kept(ecg):
        reason = "the recording has no known unit, and its limb leads do not agree with Einthoven's law"
    for field, (name, absent) in _FIELDS.items():
        wave = getattr(whole, name)
        if reason or wave is None:
            sheet.put(field, None, reason or absent)
            continue
        pairs = [areas(medians[lead], wave) for lead in ("I", "aVF")]
        if any(pair is None for pair in pairs):
            sheet.put(field, None, "samples are lost in lead I or lead aVF")
            continue
        (net_i, gross_i), (net_avf, gross_avf) = (pair for pair in pairs if pair is not None)
        sheet.put(field, axis_deg(net_i, net_avf, gross_i + gross_avf), "it points nowhere in the frontal plane")


def axis_deg(net_i: float, net_avf: float, gross: float) -> float | None:
    """The axis, -180 to 180 degrees: 0 to the left, 90 down; None where it points nowhere.

    Args:
        net_i: area above the baseline less that below in lead I.
        net_avf: the same in lead aVF.
        gross: area between curve and baseline in both together.
    """
    down = AUGMENTED * net_avf
    if gross <= 0 or math.hypot(net_i, down) <= LEAST_SHARE * gross:
        return None
    return math.degrees(math.atan2(down, net_i))


def _are_proportions_kept(ecg: TwelveLeads) -> bool:
    """Whether heights in one limb lead compare with those in another: they do in mV, and by Einthoven's law."""
    if ecg.is_calibrated:
        return True
    if not {"I", "II", "III"} <= set(ecg.recorded):
        return False
    one, two, three = (ecg.lead_mv(name) - np.nanmean(ecg.lead_mv(name)) for name in ("I", "II", "III"))
    return bool(np.nanstd(one + three - two) <= EINTHOVEN * np.nanstd(two))
