"""The schema of readings is current, and readings are as it says."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
from jsonschema import Draft202012Validator

from reader.measure import Measurements
from reader.reading import Reading, Superclasses, reading_schema, refused_reading

SCHEMA = Path(__file__).parents[2] / "docs" / "readings.schema.json"


def mistakes(*readings: Reading) -> list[str]:
    content = json.loads(msgspec.json.encode(list(readings)))
    return [error.message for error in Draft202012Validator(reading_schema()).iter_errors(content)]


def test_the_schema_in_the_documentation_is_current() -> None:
    current = json.loads(msgspec.json.encode(reading_schema()))
    assert json.loads(SCHEMA.read_text()) == current, "python -m reader.reading > " + str(SCHEMA)
    Draft202012Validator.check_schema(reading_schema())


def test_a_refused_file_and_a_whole_reading_fit_the_schema() -> None:
    whole = Reading(
        file="a.scp",
        route="SCP-ECG",
        leads=("I", "II"),
        rate_hz=500.0,
        duration_s=10.0,
        quality={"I": 1.0, "II": 0.5},
        superclasses=Superclasses(norm=0.1, mi=0.8, sttc=0.3, cd=0.0, hyp=0.2),
        mi_or_ischaemia=0.9,
        abstained="poor signal",
        rhythm="sinus rhythm",
        measurements=Measurements(heart_rate_bpm=60.0, unknown={"pr_ms": "no P wave"}),
        calibrated=True,
    )
    assert not mistakes(whole, refused_reading("b", "b: no such file; check the name"))


def test_names_are_those_that_the_schema_promises() -> None:
    content = json.loads(msgspec.json.encode(refused_reading("b", "why")))
    assert {
        "file", "route", "refused", "leads", "rate_hz", "duration_s", "quality", "superclasses", "mi_or_ischaemia",
        "abstained", "rhythm", "measurements", "remarks", "calibrated", "derived_leads", "flat_leads",
    } <= set(content)  # fmt: skip
    assert content["refused"] == "why"
    assert content["superclasses"] is None
    assert set(msgspec.to_builtins(Superclasses(norm=0, mi=0, sttc=0, cd=0, hyp=0))) == {
        "NORM", "MI", "STTC", "CD", "HYP",
    }  # fmt: skip


def test_a_share_beyond_one_does_not_fit() -> None:
    assert mistakes(Reading(file="a", quality={"I": 1.5}))
