"""Signal quality names what is wrong, and lets clean ECG and quiet hearts pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from edge.signal.beat_morphology import BeatMorphology
from edge.signal.filters import FilterBank
from edge.signal.quality import QualityMeter
from edge.signal.quantisation import to_steps
from edge.signal.segmentation import cut_beat
from edge.signal.usual_qrs import UsualQrs

if TYPE_CHECKING:
    from ecg.samples import Quality

SECONDS = 10
TIME_S = np.arange(SECONDS * 360) / 360
RNG = np.random.default_rng(7)


def ecg_mv() -> np.ndarray:
    """QRS-like deflections of 1.2 mV once a second, with a T wave and the noise of a front end."""
    phase = (TIME_S % 1.0) - 0.4
    waves = 1.2 * np.exp(-((phase / 0.012) ** 2)) + 0.3 * np.exp(-(((phase - 0.25) / 0.05) ** 2))
    return waves + 0.004 * RNG.normal(size=len(TIME_S))


def judge(samples_mv: np.ndarray) -> Quality:
    filters = FilterBank(first_index=0)
    filters.push(to_steps(samples_mv))
    meter = QualityMeter(filters, first_index=0)
    qualities = [meter.judge(index) for index in range(360, len(samples_mv) + 1, 360)]
    return qualities[-1]


def test_clean_ecg_is_good_and_without_fault() -> None:
    quality = judge(ecg_mv())
    assert quality.good
    assert quality.faults == ()


def test_before_two_seconds_nothing_is_claimed() -> None:
    quality = judge(ecg_mv()[:360])
    assert quality.score is None
    assert not quality.good


def test_a_flat_line_is_bad() -> None:
    quality = judge(np.full(len(TIME_S), 0.3))
    assert quality.flat
    assert quality.score == 0.0


def test_a_silent_heart_with_the_noise_of_a_front_end_is_not_bad_signal() -> None:
    assert judge(0.015 * RNG.normal(size=len(TIME_S))).good


def test_an_offset_of_300_mv_changes_nothing() -> None:
    assert judge(ecg_mv() + 300).faults == ()


@pytest.mark.parametrize("rail_mv", [5.0, -5.0])
def test_a_signal_that_stands_at_its_rail_is_clipped(rail_mv: float) -> None:
    wandering = ecg_mv() + 6 * np.sin(2 * np.pi * 0.5 * TIME_S)
    clipped = np.minimum(wandering, rail_mv) if rail_mv > 0 else np.maximum(wandering, rail_mv)
    quality = judge(clipped)
    assert quality.clipped
    assert not quality.good


@pytest.mark.parametrize("mains_hz", [50, 60])
def test_mains_hum_is_named_and_only_much_of_it_is_bad(mains_hz: int) -> None:
    hum = np.sin(2 * np.pi * mains_hz * TIME_S)
    some, much = judge(ecg_mv() + 0.2 * hum), judge(ecg_mv() + 1.5 * hum)
    assert some.mains
    assert some.good
    assert some.faults == ("mains",)
    assert not much.good


def test_muscle_noise_is_named_then_bad() -> None:
    noise = RNG.normal(size=len(TIME_S))
    assert judge(ecg_mv() + 0.05 * noise).muscle
    assert judge(ecg_mv() + 0.05 * noise).good
    assert not judge(ecg_mv() + 0.4 * noise).good


def test_a_drifting_baseline_is_named_then_bad() -> None:
    drift = np.sin(2 * np.pi * 0.2 * TIME_S)
    assert judge(ecg_mv() + 1.5 * drift).baseline
    assert judge(ecg_mv() + 1.5 * drift).good
    assert not judge(ecg_mv() + 12 * drift).good


@pytest.mark.parametrize("hum_mv", [0.4, 1.0])
def test_the_hum_of_a_railway_is_bad_for_it_looks_like_beats(hum_mv: float) -> None:
    quality = judge(ecg_mv() + hum_mv * np.sin(2 * np.pi * 50 / 3 * TIME_S))
    assert quality.faults == ("mains",)
    assert not quality.good


class Motion:
    """Forty seconds of a heart that beats each second; from second 30 on something is added."""

    time_s = np.arange(40 * 360) / 360

    def __init__(self, added_mv: np.ndarray, *, beats_until_s: float = 40.0, rhythmic: bool = False) -> None:
        phase = (self.time_s % 1.0) - 0.4
        beat = 1.2 * np.exp(-((phase / 0.012) ** 2)) + 0.3 * np.exp(-(((phase - 0.25) / 0.05) ** 2))
        hiss = 0.004 * RNG.normal(size=len(self.time_s))
        self.filters = FilterBank(first_index=0)
        self.filters.push(
            to_steps(beat * (self.time_s < beats_until_s) + np.where(self.time_s < 30, 0, added_mv) + hiss)
        )
        morphology = BeatMorphology()
        for second in range(1, 29):
            window_mv = cut_beat(self.filters, round((second + 0.4) * 360), start=0, end=self.filters.raw.end)
            assert window_mv is not None
            morphology.add(morphology.measure(window_mv, 1.0), second)
        usual_qrs = UsualQrs(morphology)
        self.meter = QualityMeter(self.filters, first_index=0, usual_qrs=usual_qrs, is_rhythmic=lambda: rhythmic)

    def judge(self) -> Quality:
        return [self.meter.judge(index) for index in range(360, 40 * 360 + 1, 360)][-1]


def moving(rms_mv: float) -> np.ndarray:
    """Noise of 1 to 6 Hz."""
    noise = np.random.default_rng(11).normal(size=len(Motion.time_s))
    hz = np.fft.rfftfreq(len(noise), 1 / 360)
    noise = np.fft.irfft(np.fft.rfft(noise) * ((hz > 1) & (hz < 6)), len(noise))
    return rms_mv * noise / noise.std()


def test_motion_in_the_band_of_the_qrs_complex_is_named_then_bad() -> None:
    some, much = Motion(moving(0.25)).judge(), Motion(moving(0.7)).judge()
    assert some.faults == ("motion",)
    assert some.good
    assert much.motion
    assert not much.good


def test_rhythmic_shaking_is_named_and_not_bad() -> None:
    quality = Motion(0.7 * np.sin(2 * np.pi * 5 * Motion.time_s), rhythmic=True).judge()
    assert quality.faults == ("motion",)
    assert quality.good


def test_waves_in_the_place_of_the_beats_are_no_motion() -> None:
    fibrillation = 0.7 * np.sin(2 * np.pi * 5 * Motion.time_s) + moving(0.2)
    quality = Motion(fibrillation, beats_until_s=29.9).judge()
    assert quality.faults == ()


def test_wide_beats_between_the_usual_ones_are_no_motion() -> None:
    phase = (Motion.time_s % 2.0) - 1.0
    premature = 2.0 * np.exp(-((phase / 0.05) ** 2)) - 0.8 * np.exp(-(((phase - 0.3) / 0.09) ** 2))
    assert Motion(premature).judge().faults == ()


def test_what_stands_out_of_the_motion_is_none_of_its_waves() -> None:
    ectopic_s = 38.9
    ectopic = 2.5 * np.exp(-(((Motion.time_s - ectopic_s) / 0.04) ** 2))
    motion = Motion(0.5 * np.sin(2 * np.pi * 5 * Motion.time_s) + ectopic, rhythmic=True)
    assert motion.judge().motion
    assert motion.meter.is_wave(round(36.85 * 360))
    assert not motion.meter.is_wave(round(ectopic_s * 360))
