"""Weights by gradients: exact where the answer is a sum, and adding up to it where it is not."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from reader.classify import lead_model
from reader.classify.asked import AskedModel, asked_model
from reader.classify.heights import HEIGHTS, NAMES
from reader.classify.model import Slopes, shipped
from reader.classify.preparation import SAMPLES, Prepared, prepare
from reader.explain.explain import explain
from reader.explain.gradients import grad_cam, integrated_gradients, of_parts, saliency
from reader.explain.perturbation import WAVES, Perturbation, wave_of_samples
from reader.measure import measure
from reader.twelve_leads import LEADS, TwelveLeads
from tests.support.twelve_leads import RATE_HZ, noise, normal_samples_mv

ALL = (saliency, grad_cam, integrated_gradients)


def ecg() -> TwelveLeads:
    samples_mv = normal_samples_mv() + noise((12, 10 * RATE_HZ))
    return TwelveLeads(samples_mv=samples_mv, rate_hz=Fraction(RATE_HZ), recorded=LEADS)


@pytest.fixture(name="prepared", scope="module")
def prepared_fixture() -> Prepared:
    return prepare(ecg().samples_mv, RATE_HZ, is_calibrated=True)


@pytest.fixture(name="perturbation", scope="module")
def perturbation_fixture(prepared: Prepared) -> Perturbation:
    return Perturbation(prepared, wave_of_samples(measure(ecg()).beats["II"], prepared.duration_s), LEADS)


def kept(perturbation: Perturbation, *, whole: bool) -> tuple[object, object]:
    return perturbation.keeping(np.full(len(perturbation.parts), whole))


def linear() -> AskedModel:
    """Log odds that are a sum over samples and heights."""
    random = np.random.default_rng(1)
    of_leads, of_heights = random.standard_normal((SAMPLES, 12)), random.standard_normal(HEIGHTS)
    flat = np.ones(16)
    return AskedModel(
        ("A",),
        LEADS,
        lambda leads, heights: np.array([(of_leads * leads).sum() + of_heights @ heights]),
        lambda _leads, _heights, _label: Slopes(0.0, of_leads, of_heights, flat),
    )


@pytest.mark.parametrize("method", ALL)
def test_of_what_only_adds_up_the_weights_are_what_the_answer_loses_without_the_waves(
    method: object, perturbation: Perturbation
) -> None:
    model = linear()
    weights = of_parts(perturbation, *method(model, perturbation, 0))  # type: ignore[operator]
    whole, none = (model.log_odds(*kept(perturbation, whole=each))[0] for each in (True, False))  # type: ignore[arg-type]
    assert weights.sum() == pytest.approx(whole - none, rel=1e-4)


def test_integrated_gradients_add_up_to_what_the_waves_add_to_the_answer(
    prepared: Prepared, perturbation: Perturbation
) -> None:
    model = asked_model(ecg(), prepared)
    assert model is not None
    label = model.labels.index("NORM")
    weights = of_parts(perturbation, *integrated_gradients(model, perturbation, label))
    whole, none = (
        model.slopes(*kept(perturbation, whole=each), label).log_odds  # type: ignore[arg-type]
        for each in (True, False)
    )
    assert weights.sum() == pytest.approx(whole - none, abs=0.1 * max(abs(whole - none), 1.0))


def test_grad_cam_weighs_more_where_the_map_is_higher_and_nothing_where_it_is_negative(
    perturbation: Perturbation,
) -> None:
    model = linear()
    activation = np.r_[-np.ones(8), np.ones(8)]
    late = AskedModel(
        model.labels,
        LEADS,
        model.log_odds,
        lambda *shown: Slopes(0.0, *(getattr(model.slopes(*shown), each) for each in ("leads", "heights")), activation),
    )
    of_samples, _ = grad_cam(late, perturbation, 0)
    flat, _ = saliency(late, perturbation, 0)
    assert np.abs(of_samples[: 64 * 7]).max() == 0.0
    np.testing.assert_allclose(of_samples[64 * 9 :], 2.0 * flat[64 * 9 :])


def test_heights_are_given_to_the_leads_that_they_are_of(perturbation: Perturbation) -> None:
    of_heights = np.zeros(HEIGHTS)
    of_heights[NAMES.index("V2 highest")] = 1.0
    of_heights[NAMES.index("Cornell")] = 2.0
    weights = of_parts(perturbation, np.zeros((SAMPLES, 12)), of_heights)
    found = {perturbation.parts[number]: weights[number] for number in np.flatnonzero(weights)}
    assert found == {("V2", "QRS"): 1.0, ("aVL", "QRS"): 1.0, ("V3", "QRS"): 1.0}


@pytest.mark.parametrize("name", ["twelve-lead", "lead-ii"])
def test_what_ships_says_how_its_answer_changes(name: str, prepared: Prepared) -> None:
    random = np.random.default_rng(2)

    def slopes(leads: object, heights: object) -> Slopes:
        if name == "twelve-lead":
            return shipped(name).slopes(leads, heights, 1)  # type: ignore[arg-type]
        return lead_model.shipped(name).slopes(leads, heights, "II", 1)  # type: ignore[arg-type]

    found = slopes(prepared.leads, prepared.heights)
    answer = (
        shipped(name).answer(prepared.leads, prepared.heights)
        if name == "twelve-lead"
        else lead_model.shipped(name).answer(prepared.leads, prepared.heights, "II")
    )
    assert found.log_odds == pytest.approx(answer.log_odds[1], abs=0.3)  # activations are rounded in int8
    step = (3e-3 * random.standard_normal(prepared.leads.shape)).astype(np.float32)
    there, back = (slopes(prepared.leads + sign * step, prepared.heights).log_odds for sign in (1, -1))
    assert there - back == pytest.approx(2 * float((found.leads * step).sum()), rel=0.2, abs=1e-3)
    step_of_heights = (1e-2 * random.standard_normal(HEIGHTS)).astype(np.float32)
    there, back = (slopes(prepared.leads, prepared.heights + sign * step_of_heights).log_odds for sign in (1, -1))
    assert there - back == pytest.approx(2 * float(found.heights @ step_of_heights), rel=0.2, abs=1e-3)


@pytest.mark.parametrize("method", ["saliency", "grad-cam", "integrated-gradients"])
def test_every_method_by_gradient_gives_a_map_of_samples(method: object) -> None:
    (explained,) = explain(ecg(), measure(ecg()).beats, ["NORM"], method=method)  # type: ignore[arg-type]
    assert explained.heat.shape == (12, 1000)
    assert np.abs(explained.heat).max() == pytest.approx(1.0)
    assert {place.wave for place in explained.explanation.places} == set(WAVES)
