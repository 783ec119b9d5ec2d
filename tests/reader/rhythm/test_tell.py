"""The rhythm in words: named where ten seconds show it, and not told where they do not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ecg.samples import SampleBlock
from reader.rhythm import ToldRhythm, tell_rhythm
from reader.rhythm.best_lead import filter_leads, judge_leads
from reader.twelve_leads import LEADS, TwelveLeads
from tests.support.twelve_leads import RATE_HZ, normal_ecg

NO_P_WAVE = {
    "I": (0.0, -0.04, 0.6, -0.10, 0.20),
    "II": (0.0, -0.06, 1.0, -0.15, 0.30),
    "V1": (0.0, 0.0, 0.2, -0.9, -0.05),
}
IRREGULAR_S = tuple(0.4 + np.cumsum([0, 0.62, 0.91, 0.55, 0.78, 1.05, 0.66, 0.85, 0.58, 1.0, 0.7, 0.95]))


def told(ecg: TwelveLeads) -> ToldRhythm:
    filtered = filter_leads(ecg, ecg.present)
    return tell_rhythm(ecg, filtered, judge_leads(filtered))


def beating(rate_bpm: float, **changes: object) -> TwelveLeads:
    times_s = tuple(np.arange(0.5, 9.8, 60 / rate_bpm))
    return normal_ecg(r_times_s=times_s, **changes)


@pytest.mark.parametrize(
    ("rate_bpm", "name"), [(42, "sinus bradycardia"), (75, "sinus rhythm"), (112, "sinus tachycardia")]
)
def test_p_waves_at_an_even_distance_are_a_sinus_rhythm(rate_bpm: float, name: str) -> None:
    assert told(beating(rate_bpm)).name == name


def test_irregular_beats_without_p_waves_are_atrial_fibrillation() -> None:
    found = told(normal_ecg(r_times_s=IRREGULAR_S, heights_mv=NO_P_WAVE))
    assert found.name == "atrial fibrillation"
    assert found.is_atrial_fibrillation


def test_irregular_beats_behind_p_waves_are_not() -> None:
    assert told(normal_ecg(r_times_s=IRREGULAR_S)).name == "sinus rhythm, irregular"


def test_even_beats_without_p_waves_are_named_for_what_is_seen() -> None:
    assert told(beating(75, heights_mv=NO_P_WAVE)).name == "regular rhythm without visible P waves"


def test_pulses_before_the_beats_are_a_pacemaker() -> None:
    ecg = normal_ecg(heights_mv=NO_P_WAVE)
    samples_mv = ecg.samples_mv.copy()
    for at_s in np.arange(0.5, 9.8, 0.8):
        pulse = round((at_s - 0.06) * RATE_HZ)
        samples_mv[:, pulse : pulse + 2] += 3.0
    found = told(replace(ecg, samples_mv=samples_mv))
    assert found.has_pacemaker
    assert found.name == "paced rhythm"


def test_two_beats_tell_no_rhythm() -> None:
    found = told(normal_ecg(r_times_s=(1.0, 2.0), duration_s=5.0))
    assert found.name is None
    assert "too few" in found.why_not


def test_leads_that_cannot_be_read_tell_nothing() -> None:
    ecg = normal_ecg()
    flat = TwelveLeads(samples_mv=np.zeros_like(ecg.samples_mv), rate_hz=ecg.rate_hz, recorded=LEADS)
    found = told(flat)
    assert (found.name, found.lead, found.beats) == (None, None, {})
    assert found.why_not


def test_noise_is_no_atrial_fibrillation() -> None:
    ecg = normal_ecg()
    noise = np.random.default_rng(3).normal(0, 0.5, ecg.samples_mv.shape)
    assert told(replace(ecg, samples_mv=noise)).name != "atrial fibrillation"


def test_the_beats_of_the_whole_recording_are_counted() -> None:
    whole = normal_ecg(duration_s=30.0, r_times_s=tuple(np.arange(0.5, 29.8, 0.8)))
    part = replace(whole, samples_mv=whole.samples_mv[:, 10 * RATE_HZ : 20 * RATE_HZ])
    filtered = filter_leads(part, part.present)
    found = tell_rhythm(
        part,
        filtered,
        judge_leads(filtered),
        start_s=10.0,
        whole_lead=lambda lead: iter([SampleBlock(0, whole.lead_mv(lead))]),
    )
    assert found.name == "sinus rhythm"
    assert sum(found.beats.values()) == 37
    assert set(found.median_beats) == set(LEADS)
