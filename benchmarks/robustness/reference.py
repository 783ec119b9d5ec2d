"""What must be committed: the decisions of the same pipeline on the same stream, in one go."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec

from ecg.alarms.kinds import AlarmEvent, AlarmKind
from edge.frontends import open_source
from edge.inference import load_classifier
from edge.pipeline import Pipeline

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edge.config import Settings

__all__ = ["Decision", "decisions_of", "expected_decisions"]

MACHINE = {
    AlarmKind.NO_SAMPLES,
    AlarmKind.STORAGE_NEARLY_FULL,
    AlarmKind.STORAGE_FAILED,
    AlarmKind.BATTERY_LOW,
    AlarmKind.CLOCK_NOT_SET,
    AlarmKind.MODEL_REFUSED,
}
"""Alarms that do not come from the stream, or not only."""

BOARD = {"escalated", "acknowledged"}
"""States that the board sets, not a rule."""

ENDS = {"restart", "end_of_stream"}
"""Reasons of closing that do not come from the stream."""

Decision = tuple[str, bool, str]
"""Kind, whether it closes, evidence. Whether it opens or updates depends on what was open before the restart."""


def expected_decisions(settings: Settings, duration_s: float) -> list[Decision]:
    """What the rules decide in the first `duration_s` of the source."""
    source = open_source(settings.source)
    classifier = load_classifier(settings.model.path)
    pipeline = Pipeline(rate_hz=source.rate_hz, settings=settings.rhythm, classifier=classifier)
    found: list[Decision] = []
    for block in source.blocks():
        if block.first_index > duration_s * source.rate_hz:
            break
        for event in pipeline.push(block):
            if isinstance(event, AlarmEvent) and event.kind not in MACHINE:
                evidence = msgspec.to_builtins(event.evidence, enc_hook=lambda value: value.item())
                found.append(_decision(event.kind.value, event.state.value, evidence))
    return found


def decisions_of(events: Iterable[bytes]) -> list[Decision]:
    """The rules' decisions among the payloads of events."""
    found = []
    for payload in events:
        body = json.loads(payload)
        evidence = body["evidence"]
        if body["kind"] in MACHINE or body["state"] in BOARD or evidence.get("reason") in ENDS:
            continue
        found.append(_decision(body["kind"], body["state"], evidence))
    return found


def _decision(kind: str, state: str, evidence: dict[str, Any]) -> Decision:
    return kind, state == "closed", json.dumps(json.loads(msgspec.json.encode(evidence)), sort_keys=True)
