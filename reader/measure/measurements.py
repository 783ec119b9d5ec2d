"""What was measured in an ECG: a type for each part, with a sentence on each field.

What is unknown is null, never 0, and `unknown` says why. The sentences are part of the types, so that the JSON Schema
made of them says the same.
"""

from typing import Annotated

import msgspec

__all__ = ["BeatWaves", "LeadMeasurements", "Measurements", "Wave", "Waves"]


def _text(description: str) -> msgspec.Meta:
    return msgspec.Meta(description=description)


class Wave(msgspec.Struct, frozen=True, kw_only=True):
    """One wave or complex: where it begins, is highest or deepest, and ends."""

    onset_ms: Annotated[float | None, _text("Its begin.")] = None
    peak_ms: Annotated[float | None, _text("Its peak: where it is farthest from the baseline.")] = None
    end_ms: Annotated[float | None, _text("Its end.")] = None


class Waves(msgspec.Struct, frozen=True, kw_only=True):
    """The waves of a beat, in ms from its R peak; null where a wave was not found."""

    p: Annotated[Wave | None, _text("P wave.")] = None
    qrs: Annotated[Wave | None, _text("QRS complex.")] = None
    t: Annotated[Wave | None, _text("T wave.")] = None


class BeatWaves(msgspec.Struct, frozen=True, kw_only=True):
    """The waves of one beat in one lead, in ms from the start of what was measured; null where a wave was not found."""

    p: Annotated[Wave | None, _text("P wave.")] = None
    qrs: Annotated[Wave | None, _text("QRS complex.")] = None
    t: Annotated[Wave | None, _text("T wave.")] = None


class LeadMeasurements(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured in the median beat of one lead."""

    waves: Annotated[Waves | None, _text("P, QRS and T in this lead alone.")] = None
    p_mv: Annotated[float | None, _text("Height of the P wave over the baseline, negative below it.")] = None
    q_mv: Annotated[float | None, _text("Depth of the Q wave, negative; null where there is none.")] = None
    r_mv: Annotated[float | None, _text("Height of the R wave; null where there is none.")] = None
    s_mv: Annotated[float | None, _text("Depth of the S wave, negative; null where there is none.")] = None
    t_mv: Annotated[float | None, _text("Height of the T wave over the baseline, negative below it.")] = None
    st_j60_mv: Annotated[float | None, _text("ST level 60 ms after the J point, over the level before the QRS.")] = None
    unknown: Annotated[dict[str, str], _text("Why a field is null: field, reason.")] = {}


class Measurements(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured in an ECG. Intervals, axes and heights are those of the median beat of all leads."""

    measured_s: Annotated[
        float | None, _text("Length that was measured, from the start on; null where nothing was.")
    ] = None
    heart_rate_bpm: Annotated[float | None, _text("Of the ventricles, from the median RR interval.")] = None
    rr_ms: Annotated[float | None, _text("Median RR interval.")] = None
    p_duration_ms: Annotated[float | None, _text("From the begin of the P wave to its end.")] = None
    pr_ms: Annotated[float | None, _text("From the begin of the P wave to that of the QRS complex.")] = None
    qrs_ms: Annotated[float | None, _text("From the begin of the QRS complex to its end, the J point.")] = None
    qt_ms: Annotated[float | None, _text("From the begin of the QRS complex to the end of the T wave.")] = None
    jt_ms: Annotated[float | None, _text("From the J point to the end of the T wave.")] = None
    qtcf_ms: Annotated[float | None, _text("QT corrected for the heart rate by Fridericia's formula.")] = None
    qtcb_ms: Annotated[float | None, _text("The same by Bazett's.")] = None
    qtc_framingham_ms: Annotated[float | None, _text("The same by that of the Framingham study.")] = None
    qtc_hodges_ms: Annotated[float | None, _text("The same by Hodges's.")] = None
    axis_deg: Annotated[float | None, _text("Electrical axis of the QRS complex, -180 to 180.")] = None
    p_axis_deg: Annotated[float | None, _text("Electrical axis of the P wave.")] = None
    t_axis_deg: Annotated[float | None, _text("Electrical axis of the T wave.")] = None
    sokolow_lyon_mv: Annotated[float | None, _text("Depth of S in V1 and height of R in V5 or V6.")] = None
    cornell_mv: Annotated[float | None, _text("Height of R in aVL and depth of S in V3.")] = None
    median_beat: Annotated[Waves | None, _text("P, QRS and T over all leads: earliest begin, latest end.")] = None
    leads: Annotated[dict[str, LeadMeasurements], _text("By the names of the leads that have a signal.")] = {}
    beats: Annotated[dict[str, tuple[BeatWaves, ...]], _text("The waves of each beat, by lead.")] = {}
    unknown: Annotated[dict[str, str], _text("Why a field is null: field, reason.")] = {}
