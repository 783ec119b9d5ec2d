"""Model inputs: scaled to the patient, blind to amplitude and polarity of the front end, and with neutral unknowns."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest

from ecg.samples import BEAT_BEFORE, BEAT_SAMPLES
from edge.inference.inputs import RHYTHM_FEATURES, RHYTHM_SCALES, InputBuilder
from edge.inference.intervals import IntervalNetwork
from edge.inference.rr_history import RrHistory
from edge.signal.beat_morphology import BeatMorphology

if TYPE_CHECKING:
    from ecg.model_file.card import Normalisation
    from ecg.samples import Float32Array, FloatArray

TIME = np.arange(BEAT_SAMPLES) - BEAT_BEFORE
NARROW = 1.2 * np.exp(-((TIME / 5) ** 2)) + 0.2 * np.exp(-(((TIME - 90) / 18) ** 2))
WIDE = 1.5 * np.exp(-((TIME / 22) ** 2)) - 0.5 * np.exp(-(((TIME - 80) / 25) ** 2))


class Context(NamedTuple):
    """A beat and the intervals around it."""

    window_mv: FloatArray
    rr_before_s: float | None
    rr_after_s: float | None


def context(window_mv: FloatArray = NARROW, before: float | None = 0.8, after: float | None = 0.8) -> Context:
    return Context(window_mv, before, after)


def feature(inputs: dict[str, np.ndarray], name: str) -> float:
    middle, spread = RHYTHM_SCALES[name]
    return middle + spread * float(inputs["rhythm"][RHYTHM_FEATURES.index(name)])


def likeness(inputs: dict[str, np.ndarray]) -> float:
    """Correlation with the template, as far as it is shown."""
    return 1 + 0.003 - math.exp(feature(inputs, "ln_unlike_template"))


class Builder:
    """An input builder with the shapes and intervals that the pipeline keeps beside it."""

    def __init__(self, *, normalisation: Normalisation) -> None:
        self._inputs = InputBuilder(normalisation=normalisation)
        self._history = RrHistory(IntervalNetwork.shipped())
        self._morphology = BeatMorphology()
        self._time_s = 0.0

    def build(self, context: Context) -> dict[str, Float32Array]:
        beat = self._morphology.measure(context.window_mv, context.rr_before_s)
        template_mv = self._morphology.template(beat)
        inputs = self._inputs.build(beat, context.rr_after_s, template_mv=template_mv, history=self._history)
        self._inputs.add(beat)
        self._history.add(context.rr_before_s)
        self._time_s += context.rr_before_s or 0.8
        self._morphology.add(beat, self._time_s)
        return inputs


def settled() -> Builder:
    builder = Builder(normalisation="template")
    for _ in range(20):
        builder.build(context())
    return builder


def test_shapes_and_types_are_those_of_the_card() -> None:
    inputs = settled().build(context())
    assert {name: (values.shape, values.dtype) for name, values in inputs.items()} == {
        "waveform": ((BEAT_SAMPLES, 2), np.float32),
        "rhythm": ((len(RHYTHM_FEATURES),), np.float32),
    }
    alone = Builder(normalisation="beat").build(context())
    assert {name: values.shape for name, values in alone.items()} == {"waveform": (BEAT_SAMPLES, 1)}


def test_a_beat_scaled_by_itself_has_mean_0_and_deviation_1() -> None:
    waveform = Builder(normalisation="beat").build(context(3 * NARROW + 1))["waveform"]
    assert waveform.mean() == pytest.approx(0, abs=1e-5)
    assert waveform.std() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("gain", [0.2, 5.0])
def test_the_front_ends_gain_leaves_no_trace(gain: float) -> None:
    small, large = Builder(normalisation="template"), Builder(normalisation="template")
    for _ in range(3):
        first, second = small.build(context()), large.build(context(gain * NARROW))
    np.testing.assert_allclose(first["waveform"], second["waveform"], atol=1e-5)
    np.testing.assert_allclose(first["rhythm"], second["rhythm"], atol=1e-5)


def test_a_premature_beat_shows_in_the_intervals() -> None:
    inputs = settled().build(context(before=0.5, after=1.1))
    assert feature(inputs, "ln_rr_before_to_local") == pytest.approx(math.log(0.5 / 0.8), abs=1e-5)
    assert feature(inputs, "ln_rr_after_to_long") == pytest.approx(math.log(1.1 / 0.8), abs=1e-5)
    assert feature(inputs, "ln_rr_before_to_after") == pytest.approx(math.log(0.5 / 1.1), abs=1e-5)


def test_an_unknown_interval_counts_as_no_deviation_not_as_0() -> None:
    inputs = settled().build(context(before=None, after=None))
    for name in RHYTHM_FEATURES[:7]:
        assert feature(inputs, name) == 0.0
    for name in RHYTHM_FEATURES:
        if name.startswith("ln_rr"):  # the sinus interval is a running mean: rounded
            assert feature(inputs, name) == pytest.approx(0.0, abs=1e-6), name


def test_each_premature_beat_of_bigeminy_shows_against_the_sinus_interval() -> None:
    builder = settled()
    for _ in range(100):
        premature = builder.build(context(before=0.5, after=1.1))
        builder.build(context(before=1.1, after=0.5))
    assert feature(premature, "ln_rr_before_to_local") == pytest.approx(math.log(0.5 / 0.8), abs=0.01)
    assert feature(premature, "ln_rr_before_to_sinus") == pytest.approx(math.log(0.5 / 0.8), abs=0.1)
    assert feature(premature, "premature_share") == 0.5


def test_no_feature_knows_the_heart_rate_but_those_of_the_network_that_learned_from_no_patient() -> None:
    is_ours = [name != "ln_odds_early" and not name.startswith("rhythm_") for name in RHYTHM_FEATURES]
    slow, fast = Builder(normalisation="template"), Builder(normalisation="template")
    for ratio in (1, 1, 0.6, 1.3, 1, 1, 1.05, 0.7):
        first = slow.build(context(before=0.9 * ratio, after=0.9))
        second = fast.build(context(before=0.6 * ratio, after=0.6))
        np.testing.assert_allclose(first["rhythm"][is_ours], second["rhythm"][is_ours], atol=1e-5)


def test_a_wide_beat_is_wider_than_the_template() -> None:
    wide = settled().build(context(WIDE))
    assert feature(wide, "qrs_width_to_template_s") > 0.02
    assert feature(wide, "ln_qrs_difference") > math.log(0.2 + 0.02)
    assert feature(settled().build(context()), "qrs_width_to_template_s") == pytest.approx(0, abs=0.004)


def test_a_single_wide_beat_leaves_the_template_alone() -> None:
    builder = settled()
    wide = builder.build(context(WIDE))
    np.testing.assert_allclose(wide["waveform"][:, 1], builder.build(context())["waveform"][:, 1], atol=0.01)
    assert likeness(wide) < 0.9


def test_a_shape_that_stays_becomes_the_template() -> None:
    builder = settled()
    for _ in range(7):
        builder.build(context(WIDE))
    assert likeness(builder.build(context(WIDE))) > 0.99


def test_a_first_beat_that_none_is_like_does_not_stay_the_template_in_trigeminy() -> None:
    builder = Builder(normalisation="template")
    builder.build(context(-WIDE[::-1]))  # the step of an electrode that was put on
    for _ in range(4):
        builder.build(context(WIDE))
        builder.build(context())
        inputs = builder.build(context())
    assert likeness(inputs) > 0.99


def test_bigeminy_does_not_take_over_the_template() -> None:
    builder = settled()
    for _ in range(20):
        builder.build(context(WIDE))
        inputs = builder.build(context())
    assert likeness(inputs) > 0.99


def test_what_is_usual_of_a_patient_is_nothing_to_remark_on() -> None:
    rng = np.random.default_rng(1)
    noisy = Builder(normalisation="template")
    for _ in range(80):
        inputs = noisy.build(context(NARROW + 0.15 * rng.standard_normal(BEAT_SAMPLES)))
    quiet = settled().build(context(NARROW + 0.15 * rng.standard_normal(BEAT_SAMPLES)))
    for name in ("ln_unlike_template_to_usual", "ln_qrs_difference_to_usual"):
        assert abs(feature(inputs, name)) < 0.6, name
        assert feature(quiet, name) > 1.2, name


def test_chaos_is_irregular_at_every_lag_and_bigeminy_only_to_its_neighbours() -> None:
    bigeminy, chaos = settled(), settled()
    rng = np.random.default_rng(1)
    for _ in range(30):
        for before, after in ((0.5, 1.1), (1.1, 0.5)):
            regular = bigeminy.build(context(before=before, after=after))
            irregular = chaos.build(context(before=rng.uniform(0.4, 1.2)))
    assert feature(regular, "irregularity_of_neighbours") == pytest.approx(1.0)
    assert feature(regular, "irregularity") == pytest.approx(0.0)
    assert feature(irregular, "irregularity") > 0.7


def test_a_flat_window_gives_numbers_not_nan() -> None:
    for normalisation in ("beat", "template"):
        builder = Builder(normalisation=normalisation)
        for _ in range(3):
            inputs = builder.build(context(np.zeros(BEAT_SAMPLES), None, None))
        assert all(np.isfinite(values).all() for values in inputs.values())


def test_features_stay_within_the_range_that_int8_is_calibrated_for() -> None:
    builder = settled()
    inputs = builder.build(context(100 * WIDE, before=30.0, after=0.01))
    assert np.abs(inputs["waveform"]).max() <= 4.0
    assert np.abs(inputs["rhythm"]).max() <= 4.0
