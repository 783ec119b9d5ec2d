"""Twelve leads of normal recordings: what most of them agree on, and which recordings count."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np
import pytest
import wfdb

from converter.referee.leads import LEADS, STATEMENTS, agreed_beats, leads_section, normal_recordings
from edge.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

SEEN = dict.fromkeys(LEADS, 1.0) | {"aVL": 0.0}  # a lead that sees nothing


def write_recording(folder: Path, name: str) -> None:
    time_s = np.arange(5000) / 500
    wave = sum(np.exp(-0.5 * ((time_s - at_s) / 0.012) ** 2) for at_s in np.arange(0.6, 9.6, 0.8))
    noise = 0.01 * np.random.default_rng(3).standard_normal((len(time_s), len(LEADS)))
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    wfdb.wrsamp(
        name.rpartition("/")[2],
        fs=500,
        units=["mV"] * len(LEADS),
        sig_name=list(LEADS),
        p_signal=wave[:, np.newaxis] * np.array(list(SEEN.values())) + noise,
        fmt=["16"] * len(LEADS),
        adc_gain=[1000] * len(LEADS),
        baseline=[0] * len(LEADS),
        write_dir=str((folder / name).parent),
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = {
        "records500/00000/00001_hr": ("{'NORM': 100.0, 'SR': 0.0}", ""),
        "records500/00000/00002_hr": ("{'NORM': 100.0, 'SR': 0.0}", "1ES"),
        "records500/00000/00003_hr": ("{'NORM': 50.0, 'SR': 0.0}", ""),
        "records500/00000/00004_hr": ("{'NORM': 80.0, 'PVC': 100.0}", ""),
        "records500/00000/00005_hr": ("{'AFIB': 100.0}", ""),
        "records500/00000/00009_hr": ("{'NORM': 100.0, 'SR': 0.0}", ""),  # which is not there
    }
    with (tmp_path / STATEMENTS).open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["ecg_id", "scp_codes", "extra_beats", "filename_hr"])
        table.writerows([number, codes, extra, name] for number, (name, (codes, extra)) in enumerate(rows.items()))
    for name in list(rows)[:5]:
        write_recording(tmp_path, name)
    return tmp_path


def test_normal_recordings_without_extra_beats_count(folder: Path) -> None:
    assert normal_recordings(folder) == ["records500/00000/00001_hr"]


def test_a_lead_is_judged_by_what_most_leads_have(folder: Path) -> None:
    figures = leads_section(folder, None).figures
    assert figures["II"] == {"beats": 12, "missed": 0, "false": 0, "unclassified": 12}
    assert figures["aVL"]["missed"] == 12
    assert figures["all"]["missed"] == 12
    assert figures["all"]["beats"] == 12 * 12


def test_seven_leads_make_a_beat_and_six_do_not() -> None:
    seven, six = [100, 500], [100]
    leads = [np.array(seven if number < 7 else six) + number for number in range(12)]
    assert agreed_beats(leads).tolist() == [106, 503]
    leads = [np.array(seven if number < 6 else six) + number for number in range(12)]
    assert agreed_beats(leads).tolist() == [106]


def test_a_folder_without_statements_or_normal_recordings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        normal_recordings(tmp_path)
    (tmp_path / STATEMENTS).write_text("nothing\n1\n")
    with pytest.raises(InputError, match="is not the table of statements"):
        normal_recordings(tmp_path)
    (tmp_path / STATEMENTS).write_text("filename_hr,scp_codes,extra_beats\nx,\"{'NORM': 100.0}\",\n")
    with pytest.raises(InputError, match="holds no normal recording"):
        normal_recordings(tmp_path)
