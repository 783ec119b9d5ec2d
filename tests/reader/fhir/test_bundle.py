"""A reading as a FHIR bundle: valid, complete, and silent about who the patient is."""

from __future__ import annotations

import json
import subprocess
import sys
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest

from reader.fhir.bundle import bundle_of
from reader.fhir.codes import LEADS as LEAD_CODES
from reader.fhir.codes import MEASURED
from reader.measure.measurements import Measurements
from reader.reading import Reading, Superclasses
from reader.twelve_leads import LEADS, TwelveLeads
from tests.support.ecg_files import normal_steps, write_csv
from tests.support.twelve_leads import RATE_HZ, normal_samples_mv

if TYPE_CHECKING:
    from pathlib import Path

bundles = pytest.importorskip("fhir.resources.R4B.bundle", reason="fhir.resources comes with the extra [reader]")

READING = Reading(
    file="Anna_Muster_1950.scp",
    route="SCP-ECG",
    leads=LEADS,
    rate_hz=float(RATE_HZ),
    duration_s=10.0,
    recorded_at="2026-03-04T05:06:07Z",
    superclasses=Superclasses(norm=0.1, mi=0.8, sttc=0.2, cd=0.1, hyp=0.05),
    mi_or_ischaemia=0.9,
    model="twelve-lead 1.0.0",
    rhythm="sinus rhythm",
    measurements=Measurements(heart_rate_bpm=72.04, qrs_ms=98.0, unknown={"qtcf_ms": "atrial fibrillation"}),
)


def ecg(**told: Any) -> TwelveLeads:
    samples_mv = normal_samples_mv()
    samples_mv[1, 100:103] = np.nan
    return TwelveLeads(samples_mv=samples_mv, rate_hz=Fraction(RATE_HZ), recorded=LEADS, **told)


def resources(reading: Reading = READING, **told: Any) -> dict[str, list[dict[str, Any]]]:
    """By type, of a bundle that the library reads back."""
    written = bundle_of(reading, ecg(**told))
    bundles.Bundle.model_validate_json(written)
    found: dict[str, list[dict[str, Any]]] = {}
    for entry in json.loads(written)["entry"]:
        found.setdefault(entry["resource"]["resourceType"], []).append(entry["resource"])
    return found


def observation(code: str, **told: Any) -> dict[str, Any]:
    every = resources(**told)["Observation"]
    return next(each for each in every if each["code"].get("coding", [{}])[0].get("code") == code)


def test_the_report_names_every_observation_and_waits_for_a_person() -> None:
    written = json.loads(bundle_of(READING, ecg()))
    urls = {entry["fullUrl"] for entry in written["entry"] if entry["resource"]["resourceType"] == "Observation"}
    (report,) = resources()["DiagnosticReport"]
    assert {each["reference"] for each in report["result"]} == urls
    assert report["status"] == "preliminary"
    assert "not a medical device" in report["conclusion"]
    assert report["effectiveDateTime"].startswith("2026-03-04T05:06:07")


def test_waveforms_come_back_as_they_were_and_lost_samples_as_errors() -> None:
    waveforms = observation("131328")
    assert [each["code"]["coding"][0]["code"] for each in waveforms["component"]] == list(LEAD_CODES.values())
    for lead, component in zip(LEADS, waveforms["component"], strict=True):
        sampled = component["valueSampledData"]
        assert sampled["period"] == pytest.approx(1000 / RATE_HZ)
        found = [np.nan if each == "E" else float(each) * sampled["factor"] for each in sampled["data"].split()]
        np.testing.assert_allclose(found, ecg().lead_mv(lead), atol=0.0005 + 1e-9)


def test_heights_that_nobody_knows_are_no_millivolts() -> None:
    (component, *_) = observation("131328", is_calibrated=False)["component"]
    assert component["valueSampledData"]["origin"]["code"] == "[arb'U]"


def test_what_is_not_known_is_absent_with_its_reason_and_never_0() -> None:
    qtc = observation("8636-3")
    assert "valueQuantity" not in qtc
    assert qtc["dataAbsentReason"]["text"] == "atrial fibrillation"
    assert observation("8867-4")["valueQuantity"]["value"] == pytest.approx(72.0)
    observed = resources()["Observation"]
    assert len(observed) == len(MEASURED) + 3  # waveforms, rhythm, findings
    assert all(("valueQuantity" in each) != ("dataAbsentReason" in each) for each in observed[1 : 1 + len(MEASURED)])


def test_an_answer_that_does_not_count_says_so() -> None:
    doubtful = msgspec.structs.replace(READING, abstained="only 5.0 s of signal")
    findings = resources(doubtful)["Observation"][-1]
    assert findings["note"][0]["text"] == "The model abstains: only 5.0 s of signal."
    unread = msgspec.structs.replace(READING, superclasses=None, mi_or_ischaemia=None, unknown={"superclasses": "why"})
    assert resources(unread)["Observation"][-1]["dataAbsentReason"]["text"] == "why"


def test_nobody_is_named_and_the_same_recording_has_the_same_pseudonym() -> None:
    first, second = bundle_of(READING, ecg()), bundle_of(msgspec.structs.replace(READING, file="other.scp"), ecg())
    assert first == second
    assert "Muster" not in first


def test_the_command_writes_a_bundle_beside_the_reading(tmp_path: Path) -> None:
    path = write_csv(tmp_path, normal_steps())
    command = [sys.executable, "-m", "reader.cli", "read", str(path), "--fhir", str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    bundles.Bundle.model_validate_json((tmp_path / "out" / "r.json").read_bytes())
