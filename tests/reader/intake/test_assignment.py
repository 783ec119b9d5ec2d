"""Signals become leads, whatever their order; what is no ECG is refused."""

from __future__ import annotations

import pytest

from ecg.errors import InputError
from reader.intake.assignment import assign
from reader.twelve_leads import LEADS


def test_any_order_will_do() -> None:
    names = list(reversed(LEADS))
    assert assign(names, "f").signals == {lead: names.index(lead) for lead in LEADS}


def test_twelve_signals_without_names_are_taken_in_the_standard_order_and_that_is_said() -> None:
    found = assign([""] * 12, "f")
    assert list(found.signals) == list(LEADS)
    assert "standard order" in found.remarks[0]


def test_one_signal_without_a_name_is_one_unknown_lead() -> None:
    found = assign(["0"], "f")
    assert (found.signals, found.is_lead_known) == ({"II": 0}, False)


def test_a_lead_that_is_there_twice_is_read_once() -> None:
    found = assign(["II", "V1", "Lead II"], "f")
    assert found.signals == {"II": 0, "V1": 1}
    assert "twice" in found.remarks[0]


def test_what_is_none_of_the_twelve_is_named() -> None:
    found = assign(["II", "V7", "RESP"], "f")
    assert found.signals == {"II": 0}
    assert "V7, RESP" in found.remarks[0]


def test_the_ecg_among_other_signals_is_found() -> None:
    found = assign(["EEG Fp1", "EEG C3", "ECG"], "f")
    assert (found.signals, found.is_lead_known) == ({"II": 2}, False)


def test_electrodes_of_an_eeg_are_no_chest_leads() -> None:
    with pytest.raises(InputError, match=r"no.* signal"):
        assign(["Fp1", "Fp2", "F3", "F4", "C3", "C4", "P3", "P4", "O1", "O2", "F7", "F8", "T3", "T4"], "f")


@pytest.mark.parametrize(
    "names", [["EEG Fp1-Ref", "EEG C3"], ["RESP", "ABP"], [f"EEG {number}" for number in range(12)]]
)
def test_a_file_without_an_ecg_is_refused(names: list[str]) -> None:
    with pytest.raises(InputError, match="no signal is an ECG"):
        assign(names, "f")


def test_37_signals_without_a_lead_are_refused() -> None:
    with pytest.raises(InputError, match="none of its 37 signals"):
        assign([f"S{number}x" for number in range(37)], "f")


def test_no_signal_is_refused() -> None:
    with pytest.raises(InputError, match="no signal is an ECG"):
        assign([], "f")
