"""Which alarm supersedes which."""

from __future__ import annotations

from ecg.alarms.episode import AlarmEpisode
from ecg.alarms.kinds import AlarmKind, AlarmState
from edge.rhythm.superseding import SUPERSEDES, supersede

TECHNICAL = {
    AlarmKind.ELECTRODE_OFF,
    AlarmKind.POOR_SIGNAL,
    AlarmKind.SAMPLES_LOST,
    AlarmKind.NO_SAMPLES,
    AlarmKind.STORAGE_NEARLY_FULL,
    AlarmKind.STORAGE_FAILED,
    AlarmKind.BATTERY_LOW,
    AlarmKind.CLOCK_NOT_SET,
    AlarmKind.MODEL_REFUSED,
}


def test_no_alarm_supersedes_itself_or_a_technical_one_or_the_patients_mark() -> None:
    for kind, superseded in SUPERSEDES.items():
        assert kind not in superseded
        assert not superseded & (TECHNICAL | {AlarmKind.PATIENT_EVENT, AlarmKind.FREQUENT_PVCS})


def test_what_an_alarm_supersedes_that_one_supersedes_too() -> None:
    """Asystole and ventricular flutter supersede each other: the later of the two is the story."""
    for kind, superseded in SUPERSEDES.items():
        for lesser in superseded:
            assert SUPERSEDES.get(lesser, frozenset()) <= superseded | {kind}


def test_the_superseded_alarms_close_in_their_order_and_say_by_what() -> None:
    kinds = (AlarmKind.EXTREME_TACHYCARDIA, AlarmKind.FREQUENT_PVCS, AlarmKind.VENTRICULAR_RUN, AlarmKind.BRADYCARDIA)
    alarms = [AlarmEpisode(kind, close_after=360) for kind in kinds]
    for alarm in alarms:
        alarm.present(720, 360, {})
    events = supersede(alarms, 1080, AlarmKind.VENTRICULAR_TACHYCARDIA)
    assert [event.kind for event in events] == [AlarmKind.EXTREME_TACHYCARDIA, AlarmKind.VENTRICULAR_RUN]
    assert {event.state for event in events} == {AlarmState.CLOSED}
    assert events[0].evidence == {"reason": "superseded", "duration_s": 2.0, "by": "ventricular_tachycardia"}
    assert [alarm.is_open for alarm in alarms] == [False, True, False, True]


def test_a_kind_that_supersedes_none_closes_nothing() -> None:
    alarm = AlarmEpisode(AlarmKind.PAUSE, close_after=360)
    alarm.present(720, 360, {})
    assert supersede((alarm,), 720, AlarmKind.ATRIAL_FIBRILLATION) == []
