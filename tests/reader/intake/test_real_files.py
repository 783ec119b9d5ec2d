"""Files of other makers' software become twelve leads, or are refused for what they are."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from ecg.errors import InputError
from reader.intake import read_file
from reader.twelve_leads import LEADS
from tests.conftest import RECORDINGS

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = RECORDINGS / "formats"
pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"no formats/ in {RECORDINGS}: name the folder that holds it in ECG_EDGE_RECORDINGS"
)

TWELVE = {
    "scp/Example.scp": "SCP-ECG",
    "scp/demo.scp": "SCP-ECG",
    "aecg/mortara.xml": "HL7 aECG",
    "aecg/subject1_0.xml": "HL7 aECG",
    "dicom/Example.dcm": "DICOM",
    "dicom/anonymous_ecg.dcm": "DICOM",
    "sierra/129DYPRG.XML": "Philips Sierra",
    "sierra/ad4d3d80-d165_1-04_orig.xml": "Philips Sierra",
}


@pytest.mark.parametrize("name", TWELVE)
def test_a_file_of_another_maker_gives_twelve_leads(name: str) -> None:
    file = read_file(FOLDER / name)
    assert file.route == TWELVE[name]
    assert sorted((*file.ecg.recorded, *file.ecg.derived)) == sorted(LEADS)
    assert file.ecg.present == LEADS
    assert file.ecg.is_calibrated
    assert min(file.quality.values()) > 0.5
    assert not [remark for remark in file.remarks if "add up" in remark or "exchanged" in remark]


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*")) if FOLDER.is_dir() else [], ids=os.path.basename)
def test_every_file_is_read_or_refused_in_one_line(path: Path) -> None:
    if path.is_dir():
        return
    try:
        assert read_file(path).ecg.present
    except InputError as refused:
        assert "\n" not in str(refused)  # noqa: PT017 (both ways are right)
        assert "; " in str(refused)  # noqa: PT017 - the way out
