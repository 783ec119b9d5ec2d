"""PTB-XL: which recordings are on disk, and which of them count for what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from converter.datasets.ptbxl import GROUPS, STATEMENTS, PtbXlRecording, read_recordings
from ecg.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_recording_is_read_at_the_highest_rate_that_is_there(ptbxl: Path) -> None:
    found = {recording.name: recording for recording in read_recordings(ptbxl)}
    slow, *fast = "records100/00000/00005_lr", *(f"records500/00000/{number:05}_hr" for number in range(5))
    assert list(found) == [slow, *fast]
    assert not found[slow].is_fast
    assert [name for name, own in found.items() if own.is_certainly_normal] == [slow, fast[0]]


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


def test_a_folder_without_statements_or_recordings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_recordings(tmp_path)
    (tmp_path / STATEMENTS).write_text("nothing\n1\n")
    with pytest.raises(InputError, match="is not a table of statements"):
        read_recordings(tmp_path)
    (tmp_path / STATEMENTS).write_text("filename_hr,filename_lr,scp_codes,extra_beats\nx,y,\"{'NORM': 100.0}\",\n")
    with pytest.raises(InputError, match="holds no recording"):
        read_recordings(tmp_path)
