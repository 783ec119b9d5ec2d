"""What a model is shown of a beat: the waveform beside the patient's own running template, and the rhythm around it.

Training and the monitor build these with the same code, so that a model never sees on the Pi what it did not see on the
desktop. A model card names what its model takes: a normalisation for the waveform and the rhythm features in order.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.samples import BEAT_BEFORE, BEAT_SAMPLES, SAMPLE_RATE_HZ
from edge.inference.rr_features import RR_SCALES

if TYPE_CHECKING:
    from ecg.model_file.card import Normalisation
    from ecg.samples import Float32Array, FloatArray
    from edge.inference.rr_history import RrHistory

__all__ = [
    "RHYTHM_FEATURES",
    "RHYTHM_SCALES",
    "BeatContext",
    "InputBuilder",
    "qrs_correlation",
]

RHYTHM_SCALES: Final[dict[str, tuple[float, float]]] = {
    **RR_SCALES,
    "ln_unlike_template": (-3.0, 1.0),
    "ln_unlike_template_before": (-3.0, 1.0),
    "ln_unlike_template_to_usual": (0.2, 1.0),
    "ln_qrs_difference": (-2.3, 0.67),
    "ln_qrs_difference_to_usual": (0.0, 0.67),
    "ln_height_to_template": (0.0, 0.2),
    "qrs_width_s": (0.09, 0.04),
    "qrs_width_to_template_s": (0.0, 0.033),
}
"""About the middle and the spread of each rhythm feature over the training beats. A model is shown
(feature - middle) / spread, limited to 4 either way: the features share one int8 scale, and none may be lost in its
steps."""

RHYTHM_FEATURES: Final = tuple(RHYTHM_SCALES)
"""The input `rhythm`, in this order: first the features of `edge.inference.rr_features`. `unlike_template`: 1 minus the
correlation of the QRS complex with that of the template; `qrs_difference`: their r.m.s. difference over half the
template's height; `usual`: median of the same over the last 64 beats; `qrs_width`: time in which the middle 80 % of the
QRS complex's ups and downs fall."""

_FEATURE_LIMIT: Final = 4.0
_LEAST_UNLIKE: Final = 0.003  # added to what a logarithm is taken of: nearer to the template is noise
_LEAST_DIFFERENCE: Final = 0.02  # likewise
_USUAL_BEATS: Final = 64
_TEMPLATE_MATCH: Final = 0.90  # correlation from which on a beat shapes the template
_TEMPLATE_WEIGHT: Final = 1 / 8  # of a new beat in the template
_TEMPLATE_STRANGERS: Final = 6  # beats in a row unlike the template, but like each other, replace it
_FIRST_STRANGERS: Final = 2  # so many, as long as none was like it: a first beat may be the step of an electrode put on
_QRS: Final = slice(BEAT_BEFORE - 36, BEAT_BEFORE + 54)  # 100 ms before to 150 ms after the R peak
_SMALLEST_HEIGHT_MV: Final = 0.02  # below this a beat is noise: never divide by less
_WAVEFORM_LIMIT: Final = 4.0
_WIDTH: Final = slice(BEAT_BEFORE - 40, BEAT_BEFORE + 60)  # what the width of a QRS complex is looked for in
_MIDDLE, _SPREAD = (np.array(values) for values in zip(*RHYTHM_SCALES.values(), strict=True))


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


class _Usual:
    """Follows what is usual of a value: its median over the last beats.

    Args:
        least: added before a logarithm is taken.
    """

    def __init__(self, least: float) -> None:
        self._least = least
        self._last: deque[float] = deque(maxlen=_USUAL_BEATS)

    def add(self, value: float) -> tuple[float, float]:
        """The value's logarithm, and that of its ratio to what was usual before it (0 for the first)."""
        own = math.log(value + self._least)
        usual = own if not self._last else math.log(median(self._last) + self._least)
        self._last.append(value)
        return own, own - usual


class InputBuilder:
    """Turns beats in their order into model inputs; carries the template and what is usual of the beats.

    Args:
        normalisation: how the waveform is scaled, see `ecg.model_file.card.Normalisation`.
    """

    def __init__(self, *, normalisation: Normalisation) -> None:
        self._normalisation = normalisation
        self._unlike = _Usual(_LEAST_UNLIKE)
        self._difference = _Usual(_LEAST_DIFFERENCE)
        self._ln_unlike_before = math.log(_LEAST_UNLIKE)
        self._template: FloatArray | None = None
        self._stranger: FloatArray | None = None
        self._strangers = 0
        self._is_confirmed = False  # a beat was like the template

    def build(self, context: BeatContext, history: RrHistory) -> dict[str, Float32Array]:
        """Inputs of one beat: `waveform` (259, channels) and `rhythm` (len(RHYTHM_FEATURES),), float32, unbatched.

        Args:
            context: the beat.
            history: the intervals up to the beat before; whoever keeps it adds the beat's own afterwards.
        """
        if self._normalisation == "beat":
            window = context.window_mv - context.window_mv.mean()
            scale = max(float(window.std()), _SMALLEST_HEIGHT_MV / 4)
            return {"waveform": (window / scale).astype(np.float32)[:, np.newaxis]}
        correlation = self._match(context.window_mv)
        rhythm = self._rhythm(context, history, correlation)
        assert self._template is not None
        scale = max(float(np.ptp(self._template[_QRS])), _SMALLEST_HEIGHT_MV)
        waveform = np.empty((BEAT_SAMPLES, 2), np.float32)
        waveform[:, 0] = context.window_mv
        waveform[:, 1] = self._template
        waveform /= np.float32(scale)
        np.clip(waveform, -_WAVEFORM_LIMIT, _WAVEFORM_LIMIT, out=waveform)
        return {"waveform": waveform, "rhythm": rhythm}

    def _match(self, window_mv: FloatArray) -> float:
        """Correlation of a beat's QRS with the template as it stood before; then let the beat shape the template."""
        if self._template is None:
            self._template = window_mv.copy()
            return 1.0
        correlation = qrs_correlation(window_mv, self._template)
        if correlation >= _TEMPLATE_MATCH:
            self._template += _TEMPLATE_WEIGHT * (window_mv - self._template)
            self._strangers, self._stranger = 0, None
            self._is_confirmed = True
        elif self._stranger is not None and qrs_correlation(window_mv, self._stranger) >= _TEMPLATE_MATCH:
            self._stranger += _TEMPLATE_WEIGHT * (window_mv - self._stranger)
            self._strangers += 1
            if self._strangers >= (_TEMPLATE_STRANGERS if self._is_confirmed else _FIRST_STRANGERS):
                self._template, self._stranger, self._strangers = self._stranger, None, 0
                self._is_confirmed = True
        else:
            self._stranger, self._strangers = window_mv.copy(), 1
        return correlation

    def _rhythm(self, context: BeatContext, history: RrHistory, correlation: float) -> Float32Array:
        assert self._template is not None
        window, template = context.window_mv, self._template
        height = max(float(np.ptp(window[_QRS])), _SMALLEST_HEIGHT_MV)
        template_height = max(float(np.ptp(template[_QRS])), _SMALLEST_HEIGHT_MV)
        width_s, template_width_s = _width_s(window), _width_s(template)
        ln_unlike, ln_unlike_to_usual = self._unlike.add(1 - correlation)
        difference = 2 * float((window - template)[_QRS].std()) / template_height
        ln_difference, ln_difference_to_usual = self._difference.add(difference)
        ln_unlike_before, self._ln_unlike_before = self._ln_unlike_before, ln_unlike
        features = np.array(
            (
                *history.features(context.rr_before_s, context.rr_after_s),
                ln_unlike,
                ln_unlike_before,
                ln_unlike_to_usual,
                ln_difference,
                ln_difference_to_usual,
                math.log(height / template_height),
                width_s,
                width_s - template_width_s,
            )
        )
        scaled = np.clip((features - _MIDDLE) / _SPREAD, -_FEATURE_LIMIT, _FEATURE_LIMIT)
        return np.asarray(scaled, np.float32)


def _width_s(window_mv: FloatArray) -> float:
    """See `qrs_width` of `RHYTHM_FEATURES`; 0 of a flat window."""
    travelled = np.cumsum(np.abs(np.diff(window_mv[_WIDTH])))
    begin, end = np.searchsorted(travelled, (0.1 * travelled[-1], 0.9 * travelled[-1])).tolist()
    return float(end - begin) / SAMPLE_RATE_HZ


def qrs_correlation(a: FloatArray, b: FloatArray) -> float:
    """Pearson correlation of two beats over the QRS complex; 0 where one of them is flat."""
    x = a[_QRS] - a[_QRS].mean()
    y = b[_QRS] - b[_QRS].mean()
    power = float(x @ x) * float(y @ y)
    return float(x @ y) / math.sqrt(power) if power > 0 else 0.0
