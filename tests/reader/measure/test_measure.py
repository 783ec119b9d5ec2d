"""What is measured in an ECG whose waves are known, through a network that sees them as they are."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ecg.samples import FloatArray
from reader.measure import KnownRhythm, Measurements, measure
from reader.twelve_leads import LEADS
from tests.reader.measure.known_ecg import KnownEcg

CORRECTED = ("qtcf_ms", "qtcb_ms", "qtc_framingham_ms", "qtc_hodges_ms")


def measured(known: KnownEcg, rhythm: KnownRhythm | None = None, **changes: Any) -> Measurements:
    return measure(known.ecg(**changes), rhythm=rhythm, network=known.network)


@pytest.mark.parametrize("rate_hz", [100, 250, 257, 500, 1000])
def test_intervals_are_those_of_the_waves_at_any_sampling_rate(rate_hz: int) -> None:
    found = measured(KnownEcg(rate_hz=rate_hz))
    assert found.heart_rate_bpm == pytest.approx(75, abs=0.2)
    assert found.rr_ms == pytest.approx(800, abs=1)
    for field, expected in {"p_duration_ms": 100, "pr_ms": 140, "qrs_ms": 90, "qt_ms": 400, "jt_ms": 310}.items():
        assert getattr(found, field) == pytest.approx(expected, abs=3), field
    assert not found.unknown


def test_corrected_qt_by_each_formula() -> None:
    found = measured(KnownEcg())
    assert found.qtcf_ms == pytest.approx(400 / 0.8 ** (1 / 3), abs=3)
    assert found.qtcb_ms == pytest.approx(400 / 0.8**0.5, abs=3)
    assert found.qtc_framingham_ms == pytest.approx(400 + 154 * 0.2, abs=3)
    assert found.qtc_hodges_ms == pytest.approx(400 + 1.75 * 15, abs=3)


@pytest.mark.parametrize(
    ("known", "rhythm", "reason"),
    [
        (KnownEcg(), KnownRhythm(is_atrial_fibrillation=True), "atrial fibrillation"),
        (KnownEcg(), KnownRhythm(is_paced=True), "pacemaker"),
        (KnownEcg(qrs=(-60.0, 70.0)), None, "120 ms"),
        (KnownEcg(rr_ms=1300.0), None, "50 to 110"),
        (KnownEcg(rr_ms=520.0, t=(150.0, 270.0)), None, "50 to 110"),
        (KnownEcg(p=None, r_ms=[600, 1500, 2100, 3200, 3900, 4600, 5800, 6400, 7500, 8400]), None, "irregular"),
        (KnownEcg(t=None), None, "no T wave"),
    ],
)
def test_corrected_qt_is_withheld_with_its_reason(known: KnownEcg, rhythm: KnownRhythm | None, reason: str) -> None:
    found = measured(known, rhythm)
    for field in CORRECTED:
        assert getattr(found, field) is None
        assert reason in found.unknown[field]


def test_wide_complexes_leave_jt() -> None:
    found = measured(KnownEcg(qrs=(-60.0, 70.0)))
    assert found.jt_ms == pytest.approx(290, abs=3)


def test_no_p_wave_no_pr_interval() -> None:
    found = measured(KnownEcg(p=None))
    assert found.pr_ms is found.p_duration_ms is found.p_axis_deg is None
    assert "P wave" in found.unknown["pr_ms"]
    assert found.qtcf_ms is not None


@pytest.mark.parametrize("axis_deg", [-170, -90, -30, 0, 40, 90, 150])
def test_axes_are_those_of_the_heart(axis_deg: float) -> None:
    found = measured(KnownEcg(axis_deg=axis_deg))
    for field in ("axis_deg", "p_axis_deg", "t_axis_deg"):
        assert getattr(found, field) == pytest.approx(axis_deg, abs=4), field


def test_axes_need_two_limb_leads() -> None:
    found = measured(KnownEcg(), leads=("II", "V1"))
    assert found.axis_deg is None
    assert found.unknown["axis_deg"] == "no signal in lead I and lead aVF"


def test_heights_and_voltages_in_spite_of_wander() -> None:
    known = KnownEcg(
        wander_mv=0.5, chest_r_s_mv={"V1": (0.2, 1.1), "V3": (0.5, 0.9), "V5": (1.8, 0.1), "V6": (1.4, 0.1)}
    )
    found = measured(known)
    v1 = found.leads["V1"]
    assert (v1.r_mv, v1.s_mv) == pytest.approx((0.2, -1.1), abs=0.03)
    assert found.sokolow_lyon_mv == pytest.approx(1.1 + 1.8, abs=0.06)
    assert found.cornell_mv == pytest.approx(0.9 + np.cos(np.deg2rad(70)) * np.sqrt(3) / 2, abs=0.06)


@pytest.mark.parametrize("wander_mv", [0.0, 0.5])
@pytest.mark.parametrize("st_mv", [-0.15, 0.0, 0.2])
def test_st_level_in_spite_of_wander(st_mv: float, wander_mv: float) -> None:
    found = measured(KnownEcg(st_mv=st_mv, wander_mv=wander_mv))
    for lead in LEADS:
        assert found.leads[lead].st_j60_mv == pytest.approx(st_mv, abs=0.03), lead


def test_without_a_unit_no_height_is_told() -> None:
    found = measured(KnownEcg(), is_calibrated=False)
    assert found.sokolow_lyon_mv is found.cornell_mv is None
    assert found.leads["V1"].r_mv is found.leads["V1"].st_j60_mv is None
    assert "unit" in found.unknown["cornell_mv"]
    assert found.axis_deg == pytest.approx(40, abs=4), "Einthoven's law holds, and so proportions do"


def test_without_a_unit_and_with_leads_scaled_apart_no_axis_is_told() -> None:
    ecg = KnownEcg().ecg(is_calibrated=False)
    ecg = replace(ecg, samples_mv=ecg.samples_mv / np.std(ecg.samples_mv, axis=1, keepdims=True))
    assert measure(ecg, network=KnownEcg().network).axis_deg is None


def test_an_ectopic_beat_is_not_in_the_median() -> None:
    known = KnownEcg()
    ecg = known.ecg()
    samples = ecg.samples_mv.copy()
    r = round(known.r_ms[4] / 2)
    samples[:, r - 60 : r + 60] = -2 * np.hanning(120)
    found = measure(replace(ecg, samples_mv=samples), network=known.network)
    assert found.leads["II"].r_mv == pytest.approx(np.cos(np.deg2rad(20)), abs=0.03)


def test_each_beat_of_each_lead_is_told() -> None:
    known = KnownEcg()
    found = measured(known)
    assert set(found.beats) == set(LEADS)
    beats = found.beats["V2"]
    assert len(beats) == len(known.r_ms)
    for beat, r in zip(beats, known.r_ms, strict=True):
        assert (beat.p.onset_ms, beat.qrs.onset_ms, beat.t.end_ms) == pytest.approx((r - 180, r - 40, r + 360), abs=1)


def test_lost_samples_hide_their_beats_alone() -> None:
    known = KnownEcg()
    ecg = known.ecg()
    samples = ecg.samples_mv.copy()
    samples[:, 1500:2200] = np.nan
    found = measure(replace(ecg, samples_mv=samples), network=known.network)
    assert found.qt_ms == pytest.approx(400, abs=3)
    assert found.rr_ms == pytest.approx(800, abs=1)
    assert not any(3000 < beat.qrs.peak_ms < 4400 for beat in found.beats["II"] if beat.qrs)


def test_one_lead_alone_is_measured() -> None:
    found = measured(KnownEcg(), leads=("II",))
    assert found.qt_ms == pytest.approx(400, abs=3)
    assert set(found.leads) == {"II"}


def test_no_signal_no_measurement() -> None:
    known = KnownEcg()
    found = measured(known, leads=())
    assert found.heart_rate_bpm is None
    assert set(found.unknown.values()) == {"no lead has a signal"}


def test_no_heartbeat_no_measurement() -> None:
    known = KnownEcg()
    found = measure(known.ecg(), network=lambda samples: np.tile([0.0, 0.0, 0.0, 1.0], (len(samples), 1)))
    assert found.qrs_ms is None
    assert set(found.unknown.values()) == {"no heartbeat was found"}


def test_a_single_beat_has_intervals_and_no_rate() -> None:
    found = measured(KnownEcg(duration_s=1.4, r_ms=[600.0]))
    assert found.qrs_ms == pytest.approx(90, abs=3)
    assert found.heart_rate_bpm is None
    assert "fewer than two" in found.unknown["qtcf_ms"]


@pytest.mark.parametrize("samples", [1, 2, 3, 7])
def test_a_recording_of_hardly_a_sample_is_measured_without_an_error(samples: int) -> None:
    known = KnownEcg(duration_s=samples / 500, r_ms=[600.0])
    assert measured(known).heart_rate_bpm is None


def test_of_a_long_recording_the_beginning_is_measured() -> None:
    known = KnownEcg(duration_s=310, rate_hz=100)
    found = measured(known)
    assert found.measured_s == 300
    assert found.qt_ms == pytest.approx(400, abs=4)
    assert measured(known, leads=("II", "V1")).measured_s == 310


def test_of_a_complex_without_r_wave_the_peak_is_its_depth() -> None:
    found = measured(KnownEcg(chest_r_s_mv={"V1": (0.02, 1.0), "V2": (0.3, 1.0)}))
    waves = {name: found.leads[name].waves.qrs for name in ("V1", "V2")}
    after_ms = {name: wave.peak_ms - wave.onset_ms for name, wave in waves.items()}
    assert after_ms == pytest.approx({"V1": 77, "V2": 33}, abs=3)


@pytest.mark.parametrize(
    ("known", "pr_ms"),
    [(KnownEcg(), 140), (KnownEcg(r_ms=[600, 1500, 2100, 3200, 3900, 4600, 5800, 6400, 7500, 8400]), None)],
)
def test_a_doubtful_p_wave_counts_where_it_comes_before_each_regular_beat(known: KnownEcg, pr_ms: float | None) -> None:
    def doubtful(samples_mv: FloatArray) -> FloatArray:
        found = known.network(samples_mv)
        found[:, 3] += 0.55 * found[:, 0]
        found[:, 0] *= 0.45
        return found

    found = measure(known.ecg(), network=doubtful)
    assert found.pr_ms == (pr_ms if pr_ms is None else pytest.approx(pr_ms, abs=3))
