"""Builds the bundle. `fhir.resources` checks each resource against R4B as it is made.

The patient bears a pseudonym that is made of the recording alone: nothing of what a file says of a person comes in.
What is not known has a `dataAbsentReason`. The report is `preliminary`, since no person has judged it.
"""

from __future__ import annotations

import hashlib
import uuid
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ecg.errors import InputError
from ecg.extras import how_to_install
from edge import __version__
from reader.fhir.codes import HEART_RHYTHM, LEADS, MDC, MEASURED, REPORT, UCUM, WAVEFORMS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reader.fhir.codes import Code, Measured
    from reader.reading import Reading
    from reader.twelve_leads import TwelveLeads

__all__ = ["bundle_of"]

_NAMESPACE: Final = uuid.UUID("8d1f7c1e-8a3c-5f5e-9a53-5f5c2f6f0c11")
_UV_PER_MV: Final = 1000
_PSEUDONYMS: Final = "urn:ecg-edge:pseudonym"
_CATEGORY: Final = "http://terminology.hl7.org/CodeSystem/v2-0074"
_ABSENT: Final = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
_DISCLAIMER: Final = (
    "Read by a computer program that is not a medical device. No diagnosis: a physician has to judge this ECG."
)
_FINDINGS: Final = {
    "norm": "Normal ECG",
    "mi": "Myocardial infarction",
    "sttc": "ST/T change",
    "cd": "Conduction disturbance",
    "hyp": "Hypertrophy",
}


def bundle_of(reading: Reading, ecg: TwelveLeads) -> str:
    """The bundle of a reading, as JSON.

    Args:
        reading: of a file that was read.
        ecg: what was read of it.

    Raises:
        InputError: the package `fhir.resources` is missing.
    """
    try:
        from fhir.resources.R4B.bundle import Bundle  # noqa: PLC0415 - costs half a second
    except ImportError:
        raise InputError(f"FHIR needs the package fhir.resources: {how_to_install('reader')}") from None
    recording = hashlib.sha256(np.ascontiguousarray(ecg.samples_mv).tobytes()).hexdigest()
    patient, device = (_url(recording, each) for each in ("patient", "device"))
    about = {"status": "preliminary", "subject": {"reference": patient}}
    if reading.recorded_at is not None:
        about["effectiveDateTime"] = reading.recorded_at
    observed = {**about, "device": {"reference": device}}
    observations = [
        _waveforms(ecg),
        *(_measurement(reading, each) for each in MEASURED),
        _rhythm(reading),
        _findings(reading),
    ]
    urls = [_url(recording, f"observation {number}") for number in range(len(observations))]
    report = {
        "resourceType": "DiagnosticReport",
        "category": [{"coding": [{"system": _CATEGORY, "code": "EC", "display": "Electrocardiac"}]}],
        "code": _concept(REPORT),
        "conclusion": _conclusion(reading),
        "result": [{"reference": url} for url in urls],
        **about,
    }
    entries = [
        (_url(recording, "report"), report),
        (patient, {"resourceType": "Patient", "identifier": [{"system": _PSEUDONYMS, "value": recording[:16]}]}),
        (device, _device(reading)),
        *(
            (url, {"resourceType": "Observation", **observation, **observed})
            for url, observation in zip(urls, observations, strict=True)
        ),
    ]
    bundle = Bundle.model_validate(
        {
            "resourceType": "Bundle",
            "type": "collection",
            "entry": [{"fullUrl": url, "resource": resource} for url, resource in entries],
        }
    )
    written: str = bundle.model_dump_json(indent=2)
    return written


def _url(recording: str, what: str) -> str:
    """The same for the same recording, so that a second import meets the first."""
    return f"urn:uuid:{uuid.uuid5(_NAMESPACE, f'{recording} {what}')}"


def _concept(*codes: Code) -> dict[str, Any]:
    coding = [{"system": each.system, "code": each.code, "display": each.display} for each in codes]
    return {"coding": coding, "text": codes[0].display}


def _absent(reason: str) -> dict[str, Any]:
    return {"coding": [{"system": _ABSENT, "code": "unknown", "display": "Unknown"}], "text": reason or "not known"}


def _device(reading: Reading) -> dict[str, Any]:
    versions = [{"type": {"text": "program"}, "value": __version__}]
    if reading.model is not None:
        versions.append({"type": {"text": "model"}, "value": reading.model})
    return {
        "resourceType": "Device",
        "deviceName": [{"name": "ECG Edge reader", "type": "model-name"}],
        "version": versions,
        "note": [{"text": _DISCLAIMER}],
    }


def _waveforms(ecg: TwelveLeads) -> dict[str, Any]:
    unit = ("mV", "mV") if ecg.is_calibrated else ("arbitrary unit", "[arb'U]")
    components = [
        {
            "code": {"coding": [{"system": MDC, "code": LEADS[lead], "display": f"MDC_ECG_ELEC_POTL_{lead.upper()}"}]},
            "valueSampledData": {
                "origin": {"value": 0, "unit": unit[0], "system": UCUM, "code": unit[1]},
                "period": round(1000 / float(ecg.rate_hz), 6),
                "factor": 1 / _UV_PER_MV,
                "dimensions": 1,
                "data": _samples(ecg.lead_mv(lead)),
            },
        }
        for lead in ecg.recorded
        if np.isfinite(ecg.lead_mv(lead)).any()
    ]
    return {"code": _concept(WAVEFORMS), "component": components}


def _samples(lead_mv: Any) -> str:
    """Whole microvolts; E for a sample that is lost."""
    lost = ~np.isfinite(lead_mv)
    whole = np.rint(np.where(lost, 0.0, lead_mv) * _UV_PER_MV).astype(np.int64)
    return " ".join("E" if gone else str(value) for gone, value in zip(lost.tolist(), whole.tolist(), strict=True))


def _measurement(reading: Reading, measured: Measured) -> dict[str, Any]:
    found = reading.measurements
    value = None if found is None else getattr(found, measured.field)
    observation: dict[str, Any] = {"code": _concept(*measured.codes)}
    if value is None:
        reason = "" if found is None else found.unknown.get(measured.field, "")
        return {**observation, "dataAbsentReason": _absent(reason)}
    quantity = {"value": round(value, 1), "unit": measured.unit, "system": UCUM, "code": measured.ucum}
    return {**observation, "valueQuantity": quantity}


def _rhythm(reading: Reading) -> dict[str, Any]:
    code = {"code": _concept(HEART_RHYTHM)}
    if reading.rhythm is None:
        return {**code, "dataAbsentReason": _absent(reading.unknown.get("rhythm", ""))}
    return {**code, "valueCodeableConcept": {"text": reading.rhythm}}


def _findings(reading: Reading) -> dict[str, Any]:
    code = {"code": {"text": "What the ECG may show: probabilities by a model"}}
    if reading.superclasses is None:
        return {**code, "dataAbsentReason": _absent(reading.unknown.get("superclasses", ""))}
    components = [
        *(_probability(name, getattr(reading.superclasses, key)) for key, name in _FINDINGS.items()),
        *_either(reading),
    ]
    note = {} if reading.abstained is None else {"note": [{"text": f"The model abstains: {reading.abstained}."}]}
    return {**code, **note, "component": components}


def _either(reading: Reading) -> Iterable[dict[str, Any]]:
    if reading.mi_or_ischaemia is not None:
        yield _probability("Myocardial infarction or ischaemia", reading.mi_or_ischaemia)


def _probability(name: str, value: float) -> dict[str, Any]:
    return {"code": {"text": name}, "valueQuantity": {"value": round(value, 4), "system": UCUM, "code": "1"}}


def _conclusion(reading: Reading) -> str:
    sentences = [_DISCLAIMER]
    if reading.rhythm is not None:
        sentences.append(f"Rhythm: {reading.rhythm}.")
    if reading.abstained is not None:
        sentences.append(f"The model abstains: {reading.abstained}.")
    sentences += [f"{remark[:1].upper()}{remark[1:]}." for remark in reading.remarks]
    return " ".join(sentences)
