"""What the network is shown."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from reader.measure.network import over_windows, shipped_network
from reader.measure.preparation import WINDOW_SAMPLES, network_input, prepare


@pytest.mark.parametrize(
    "rate_hz",
    [Fraction(50), Fraction(100), Fraction(250), Fraction(360), Fraction(257), Fraction(1000), Fraction(999983, 1999)],
)
def test_a_wave_keeps_its_place_at_any_rate(rate_hz: Fraction) -> None:
    times_s = np.arange(round(10 * rate_hz)) / float(rate_hz)
    prepared = prepare(np.exp(-(((times_s - 6.0) / 0.03) ** 2)) + 0.4 * np.sin(0.6 * times_s), rate_hz)
    assert prepared.samples_mv.argmax() * prepared.period_s == pytest.approx(6.0, abs=0.004)
    assert prepared.period_s == pytest.approx(0.004, rel=0.001)


def test_the_baseline_is_taken_away() -> None:
    times_s = np.arange(5000) / 500
    prepared = prepare(5 + 2 * np.sin(2 * np.pi * 0.05 * times_s), Fraction(500))
    assert np.abs(prepared.samples_mv[500:-500]).max() < 0.1


def test_lost_samples_are_known() -> None:
    samples = np.sin(np.arange(1000) / 10)
    samples[400:500] = np.nan
    prepared = prepare(samples, Fraction(500))
    assert np.isfinite(prepared.samples_mv).all()
    assert np.flatnonzero(prepared.is_lost).tolist() == list(range(200, 250))


def test_the_network_sees_shapes_and_no_heights() -> None:
    samples = np.random.default_rng(1).normal(size=2560)
    assert network_input(samples) == pytest.approx(network_input(37.5 * samples), abs=1e-5)
    assert not network_input(np.zeros(2560)).any()


@pytest.mark.parametrize("length", [1, 100, WINDOW_SAMPLES, WINDOW_SAMPLES + 1, 3 * WINDOW_SAMPLES])
def test_windows_cover_every_sample_once(length: int) -> None:
    found = over_windows(lambda window: np.tile([0.25], (len(window), 4)), np.ones(length))
    assert found.shape == (length, 4)
    assert (found == 0.25).all()


def test_the_shipped_network_tells_the_waves_of_a_known_ecg_within_a_few_samples() -> None:
    from tests.reader.measure.known_ecg import KnownEcg

    known = KnownEcg(p=(-200.0, -90.0), t=(160.0, 380.0))
    prepared = prepare(known.lead_mv("II"), Fraction(500))
    answers = shipped_network().probabilities(prepared.samples_mv).argmax(axis=1)
    expected = known.network(prepared.samples_mv).argmax(axis=1)
    assert np.mean((answers == expected)[250:-250]) > 0.9


def test_the_shipped_network_is_one_of_delineation() -> None:
    card = shipped_network().card
    assert (card.task, card.sample_rate_hz, card.label_set) == ("delineation", 250.0, "waves-or-none")


@pytest.mark.parametrize("level_mv", [0.0, 1.0, -1e6])
def test_of_a_level_lead_nothing_is_blown_up(level_mv: float) -> None:
    assert not prepare(np.full(5000, level_mv), Fraction(500)).samples_mv.any()
