"""The budget of commands: a flood is cut short, and what people do is not."""

from __future__ import annotations

import pytest

from ecg.errors import InputError
from ecg.protocol.commands import Command
from edge.service.command_budget import AT_ONCE, INTERVAL_S, CommandBudget


def command(received_s: float, *, verb: str = "mark", source: str = "mqtt") -> Command:
    return Command(verb=verb, payload=b"", source=source, received_s=received_s)


def taken(budget: CommandBudget, commands: list[Command]) -> int:
    count = 0
    for each in commands:
        try:
            budget.spend(each)
        except InputError:
            continue
        count += 1
    return count


def test_a_flood_is_cut_to_what_the_interval_allows() -> None:
    flood = [command(number / 300) for number in range(300 * 60)]
    assert taken(CommandBudget(), flood) == AT_ONCE + 60 / INTERVAL_S - 1


def test_each_verb_and_each_source_has_its_own() -> None:
    budget = CommandBudget()
    taken(budget, [command(0.0)] * 100)
    with pytest.raises(InputError, match="too many"):
        budget.spend(command(0.0))
    budget.spend(command(0.0, source="button"))
    budget.spend(command(0.0, verb="mute"))


def test_what_comes_after_a_pause_is_taken() -> None:
    budget = CommandBudget()
    taken(budget, [command(0.0)] * 100)
    budget.spend(command(INTERVAL_S))
    assert taken(budget, [command(1000.0)] * 100) == AT_ONCE
