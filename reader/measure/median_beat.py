"""The median beat of each lead: its samples over the level before the QRS complex, and its waves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from reader.measure.beats import STEADY_P
from reader.measure.filters import monotone_curve
from reader.measure.measurements import Wave, Waves
from reader.measure.waves import QRS, P, T, find_waves

if TYPE_CHECKING:
    from ecg.samples import FloatArray
    from reader.measure.beats import Heartbeats
    from reader.measure.preparation import PreparedLead
    from reader.measure.waves import FoundWave

__all__ = ["FIRST_MS", "STEP_MS", "BeatBounds", "MedianBeat", "level_before_qrs", "median_beat", "waves_in_ms"]

STEP_MS: Final = 2.0
"""Of the samples of a median beat: 500 Hz, at which electrocardiographs store it."""
FIRST_MS: Final = -700.0
LAST_MS: Final = 900.0
"""From the R peak. A PR interval of 400 ms and a QT interval of 700 ms lie inside."""
MOST_BEATS: Final = 200
"""Of a long recording, spread evenly over it: the noise of their median is a tenth of that of four."""
LEVEL_MS: Final = 20.0
"""Before the begin of the QRS complex, whose mean is the level that heights are measured from (CSE Working Party, Eur
Heart J 6:815-825, 1985)."""


@dataclass(frozen=True, slots=True)
class BeatBounds:
    """The waves of one beat, times as the caller's; None where a wave was not found."""

    p: FoundWave | None
    qrs: FoundWave | None
    t: FoundWave | None


@dataclass(frozen=True, slots=True, eq=False)
class MedianBeat:
    """The median beat of one lead.

    Attributes:
        samples_mv: shape (n,), the first `FIRST_MS` from the R peak, `STEP_MS` apart; NaN where nothing is known.
        waves: its waves, in ms from the R peak.
    """

    samples_mv: FloatArray
    waves: BeatBounds

    def at(self, time_ms: float) -> float:
        """Height at a time from the R peak, mV."""
        return float(np.interp((time_ms - FIRST_MS) / STEP_MS, np.arange(len(self.samples_mv)), self.samples_mv))


def median_beat(
    samples_mv: FloatArray, samples_period_ms: float, lead: PreparedLead, probabilities: FloatArray, beats: Heartbeats
) -> MedianBeat:
    """The median over the usual beats, of which there is at least one.

    Args:
        samples_mv: shape (m,), the lead as it was recorded; NaN marks a lost sample.
        samples_period_ms: from one of these samples to the next.
        lead: the same prepared for the network.
        probabilities: of P, QRS, T and none at each sample of the prepared lead.
        beats: all beats.
    """
    period_ms = lead.period_s * 1000
    level_mv = level_before_qrs(samples_mv, samples_period_ms, beats.qrs_begin * period_ms)
    chosen = np.flatnonzero(beats.is_usual)
    chosen = chosen[np.linspace(0, len(chosen) - 1, min(len(chosen), MOST_BEATS)).astype(np.int64)]
    times_ms = np.arange(FIRST_MS, LAST_MS + STEP_MS / 2, STEP_MS)
    places_ms = beats.r[chosen, np.newaxis] * period_ms + times_ms
    heights_mv = _between(samples_mv - level_mv, places_ms / samples_period_ms)
    mean_mv = _median(heights_mv)
    rows = [_between(column, places_ms / period_ms) for column in probabilities.T]
    likely = np.stack([_mean(each) for each in rows], axis=1)
    likely[~np.isfinite(likely)] = 0
    if beats.is_regular:
        likely[:, P] = _steady(np.nan_to_num(rows[P][:, times_ms < 0]), likely[:, P])
    found = find_waves(likely, np.nan_to_num(mean_mv), STEP_MS)
    return MedianBeat(mean_mv, _around(found.p, found.qrs, found.t))


def _steady(rows: FloatArray, likely: FloatArray) -> FloatArray:
    """Probability of the P wave of regular beats, so that it begins and ends where it falls to half of its highest.

    What stands before most QRS complexes at the same place is a P wave, though the network doubts each one of them.

    Args:
        rows: shape (beats, times), of each beat before its R peak.
        likely: shape (n,), the mean over the beats.
    """
    highest = float(likely[: rows.shape[1]].max())
    return np.minimum(likely / highest, 1.0) if np.median(rows, axis=0).max() >= STEADY_P else likely


def waves_in_ms(bounds: BeatBounds) -> Waves:
    """The same as what is told, rounded to 0.1 ms."""
    return Waves(**{name: _told(getattr(bounds, name)) for name in ("p", "qrs", "t")})


def _told(wave: FoundWave | None) -> Wave | None:
    if wave is None:
        return None
    return Wave(onset_ms=round(wave.begin, 1), peak_ms=round(wave.peak, 1), end_ms=round(wave.end, 1))


def level_before_qrs(samples_mv: FloatArray, period_ms: float, begins_ms: FloatArray) -> FloatArray:
    """The baseline: through the level before each QRS complex, by a cubic that keeps within them (Fritsch and Carlson).

    A spline through these levels moves no T end and no ST segment, as a filter would.

    Args:
        samples_mv: shape (n,), NaN marks a lost sample.
        period_ms: from a sample to the next.
        begins_ms: of the QRS complexes, ascending.

    Returns:
        Shape (n,); before the first complex and after the last the level stays.
    """
    knots: list[tuple[float, float]] = []
    width = max(round(LEVEL_MS / period_ms), 1)
    for begin_ms in begins_ms:
        last = round(begin_ms / period_ms)
        stretch = samples_mv[max(last - width, 0) : last]
        if np.isfinite(stretch).any():
            place = last - width / 2
            if not knots or place > knots[-1][0]:
                knots.append((place, float(np.nanmean(stretch))))
    if len(knots) < 2:
        level = knots[0][1] if knots else float(np.nanmedian(samples_mv))
        return np.full(len(samples_mv), level)
    at, levels = np.array(knots).T
    return monotone_curve(at, levels, np.clip(np.arange(len(samples_mv)), at[0], at[-1]))


def _around(p: tuple[FoundWave, ...], qrs: tuple[FoundWave, ...], t: tuple[FoundWave, ...]) -> BeatBounds:
    """Of all waves around the R peak at time 0 those of its beat; times in ms."""
    in_ms = [[_in_ms(wave) for wave in waves] for waves in (p, qrs, t)]
    own = min(in_ms[QRS], key=lambda wave: abs(wave.peak), default=None)
    if own is None or not own.begin - LEVEL_MS <= 0 <= own.end + LEVEL_MS:
        return BeatBounds(None, None, None)
    before = max((wave.end for wave in in_ms[QRS] if wave.end < own.begin), default=FIRST_MS)
    after = min((wave.begin for wave in in_ms[QRS] if wave.begin > own.end), default=LAST_MS)
    return BeatBounds(
        p=next((wave for wave in reversed(in_ms[P]) if before <= wave.peak < own.begin), None),
        qrs=own,
        t=next((wave for wave in in_ms[T] if own.end <= wave.peak < after), None),
    )


def _in_ms(wave: FoundWave) -> FoundWave:
    begin, peak, end = (FIRST_MS + STEP_MS * place for place in (wave.begin, wave.peak, wave.end))
    return type(wave)(begin, peak, end, wave.size)


def _between(values: FloatArray, places: FloatArray) -> FloatArray:
    """Values at places between samples, by the cubic through the four around it (Catmull and Rom); NaN outside."""
    left = np.floor(places).astype(np.int64)
    part = places - left
    before, here, after, beyond = (values[np.clip(left + step, 0, len(values) - 1)] for step in (-1, 0, 1, 2))
    slope, next_slope = (after - before) / 2, (beyond - here) / 2
    rise = after - here
    found = here + part * (
        slope + part * ((3 * rise - 2 * slope - next_slope) + part * (slope + next_slope - 2 * rise))
    )
    return np.where((places >= 0) & (places <= len(values) - 1), found, np.nan)


def _median(rows: FloatArray) -> FloatArray:
    """Median of each column, of what is known; NaN where nothing is."""
    known = np.isfinite(rows).any(axis=0)
    found = np.full(rows.shape[1], np.nan)
    found[known] = np.nanmedian(rows[:, known], axis=0)
    return found


def _mean(rows: FloatArray) -> FloatArray:
    known = np.isfinite(rows).any(axis=0)
    found = np.full(rows.shape[1], np.nan)
    found[known] = np.nanmean(rows[:, known], axis=0)
    return found
