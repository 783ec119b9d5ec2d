"""A file of any format becomes twelve leads; what is assumed or doubtful is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from ecg.errors import InputError
from ecg.formats.options import ReadOptions
from reader.intake import FileEcg, read_file
from reader.twelve_leads import LEADS
from tests.support.ecg_files import RATE_HZ, STEPS_PER_MV, WRITERS, normal_steps, write_csv, write_wfdb
from tests.support.twelve_leads import noise, normal_samples_mv

if TYPE_CHECKING:
    from pathlib import Path

STEPS = normal_steps()
LIMBS = ("I", "II")
EIGHT = (*LIMBS, *LEADS[6:])


def rows(*leads: str) -> np.ndarray:
    return STEPS[[LEADS.index(lead) for lead in leads]]


def said(file: FileEcg) -> str:
    return "; ".join(file.remarks)


@pytest.mark.parametrize("name", WRITERS)
def test_each_format_gives_the_same_twelve_leads(name: str, tmp_path: Path) -> None:
    file = read_file(WRITERS[name](tmp_path, STEPS))
    assert file.route == name
    assert file.ecg.recorded == LEADS
    assert file.ecg.is_calibrated
    assert (float(file.ecg.rate_hz), file.duration_s, file.start_s) == (RATE_HZ, 10.0, 0.0)
    np.testing.assert_allclose(file.ecg.samples_mv, STEPS / STEPS_PER_MV, atol=0.006)
    assert not file.remarks
    assert all(file.quality[lead] > 0.9 for lead in LEADS)


@pytest.mark.parametrize("name", WRITERS)
def test_the_name_of_a_file_does_not_matter(name: str, tmp_path: Path) -> None:
    if name == "WFDB":
        pytest.skip("a WFDB record is two files that know each other by name")
    path = WRITERS[name](tmp_path, STEPS)
    assert read_file(path.rename(tmp_path / "ecg.bin")).ecg.recorded == LEADS


def test_missing_limb_leads_are_derived(tmp_path: Path) -> None:
    file = read_file(write_wfdb(tmp_path, rows(*EIGHT), names=EIGHT))
    assert file.ecg.recorded == EIGHT
    assert sorted(file.ecg.derived) == ["III", "aVF", "aVL", "aVR"]
    np.testing.assert_allclose(file.ecg.samples_mv, STEPS / STEPS_PER_MV, atol=0.03)


def test_leads_in_any_order_and_spelling_find_their_place(tmp_path: Path) -> None:
    order = list(reversed(LEADS))
    names = [{"aVR": "-AVR", "V1": "C1", "II": "Lead II"}.get(lead, lead.lower()) for lead in order]
    steps = rows(*order)
    steps[order.index("aVR")] *= -1
    file = read_file(write_wfdb(tmp_path, steps, names=names))
    np.testing.assert_allclose(file.ecg.samples_mv, STEPS / STEPS_PER_MV, atol=0.006)


def test_a_lead_without_a_signal_is_named_and_not_derived(tmp_path: Path) -> None:
    steps = STEPS.copy()
    steps[[LEADS.index("III"), LEADS.index("V4")]] = 0
    file = read_file(write_wfdb(tmp_path, steps))
    assert file.ecg.flat == ("III", "V4")
    assert "no signal in III, V4" in said(file)
    assert "III" not in file.ecg.present


def test_mislabelled_limb_leads_are_told(tmp_path: Path) -> None:
    names = ["II", "I", *LEADS[2:]]
    assert "I and II are exchanged" in said(read_file(write_wfdb(tmp_path, STEPS, names=names)))


def test_a_lead_at_the_limit_of_its_converter_is_named(tmp_path: Path) -> None:
    steps = np.clip(STEPS * 8, -300, 300)
    assert "limit of the converter" in said(read_file(write_wfdb(tmp_path, steps)))


@pytest.mark.parametrize("unit", ["NU", "adu"])
def test_a_unit_that_is_no_voltage_is_read_uncalibrated(unit: str, tmp_path: Path) -> None:
    file = read_file(write_wfdb(tmp_path, STEPS, unit=unit))
    assert not file.ecg.is_calibrated
    assert "--unit" in said(file)
    told = read_file(tmp_path / "r.hea", ReadOptions(unit="mV"))
    assert told.ecg.is_calibrated


def test_microvolts_that_are_told_as_millivolts_are_noticed(tmp_path: Path) -> None:
    path = write_csv(tmp_path, STEPS * 1000)
    file = read_file(path)
    assert not file.ecg.is_calibrated
    assert "uV would make it" in said(file)
    told = read_file(path, ReadOptions(unit="uV"))
    np.testing.assert_allclose(told.ecg.samples_mv, STEPS / STEPS_PER_MV, atol=0.006)


def test_twelve_columns_without_names_are_taken_in_the_standard_order(tmp_path: Path) -> None:
    file = read_file(write_csv(tmp_path, STEPS, names=None))
    assert file.ecg.recorded == LEADS
    assert "standard order" in said(file)
    assert not file.ecg.is_calibrated  # nobody says that the numbers are mV


def test_one_column_is_one_unknown_lead(tmp_path: Path) -> None:
    file = read_file(write_csv(tmp_path, rows("V5"), names=None))
    assert file.ecg.recorded == ("II",)
    assert not file.ecg.is_lead_known
    assert not file.ecg.derived


def test_of_a_long_recording_the_best_ten_seconds_are_read(tmp_path: Path) -> None:
    samples_mv = normal_samples_mv(rate_hz=RATE_HZ, duration_s=34, r_times_s=tuple(np.arange(0.5, 33.5, 0.8)))
    bad = samples_mv + noise(samples_mv.shape, sd_mv=0.4)
    good = slice(10 * RATE_HZ, 20 * RATE_HZ)
    bad[:, good] = samples_mv[:, good]
    file = read_file(write_wfdb(tmp_path, normal_steps(bad)))
    assert (file.start_s, file.duration_s, file.ecg.duration_s) == (10.0, 34.0, 10.0)
    assert file.whole_lead is not None
    blocks = list(file.whole_lead("aVF"))
    whole = np.concatenate([block.samples_mv for block in blocks])
    np.testing.assert_allclose(whole, bad[LEADS.index("aVF")], atol=0.006)


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        (STEPS[:, :RATE_HZ], "too short"),
        (np.zeros((12, 2500), np.int64), "no lead has a signal"),
        (np.full((12, 2500), 32767, np.int64), "no lead has a signal"),
        (np.full((12, 2500), -32768, np.int64), "every sample is lost"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(steps: np.ndarray, said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=said) as refused:
        read_file(write_wfdb(tmp_path, steps))
    assert "; " in str(refused.value)


def test_a_rate_at_which_nothing_can_be_seen_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no rate at which"):
        read_file(write_wfdb(tmp_path, STEPS, rate_hz=25))


def test_an_eeg_is_refused(tmp_path: Path) -> None:
    names = [f"EEG {place}" for place in ("Fp1", "Fp2", "C3", "C4", "O1", "O2", "T3", "T4", "P3", "P4", "Cz", "Pz")]
    with pytest.raises(InputError, match="no signal is an ECG"):
        read_file(write_wfdb(tmp_path, STEPS, names=names))


@pytest.mark.parametrize("head", [b"%PDF-1.7\n", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"\xff\xd8\xff\xe0\0\x10JFIF"])
def test_pictures_are_refused_for_what_they_are(head: bytes, tmp_path: Path) -> None:
    path = tmp_path / "ecg"
    path.write_bytes(head + bytes(600))
    with pytest.raises(InputError, match=r"not understood \(file\): .*copy it again"):
        read_file(path)


def test_a_lead_that_stands_still_for_part_of_the_time_is_lost_there(tmp_path: Path) -> None:
    steps = STEPS.copy()
    steps[LEADS.index("V2"), 3 * RATE_HZ : 5 * RATE_HZ] = 32767
    file = read_file(write_wfdb(tmp_path, steps, names=LEADS))
    assert "V2: up to 2 s stay at one value and count as lost" in said(file)
    assert np.isnan(file.ecg.lead_mv("V2")).sum() == 2 * RATE_HZ
    assert np.isfinite(file.ecg.lead_mv("V1")).all()
