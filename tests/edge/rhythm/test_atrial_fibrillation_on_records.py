"""Atrial fibrillation on MIT-BIH records as the product hears them (DS1 only: DS2 is kept for reports)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from converter.evaluation.episodes import score_episodes
from converter.evaluation.records import ATRIAL_FIBRILLATION, ATRIAL_FLUTTER, read_truth
from converter.evaluation.stream import rhythms_of
from ecg.alarms.kinds import AlarmEvent, AlarmKind, AlarmState
from ecg.events import Event
from ecg.formats.registry import open_recording
from edge.inference import load_classifier
from edge.pipeline import Pipeline
from edge.rhythm.settings import RhythmSettings

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.recordings

LENGTH = 650_000
RATE_HZ = 360
Told = Callable[[str], list[Event]]


@pytest.fixture(scope="module")
def told(recordings: Path) -> Told:
    """Give a function: record -> what the pipeline tells with the shipped model."""
    classifier = load_classifier()

    def tell(record: str) -> list[Event]:
        source = open_recording(recordings / "mitdb" / record)
        pipeline = Pipeline(rate_hz=source.rate_hz, settings=RhythmSettings(), classifier=classifier)
        return [event for block in source.blocks() for event in pipeline.push(block)] + pipeline.finish()

    return tell


# Measured when the rule was made; a change must not make it worse.
@pytest.mark.parametrize(("record", "found", "false_s"), [("201", 0.99, 105), ("203", 0.99, 120)])
def test_annotated_atrial_fibrillation_is_found(
    told: Told, recordings: Path, record: str, found: float, false_s: float
) -> None:
    pytest.importorskip("wfdb", reason="reading the reference needs wfdb")
    truth = read_truth(recordings / "mitdb" / record, name=record, duration_s=LENGTH / RATE_HZ, rate_hz=RATE_HZ)
    called = [(first, end) for rhythm, first, end in rhythms_of(told(record), LENGTH) if rhythm in ATRIAL_FIBRILLATION]
    reference, flutter = truth.episodes(ATRIAL_FIBRILLATION), truth.episodes(ATRIAL_FLUTTER)
    score = score_episodes(reference, called, end=LENGTH, excluded=flutter)
    assert score.duration_sensitivity is not None
    assert score.duration_sensitivity >= found
    assert score.false_s <= false_s


@pytest.mark.parametrize("record", ["106", "119", "209", "223"])
def test_sinus_rhythm_with_ectopy_is_not_taken_for_atrial_fibrillation(told: Told, record: str) -> None:
    """106, 119 and 223 have hundreds of ventricular beats, 209 hundreds of atrial ones."""
    alarms = [event for event in told(record) if isinstance(event, AlarmEvent) and event.state is AlarmState.OPENED]
    assert AlarmKind.ATRIAL_FIBRILLATION not in {alarm.kind for alarm in alarms}
