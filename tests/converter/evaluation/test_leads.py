"""Twelve leads: what most of them agree on, and what is told of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from converter.datasets.ptbxl import GROUPS
from converter.evaluation.leads import agreed_beats, leads_sections

if TYPE_CHECKING:
    from pathlib import Path


def test_a_lead_is_judged_by_what_most_leads_have(ptbxl: Path) -> None:
    leads, _ = leads_sections(ptbxl, None)
    assert leads.figures["II"] == {"recordings": 1, "beats": 12, "missed": 0, "false": 0, "unclassified": 12}
    assert leads.figures["aVL"]["missed"] == 12
    assert leads.figures["all"]["missed"] == 12
    assert leads.figures["all"]["beats"] == 12 * 12


def test_beats_are_counted_by_what_their_recording_shows(ptbxl: Path) -> None:
    _, statements = leads_sections(ptbxl, None)
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
