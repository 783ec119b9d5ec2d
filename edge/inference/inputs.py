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
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.samples import BEAT_BEFORE, BEAT_SAMPLES, SAMPLE_RATE_HZ
from edge.inference.interval_network import IntervalNetwork
from edge.inference.rr_bimodality import two_rhythms
from edge.inference.rr_features import SinusRhythm
from edge.signal.irregularity import LAGS, WINDOW, differing_shares

if TYPE_CHECKING:
    from ecg.model_file.card import Normalisation
    from ecg.samples import Float32Array, FloatArray

__all__ = [
    "RHYTHM_FEATURES",
    "RHYTHM_SCALES",
    "BeatContext",
    "InputBuilder",
    "qrs_correlation",
]

RHYTHM_SCALES: Final[dict[str, tuple[float, float]]] = {
    "ln_rr_before_to_local": (0.0, 0.2),
    "ln_rr_after_to_local": (0.0, 0.2),
    "ln_rr_before_to_long": (0.0, 0.2),
    "ln_rr_after_to_long": (0.0, 0.2),
    "ln_rr_before_to_after": (0.0, 0.2),
    "ln_rr_before_to_second_before": (0.0, 0.2),
    "ln_rr_before_to_third_before": (0.0, 0.2),
    "ln_rr_before_to_sinus": (0.0, 0.2),
    "ln_rr_after_to_sinus": (0.0, 0.2),
    "ln_rr_second_before_to_sinus": (0.0, 0.2),
    "ln_local_to_sinus": (0.0, 0.2),
    "ln_fast_run_to_sinus": (0.0, 0.2),
    "ln_run_start_to_sinus": (0.0, 0.2),
    "run_beats": (0.0, 30.0),
    "premature_share": (0.0, 0.25),
    "ln_rr_before_to_slow": (0.0, 0.2),
    "ln_slow_to_fast": (0.0, 0.2),
    "slow_share": (0.5, 0.3),
    "two_lengths": (0.7, 0.15),
    "speeding_up": (0.5, 0.4),
    "slowing_down": (0.5, 0.4),
    "ln_entry": (0.0, 0.2),
    "fast_runs": (0.0, 16.0),
    "ln_odds_early": (0.0, 2.0),
    "rhythm_sinus": (0.2, 0.3),
    "rhythm_ectopic": (0.2, 0.3),
    "rhythm_blocked": (0.2, 0.3),
    "rhythm_fibrillation": (0.2, 0.3),
    "rhythm_flutter": (0.2, 0.3),
    "rr_variability": (0.0, 0.2),
    "irregularity": (0.0, 0.25),
    "irregularity_of_neighbours": (0.0, 0.33),
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
"""The input `rhythm`, in this order. `local`: median of the last 8 RR intervals; `long`: mean of the last 64; `sinus`,
`run` and `premature_share`: see `edge.inference.rr_features`; `ln_fast_run_to_sinus`: the local average of a run of
more than 3 like intervals, where it is faster; those from `ln_rr_before_to_slow` to `fast_runs`: see
`edge.inference.rr_bimodality`, of the last 64 intervals, `two_lengths` being its `certainty`; `ln_odds_early` and what
begins with `rhythm`: the opinion of `edge.inference.interval_network` on the same; `rr_variability`: mean absolute
difference of the last 8 successive intervals over their mean; `irregularity`: see `edge.signal.irregularity`,
`of_neighbours` at lag 1; `unlike_template`: 1 minus the correlation of the QRS complex with that of the template;
`qrs_difference`: their r.m.s. difference over half the template's height; `usual`: median of the same over the last 64
beats; `qrs_width`: time in which the middle 80 % of the QRS complex's ups and downs fall. An interval that is not known
(first beat, gap) counts as the local average, that is as no deviation. No feature tells the heart rate itself: with so
few patients to learn from, a model would know them by it. The network of `edge.inference.interval_network` is shown it,
for it learned from no patient."""

_LOCAL_INTERVALS: Final = 8
_LONG_INTERVALS: Final = 64
_TYPICAL_RR_S: Final = 0.8  # stands for the averages before the first interval is known
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
_RUN: Final = 3  # like intervals; more are a run
_MOST_RUN_BEATS: Final = 60  # a longer run is no more of one


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
    """Turns beats in their order into model inputs; carries the running averages and the template.

    Args:
        normalisation: how the waveform is scaled, see `ecg.model_file.card.Normalisation`.
    """

    def __init__(self, *, normalisation: Normalisation) -> None:
        self._normalisation = normalisation
        self._intervals_s: deque[float] = deque(maxlen=_LONG_INTERVALS)
        self._sinus = SinusRhythm()
        self._unlike = _Usual(_LEAST_UNLIKE)
        self._difference = _Usual(_LEAST_DIFFERENCE)
        self._ln_unlike_before = math.log(_LEAST_UNLIKE)
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
        lengths = two_rhythms(known, before_s, local_s)
        opinion = IntervalNetwork.shipped().read(known, context.rr_before_s, context.rr_after_s)
        shares = differing_shares(np.array([*known, before_s][-WINDOW - LAGS :]))
        sinus = self._sinus
        local_to_sinus = sinus.ln_to_sinus(local_s)
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
                math.log(before_s / local_s),
                math.log(after_s / local_s),
                math.log(before_s / long_s),
                math.log(after_s / long_s),
                math.log(before_s / after_s),
                math.log(before_s / second_before_s),
                math.log(before_s / third_before_s),
                sinus.ln_to_sinus(before_s),
                sinus.ln_to_sinus(after_s),
                sinus.ln_to_sinus(second_before_s),
                local_to_sinus,
                min(local_to_sinus, 0.0) if sinus.run_beats > _RUN else 0.0,
                sinus.run_to_sinus,
                min(sinus.run_beats, _MOST_RUN_BEATS),
                sinus.premature_share,
                math.log(before_s) - lengths.ln_slow,
                lengths.ln_slow_to_fast,
                lengths.slow_share,
                lengths.certainty,
                lengths.speeding_up,
                lengths.slowing_down,
                lengths.ln_entry,
                lengths.fast_runs,
                opinion.ln_odds_early,
                opinion.sinus,
                opinion.ectopic,
                opinion.blocked,
                opinion.fibrillation,
                opinion.flutter,
                variability,
                min(shares, default=0.0),
                shares[0] if shares else 0.0,
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
