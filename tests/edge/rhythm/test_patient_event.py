"""The event that the patient marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecg.alarms.kinds import AlarmEvent
from ecg.samples import Quality
from edge.rhythm.monitor import RhythmMonitor
from edge.rhythm.settings import RhythmSettings

if TYPE_CHECKING:
    from ecg.events import Event

RATE = 360
TICK = 36


def watched(presses_s: list[float], *, until_s: float = 120.0) -> list[tuple[float, str, int | None]]:
    """Press at these moments; give when the event was told, its state and its count of presses."""
    monitor = RhythmMonitor(RhythmSettings())
    told: list[Event] = []
    waiting = sorted(presses_s)
    for index in range(TICK, round(until_s * RATE) + 1, TICK):
        told += monitor.tick(index, Quality(index, 0.2), True)  # whatever the signal is like
        while waiting and waiting[0] <= index / RATE:
            waiting.pop(0)
            told += monitor.mark({"source": "button"})
    events = [event for event in told if isinstance(event, AlarmEvent) and event.kind == "patient_event"]
    assert {event.priority for event in events} <= {"medium"}
    return [(event.index / RATE, event.state.value, event.evidence.get("presses")) for event in events]


def test_a_press_is_told_at_once_and_is_over_after_half_a_minute() -> None:
    assert watched([20.0]) == [(20, "opened", 1), (50, "closed", None)]


def test_more_presses_are_one_event() -> None:
    assert watched([20.0, 25.0, 40.0]) == [
        (20, "opened", 1),
        (25, "updated", 2),
        (40, "updated", 3),
        (70, "closed", None),
    ]


def test_a_press_after_that_is_another_event() -> None:
    assert [state for _, state, _ in watched([20.0, 60.0])] == ["opened", "closed", "opened", "closed"]


def test_a_press_before_the_first_samples_is_not_lost() -> None:
    monitor = RhythmMonitor(RhythmSettings())
    assert len(monitor.mark({})) == 1
    assert [event for event in monitor.finish(0) if isinstance(event, AlarmEvent)]


def texts(*marks: str | None) -> list[object]:
    """Mark with these texts a second apart; give the text of each event that was told."""
    monitor = RhythmMonitor(RhythmSettings())
    told: list[Event] = []
    for number, text in enumerate(marks):
        told += monitor.tick(RATE * (number + 1), Quality(RATE * (number + 1), 0.9), None)
        told += monitor.mark({"source": "mqtt"} if text is None else {"source": "mqtt", "text": text})
    return [event.evidence.get("text") for event in told if isinstance(event, AlarmEvent)]


def test_a_further_press_keeps_what_the_patient_has_said() -> None:
    assert texts("chest pain", None, None) == ["chest pain"] * 3
    assert texts(None, "dizzy", "dizzy", "sick") == [None, "dizzy", "dizzy", "dizzy; sick"]


def test_many_words_stay_bounded_and_keep_the_first_and_the_last() -> None:
    told = texts(*(f"{number:03}{'x' * 197}" for number in range(40)))
    assert all(len(str(text)) <= 2000 for text in told)
    assert str(told[-1]).startswith("000")
    assert "039x" in str(told[-1])
