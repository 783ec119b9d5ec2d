"""The reading of one file, as `ecg-reader read --json` prints it, and its JSON Schema.

What is unknown is null, never 0. The sentences on the fields are part of the types, so that the schema says the same.
"""

from typing import Annotated, Any

import msgspec

from reader.explain.explanation import Explanation
from reader.measure.measurements import Measurements

__all__ = ["Reading", "Superclasses", "reading_schema", "refused_reading"]


def _text(description: str) -> msgspec.Meta:
    return msgspec.Meta(description=description)


def _share(description: str) -> msgspec.Meta:
    return msgspec.Meta(description=description, ge=0, le=1)


class Superclasses(msgspec.Struct, frozen=True, kw_only=True, rename="upper"):
    """Probabilities of the five superclasses of PTB-XL, each on its own: an ECG may show several, or none."""

    norm: Annotated[float, _share("Normal.")]
    mi: Annotated[float, _share("Myocardial infarction, of any age.")]
    sttc: Annotated[float, _share("Change of the ST segment or the T wave.")]
    cd: Annotated[float, _share("Conduction disturbance.")]
    hyp: Annotated[float, _share("Hypertrophy.")]


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What was read of one file."""

    file: Annotated[str, _text("As given on the command line.")]
    route: Annotated[str | None, _text("Format of the file; null where none was found.")] = None
    refused: Annotated[str | None, _text("Why the file was not read; null if it was.")] = None
    leads: Annotated[tuple[str, ...], _text("Leads that the file has, by their standard names, in its order.")] = ()
    rate_hz: Annotated[float | None, _text("Sampling rate.")] = None
    recorded_at: Annotated[
        str | None, _text("When the recording began, by the clock of its device; null where the file does not tell.")
    ] = None
    duration_s: Annotated[float | None, _text("Length of the recording.")] = None
    quality: Annotated[
        dict[str, Annotated[float, msgspec.Meta(ge=0, le=1)]],
        _text("Signal quality of each recorded lead, 0 (nothing can be read) to 1 (clean); a flat lead has 0."),
    ] = {}
    superclasses: Annotated[Superclasses | None, _text("What the ECG may show; null where no model can say.")] = None
    mi_or_ischaemia: Annotated[
        Annotated[float, msgspec.Meta(ge=0, le=1)] | None,
        _text("Probability of MI or STTC. Not the sum of the two: a network's own output."),
    ] = None
    abstained: Annotated[
        str | None, _text("Why the probabilities should not be relied on; they are given all the same.")
    ] = None
    explanations: Annotated[
        tuple[Explanation, ...], _text("Why the model tells each finding; empty unless it was asked for.")
    ] = ()
    model: Annotated[str | None, _text("Name and version of the model that gave the probabilities.")] = None
    rhythm: Annotated[str | None, _text("The rhythm in words; null where it cannot be told.")] = None
    measurements: Annotated[Measurements | None, _text("Waves, intervals, axes and heights.")] = None
    remarks: Annotated[tuple[str, ...], _text("What was assumed, damaged or is doubtful, a sentence each.")] = ()
    unknown: Annotated[dict[str, str], _text("Why a field of the reading is null: field, reason.")] = {}
    calibrated: Annotated[bool | None, _text("Whether heights are in mV; false masks them everywhere.")] = None
    lead_known: Annotated[
        bool | None, _text("False for a single lead of which nobody knows which it is; it is called II here.")
    ] = None
    derived_leads: Annotated[tuple[str, ...], _text("Limb leads that were computed from two others.")] = ()
    flat_leads: Annotated[tuple[str, ...], _text("Recorded leads without a signal.")] = ()
    read_from_s: Annotated[
        float | None, _text("Where the 10 s begin that were judged, measured and classified; 0 if they are all.")
    ] = None
    rhythm_lead: Annotated[str | None, _text("Lead in which heartbeats and rhythm were looked for.")] = None
    beats: Annotated[
        dict[str, int],
        _text("Heartbeats of the whole recording by label: N, S, V, F, Q as in AAMI EC57, or unclassified."),
    ] = {}
    unwritten: Annotated[str | None, _text("Why a page that was asked for was not written; null if all were.")] = None


def refused_reading(file: str, reason: str) -> Reading:
    """The reading of a file that could not be read."""
    return Reading(file=file, refused=reason)


def reading_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of what `--json` prints: an array of readings."""
    found = msgspec.json.schema(list[Reading])
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Readings of ecg-reader", **found}


if __name__ == "__main__":  # python -m reader.reading > docs/readings.schema.json
    import sys

    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(reading_schema()), indent=2) + b"\n")
