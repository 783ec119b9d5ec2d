"""What a model is shown of a beat: the waveform beside the patient's own running template, and the rhythm around it.

Training and the monitor build these with the same code, so that a model never sees on the Pi what it did not see on the
desktop. A model card names what its model takes: a normalisation for the waveform and the rhythm features in order.
"""

from __future__ import annotations

import itertools
import math
from collections import deque
from dataclasses import dataclass
from statistics import fmean, median
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from edge.inference.sinus import SinusRhythm
from edge.samples import BEAT_BEFORE, BEAT_SAMPLES, SAMPLE_RATE_HZ, FloatArray

__all__ = ["RHYTHM_FEATURES", "WAVEFORM_CHANNELS", "BeatContext", "Float32Array", "InputBuilder", "Normalisation"]

Float32Array = NDArray[np.float32]
Normalisation = Literal["beat", "template"]

WAVEFORM_CHANNELS: Final[dict[Normalisation, int]] = {"beat": 1, "template": 2}
"""`beat`: one channel, the beat with its own mean taken off and divided by its own standard deviation.
`template`: two channels, the beat and the patient's running template, both divided by the template's QRS height."""

RHYTHM_FEATURES: Final = (
    "ln_rr_before_to_local",
    "ln_rr_after_to_local",
    "ln_rr_before_to_long",
    "ln_rr_after_to_long",
    "ln_rr_before_to_after",
    "ln_rr_before_to_second_before",
    "ln_rr_before_to_third_before",
    "ln_rr_before_to_sinus",
    "ln_rr_after_to_sinus",
    "ln_rr_second_before_to_sinus",
    "ln_local_to_sinus",
    "ln_fast_run_to_sinus",
    "ln_run_start_to_sinus",
    "run_beats",
    "premature_share",
    "rr_variability",
    "template_correlation",
    "correlation_of_beat_before",
    "ln_height_to_template",
    "qrs_difference",
    "qrs_width",
    "qrs_width_to_template",
)
"""The input `rhythm`, in this order. `local`: median of the last 8 RR intervals; `long`: mean of the last 64; `sinus`,
`run` and `premature_share`: see `edge.inference.sinus`, runs in units of 60 beats; `ln_fast_run_to_sinus`: the local
average of a run of more than 3 like intervals, where it is faster; `rr_variability`: mean absolute difference of the
last 8 successive intervals over their mean; `qrs_difference`: r.m.s. difference to the template over half its height;
`qrs_width`: time in which the middle 80 % of the QRS complex's ups and downs fall, in units of 0.2 s. An interval that
is not known (first beat, gap) counts as the local average, that is as no deviation. No feature tells the heart rate
itself: with so few patients to learn from, a model would know them by it."""

_LOCAL_INTERVALS: Final = 8
_LONG_INTERVALS: Final = 64
_TYPICAL_RR_S: Final = 0.8  # stands for the averages before the first interval is known
_LOG_LIMIT: Final = 1.5  # ln of a ratio of 4.5: further out is no more informative
_TEMPLATE_MATCH: Final = 0.90  # correlation from which on a beat shapes the template
_TEMPLATE_WEIGHT: Final = 1 / 8  # of a new beat in the template
_TEMPLATE_STRANGERS: Final = 6  # beats in a row unlike the template, but like each other, replace it
_FIRST_STRANGERS: Final = 2  # so many, as long as none was like it: a first beat may be the step of an electrode put on
_QRS: Final = slice(BEAT_BEFORE - 36, BEAT_BEFORE + 54)  # 100 ms before to 150 ms after the R peak
_SMALLEST_HEIGHT_MV: Final = 0.02  # below this a beat is noise: never divide by less
_WAVEFORM_LIMIT: Final = 4.0
_WIDTH: Final = slice(BEAT_BEFORE - 40, BEAT_BEFORE + 60)  # what the width of a QRS complex is looked for in
_WIDTH_UNIT: Final = 0.2 * SAMPLE_RATE_HZ
_RUN_UNIT: Final = 60
_RUN: Final = 3  # like intervals; more are a run


@dataclass(frozen=True, slots=True)
class BeatContext:
    """One beat as cut from the signal, with the intervals around it.

    Attributes:
        window_mv: shape (259,), the beat signal.
        rr_before_s, rr_after_s: intervals to the R peaks on either side; None where unknown.
    """

    window_mv: FloatArray
    rr_before_s: float | None
    rr_after_s: float | None


def _limited(log_ratio: float) -> float:
    return max(-_LOG_LIMIT, min(_LOG_LIMIT, log_ratio))


def _log_ratio(a: float, b: float) -> float:
    return _limited(math.log(a / b))


class InputBuilder:
    """Turns beats in their order into model inputs; carries the running averages and the template.

    Args:
        normalisation: how the waveform is scaled, see `WAVEFORM_CHANNELS`.
    """

    def __init__(self, *, normalisation: Normalisation) -> None:
        self._normalisation = normalisation
        self._intervals_s: deque[float] = deque(maxlen=_LONG_INTERVALS)
        self._sinus = SinusRhythm()
        self._correlation_before = 1.0
        self._template: FloatArray | None = None
        self._stranger: FloatArray | None = None
        self._strangers = 0
        self._is_confirmed = False  # a beat was like the template

    def build(self, context: BeatContext) -> dict[str, Float32Array]:
        """Inputs of one beat: `waveform` (259, channels) and `rhythm` (len(RHYTHM_FEATURES),), float32, unbatched."""
        if self._normalisation == "beat":
            self.skip(context.rr_before_s)
            window = context.window_mv - context.window_mv.mean()
            scale = max(float(window.std()), _SMALLEST_HEIGHT_MV / 4)
            return {"waveform": (window / scale).astype(np.float32)[:, np.newaxis]}
        correlation = self._match(context.window_mv)
        rhythm = self._rhythm(context, correlation)
        self._correlation_before = correlation
        assert self._template is not None
        scale = max(float(np.ptp(self._template[_QRS])), _SMALLEST_HEIGHT_MV)
        waveform = np.empty((BEAT_SAMPLES, 2), np.float32)
        waveform[:, 0] = context.window_mv
        waveform[:, 1] = self._template
        waveform /= np.float32(scale)
        np.clip(waveform, -_WAVEFORM_LIMIT, _WAVEFORM_LIMIT, out=waveform)
        self.skip(context.rr_before_s)
        return {"waveform": waveform, "rhythm": rhythm}

    def skip(self, rr_before_s: float | None) -> None:
        """Count the interval of a beat; all that is done with one that is not shown to the model."""
        if rr_before_s is not None:
            self._intervals_s.append(rr_before_s)
            self._sinus.add(rr_before_s)

    def _match(self, window_mv: FloatArray) -> float:
        """Correlation of a beat's QRS with the template as it stood before; then let the beat shape the template."""
        if self._template is None:
            self._template = window_mv.copy()
            return 1.0
        correlation = _correlation(window_mv, self._template)
        if correlation >= _TEMPLATE_MATCH:
            self._template += _TEMPLATE_WEIGHT * (window_mv - self._template)
            self._strangers, self._stranger = 0, None
            self._is_confirmed = True
        elif self._stranger is not None and _correlation(window_mv, self._stranger) >= _TEMPLATE_MATCH:
            self._stranger += _TEMPLATE_WEIGHT * (window_mv - self._stranger)
            self._strangers += 1
            if self._strangers >= (_TEMPLATE_STRANGERS if self._is_confirmed else _FIRST_STRANGERS):
                self._template, self._stranger, self._strangers = self._stranger, None, 0
                self._is_confirmed = True
        else:
            self._stranger, self._strangers = window_mv.copy(), 1
        return correlation

    def _rhythm(self, context: BeatContext, correlation: float) -> Float32Array:
        known = list(self._intervals_s)
        recent = known[-_LOCAL_INTERVALS:]
        local_s = median(recent) if recent else context.rr_before_s or _TYPICAL_RR_S
        long_s = fmean(known) if known else local_s
        before_s = context.rr_before_s or local_s
        after_s = context.rr_after_s or local_s
        second_before_s, third_before_s = ([local_s, *recent][-1], [local_s, local_s, *recent][-2])
        variability = 0.0
        if len(recent) > 1:
            variability = fmean(abs(b - a) for a, b in itertools.pairwise(recent)) / fmean(recent)
        sinus = self._sinus
        local_to_sinus = _limited(sinus.ln_to_sinus(local_s))
        assert self._template is not None
        window, template = context.window_mv, self._template
        height = max(float(np.ptp(window[_QRS])), _SMALLEST_HEIGHT_MV)
        template_height = max(float(np.ptp(template[_QRS])), _SMALLEST_HEIGHT_MV)
        width, template_width = _width(window), _width(template)
        return np.array(
            (
                _log_ratio(before_s, local_s),
                _log_ratio(after_s, local_s),
                _log_ratio(before_s, long_s),
                _log_ratio(after_s, long_s),
                _log_ratio(before_s, after_s),
                _log_ratio(before_s, second_before_s),
                _log_ratio(before_s, third_before_s),
                _limited(sinus.ln_to_sinus(before_s)),
                _limited(sinus.ln_to_sinus(after_s)),
                _limited(sinus.ln_to_sinus(second_before_s)),
                local_to_sinus,
                min(local_to_sinus, 0.0) if sinus.run_beats > _RUN else 0.0,
                _limited(sinus.run_to_sinus),
                min(sinus.run_beats / _RUN_UNIT, 1.0),
                sinus.premature_share,
                min(variability, 1.0),
                correlation,
                self._correlation_before,
                _log_ratio(height, template_height),
                min(2 * float((window - template)[_QRS].std()) / template_height, 2.0),
                width,
                width - template_width,
            ),
            np.float32,
        )


def _width(window_mv: FloatArray) -> float:
    """See `qrs_width` of `RHYTHM_FEATURES`; 0 of a flat window."""
    travelled = np.cumsum(np.abs(np.diff(window_mv[_WIDTH])))
    begin, end = np.searchsorted(travelled, (0.1 * travelled[-1], 0.9 * travelled[-1])).tolist()
    return float(end - begin) / _WIDTH_UNIT


def _correlation(a: FloatArray, b: FloatArray) -> float:
    """Pearson correlation of two beats over the QRS complex; 0 where one of them is flat."""
    x = a[_QRS] - a[_QRS].mean()
    y = b[_QRS] - b[_QRS].mean()
    power = float(x @ x) * float(y @ y)
    return float(x @ y) / math.sqrt(power) if power > 0 else 0.0
