"""Codes of what a reading holds.

Measurements: LOINC 2.77, and ISO/IEEE 11073-10102 (MDC) for QTc by Fridericia (DICOM CID 3227). Leads: MDC, as in the
example "ekg" of FHIR R4. Units: UCUM.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["HEART_RHYTHM", "LEADS", "LOINC", "MDC", "MEASURED", "REPORT", "UCUM", "WAVEFORMS", "Code"]

LOINC: Final = "http://loinc.org"
MDC: Final = "urn:iso:std:iso:11073:10101"
UCUM: Final = "http://unitsofmeasure.org"


@dataclass(frozen=True, slots=True)
class Code:
    """A code of a system, and what it says."""

    system: str
    code: str
    display: str


@dataclass(frozen=True, slots=True)
class Measured:
    """A measurement: its field in `reader.measure.measurements.Measurements`, its codes and its unit (UCUM)."""

    field: str
    codes: tuple[Code, ...]
    unit: str
    ucum: str


REPORT: Final = Code(LOINC, "11524-6", "EKG study")
HEART_RHYTHM: Final = Code(LOINC, "8884-9", "Heart rate rhythm")
WAVEFORMS: Final = Code(MDC, "131328", "MDC_ECG_ELEC_POTL")

MEASURED: Final = (
    Measured("heart_rate_bpm", (Code(LOINC, "8867-4", "Heart rate"),), "beats/minute", "/min"),
    Measured("rr_ms", (Code(LOINC, "8637-1", "R-R interval by EKG"),), "ms", "ms"),
    Measured("pr_ms", (Code(LOINC, "8625-6", "P-R Interval by EKG"),), "ms", "ms"),
    Measured("qrs_ms", (Code(LOINC, "8633-0", "QRS duration by EKG"),), "ms", "ms"),
    Measured("qt_ms", (Code(LOINC, "8634-8", "Q-T interval by EKG"),), "ms", "ms"),
    Measured(
        "qtcf_ms",
        (Code(LOINC, "8636-3", "Q-T interval corrected by EKG"), Code(MDC, "146964", "QTc global, Fridericia formula")),
        "ms",
        "ms",
    ),
    Measured("axis_deg", (Code(LOINC, "8632-2", "QRS axis by EKG"),), "deg", "deg"),
    Measured("p_axis_deg", (Code(LOINC, "8626-4", "P wave axis by EKG"),), "deg", "deg"),
    Measured("t_axis_deg", (Code(LOINC, "8638-9", "T wave axis by EKG"),), "deg", "deg"),
)

LEADS: Final = {
    "I": "131329",
    "II": "131330",
    "III": "131389",
    "aVR": "131390",
    "aVL": "131391",
    "aVF": "131392",
    "V1": "131331",
    "V2": "131332",
    "V3": "131333",
    "V4": "131334",
    "V5": "131335",
    "V6": "131336",
}
"""MDC_ECG_ELEC_POTL_I and so on: reference identifier 2::256 and the number of the lead."""
