"""Renamed keys: the old name still works, with a warning that names the new one."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from ecg.errors import InputError
from edge.config import Settings, parse
from edge.config.fields import keys
from edge.config.renamed import RENAMED, rename


def test_each_new_name_is_known_and_each_old_one_is_not() -> None:
    known = set(keys(Settings))
    assert set(RENAMED.values()) <= known
    assert not known & set(RENAMED)


def test_an_old_section_still_works_with_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        settings = parse("[technical]\nbattery_percent = 30", name="edge.toml")
    assert settings.host.battery_percent == 30.0
    assert caplog.messages == [
        "edge.toml: technical is now called host; the next version will not accept the old name",
    ]


def test_a_new_name_gives_no_warning(caplog: pytest.LogCaptureFixture) -> None:
    assert parse("[host]\nbattery_percent = 30", name="edge.toml").host.battery_percent == 30.0
    assert not caplog.messages


def test_both_names_at_once_are_a_mistake() -> None:
    with pytest.raises(InputError, match="technical: is now called host, which is also set"):
        parse("[technical]\nhold_s = 3\n[host]\nclose_s = 3", name="edge.toml")


def test_a_mistake_under_an_old_name_is_reported_by_the_new_one() -> None:
    with pytest.raises(InputError, match=r"host\.battery_percent: expected a number from 1 to 100, got 300"):
        parse("[technical]\nbattery_percent = 300", name="edge.toml")


@pytest.mark.parametrize(
    ("data", "renamed"),
    [
        ({"a": {"old": 1, "x": 2}}, {"a": {"x": 2, "new": 1}}),
        ({"a": {"old": 1}, "b": {"c": {"y": 3}}}, {"a": {"new": 1}, "b": {"c": {"y": 3}}}),
        ({"a": 3}, {"a": 3}),
        ({}, {}),
        ({"moved": 5}, {"b": {"c": {"here": 5}}}),
        ({"moved": 5, "b": {"c": {"y": 3}}}, {"b": {"c": {"y": 3, "here": 5}}}),
    ],
)
def test_a_key_moves_within_its_section_or_to_another(data: dict[str, Any], renamed: dict[str, Any]) -> None:
    assert not list(rename(data, name="edge.toml", renamed={"a.old": "a.new", "moved": "b.c.here"}))
    assert data == renamed
