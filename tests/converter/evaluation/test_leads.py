"""Twelve leads: what most of them agree on, and which recordings count for what."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np
import pytest
import wfdb

from converter.datasets.ptbxl import GROUPS, LEADS, STATEMENTS, PtbXlRecording, read_recordings
from converter.evaluation.leads import agreed_beats, leads_sections
from ecg.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

SEEN = dict.fromkeys(LEADS, 1.0) | {"aVL": 0.0}  # a lead that sees nothing


def write_recording(folder: Path, name: str, rate_hz: int = 500) -> None:
    time_s = np.arange(10 * rate_hz) / rate_hz
    wave = sum(np.exp(-0.5 * ((time_s - at_s) / 0.012) ** 2) for at_s in np.arange(0.6, 9.6, 0.8))
    noise = 0.01 * np.random.default_rng(3).standard_normal((len(time_s), len(LEADS)))
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    wfdb.wrsamp(
        name.rpartition("/")[2],
        fs=rate_hz,
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
    rows = [
        ("{'NORM': 100.0, 'SR': 0.0}", ""),
        ("{'NORM': 100.0, 'SR': 0.0}", "1ES"),
        ("{'NORM': 50.0, 'SR': 0.0}", ""),
        ("{'NORM': 80.0, 'PVC': 100.0}", ""),
        ("{'AFIB': 100.0}", ""),
        ("{'NORM': 100.0, 'SR': 0.0}", ""),  # which is there at 100 Hz
        ("{'NORM': 100.0, 'SR': 0.0}", ""),  # which is not there
    ]
    with (tmp_path / STATEMENTS).open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["ecg_id", "scp_codes", "extra_beats", "filename_hr", "filename_lr"])
        table.writerows([number, codes, extra, *names(number)] for number, (codes, extra) in enumerate(rows))
    for number in range(5):
        write_recording(tmp_path, names(number)[0])
        write_recording(tmp_path, names(number)[1], 100)
    write_recording(tmp_path, names(5)[1], 100)
    return tmp_path


def names(number: int) -> tuple[str, str]:
    return f"records500/00000/{number:05}_hr", f"records100/00000/{number:05}_lr"


def test_a_recording_is_read_at_the_highest_rate_that_is_there(folder: Path) -> None:
    found = {recording.name: recording for recording in read_recordings(folder)}
    assert set(found) == {names(5)[1], *(names(number)[0] for number in range(5))}
    assert not found[names(5)[1]].is_fast
    assert [name for name, own in found.items() if own.is_certainly_normal] == [names(5)[1], names(0)[0]]


@pytest.mark.parametrize(
    ("codes", "has_extra_beats", "group"),
    [
        ("AFIB PVC NDT", False, "ventricular premature beats"),
        ("PACE", True, "paced"),
        ("NORM", True, "other extra beats, or of unknown origin"),
        ("SR PAC", False, "other extra beats, or of unknown origin"),
        ("AFLT CLBBB", False, "atrial fibrillation or flutter"),
        ("SR CRBBB IMI", False, "bundle branch block"),
        ("SR IMI LVH", False, "other findings (infarction, hypertrophy, conduction, ST-T)"),
        ("SBRAD NORM LVOLT", False, "normal"),
    ],
)
def test_each_recording_is_in_one_group(codes: str, group: str, *, has_extra_beats: bool) -> None:
    said = dict.fromkeys(codes.split(), 0.0)
    assert PtbXlRecording("1", said, has_extra_beats=has_extra_beats, is_fast=True).group == group
    assert group in GROUPS


def test_a_lead_is_judged_by_what_most_leads_have(folder: Path) -> None:
    leads, _ = leads_sections(folder, None)
    assert leads.figures["II"] == {"recordings": 1, "beats": 12, "missed": 0, "false": 0, "unclassified": 12}
    assert leads.figures["aVL"]["missed"] == 12
    assert leads.figures["all"]["missed"] == 12
    assert leads.figures["all"]["beats"] == 12 * 12


def test_beats_are_counted_by_what_their_recording_shows(folder: Path) -> None:
    _, statements = leads_sections(folder, None)
    assert {group: own["recordings"] for group, own in statements.figures.items() if own} == {
        "ventricular premature beats": 1,
        "other extra beats, or of unknown origin": 1,
        "atrial fibrillation or flutter": 1,
        "normal": 3,
    }
    assert statements.figures["normal"]["beats"] == statements.figures["normal"]["unclassified"] == 3 * 11 * 12
    assert [row[0] for row in statements.tables[0].rows] == list(GROUPS)


def test_seven_leads_make_a_beat_and_six_do_not() -> None:
    seven, six = [100, 500], [100]
    leads = [np.array(seven if number < 7 else six) + number for number in range(12)]
    assert agreed_beats(leads).tolist() == [106, 503]
    leads = [np.array(seven if number < 6 else six) + number for number in range(12)]
    assert agreed_beats(leads).tolist() == [106]


def test_a_folder_without_statements_or_recordings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_recordings(tmp_path)
    (tmp_path / STATEMENTS).write_text("nothing\n1\n")
    with pytest.raises(InputError, match="is not a table of statements"):
        read_recordings(tmp_path)
    (tmp_path / STATEMENTS).write_text("filename_hr,filename_lr,scp_codes,extra_beats\nx,y,\"{'NORM': 100.0}\",\n")
    with pytest.raises(InputError, match="holds no recording"):
        read_recordings(tmp_path)
