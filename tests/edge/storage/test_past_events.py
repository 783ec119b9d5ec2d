"""Past events: what the notes of a recording tell of them, over segments and restarts."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from ecg.alarms.kinds import PRIORITIES, AlarmEvent, AlarmKind, AlarmState
from ecg.errors import InputError
from ecg.formats.wfdb.events import recorded_annotation
from ecg.samples import SampleBlock
from edge.storage.past_events import find_event, past_events

if TYPE_CHECKING:
    from pathlib import Path

    from edge.frontends.timebase import UtcLine

RATE_HZ = 10
HOUR = 3600


def note(state: AlarmState, kind: AlarmKind, second: float, onset: float, uuid: str, **evidence: str) -> Any:
    event = AlarmEvent(round(second * 360), kind, PRIORITIES[kind], state, round(onset * 360), {**evidence})
    return recorded_annotation(event, Fraction(RATE_HZ), uuid=uuid)


@pytest.fixture
def folder(tmp_path: Path, new_writer: Any, line: UtcLine) -> Path:
    """Two hours: AF over the full hour, a pause, and the patient's event, which is open."""
    writer = new_writer(tmp_path, Fraction(RATE_HZ))
    opened, updated, closed = AlarmState.OPENED, AlarmState.UPDATED, AlarmState.CLOSED
    writer.write(SampleBlock(0, np.zeros(HOUR * RATE_HZ)), line)
    writer.annotate(note(opened, AlarmKind.ATRIAL_FIBRILLATION, 3530, 3500, "af"))
    writer.write(SampleBlock(HOUR * RATE_HZ, np.zeros(600 * RATE_HZ)), line)
    writer.annotate(note(opened, AlarmKind.PAUSE, 3700, 3697, "pause"))
    writer.annotate(note(closed, AlarmKind.PAUSE, 3701, 3697, "pause"))
    writer.annotate(note(closed, AlarmKind.ATRIAL_FIBRILLATION, 3800, 3500, "af"))
    writer.annotate(note(opened, AlarmKind.PATIENT_EVENT, 4000, 4000, "mark", text="dizzy"))
    writer.annotate(note(updated, AlarmKind.PATIENT_EVENT, 4010, 4000, "mark", text="dizzy; \u6c34"))
    writer.sync(line)
    return tmp_path


def test_events_are_numbered_in_the_order_of_their_opening(folder: Path, line: UtcLine) -> None:
    events = past_events(folder)
    assert [(event.number, event.kind, event.uuid) for event in events] == [
        (1, "atrial_fibrillation", "af"),
        (2, "pause", "pause"),
        (3, "patient_event", "mark"),
    ]
    seconds = [(event.onset - line.utc(0)) / timedelta(seconds=1) for event in events]
    assert seconds == pytest.approx([3500, 3697, 4000], abs=0.01)
    assert [event.duration_s for event in events] == pytest.approx([300, 4, None], abs=0.1)


def test_the_last_words_of_the_patient_are_kept(folder: Path) -> None:
    assert past_events(folder)[-1].words == "dizzy; \u6c34"


def test_an_event_whose_opening_is_deleted_is_known_by_its_closing(folder: Path) -> None:
    first = min(folder.glob("*.hea"))
    for suffix in (".hea", ".dat", ".edge"):
        first.with_suffix(suffix).unlink()
    events = past_events(folder)
    assert [event.kind for event in events] == ["pause", "atrial_fibrillation", "patient_event"]
    assert events[1].opened is None
    assert events[1].duration_s == pytest.approx(300, abs=0.1)


@pytest.mark.parametrize(
    ("name", "kind"), [("last", "patient_event"), ("1", "atrial_fibrillation"), ("pause", "pause")]
)
def test_an_event_is_found_by_its_place_its_number_or_its_uuid(folder: Path, name: str, kind: str) -> None:
    assert find_event(folder, name).kind == kind


@pytest.mark.parametrize("name", ["0", "4", "-1", "nobody", "\u0661"])
def test_an_unknown_event_is_one_line(folder: Path, name: str) -> None:
    with pytest.raises(InputError, match=f"no event {name}; give last, a number from 1 to 3, or a UUID"):
        find_event(folder, name)


def test_a_recording_without_events_says_so(tmp_path: Path, new_writer: Any, line: UtcLine) -> None:
    writer = new_writer(tmp_path, Fraction(RATE_HZ))
    writer.write(SampleBlock(0, np.zeros(100)), line)
    writer.sync(line)
    assert past_events(tmp_path) == []
    with pytest.raises(InputError, match="has no event yet"):
        find_event(tmp_path, "last")
