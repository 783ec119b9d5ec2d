"""Leads are told by name, however it is spelt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.intake.lead_names import are_counted, standard_lead
from reader.twelve_leads import LEADS

SPELT = {
    "I": "I i DI D1 L1 Lead-I lead_i LEAD_I ECG.I EKG-I MDC_ECG_LEAD_I LA-RA L-R",
    "II": "II DII D2 ECGII leadII MDC_ECG_LEAD_II LL-RA F-R \N{ROMAN NUMERAL TWO} II/mV",
    "III": "III DIII D3 MDC_ECG_LEAD_III LL-LA F-L",
    "aVR": "aVR AVR avr a_vr a-VR ECG_aVR MDC_ECG_LEAD_AVR aVR.",
    "aVF": "aVF AVF ECG-aVF MDC_ECG_LEAD_AVF",
    "V1": "V1 v1 V-1 v01 C1 MDC_ECG_LEAD_V1 V1-filtered",
    "V6": "V6 C6 ecg_v6",
}
WORDED = {
    "Lead II (Einthoven)": "II",
    "Lead 2": "II",
    "Ableitung III": "III",
    "Abl. aVL": "aVL",
    "Brustwand V3": "V3",
    "Kanal II": "II",
    "D\N{LATIN SMALL LETTER E WITH ACUTE}rivation I": "I",
    "Derivaci\N{LATIN SMALL LETTER O WITH ACUTE}n aVL": "aVL",
    "Extremit\N{LATIN SMALL LETTER A WITH DIAERESIS}t I": "I",
    "aV R": "aVR",
    "V 5": "V5",
    "I [mV]": "I",
    "V1 (C1)": "V1",
    "II,mV": "II",
    "ECG Lead aVR": "aVR",
}


@pytest.mark.parametrize(("lead", "name"), [(lead, name) for lead, names in SPELT.items() for name in names.split()])
def test_a_lead_is_told_by_its_name(lead: str, name: str) -> None:
    found = standard_lead(name)
    assert found is not None
    assert (found.lead, found.is_inverted, found.is_exact) == (lead, False, True)


@pytest.mark.parametrize("name", WORDED)
def test_words_around_a_name_do_not_matter(name: str) -> None:
    found = standard_lead(name)
    assert found is not None
    assert found.lead == WORDED[name]


@pytest.mark.parametrize("name", ["-aVR", "\N{MINUS SIGN}aVR", "ECG -aVR"])
def test_a_minus_turns_a_lead_over(name: str) -> None:
    assert standard_lead(name) == ("aVR", True, True)


def test_exchanged_electrodes_turn_a_lead_over() -> None:
    assert standard_lead("RA-LA") == ("I", True, True)


def test_a_modified_lead_stands_for_the_limb_lead() -> None:
    assert standard_lead("MLII") == ("II", False, False)


@pytest.mark.parametrize(
    "name",
    ["", "V", "V7", "V3R", "CM5", "MCL1", "MV2", "X", "ECG", "ECG1", "Ch1", "1", "EEG Fp1", "Pleth", "C7", "IIR"],
)
def test_other_signals_are_none_of_the_twelve(name: str) -> None:
    assert standard_lead(name) is None


@given(st.sampled_from(LEADS), st.sampled_from(["", " ", "_", "."]), st.booleans())
def test_case_and_punctuation_do_not_matter(lead: str, mark: str, in_capitals: bool) -> None:
    found = standard_lead(f"{mark}{lead.upper() if in_capitals else lead.lower()}{mark}")
    assert found is not None
    assert found.lead == lead


@given(st.text(max_size=40))
def test_any_text_is_a_lead_or_none(name: str) -> None:
    found = standard_lead(name)
    assert found is None or found.lead in LEADS


@pytest.mark.parametrize(
    "names",
    [
        [""] * 12,
        [str(number) for number in range(12)],
        [f"ch{number}" for number in range(1, 13)],
        [f"Lead {number}" for number in range(1, 13)],
    ],
)
def test_names_that_only_count_name_no_lead(names: list[str]) -> None:
    assert are_counted(names)


@pytest.mark.parametrize(
    "names", [["I", "II", "III"], ["V1", "V2", "V3"], ["Lead 1", "Lead 2", "Lead 3"], ["ECG", "EEG"], ["1", "3"]]
)
def test_other_names_are_no_count(names: list[str]) -> None:
    assert not are_counted(names)
