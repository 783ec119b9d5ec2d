"""An alarm's note: what is written is parsed, whatever the alarm."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg.alarms.kinds import AlarmEvent, AlarmKind, AlarmState, Priority
from ecg.formats.alarm_note import AlarmNote

EVENTS = st.builds(
    AlarmEvent,
    st.integers(0, 1 << 40),
    st.sampled_from(AlarmKind),
    st.sampled_from(Priority),
    st.sampled_from(AlarmState),
    st.integers(-(1 << 40), 1 << 40),
)
UUIDS = st.one_of(st.just(""), st.uuids(version=5).map(str))


@given(event=EVENTS, name=UUIDS)
def test_what_is_written_is_parsed(event: AlarmEvent, name: str) -> None:
    note = AlarmNote.of(event, name)

    assert AlarmNote.parse(note.text) == note
    assert (note.priority, note.kind, note.state, note.uuid) == (event.priority, event.kind, event.state, name)
    assert note.onset_s == pytest.approx(event.onset_index / 360, abs=0.0501)


@pytest.mark.parametrize(
    ("onset", "name", "text"),
    [
        (540, "", "medium pause opened, onset 1.5 s"),
        (-540, "", "medium pause opened, onset -1.5 s"),
        (-5, "", "medium pause opened, onset -0.0 s"),
        (540, "a-b-c", "medium pause opened, onset 1.5 s, event a-b-c"),
        (-540, str(uuid.UUID(int=7)), "medium pause opened, onset -1.5 s, event 00000000-0000-0000-0000-000000000007"),
    ],
)
def test_the_text_is_what_recordings_hold(onset: int, name: str, text: str) -> None:
    event = AlarmEvent(900, AlarmKind.PAUSE, Priority.MEDIUM, AlarmState.OPENED, onset)

    assert AlarmNote.of(event, name).text == text
    assert AlarmNote.parse(text) == AlarmNote.of(event, name)


def test_a_kind_of_another_version_is_read_all_the_same() -> None:
    note = AlarmNote.parse("high torsade_de_pointes opened, onset 12.3 s, event x")

    assert note == AlarmNote("high", "torsade_de_pointes", "opened", 12.3, "x")


@given(text=st.one_of(st.text(max_size=80), st.sampled_from(["electrode off", "(AFIB", "fault over", "samples lost"])))
def test_other_text_is_no_alarm(text: str) -> None:
    assert AlarmNote.parse(text) is None


@given(words=st.text(min_size=1, max_size=100).filter(lambda words: not words.endswith("\ufffd")))
def test_the_patients_words_follow_in_one_line(words: str) -> None:
    event = AlarmEvent(9, AlarmKind.PATIENT_EVENT, Priority.MEDIUM, AlarmState.OPENED, 9, {"text": words, "presses": 1})
    note = AlarmNote.of(event, "a-b-c")

    assert note.words.split() == "".join(each if each.isprintable() else " " for each in words).split()
    assert note.text.isprintable()
    assert AlarmNote.parse(note.text) == note


def test_words_that_the_file_cuts_off_within_a_letter_lose_that_letter() -> None:
    event = AlarmEvent(9, AlarmKind.PATIENT_EVENT, Priority.MEDIUM, AlarmState.OPENED, 9, {"text": "\u0436" * 200})
    cut = AlarmNote.of(event, "a-b-c").text.encode()[:255].decode(errors="replace")
    note = AlarmNote.parse(cut)

    assert note is not None
    assert set(note.words) == {"\u0436"}
