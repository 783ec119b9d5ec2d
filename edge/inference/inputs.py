"""What a model is shown of a beat: the waveform beside the patient's own usual beat, and the rhythm around it.

Training and the monitor build these with the same code, so that a model never sees on the Pi what it did not see on the
desktop. A model card names what its model takes: a normalisation for the waveform and the rhythm features in order.
"""

from __future__ import annotations

import math
from collections import deque
from statistics import median
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.samples import BEAT_BEFORE, BEAT_SAMPLES
from edge.inference.rr_features import RR_SCALES
from edge.signal.beat_morphology import QRS, middle_width_s

if TYPE_CHECKING:
    from ecg.model_file.card import Normalisation
    from ecg.samples import Float32Array, FloatArray
    from edge.inference.rr_history import RrHistory
    from edge.signal.beat_morphology import MeasuredBeat

__all__ = ["RHYTHM_FEATURES", "RHYTHM_SCALES", "InputBuilder"]

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
_SMALLEST_HEIGHT_MV: Final = 0.02  # below this a beat is noise: never divide by less
_WAVEFORM_LIMIT: Final = 4.0
_WIDTH: Final = slice(BEAT_BEFORE - 40, BEAT_BEFORE + 60)  # what the width of a QRS complex is looked for in
_MIDDLE, _SPREAD = (np.array(values) for values in zip(*RHYTHM_SCALES.values(), strict=True))


class _Usual:
    """Follows what is usual of a value: its median over the last beats.

    Args:
        least: added before a logarithm is taken.
    """

    def __init__(self, least: float) -> None:
        self._least = least
        self._last: deque[float] = deque(maxlen=_USUAL_BEATS)

    def compare(self, value: float) -> tuple[float, float]:
        """The value's logarithm, and that of its ratio to what is usual (0 where nothing is)."""
        own = math.log(value + self._least)
        return own, own - math.log(median(self._last) + self._least) if self._last else 0.0

    def add(self, value: float) -> None:
        """Count the value of one more beat."""
        self._last.append(value)


class InputBuilder:
    """Turns beats in their order into model inputs; carries what is usual of the beats.

    Args:
        normalisation: how the waveform is scaled, see `ecg.model_file.card.Normalisation`.
    """

    def __init__(self, *, normalisation: Normalisation) -> None:
        self._normalisation = normalisation
        self._unlike = _Usual(_LEAST_UNLIKE)
        self._difference = _Usual(_LEAST_DIFFERENCE)
        self._unlike_before = 0.0
        self._built_difference = 0.0

    def build(
        self, beat: MeasuredBeat, rr_after_s: float | None, *, template_mv: FloatArray, history: RrHistory
    ) -> dict[str, Float32Array]:
        """Inputs of one beat: `waveform` (259, channels) and `rhythm` (len(RHYTHM_FEATURES),), float32, unbatched.

        Args:
            beat: the next one.
            rr_after_s: interval to the R peak after it; None where unknown.
            template_mv: shape (259,), `BeatMorphology.template` of the beat.
            history: the intervals up to the beat before.
        """
        if self._normalisation == "beat":
            window = beat.window_mv - beat.window_mv.mean()
            scale = max(float(window.std()), _SMALLEST_HEIGHT_MV / 4)
            return {"waveform": (window / scale).astype(np.float32)[:, np.newaxis]}
        waveform = np.empty((BEAT_SAMPLES, 2), np.float32)
        waveform[:, 0] = beat.window_mv
        waveform[:, 1] = template_mv
        qrs_mv = template_mv[QRS]
        height_mv = max(float(qrs_mv.max() - qrs_mv.min()), _SMALLEST_HEIGHT_MV)
        waveform /= np.float32(height_mv)
        np.maximum(waveform, -_WAVEFORM_LIMIT, out=waveform)
        np.minimum(waveform, _WAVEFORM_LIMIT, out=waveform)
        # Deviation of the QRS complex from the template's, over half the template's height.
        self._built_difference = 2 * _spread_mv(beat.window_mv[QRS] - qrs_mv) / height_mv
        rhythm = self._rhythm(beat, history.features(beat.rr_before_s, rr_after_s), template_mv, height_mv)
        return {"waveform": waveform, "rhythm": rhythm}

    def add(self, beat: MeasuredBeat) -> None:
        """Count the beat that was built last among those before the next one."""
        self._unlike_before = 1 - beat.to_usual
        self._unlike.add(1 - beat.to_usual)
        self._difference.add(self._built_difference)

    def _rhythm(
        self, beat: MeasuredBeat, rr_features: tuple[float, ...], template_mv: FloatArray, template_height_mv: float
    ) -> Float32Array:
        width_s = _width_s(beat.window_mv)
        ln_unlike, ln_unlike_to_usual = self._unlike.compare(1 - beat.to_usual)
        ln_difference, ln_difference_to_usual = self._difference.compare(self._built_difference)
        features = np.array(
            (
                *rr_features,
                ln_unlike,
                math.log(self._unlike_before + _LEAST_UNLIKE),
                ln_unlike_to_usual,
                ln_difference,
                ln_difference_to_usual,
                math.log(max(beat.height_mv, _SMALLEST_HEIGHT_MV) / template_height_mv),
                width_s,
                width_s - _width_s(template_mv),
            )
        )
        scaled = (features - _MIDDLE) / _SPREAD
        return np.asarray(np.minimum(np.maximum(scaled, -_FEATURE_LIMIT), _FEATURE_LIMIT), np.float32)


def _width_s(window_mv: FloatArray) -> float:
    """See `qrs_width` of `RHYTHM_FEATURES`; 0 of a flat window."""
    return middle_width_s(window_mv[_WIDTH])


def _spread_mv(samples_mv: FloatArray) -> float:
    """Standard deviation, as `np.std` has it."""
    samples_mv = samples_mv - samples_mv.sum() / len(samples_mv)
    return math.sqrt(float((samples_mv * samples_mv).sum()) / len(samples_mv))
