"""What the shipped model says of ECGs, and when it abstains."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest

from converter.recipes import recipe_of
from converter.training.settings import read_settings
from converter.training.superclass_settings import DEFAULTS, SuperclassSettings
from ecg.errors import InputError
from models import DIRECTORY
from reader.classify import classify
from reader.classify.abstention import dipole_share, peakedness
from reader.classify.model import load
from reader.twelve_leads import LEADS, TwelveLeads

if TYPE_CHECKING:
    from pathlib import Path


def an_ecg(samples_mv: np.ndarray, rate_hz: int = 500, *, is_calibrated: bool = True) -> TwelveLeads:
    """An ECG with all leads, as a file gave it."""
    return TwelveLeads(samples_mv=samples_mv, rate_hz=Fraction(rate_hz), recorded=LEADS, is_calibrated=is_calibrated)


def a_heart_mv(seconds: float = 10, rate_hz: int = 500) -> np.ndarray:
    """Twelve leads of a dipole with P, QRS and T at 70 bpm."""
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    waves = {(-0.16, 0.02): (0.1, 0.15, 0.05), (0.0, 0.012): (0.9, 1.0, -0.6), (0.28, 0.045): (0.25, 0.3, 0.1)}
    vector = np.zeros((3, len(time_s)))
    for (at_s, width_s), height in waves.items():
        beats = sum(
            np.exp(-0.5 * ((time_s - beat_s - at_s) / width_s) ** 2) for beat_s in np.arange(0.5, seconds, 0.86)
        )
        vector += np.array(height)[:, np.newaxis] * beats
    one, two = 0.6 * vector[0], 0.2 * vector[0] + 0.9 * vector[1]
    limbs = [one, two, two - one, -(one + two) / 2, one - two / 2, two - one / 2]
    chest = np.array(
        [[-0.5, 0.1, 0.9], [0, 0.1, 1.3], [0.8, 0.1, 1.2], [1.2, 0.1, 0.6], [1.1, 0.1, 0.1], [0.8, 0.1, -0.2]]
    )
    noise = 0.005 * np.random.default_rng(0).standard_normal((12, len(time_s)))
    return np.vstack([limbs, chest @ vector]) + noise


def test_an_ecg_of_a_heart_is_answered() -> None:
    found = classify(an_ecg(a_heart_mv()))
    assert found.abstained is None
    assert found.superclasses is not None
    assert list(found.superclasses) == ["NORM", "MI", "STTC", "CD", "HYP"]
    assert found.mi_or_ischaemia is not None
    assert found.model.startswith("twelve-lead ")


def test_a_higher_scale_changes_the_answer_only_where_heights_are_known() -> None:
    low, high = (a_heart_mv() * scale for scale in (1, 3))
    assert classify(an_ecg(low)).superclasses != classify(an_ecg(high)).superclasses
    masked = [classify(an_ecg(each, is_calibrated=False)).superclasses for each in (low, high)]
    assert masked[0] is not None
    assert masked[0] == pytest.approx(masked[1], abs=0.02)


@pytest.mark.parametrize("kind", ["white", "walk", "sine", "EEG"])
def test_what_is_no_ecg_is_not_answered(kind: str) -> None:
    rng = np.random.default_rng(4)
    time_s = np.arange(5000) / 500
    walk = rng.standard_normal((12, 5000)).cumsum(axis=1)
    rhythm = np.sin(2 * np.pi * 10 * time_s + rng.uniform(0, 6, (12, 1)))
    samples_mv = {
        "white": rng.standard_normal((12, 5000)),
        "walk": walk / 100,
        "sine": np.sin(2 * np.pi * 1.2 * time_s + rng.uniform(0, 6, (12, 1))),
        "EEG": 0.02 * rhythm + walk / 2000,
    }[kind]
    found = classify(an_ecg(samples_mv))
    assert found.abstained is not None
    assert found.abstained.endswith("noise, or no ECG")
    assert found.superclasses is not None  # an abstained reading keeps its probabilities


def test_the_measures_of_the_signal_are_what_their_names_say() -> None:
    rng = np.random.default_rng(5)
    noise = rng.standard_normal((1000, 12)).astype(np.float32)
    dipole = (rng.standard_normal((1000, 3)) @ rng.standard_normal((3, 12))).astype(np.float32)
    assert dipole_share(dipole) == pytest.approx(1)
    assert dipole_share(noise) < 0.4
    assert dipole_share(noise[:, :3]) == 1  # three leads always have three components
    assert peakedness(noise) == pytest.approx(3, abs=0.3)
    assert peakedness(np.zeros((1000, 12), np.float32)) == 0


def test_the_shipped_model_is_what_its_settings_make() -> None:
    assert read_settings(DIRECTORY / "twelve-lead.settings.json", SuperclassSettings) == DEFAULTS["twelve-lead"]
    assert recipe_of("twelve-lead").defaults is DEFAULTS
    assert (DIRECTORY / "twelve-lead.tflite").stat().st_size <= 3e6


def test_a_model_of_another_kind_is_refused(shipped_model: Path) -> None:
    with pytest.raises(InputError, match="is no model of the superclasses"):
        load(shipped_model)
