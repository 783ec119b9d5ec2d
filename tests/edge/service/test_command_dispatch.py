"""Valid commands are carried out; a refused one gets a sentence as its answer and changes nothing."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg.protocol.commands import Ack, Answer, Command, Mark, Mute, Snooze
from edge.service.command_dispatch import Handler, carry_out, given_s

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)


class Service:
    """Handlers that only remember what they were asked."""

    def __init__(self) -> None:
        self.done: list[Any] = []
        kinds = {"ack": Ack, "snooze": Snooze, "mute": Mute, "mark": Mark}
        self.handlers = {verb: Handler(kind, self._do) for verb, kind in kinds.items()}

    def _do(self, request: Any, _command: Command) -> tuple[str, dict[str, Any]]:
        self.done.append(request)
        return "Done.", {}

    def give(self, verb: str, payload: Any = b"", **values: Any) -> Answer:
        data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        command = Command(**{"verb": verb, "payload": data, "source": "mqtt", "received_s": 100.0} | values)
        return carry_out(command, self.handlers, now_s=110.0, time=NOW)


def test_a_command_is_carried_out_and_its_answer_repeats_its_id() -> None:
    service = Service()
    assert service.give("snooze", {"kind": "pause", "minutes": 5, "id": "a7"}) == Answer(ok=True, text="Done.", id="a7")
    assert service.done == [Snooze(kind="pause", minutes=5, id="a7")]


def test_no_payload_is_an_empty_object() -> None:
    service = Service()
    assert service.give("ack").ok
    assert service.done == [Ack()]


@pytest.mark.parametrize(
    ("verb", "payload", "cause"),
    [
        ("shutdown", {}, "there are ack, snooze"),
        ("snooze", {}, "kind"),
        ("ack", {"id": 3}, "id: expected a text or null, got a whole number"),
        ("snooze", {"kind": "hiccup", "minutes": 1}, "hiccup"),
        ("snooze", {"kind": "pause", "minutes": -1}, "minutes"),
        ("snooze", {"kind": "pause", "minutes": "5"}, "minutes"),
        ("snooze", {"kind": "pause", "minuets": 5}, "minuets"),
        ("ack", b"not json", "not a JSON object"),
        ("ack", [], "a list"),
        ("ack", b"\xff\xfe", "not a JSON object"),
        ("ack", b"[" * 4000, "a list"),
        ("ack", {"time": "yesterday"}, "time"),
        ("ack", {"time": "2024-05-01T12:00:00"}, "time"),
        ("mark", {"text": "x" * 201}, "text"),
        ("mark", b" " * 5000, "too long"),
    ],
)
def test_a_bad_command_is_refused_with_its_cause(verb: str, payload: Any, cause: str) -> None:
    service = Service()
    answer = service.give(verb, payload)
    assert not answer.ok
    assert cause in answer.text
    assert answer.text[0].isupper()
    assert answer.text.endswith(".")
    assert service.done == []


@pytest.mark.parametrize(
    ("values", "payload", "cause"),
    [
        ({"expiry_s": 9.0}, {}, "expired"),
        ({"retained": True}, {}, "retain flag"),
        ({}, {"time": (NOW - timedelta(seconds=61)).isoformat()}, "61 s old"),
        ({}, {"time": (NOW + timedelta(seconds=61)).isoformat()}, "ahead"),
        ({"waited_since_s": 20.0}, {}, "while this monitor was away"),
        ({"waited_since_s": float("-inf")}, {}, "while this monitor was away"),
        ({"waited_since_s": 20.0, "expiry_s": 86_000}, {}, "while this monitor was away"),
        ({}, {"time": "0001-01-01T00:00:00+23:59"}, "old"),
        ({}, {"time": "9999-12-31T23:59:59-23:59"}, "ahead"),
    ],
)
def test_a_stale_command_is_refused(values: dict[str, Any], payload: dict[str, Any], cause: str) -> None:
    service = Service()
    answer = service.give("ack", payload, **values)
    assert not answer.ok
    assert cause in answer.text
    assert service.done == []
    assert service.give("ack", {"time": NOW.isoformat()}, expiry_s=11.0).ok


@pytest.mark.parametrize(
    ("values", "payload"), [({"expiry_s": 50}, {}), ({}, {"time": (NOW - timedelta(seconds=59)).isoformat()})]
)
def test_what_says_how_old_it_is_may_have_waited(values: dict[str, Any], payload: dict[str, Any]) -> None:
    assert Service().give("ack", payload, waited_since_s=20.0, **values).ok


@pytest.mark.parametrize(
    ("values", "age_s", "expected_s"),
    [
        ({}, None, 100.0),
        ({}, 20, 90.0),
        ({}, 5, 100.0),  # the sender's clock is ahead
        ({}, -30, 100.0),
        ({"waited_since_s": 20.0}, None, 20.0),
        ({"waited_since_s": 20.0}, 20, 90.0),
        ({"sent_after_s": 70.0}, None, 70.0),  # the network may have stood still meanwhile
        ({"sent_after_s": 70.0}, 20, 90.0),
        ({"sent_after_s": 99.0}, 20, 90.0),
        ({"sent_after_s": 99.0, "waited_since_s": 20.0}, None, 20.0),
    ],
)
def test_a_command_was_given_at_its_time_or_when_it_came(
    values: dict[str, Any], age_s: float | None, expected_s: float
) -> None:
    command = Command(verb="ack", payload=b"", source="mqtt", received_s=100.0, **values)
    request = Ack(time=None if age_s is None else NOW - timedelta(seconds=age_s))
    assert given_s(command, request, now_s=110.0, time=NOW) == expected_s


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
near_misses = st.dictionaries(
    st.sampled_from(["uuid", "kind", "minutes", "text", "id", "time", "x"]),
    st.sampled_from(["pause", "asystole", "", None, 0, 5, 1e308, -1, "2024-05-01T12:00:00Z", "\x00", [], {}]),
)


@settings(max_examples=500)
@given(
    st.sampled_from(["ack", "snooze", "mute", "mark"]) | st.text(),
    st.binary(max_size=200) | st.one_of(near_misses, json_values).map(lambda value: json.dumps(value).encode()),
)
def test_any_command_gets_one_answer_and_a_refused_one_changes_nothing(verb: str, payload: bytes) -> None:
    service = Service()
    answer = service.give(verb, payload)
    assert answer.ok == bool(service.done)
    assert answer.text


def test_10_000_random_payloads_are_answered_and_change_nothing() -> None:
    source, service = random.Random(5), Service()
    verbs = ["ack", "snooze", "mute", "mark", "strip", "", "x" * 100]
    keys = ["uuid", "kind", "minutes", "text", "time", "id", "ids", "\x00"]
    values: list[Any] = ["asystole", "x" * 300, "2024-05-01T12:00:00Z", -1, 1e300, 10**30, None, True, [], {}, "\n"]
    for _ in range(10_000):
        done = len(service.done)
        content = {source.choice(keys): source.choice(values) for _ in range(source.randrange(4))}
        payload = bytearray(json.dumps(content).encode())
        for _ in range(source.randrange(3)):
            payload[source.randrange(len(payload))] = source.randrange(256)
        answer = service.give(source.choice(verbs), bytes(payload))
        assert answer.ok == (len(service.done) > done)
        assert answer.text.endswith(".")
